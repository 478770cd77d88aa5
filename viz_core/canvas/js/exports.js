// Saving the view: a PNG at twice the size, or one HTML file that keeps the hover alive offline.

import { createPanel, createStage, draw, fit } from "./stage.js";
import { parseTable } from "./colour.js";
import { viewName } from "./words.js";

const BAR = 12;
const FOOT = 64;
const THEME = [
  "font", "text-color", "background-color", "secondary-background-color", "border-color",
  "primary-color", "base-radius", "button-radius",
];

export function saveView(app, kind) {
  if (kind === "png") return savePng(app);
  const page = livePage(app);
  download(new Blob([page], { type: "text/html" }), `${fileName(app)}.html`);
}

const fileName = (app) => {
  const part = app.stores.length ? `-layer${app.view.layer + 1}-${app.view.reading}` : "";
  return `saccade-${app.mode}${part}`;
};

/** The stage with its marks, legend and a caption, on a canvas twice as wide as on screen. */
export function picture2x(app) {
  const stage = createStage(document.createElement("canvas"));
  stage.font = app.stage.font;
  const copies = app.panels.map((panel) => {
    const copy = createPanel(panel.picture, panel.small.height, panel.small.width, panel.label);
    copy.pixels.set(panel.pixels);
    const { marks, decorate, rows, columns } = panel;
    return Object.assign(copy, { marks, decorate, rows, columns });
  });
  const ratio = 2;
  const perRow = app.width < 480 ? Math.min(2, copies.length) : Math.min(4, copies.length);
  fit(stage, copies, app.width, { ratio, grid: app.view.grid, perRow });
  draw(stage, copies, app.view.smooth);
  app.kind.finish?.(app, stage);
  const sheet = document.createElement("canvas");
  const { width, height } = stage.canvas;
  Object.assign(sheet, { width, height: height + FOOT * ratio });
  const context = sheet.getContext("2d");
  const theme = getComputedStyle(app.host);
  context.fillStyle = theme.getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(stage.canvas, 0, 0);
  context.fillStyle = theme.getPropertyValue("--st-text-color") || "#111";
  caption(app, context, width, height, ratio);
  return sheet;
}

function caption(app, context, width, top, ratio) {
  context.font = `600 ${14 * ratio}px ${app.stage.font}`;
  context.textBaseline = "top";
  const title = app.readout.title.textContent;
  const name = () => app.kind.viewName?.(app) ?? viewName(app.stores[0], app.shown);
  const note = app.stores.length ? `, ${name()}` : "";
  context.fillText(title + note, 0, top + 10 * ratio, width);
  if (!app.legend) return;
  const colours = parseTable(app.tables[app.view.map]);
  const wide = 120 * ratio;
  const [low, , high] = app.legend.node.querySelector(".range").childNodes;
  const from = 16 * ratio;
  for (let k = 0; k < wide; k++) {
    context.fillStyle = `rgb(${colours[Math.floor((k / wide) * 256)]})`;
    context.fillRect(from + k, top + 36 * ratio, 1, BAR * ratio);
  }
  context.fillStyle = getComputedStyle(app.host).getPropertyValue("--st-text-color") || "#111";
  context.font = `${12 * ratio}px ${app.stage.font}`;
  const unit = app.legend.node.querySelector(".unit").textContent;
  const at = from + wide + 8 * ratio;
  context.fillText(low.textContent, 0, top + 35 * ratio, from);
  context.fillText(`${high.textContent}   ${unit}`, at, top + 35 * ratio, width - at);
}

function savePng(app) {
  picture2x(app).toBlob((blob) => download(blob, `${fileName(app)}.png`), "image/png");
}

/** One HTML file with the picture, all layers that have arrived, and this very code. */
export function livePage(app) {
  const theme = getComputedStyle(app.host);
  const values = THEME.map((name) => `--st-${name}:${theme.getPropertyValue(`--st-${name}`)}`);
  const pins = app.pins.map((patch) => patch + (app.stores[0]?.skip ?? 0)); // tokens, as in a mount
  const rest = app.rest && [app.rest.u, app.rest.v];
  const view = { ...app.view, mode: app.mode, pins, rest, address: false };
  const frames = app.frames.map((bytes) => `"${base64(bytes)}"`).join(",");
  const { style, source } = app.hooks;
  const body = "margin:0;padding:24px;background:var(--st-background-color)";
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Saccade: attention under the pointer</title>
<style>:root{${values.join(";")}}body{${body}}${style}</style><body><div class="saccade"></div>
<script type="module">${source}
saccade().standalone(${JSON.stringify(app.tables)},${JSON.stringify(view)},[${frames}]);
</${"script"}></body></html>`;
}

export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob) });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
