// Mode `compare` with attention in windows: networks of any kind side by side, one place for all.

import { layerRow, footer, READINGS } from "./controls.js";
import { paintValues } from "./colour.js";
import { el, row, say, segmented } from "./dom.js";
import { clamp } from "./keys.js";
import { patchAt } from "./layout.js";
import { createLegend } from "./legend.js";
import { isComplete, largest, nearestLayer, readInto } from "./lookup.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { lower, number, patches, percent, tokenName } from "./words.js";
import { skipRow } from "./windowcontrols.js";
import { blockLine, blockName, meanPixels } from "./windowfacts.js";
import { countsOf } from "./windowed.js";
import { fillWindowed, keepPins, layPanel, restingPlace, togglePin, windowMarks } from "./windowview.js";

const JOINT = READINGS.filter(([value]) => value !== "single");

/** The layer of a network at the same relative depth as `layer` of the first one. */
export function layerAt(store, first, layer) {
  const depth = first.layers > 1 ? layer / (first.layers - 1) : 0;
  return Math.round(depth * (store.layers - 1));
}

function shownView(app, store, k) {
  const layer = clamp(app.view.layer, 0, app.stores[0].layers - 1);
  const view = { ...app.view, layer: k ? layerAt(store, app.stores[0], layer) : layer };
  if (view.reading === "single") view.reading = "mean";
  if (app.shift) view.direction = view.direction === "row" ? "column" : "row";
  if (view.reading === "rollout" && !isComplete(store, view.layer)) view.reading = "mean";
  if (view.reading !== "rollout") view.layer = nearestLayer(store, view.layer);
  return view;
}

function update(app) {
  const [first] = app.stores;
  const pinGrid = first.lenses?.[clamp(app.view.layer, 0, first.layers - 1)] ?? first;
  keepPins(app, pinGrid);
  const place = app.point ?? restingPlace(app);
  app.stores.forEach((store, k) => {
    const view = shownView(app, store, k);
    if (!k) app.shown = view;
    const panel = store.windowed ? windowPanel(app, store, view, place, k) : wholePanel(app, store, view, place, k);
    panel.view = view;
    panel.store = store;
    const name = panel.block === store ? `layer ${view.layer + 1} of ${store.layers}` : blockName(panel.block);
    panel.label = `${app.labels[k]} · ${name}`;
    marks(app, panel, view.direction === "column");
  });
}

function windowPanel(app, store, view, place, k) {
  const block = store.lenses[view.layer];
  const flowing = view.reading === "rollout";
  const byKey = view.direction === "column";
  const lens = flowing && byKey ? store.lenses[0] : block;
  const panel = layPanel(app, lens, flowing && !byKey ? store.lenses[0] : block, k);
  panel.block = block;
  panel.token = patchAt(place, lens);
  fillWindowed(store, panel, view, app.lut);
  return panel;
}

function wholePanel(app, store, view, place, k) {
  const panel = layPanel(app, store, store, k);
  panel.block = store;
  panel.token = patchAt(place, store);
  readInto(store, view, panel.token + store.skip, panel.values);
  panel.best = largest(panel.values, store.skip) - store.skip;
  panel.top = panel.values[panel.best + store.skip];
  paintValues(panel.values, store.skip, panel.top, app.lut, panel.pixels);
  return panel;
}

function marks(app, panel, byKey) {
  panel.marks = [{ patch: panel.best, kind: byKey ? "query" : "key", grid: panel.grid }];
  for (const place of app.placed.places) panel.marks.push({ patch: patchAt(place, panel), kind: "pin" });
  if (app.point || !app.placed.places.length) panel.marks.push({ patch: panel.token, kind: byKey ? "key" : "query" });
}

