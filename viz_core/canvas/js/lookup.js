// Attention by query or by key, for one head, the mean, the maximum or the rollout. Pure.

import { SQUARE, flow } from "./rollout.js";

/** Everything the browser knows of one attention frame; layers come in as they arrive. */
export function createStore(header) {
  const [rows, columns] = header.grid;
  return {
    id: header.id,
    rows,
    columns,
    prefix: header.prefix,
    skip: header.prefix.length,
    tokens: header.tokens,
    layers: header.layers,
    heads: header.heads,
    blocks: new Array(header.layers),
    fused: new Array(header.layers),
  };
}

export function addLayers(store, layers) {
  for (const [layer, block] of layers) store.blocks[layer] = block;
}

export const isComplete = (store, upTo = store.layers - 1) => {
  for (let k = 0; k <= upTo; k++) if (!store.blocks[k]) return false;
  return true;
};

/** The layer itself if it has arrived, else the nearest one that has. */
export function nearestLayer(store, layer) {
  const wanted = Math.max(0, Math.min(store.layers - 1, layer));
  for (let d = 0; d < store.layers; d++) {
    if (store.blocks[wanted - d]) return wanted - d;
    if (store.blocks[wanted + d]) return wanted + d;
  }
  return wanted;
}

/** Shares of one query's attention over all keys. */
export function rowInto(store, layer, head, query, out) {
  const { scale, levels } = store.blocks[layer];
  const n = store.tokens;
  const unit = scale[head * n + query];
  const start = (head * n + query) * n;
  for (let j = 0; j < n; j++) out[j] = SQUARE[levels[start + j]] * unit;
  return out;
}

/** How much of each query's attention lands on one key. */
export function columnInto(store, layer, head, key, out) {
  const { scale, levels } = store.blocks[layer];
  const n = store.tokens;
  const start = head * n;
  for (let i = 0; i < n; i++) {
    out[i] = SQUARE[levels[(start + i) * n + key]] * scale[start + i];
  }
  return out;
}

const scratch = { row: new Float64Array(0) };

function acrossHeads(store, layer, token, into, join, out) {
  if (scratch.row.length !== store.tokens) scratch.row = new Float64Array(store.tokens);
  out.fill(0);
  for (let head = 0; head < store.heads; head++) {
    into(store, layer, head, token, scratch.row);
    join(out, scratch.row);
  }
  return out;
}

function addTo(out, row) {
  for (let j = 0; j < row.length; j++) out[j] += row[j];
}

function maxWith(out, row) {
  for (let j = 0; j < row.length; j++) if (row[j] > out[j]) out[j] = row[j];
}

/** The values that a view shows for one token, into `out`. `view` names layer, head, reading. */
export function readInto(store, view, token, out) {
  const layer = nearestLayer(store, view.layer);
  const into = view.direction === "column" ? columnInto : rowInto;
  switch (view.reading) {
    case "mean":
      acrossHeads(store, layer, token, into, addTo, out);
      for (let j = 0; j < out.length; j++) out[j] /= store.heads;
      return out;
    case "max":
      return acrossHeads(store, layer, token, into, maxWith, out);
    case "rollout":
      return flow(store, view, token, out);
    default:
      return into(store, layer, Math.min(view.head, store.heads - 1), token, out);
  }
}

/** Index of the largest value from `from` on. */
export function largest(values, from = 0) {
  let best = from;
  for (let j = from + 1; j < values.length; j++) if (values[j] > values[best]) best = j;
  return best;
}

/** 1 for the largest value of all; equal values share the better rank. */
export function rankOf(values, index) {
  let rank = 1;
  for (let j = 0; j < values.length; j++) if (values[j] > values[index]) rank++;
  return rank;
}

/** Distance between the centres of two patches in patches; NaN for prefix tokens. */
export function distance(store, a, b) {
  const from = a - store.skip;
  const to = b - store.skip;
  if (from < 0 || to < 0) return NaN;
  const rows = Math.floor(from / store.columns) - Math.floor(to / store.columns);
  return Math.hypot(rows, (from % store.columns) - (to % store.columns));
}

/** Mean distance from a token to the patches, weighted by their values; NaN for prefix tokens. */
export function meanDistance(store, values, token) {
  let sum = 0;
  let weight = 0;
  for (let j = store.skip; j < store.tokens; j++) {
    sum += values[j] * distance(store, token, j);
    weight += values[j];
  }
  return weight > 0 ? sum / weight : NaN;
}
