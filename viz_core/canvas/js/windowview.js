// Mode `lookup` for attention in windows: the grid changes with the block, the place does not.

import { paintValues } from "./colour.js";
import { wrap, clamp } from "./keys.js";
import { middleOf, patchAt } from "./layout.js";
import { createLegend } from "./legend.js";
import { el } from "./dom.js";
import { isComplete, largest, nearestLayer } from "./lookup.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { createPanel } from "./stage.js";
import { lower, percent, tokenName } from "./words.js";
import { windowControls } from "./windowcontrols.js";
import { SHADED, drawWindow, paintWindow, rollStage } from "./windowdraw.js";
import { blockName, flowFacts, windowFacts, windowUnit, windowViewName } from "./windowfacts.js";
import { windowFlow } from "./windowflow.js";
import { slotsInto, spread, windowOf } from "./windowed.js";

const ROLL = 450; // ms that rolling takes

/** The view as far as the blocks have arrived. */
export function shownBlock(app, store) {
  const view = { ...app.view, layer: clamp(app.view.layer, 0, store.layers - 1) };
  if (app.shift) view.direction = view.direction === "row" ? "column" : "row";
  if (view.reading === "rollout" && !isComplete(store, view.layer)) view.reading = "mean";
  view.layer = nearestLayer(store, view.layer);
  view.head = Math.min(view.head, store.lenses[view.layer].heads - 1);
  return view;
}

/** A pin stays at its place of the picture; `app.pins` are its tokens on the grid of the block. */
export function keepPins(app, grid) {
  app.placed ??= { pins: [], places: [] };
  const { placed } = app;
  if (app.pins !== placed.pins) placed.places = app.pins.map((token) => middleOf(token, grid));
  else if (placed.grid === grid) return;
  placed.grid = grid;
  app.pins = placed.pins = placed.places.map((place) => patchAt(place, grid));
}

/** A click pins the place under the pointer, or lets it go. */
export function togglePin(app, patch) {
  const { placed, point, panels: [panel] } = app;
  const on = !placed.places.some((place) => patchAt(place, panel) === patch);
  placed.places = on ? [{ u: point.u, v: point.v }] : [];
  app.pins = placed.pins = placed.places.map((place) => patchAt(place, placed.grid));
  app.schedule();
  app.commit();
}

export const restingPlace = (app) => app.placed.places.at(-1) ?? app.rest ?? { u: 0.45, v: 0.45 };

/** A panel for queries of one grid and values of another; made anew only when a grid changes. */
export function layPanel(app, lens, grid, k = 0) {
  const old = app.panels[k];
  if (old && old.lens === lens && old.grid === grid && old.picture === app.pictures[k]) return old;
  const panel = createPanel(app.pictures[k], grid.rows, grid.columns);
  const fields = { lens, grid, rows: lens.rows, columns: lens.columns, values: new Float64Array(grid.tokens) };
  app.panels[k] = Object.assign(panel, fields);
  return panel;
}

export function update(app) {
  const [store] = app.stores;
  const view = shownBlock(app, store);
  app.shown = view;
  const block = store.lenses[view.layer];
  const flowing = view.reading === "rollout";
  const byKey = view.direction === "column";
  const lens = flowing && byKey ? store.lenses[0] : block;
  const panel = layPanel(app, lens, flowing && !byKey ? store.lenses[0] : block);
  keepPins(app, store.lenses[clamp(app.view.layer, 0, store.layers - 1)]);
  panel.block = block;
  panel.token = patchAt(app.point ?? restingPlace(app), lens);
  fillWindowed(store, panel, view, app.lut);
  panel.marks = marksOf(app, panel, byKey);
}

/** Values, colours and drawing of one panel. */
export function fillWindowed(store, panel, view, lut) {
  const { lens, token, values } = panel;
  if (view.reading === "rollout") {
    windowFlow(store, view, token, values);
    panel.best = largest(values);
    panel.top = values[panel.best];
    paintValues(values, 0, panel.top, lut, panel.pixels);
    for (let at = 0; at < values.length; at++) if (!values[at]) panel.pixels[at] = SHADED;
    panel.decorate = null;
    return;
  }
  if (panel.held?.length !== lens.slots) panel.held = new Float64Array(lens.slots);
  slotsInto(lens, view, token, panel.held);
  panel.padding = spread(lens, windowOf(lens, token), panel.held, values);
  panel.best = largest(values);
  panel.top = values[panel.best];
  paintWindow(lens, token, values, panel.top, lut, panel.pixels);
  panel.decorate ??= (context, rect, ratio) => drawWindow(lens, panel.token, context, rect, ratio);
}