function build(app) {
  const { signal } = app;
  app.panels = [];
  app.readout = createReadout();
  app.legend = createLegend();
  app.outlines = windowMarks();
  const depth = layerRow(app, app.stores[0].layers, "Depth", "Depth");
  const reading = segmented("Reading", JOINT, (value) => app.change({ reading: value }), signal);
  const skip = skipRow(app);
  const sides = [["row", "Looks at", "Where this place looks"], ["column", "Looked at by", "Who looks at this place (hold Shift)"]];
  const direction = segmented("Direction", sides, (value) => app.change({ direction: value }), signal);
  const lines = app.stores.map(() => el("p.block-line", {}, el("b"), el("span")));
  const foot = footer(app);
  const node = el("section.controls", { "aria-label": "Controls" }, depth.node, ...lines,
    row("Reading", reading.node), skip.node, row("Direction", direction.node), foot.node);
  const sync = () => {
    depth.set(app.view);
    reading.set(app.view.reading === "single" ? "mean" : app.view.reading);
    skip.set(app.view);
    direction.set(app.shown?.direction ?? app.view.direction);
    lines.forEach((line, k) => describe(app, line, k));
    foot.set(app.view);
  };
  app.controls = { node, sync, help: foot.help };
  app.wrap.append(el("div.under", {}, app.legend.node, app.outlines.node));
  app.side = el("div.side", {}, app.readout.node, node);
  app.host.append(app.side);
}

function describe(app, line, k) {
  const panel = app.panels[k];
  if (!panel) return;
  const { block, store, view } = panel;
  const whole = `layer ${view.layer + 1} of ${store.layers}: ${store.rows} × ${store.columns} patches, each sees all`;
  say(line.firstChild, app.labels[k]);
  say(line.lastChild, block === store ? whole : `${blockName(block)}: ${blockLine(block)}`);
}

/** For each network: where it looks most, how far on average, how much it can see at all. */
function tell(app) {
  const facts = [topFact, farFact, reachFact].flatMap((fact) => app.panels.map((panel, k) => fact(app, panel, k)));
  const title = app.point ? "The place under the pointer" : app.pins.length ? "The pinned place" : "One place, two networks";
  const view = app.shown;
  const heads = { mean: "mean of the heads", max: "maximum of the heads", rollout: "rollout from the first layer" };
  const byKey = view.direction === "column";
  showReadout(app.readout, { title, note: heads[view.reading], facts, byKey });
  const unit = `% of its ${view.reading === "rollout" ? "rollout" : "attention"}`;
  app.legend.set(app, { low: "0", high: "largest", unit, scaled: "each panel scaled to its largest patch" });
  app.outlines.set(app.panels.find((panel) => panel.block !== panel.store) ?? app.panels[0], view);
  const text = `${title}: ${facts.map((fact) => `${fact.label} ${fact.value}`).join(", ")}.`;
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point) speak(app, text);
}

function topFact(app, { grid, best, top, view }, k) {
  const verb = view.direction === "column" ? "most looked at by" : view.reading === "rollout" ? "most came from" : "looks most at";
  const place = lower(tokenName(grid, best + (grid.skip ?? 0)));
  return { id: `panel${k}`, label: app.labels[k], value: percent(top), raw: top, place: `${verb} ${place}` };
}

function farFact(app, panel, k) {
  const far = meanPixels(panel);
  const away = (far * panel.lens.columns) / panel.picture.width;
  return { id: `far${k}`, label: "Mean distance", value: `${number(far)} px`, raw: far, note: `of the picture · ${patches(away)}` };
}

function reachFact(app, panel, k) {
  const { block, store, grid, values, view } = panel;
  const all = grid.rows * grid.columns;
  const reached = view.reading === "rollout" || block === store
    ? values.reduce((count, value) => count + (value > 0), 0) - (grid.skip ?? 0)
    : countsOf(block, panel.token).open;
  const count = block === store ? all : reached;
  return { id: `reach${k}`, label: "Within its reach", value: percent(count / all), raw: count, note: `${count} of ${all} patches` };
}

export const duelMode = {
  build, update, tell, click: togglePin,
  key: (app, { name, step }) => {
    if (name === "layer") app.change({ layer: clamp(app.view.layer + step, 0, app.stores[0].layers - 1) });
    return name === "layer" || name === "head";
  },
  viewName: (app) => `${app.panels.map((panel) => panel.label).join(", ")}`,
};
