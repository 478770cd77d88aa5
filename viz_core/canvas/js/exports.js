// Saving the view: a PNG at twice the size, or one HTML file that keeps the hover alive offline.

import { createPanel, createStage, draw, fit } from "./stage.js";
import { parseTable } from "./colour.js";
import { viewName } from "./words.js";
import { download, livePage, themeAt } from "../../take/js/page.js";

const BAR = 12;
const FOOT = 64;

export function saveView(app, kind) {
  if (kind === "png") return savePng(app);
  download(new Blob([canvasPage(app)], { type: "text/html" }), `${fileName(app)}.html`);
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
export function canvasPage(app) {
  const { style, source } = app.hooks;
  const part = { name: "canvas", source, style, tables: app.tables, data: mountNow(app) };
  const rest = new Map(app.frames.slice(1).map((bytes) => [app.shownId, bytes]));
  const theme = themeAt(app.host, [style]);
  return livePage([part], { title: "Saccade: attention under the pointer", caption: app.readout.title.textContent, theme, rest });
}

/** What would mount the canvas as it is now: the frame with its picture, and this view. */
export function mountNow(app) {
  if (!app.frames.length) return null;
  const pins = app.pins.map((patch) => patch + (app.stores[0]?.skip ?? 0)); // tokens, as in a mount
  const rest = app.rest && [app.rest.u, app.rest.v];
  return mountFrame({ ...app.view, mode: app.mode, pins, rest, address: false }, app.frames[0]);
}

/** The envelope that Python's `pack_mount` makes. */
function mountFrame(view, frame) {
  const text = JSON.stringify({ kind: "mount", view, parts: [frame.length] });
  const letters = new TextEncoder().encode(text);
  const length = letters.length + (-letters.length & 3);
  const bytes = new Uint8Array(12 + length + frame.length + (-frame.length & 3)).fill(32, 0, 12 + length);
  const words = new DataView(bytes.buffer);
  bytes.set([83, 65, 67, 67]);
  words.setUint32(4, 1, true);
  words.setUint32(8, length, true);
  bytes.set(letters, 12);
  bytes.set(frame, 12 + length);
  return bytes;
}
