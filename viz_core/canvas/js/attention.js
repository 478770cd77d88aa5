// What the attention modes show: values, colours and marks of each panel, facts for the read-out.

import { paintValues } from "./colour.js";
import { patchAt } from "./layout.js";
import {
  distance, isComplete, largest, meanDistance, nearestLayer, rankOf, readInto,
} from "./lookup.js";
import { createPanel } from "./stage.js";
import { lower, patches, percent, tokenName, unitName, viewName } from "./words.js";

/** The token that shows when nothing is pointed at: a pin, the class token, or the middle. */
export function restingToken(store, pins) {
  if (pins.length) return store.skip + pins[pins.length - 1];
  return store.skip ? 0 : Math.floor(store.rows / 2) * store.columns + (store.columns >> 1);
}

/** The view as far as the layers have arrived. */
export function shownView(app) {
  const store = app.stores[0];
  const view = { ...app.view, layer: Math.min(app.view.layer, store.layers - 1) };
  view.head = Math.min(view.head, store.heads - 1);
  if (app.shift) view.direction = view.direction === "row" ? "column" : "row";
  if (view.reading === "rollout" && !isComplete(store, view.layer)) view.reading = "mean";
  if (view.reading !== "rollout") view.layer = nearestLayer(store, view.layer);
  return view;
}

/** One panel, or one for each pin, or one for each model. */
export function layPanels(app) {
  const { stores, pictures, labels, pins } = app;
  const two = stores.length === 1 && pins.length === 2 && app.mode === "lookup";
  const count = two ? 2 : stores.length;
  if (app.panels.length === count && app.panels[0].picture === pictures[0]) return;
  app.panels = Array.from({ length: count }, (_, k) => {
    const store = stores[two ? 0 : k];
    const panel = createPanel(pictures[two ? 0 : k], store.rows, store.columns, labels[k] ?? "");
    return Object.assign(panel, { store, values: new Float64Array(store.tokens) });
  });
}

export function update(app) {
  layPanels(app);
  const view = shownView(app);
  app.shown = view;
  const two = app.panels.length > app.stores.length;
  app.panels.forEach((panel, k) => {
    const { store } = panel;
    const hovered = app.point ? store.skip + patchAt(app.point, store) : -1;
    const resting = two ? store.skip + app.pins[k] : restingToken(store, app.pins);
    const pointed = app.prefix >= 0 ? Math.min(app.prefix, store.skip - 1) : hovered;
    panel.token = two || pointed < 0 ? resting : pointed;
    panel.probe = hovered;
    if (two) panel.label = tokenName(store, panel.token);
    fill(panel, clampLayer(store, view), app.lut);
    panel.marks = marksOf(panel, view, app.pins, two);
  });
}

const clampLayer = (store, view) => {
  if (view.layer < store.layers && view.head < store.heads) return view;
  const layer = nearestLayer(store, Math.min(view.layer, store.layers - 1));
  return { ...view, layer, head: Math.min(view.head, store.heads - 1) };
};

function fill(panel, view, lut) {
  const { store, values } = panel;
  readInto(store, view, panel.token, values);
  panel.best = largest(values, store.skip);
  panel.top = values[panel.best];
  paintValues(values, store.skip, panel.top, lut, panel.pixels);
}

function marksOf(panel, view, pins, two) {
  const { skip } = panel.store;
  const byKey = view.direction === "column";
  const marks = [{ patch: panel.best - skip, kind: byKey ? "query" : "key" }];
  if (two) {
    marks.push({ patch: panel.token - skip, kind: "pin" });
    if (panel.probe >= 0) marks.push({ patch: panel.probe - skip, kind: "probe" });
    return marks;
  }
  for (const patch of pins) marks.push({ patch, kind: "pin" });
  if (!pins.includes(panel.token - skip)) {
    marks.push({ patch: panel.token - skip, kind: byKey ? "key" : "query" });
  }
  return marks;
}

