// What the state means for this picture and network: regions, a mask, an eigenvector. Pure.

import { labelsOf, maskOf, rowOf, tableOf } from "./store.js";

const FINE = 100; // places

/** Fills in what is missing and brings layers and counts into their range. */
export function settle({ stage, state }) {
  const last = stage.layers.length - 1;
  if (!state.chosen || !(state.layer >= 0 && state.layer <= last)) state.layer = first(stage, last);
  if (state.way === "attention" && !stage.looks.length) return;
  if (state.way === "attention") {
    const { maps } = stage.looks[lookOf(stage, state)];
    if (!(state.head >= 0 && state.head < maps.length)) state.head = maps.length - 1;
  }
}

/** The last layer that is not coarse, until somebody chooses one. */
function first(stage, last) {
  for (let k = last; k >= 0; k--) if (stage.surfaces[stage.layers[k].surface].places >= FINE) return k;
  return last;
}

/** Index of the maps of a layer, or of the only ones there are. */
export const lookOf = (stage, { layer }) =>
  stage.looks.length === 1 ? 0 : Math.max(0, stage.looks.findIndex((look) => look.layer === layer));

/** Whether the layer that is chosen matters for what a way shows. */
export const layered = ({ stage, state }) =>
  state.way === "attention" ? stage.looks.length > 1 : state.way !== "colours" || stage.surfaces.length > 1;

const sized = ({ rows, columns, places, colours }) => ({ rows, columns, places, colours });

/** {rows, columns, places, colours, count, labels, table, row, map, vector, missing}. */
export function shownOf(app) {
  const { stage, state } = app;
  const surface = stage.surfaces[stage.layers[state.layer].surface];
  if (state.way === "attention") return masked(stage, state, surface);
  const table = tableOf(app, state.way, state.layer);
  const base = { ...sized(surface), table, count: 0 };
  if (!table) return { ...base, missing: globalThis.saccadeOffline ? "Offline, only the cuts taken along are there: none of this graph." : "Cutting the graph of every layer…" };
  const row = rowOf(table, state.count);
  if (row < 0) return { ...base, missing: "All places hold the same here: there are no regions." };
  const vector = state.way === "cut" && state.vector >= 0 ? table.vectors[Math.min(state.vector, table.vectors.length - 1)] : null;
  return { ...base, row, count: table.counts[row], labels: labelsOf(table, row, surface.places), vector };
}

function masked(stage, state, surface) {
  if (!stage.looks.length) {
    return { ...sized(surface), count: 0, missing: "This network has no attention: no place holds a share of it." };
  }
  const look = lookOf(stage, state);
  const { surface: index, maps, names } = stage.looks[look];
  const map = maps[state.head];
  return { ...sized(stage.surfaces[index]), look, head: state.head, map, names, maps, count: 2, labels: maskOf(map, state.share) };
}

/** Labels of another way for the same grid and as many regions; null if it has none. */
export function othersLabels(app, way) {
  const { shown, stage, state } = app;
  const layer = shown.map ? stage.layers.findIndex(({ surface }) => stage.surfaces[surface].places === shown.places) : state.layer;
  const same = shown.map && stage.surfaces[stage.layers[state.layer].surface].places === shown.places ? state.layer : layer;
  const table = tableOf(app, way, same);
  const row = table ? rowOf(table, shown.count) : -1;
  return row < 0 || table.counts[row] !== shown.count ? null : labelsOf(table, row, shown.places);
}
