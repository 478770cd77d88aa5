// Mode `windows`: regions of patches with colours and labels; pointing lights one.

import { css, parseTable } from "./colour.js";
import { footer } from "./controls.js";
import { el, icon, row, segmented } from "./dom.js";
import { numbersOf } from "./frame.js";
import { patchAt, patchRect } from "./layout.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { createPanel } from "./stage.js";
import { percent } from "./words.js";

const NONE = 65535;

function build(app) {
  const [part] = app.parts;
  const { grid: [rows, columns], steps } = part.header;
  const size = rows * columns;
  const all = numbersOf(part, Uint16Array, steps.length * size);
  app.regions = steps.map((_, k) => all.subarray(k * size, (k + 1) * size));
  app.steps = steps.length;
  app.panels = [];
  // Black hides the picture's shadows: the first of Okabe and Ito's colours stays out.
  app.palette = parseTable(app.tables.okabe_ito).slice(1);
  app.readout = createReadout();
  app.view.layer = Math.min(app.view.layer, steps.length - 1);
  const foot = footer(app);
  const choice = segmented("Step", steps.map((name, k) => [String(k), name]),
    (value) => app.change({ layer: Number(value) }), app.signal);
  const play = el("button.round", { type: "button", "aria-label": "Play" }, icon("play"));
  play.addEventListener("click", () => app.play(), { signal: app.signal });
  const chooser = row("Step", play, choice.node);
  chooser.hidden = steps.length < 2;
  const controls = el("section.controls", {}, chooser, foot.node);
  const sync = () => {
    choice.set(String(app.view.layer));
    foot.set(app.view);
    play.replaceChildren(icon(app.playing ? "pause" : "play"));
  };
  app.controls = { node: controls, sync, help: foot.help };
  app.wrap.append(el("div.under", {}, el("div.legend", {},
    el("span.unit", {}, "each colour is one region · point at one to light it"))));
  app.side = el("div.side", {}, app.readout.node, controls);
  app.host.append(app.side);
}

/** The region that is lit: the one under the pointer, or none. */
function litRegion(app, panel) {
  return app.point ? app.regions[app.view.layer][patchAt(app.point, panel)] : NONE;
}

function update(app) {
  const { grid } = app.parts[0].header;
  if (!app.panels.length) app.panels = [createPanel(app.pictures[0], ...grid)];
  const [panel] = app.panels;
  const regions = app.regions[app.view.layer];
  const lit = litRegion(app, panel);
  panel.lit = lit;
  panel.decorate = (context, rect, ratio) => {
    paintRegions(app, panel, regions, lit, context, rect, ratio);
    writeLabels(app, panel, regions, lit, context, rect, ratio);
  };
  panel.marks = app.point ? [{ patch: patchAt(app.point, panel), kind: "query" }] : [];
}

function paintRegions(app, panel, regions, lit, context, rect, ratio) {
  const { rows, columns } = panel;
  const at = (r, c) => (r < 0 || c < 0 || r >= rows || c >= columns ? -1 : regions[r * columns + c]);
  context.lineWidth = 2 * ratio;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const region = at(r, c);
      const box = patchRect(rect, r, c, rows, columns);
      const colour = app.palette[region % app.palette.length];
      const share = region === NONE ? 0 : lit === NONE ? 0.42 : region === lit ? 0.5 : 0.08;
      context.fillStyle = region === NONE ? "rgba(9,10,18,.6)" : css(colour, share * app.view.opacity * 1.15);
      context.fillRect(box.x, box.y, box.w, box.h);
      if (lit !== NONE && region !== lit) {
        context.fillStyle = "rgba(9,10,18,.45)";
        context.fillRect(box.x, box.y, box.w, box.h);
      }
      if (region === NONE) continue;
      context.beginPath();
      if (at(r - 1, c) !== region) edge(context, box.x, box.y, box.x + box.w, box.y);
      if (at(r, c - 1) !== region) edge(context, box.x, box.y, box.x, box.y + box.h);
      if (at(r + 1, c) !== region) edge(context, box.x, box.y + box.h, box.x + box.w, box.y + box.h);
      if (at(r, c + 1) !== region) edge(context, box.x + box.w, box.y, box.x + box.w, box.y + box.h);
      context.strokeStyle = css(colour, lit === NONE || region === lit ? 1 : 0.25);
      context.stroke();
    }
  }
}

/** Names of the regions, where the name fits into the region's box. */
function writeLabels(app, panel, regions, lit, context, rect, ratio) {
  const { labels } = app.parts[0].header;
  context.font = `600 ${11 * ratio}px ${app.stage.font}`;
  context.textBaseline = "top";
  const corners = new Map();
  regions.forEach((region, patch) => {
    const column = patch % panel.columns;
    const known = corners.get(region) ?? { first: patch, right: column };
    corners.set(region, { first: known.first, right: Math.max(known.right, column) });
  });
  for (const [region, { first, right }] of corners) {
    if (region === NONE || (lit !== NONE && region !== lit)) continue;
    const [row, column] = [Math.floor(first / panel.columns), first % panel.columns];
    const start = patchRect(rect, row, column, panel.rows, panel.columns);
    const end = patchRect(rect, row, right, panel.rows, panel.columns);
    const width = context.measureText(labels[region]).width;
    if (width + 12 * ratio > end.x + end.w - start.x) continue;
    context.fillStyle = "rgba(9,10,18,.66)";
    context.fillRect(start.x + 3 * ratio, start.y + 3 * ratio, width + 8 * ratio, 17 * ratio);
    context.fillStyle = "#fff";
    context.fillText(labels[region], start.x + 7 * ratio, start.y + 6 * ratio);
  }
}

function edge(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

function tell(app) {
  const [panel] = app.panels;
  const { labels, steps } = app.parts[0].header;
  const regions = app.regions[app.view.layer];
  const { lit } = panel;
  const inside = (region) => regions.reduce((sum, other) => sum + (other === region), 0);
  const count = lit === NONE ? new Set(regions.filter((region) => region !== NONE)).size : inside(lit);
  const title = lit === NONE ? "Point at a region" : labels[lit];
  const facts = lit === NONE
    ? [{ id: "regions", label: "Regions", value: String(count), raw: count, note: `over ${regions.length} patches` }]
    : [{ id: "size", label: "Patches in it", value: String(count), raw: count, note: `of ${regions.length}` },
      { id: "share", label: "Share of the picture", value: percent(count / regions.length), raw: count / regions.length }];
  showReadout(app.readout, { title, note: steps[app.view.layer], facts });
  const text = `${title}. ${steps[app.view.layer]}`;
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point) speak(app, text);
}

export const regionsMode = { build, update, tell };