function marksOf(app, panel, byKey) {
  const marks = [{ patch: panel.best, kind: byKey ? "query" : "key", grid: panel.grid }];
  for (const place of app.placed.places) marks.push({ patch: patchAt(place, panel), kind: "pin" });
  if (app.point || !app.placed.places.length) {
    marks.push({ patch: panel.token, kind: byKey ? "key" : "query" });
  }
  return marks;
}

/** What the outlines and the hatch mean. */
export function windowMarks() {
  const closed = el("span.marks", {}, el("i.mark.hidden"), "in it, but closed by the mask",
    el("i.mark.seam"), "goes on at the other side");
  const node = el("div.legend", {}, el("span.marks", {}, el("i.mark.window"), "its window"), closed);
  const set = (panel, view) => {
    node.hidden = view.reading === "rollout";
    closed.hidden = !panel.block.shift;
  };
  return { node, set };
}

function build(app) {
  app.panels = [];
  app.readout = createReadout();
  app.legend = createLegend();
  app.outlines = windowMarks();
  app.controls = windowControls(app, { strip: app.mode !== "heads" });
  const clear = el("button.chip", { type: "button", title: "Escape does the same" }, "Clear pin");
  clear.addEventListener("click", app.clear, { signal: app.signal });
  app.chips = clear;
  app.wrap.append(el("div.under", {}, app.legend.node, app.outlines.node, el("div.tokens", {}, clear)));
  app.side = el("div.side", {}, app.readout.node, app.controls.node);
  app.host.append(app.side);
  app.rolling = { share: app.view.rolled ? 1 : 0, since: 0 };
}

function tell(app) {
  const [panel] = app.panels;
  const view = app.shown;
  const told = view.reading === "rollout" ? flowFacts(panel, view) : windowFacts(panel, view);
  const note = windowViewName(panel.block, view);
  showReadout(app.readout, { ...told, note });
  app.legend.set(app, {
    low: "0", high: percent(panel.top), unit: windowUnit(view, panel.block), scaled: "brightest: the largest of them",
  });
  app.outlines.set(panel, view);
  app.chips.hidden = !app.pins.length;
  app.controls.draw(view, panel);
  const verb = view.direction === "column" ? "is looked at most by" : "looks most at";
  const best = lower(tokenName(panel.grid, panel.best));
  const text = `${told.title} ${verb} ${best}, ${percent(panel.top)}; ${note}.`;
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point) speak(app, text);
}

/** Rolls the drawn stage as far as it has got; one more frame until it is there. */
function beside(app) {
  const goal = app.view.rolled && app.shown.reading !== "rollout" ? 1 : 0;
  const { rolling } = app;
  const now = performance.now();
  if (rolling.share !== goal) {
    const step = app.still ? 1 : rolling.since ? Math.min(0.2, (now - rolling.since) / ROLL) : 0.01;
    const way = goal > rolling.share ? step : -step;
    rolling.share = Math.max(0, Math.min(1, rolling.share + way));
    rolling.since = rolling.share === goal ? 0 : now;
    app.schedule();
  }
  finish(app, app.stage);
}

const finish = (app, stage) => rollStage(stage, app.panels[0].block, eased(app.rolling.share));

const eased = (share) => share * share * (3 - 2 * share);

/** The place of the picture under a point of the rolled stage. */
function warp(app, at) {
  const [panel] = app.panels;
  if (!at || !panel || !app.rolling.share) return at;
  const { shift, columns, rows } = panel.block;
  return { ...at, u: (at.u + shift / columns) % 1, v: (at.v + shift / rows) % 1 };
}

/** Keys for block and head; true when the key was one of them. */
export function stepBlock(app, { name, step }) {
  const [store] = app.stores;
  if (name === "head") {
    const { heads } = store.lenses[app.shown.layer];
    const head = app.view.reading === "single" ? wrap(app.shown.head, step, heads) : app.shown.head;
    app.change({ head, reading: "single" });
    return true;
  }
  if (name !== "layer") return false;
  app.change({ layer: clamp(app.view.layer + step, 0, store.layers - 1) });
  return true;
}

export const windowMode = {
  build, update, tell, beside, finish, warp, key: stepBlock, click: togglePin,
  viewName: (app) => windowViewName(app.panels[0].block, app.shown),
  layerName: (app) => blockName(app.panels[0].block),
};