/** Numbers for the read-out: {title, note, facts: [{id, label, value, raw, note}]}. */
export function factsOf(app) {
  const view = app.shown;
  const note = viewName(app.stores[0], view);
  if (app.panels.length > 1) return { title: probeTitle(app), note, facts: app.panels.map(probed) };
  const [panel] = app.panels;
  const { store, token, values } = panel;
  const byKey = view.direction === "column";
  const label = byKey ? "Most looked at by" : "Looks most at the patch";
  const best = { id: "top", label: panel.chosen ? "Looks at this key" : label };
  Object.assign(best, share(panel, panel.best), { place: lower(tokenName(store, panel.best)) });
  const itself = { id: "self", label: "On itself", ...share(panel, token) };
  const facts = [best, fromReference(app, panel, view), itself, spread(store, values, token)];
  return { title: tokenName(store, token), note, facts, byKey };
}

function share(panel, token) {
  const { store, values } = panel;
  const away = distance(store, panel.token, token);
  const rank = rankOf(values, token);
  const notes = [`rank ${rank} of ${store.tokens} tokens`];
  if (away > 0) notes.push(`${patches(away)} away`);
  return { value: percent(values[token]), raw: values[token], note: notes.join(" · "), rank, away };
}

/** How much the pinned patch or the class token gives to the patch under the pointer. */
function fromReference(app, panel, view) {
  const { store, token } = panel;
  const reference = restingToken(store, app.pins);
  if (reference === token) {
    // Shares of one row add up; those of a column, or maxima over heads, do not.
    if (view.direction === "column" || view.reading === "max") return counted(store, panel.values);
    return onPatches(store, panel.values, token);
  }
  app.reference ??= new Float64Array(store.tokens);
  if (app.reference.length !== store.tokens) app.reference = new Float64Array(store.tokens);
  const values = readInto(store, view, reference, app.reference);
  const name = lower(tokenName(store, reference));
  const label = view.direction === "column" ? `Given to ${the(name)}` : `From ${the(name)}`;
  return { id: "from", label, ...share({ store, values, token: reference }, token) };
}

function onPatches(store, values, token) {
  let sum = 0;
  for (let j = store.skip; j < store.tokens; j++) sum += values[j];
  const rest = store.skip > 1 ? "the other tokens" : token < store.skip ? "itself" : "the class token";
  const note = store.skip ? `the rest on ${rest}` : "";
  return { id: "from", label: "On all patches", value: percent(sum), raw: sum, note };
}

/** How many tokens have more than an even share would be. */
function counted(store, values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const count = values.reduce((sum, value) => sum + (value > mean), 0);
  return { id: "from", label: "Above the average", value: tokens(count), raw: count, note: `of ${store.tokens}` };
}

const tokens = (count) => `${count} token${count === 1 ? "" : "s"}`;
const the = (name) => (name.startsWith("row") ? name : `the ${name}`);

function spread(store, values, token) {
  const mean = meanDistance(store, values, token);
  if (!Number.isFinite(mean)) return halfOn(store, values, "spread");
  const note = "of the patches, by weight";
  return { id: "spread", label: "Mean distance", value: patches(mean), raw: mean, note };
}

function halfOn(store, values, id = "from") {
  const sorted = Float64Array.from(values).sort().reverse();
  const half = sorted.reduce((sum, value) => sum + value, 0) / 2;
  let count = 0;
  for (let sum = 0; sum < half && count < sorted.length; count++) sum += sorted[count];
  return { id, label: "Half of it lies on", value: tokens(count), raw: count, note: `of ${store.tokens}` };
}

function probeTitle(app) {
  const { store, probe } = app.panels[0];
  return probe < 0 ? "Point at the picture" : tokenName(store, probe);
}

function probed(panel, k) {
  const two = panel.probe >= 0 ? panel.probe : panel.best;
  const compare = panel.probe === panel.token;
  const id = `panel${k}`;
  const place = panel.probe < 0 || compare ? lower(tokenName(panel.store, panel.best)) : "";
  return { id, label: panel.label, ...share(panel, compare ? panel.best : two), place };
}

/** Legend: range and unit. */
export function legendOf(app) {
  const [panel] = app.panels;
  const scaled = app.panels.length > 1 ? "each panel scaled to its largest patch"
    : "brightest: the largest of them";
  const high = app.panels.length > 1 ? "largest" : percent(panel.top);
  return { low: "0", high, unit: unitName(panel.store, app.shown, panel.token), scaled };
}
