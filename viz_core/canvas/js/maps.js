// Mode `compare` for maps that depend on no query: each panel keeps its map, one pointer reads all.

import { divergingLut, gradient, paintSigned, paintValues } from "./colour.js";
import { footer } from "./controls.js";
import { el } from "./dom.js";
import { numbersOf } from "./frame.js";
import { patchAt } from "./layout.js";
import { largest, rankOf } from "./lookup.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { createPanel } from "./stage.js";
import { number } from "./words.js";

/** `createLegend` comes from modes.js, which knows this mode. */
export function mapsMode(createLegend) {
  return { build: (app) => build(app, createLegend), update, tell };
}

function build(app, createLegend) {
  const [part] = app.parts;
  const { grid: [rows, columns], labels } = part.header;
  const size = rows * columns;
  const all = numbersOf(part, Float32Array, labels.length * size);
  app.maps = labels.map((_, k) => all.subarray(k * size, (k + 1) * size));
  app.panels = [];
  app.readout = createReadout();
  app.legend = createLegend();
  app.legend.marks.hidden = true;
  const foot = footer(app);
  const controls = el("section.controls", {}, foot.node);
  app.controls = { node: controls, sync: () => foot.set(app.view), help: foot.help };
  app.wrap.append(el("div.under", {}, app.legend.node));
  app.side = el("div.side", {}, app.readout.node, controls);
  app.host.append(app.side);
}

function update(app) {
  const { grid, labels, signed } = app.parts[0].header;
  if (!app.panels.length) {
    app.panels = app.maps.map((_, k) => createPanel(app.pictures[0], ...grid, labels[k]));
  }
  app.panels.forEach((panel, k) => {
    const map = app.maps[k];
    panel.top = map.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    if (signed) paintSigned(map, 0, panel.top, divergingLut(app.tables.PuOr, app.view.opacity), panel.pixels);
    else paintValues(map, 0, panel.top, app.lut, panel.pixels);
    panel.marks = app.point ? [{ patch: patchAt(app.point, panel), kind: "query" }] : [];
  });
}

function tell(app) {
  const { unit, signed } = app.parts[0].header;
  const [first] = app.panels;
  const patch = app.point ? patchAt(app.point, first) : -1;
  const place = (p) => `row ${Math.floor(p / first.columns) + 1}, column ${(p % first.columns) + 1}`;
  const facts = app.maps.map((map, k) => {
    const at = patch < 0 ? largest(map) : patch;
    const value = `${number(map[at])}${unit && "\u2009"}${unit}`;
    const note = patch < 0 ? `largest, ${place(at)}` : `rank ${rankOf(map, at)} of ${map.length}`;
    return { id: `panel${k}`, label: app.labels[k], value, raw: map[at], note };
  });
  const title = patch < 0 ? "Point at the picture" : place(patch)[0].toUpperCase() + place(patch).slice(1);
  showReadout(app.readout, { title, note: "", facts });
  const low = signed ? "−largest" : "0";
  app.legend.set(app, { low, high: "largest", unit: unit || "value", scaled: "each panel scaled to its largest" });
  if (signed) app.legend.bar.style.background = gradient(app.tables.PuOr);
  const text = `${title}: ${facts.map((fact) => `${fact.label} ${fact.value}`).join(", ")}`;
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point) speak(app, text);
}
