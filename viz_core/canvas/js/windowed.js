// Attention inside windows: what the browser knows of a `windowed` frame, and its readings. Pure.

import { SQUARE } from "./rollout.js";

/** A slot of a window that holds no token: the map was filled up there. */
export const NONE = 65535;

/**
 * One lens a block: its grid, heads, windows and, once they have arrived, its numbers. A lens has
 * the fields of an attention store, so distances and names work on both.
 */
export function createWindowed(header) {
  const lenses = header.blocks.map((block, layer) => createLens(header, block, layer));
  const [{ rows, columns, tokens }] = lenses;
  const heads = lenses.reduce((most, lens) => Math.max(most, lens.heads), 0);
  const blocks = new Array(header.layers);
  const shape = { rows, columns, tokens, heads, layers: header.layers };
  return { id: header.id, windowed: true, prefix: [], skip: 0, lenses, blocks, ...shape };
}

function createLens(header, { grid: [rows, columns], ...block }, layer) {
  const { window } = block;
  const right = Math.ceil(columns / window);
  return {
    ...block, id: header.id, layer, layers: header.layers, prefix: [], skip: 0,
    rows, columns, tokens: rows * columns, slots: window * window,
    right, windows: right * Math.ceil(rows / window),
    scale: null, levels: null, token: null, region: null, place: null, fused: null, edges: [],
  };
}

/** Numbers of blocks that have just arrived. */
export function addBlocks(store, blocks) {
  for (const [layer, block] of blocks) {
    const lens = store.lenses[layer];
    if (lens.levels) continue;
    Object.assign(lens, block, { place: placesOf(block.token, lens.tokens) });
    store.blocks[layer] = lens;
  }
}

/** For every token where it stands: window * slots + slot. */
function placesOf(token, count) {
  const place = new Int32Array(count);
  for (let at = 0; at < token.length; at++) if (token[at] !== NONE) place[token[at]] = at;
  return place;
}

export const windowOf = (lens, token) => Math.floor(lens.place[token] / lens.slots);

/** Shares of one query's attention over the slots of its window. */
function rowInto(lens, head, query, out) {
  const unit = lens.scale[head * lens.tokens + query];
  const start = (head * lens.tokens + query) * lens.slots;
  for (let s = 0; s < lens.slots; s++) out[s] = SQUARE[lens.levels[start + s]] * unit;
}

/** How much of the attention of each token in its window lands on one key. */
function columnInto(lens, head, key, out) {
  const { slots, tokens, token, scale, levels } = lens;
  const slot = lens.place[key] % slots;
  const start = lens.place[key] - slot;
  for (let s = 0; s < slots; s++) {
    const query = token[start + s];
    const at = head * tokens + query;
    out[s] = query === NONE ? 0 : SQUARE[levels[at * slots + slot]] * scale[at];
  }
}

let scratch = new Float64Array(0);

/** What a view (head, reading, direction) shows for one token, over the slots of its window. */
export function slotsInto(lens, view, token, out) {
  const into = view.direction === "column" ? columnInto : rowInto;
  if (view.reading === "single") {
    into(lens, Math.min(view.head, lens.heads - 1), token, out);
    return out;
  }
  const { slots, heads } = lens;
  if (scratch.length !== slots) scratch = new Float64Array(slots);
  out.fill(0);
  const largest = view.reading === "max";
  for (let head = 0; head < heads; head++) {
    into(lens, head, token, scratch);
    for (let s = 0; s < slots; s++) {
      if (!largest) out[s] += scratch[s] / heads;
      else if (scratch[s] > out[s]) out[s] = scratch[s];
    }
  }
  return out;
}

/** Values of slots where their tokens really are; 0 outside the window. Returns the padding's. */
export function spread(lens, window, values, out) {
  out.fill(0);
  let padding = 0;
  const start = window * lens.slots;
  for (let s = 0; s < lens.slots; s++) {
    const token = lens.token[start + s];
    if (token === NONE) padding += values[s];
    else out[token] = values[s];
  }
  return padding;
}

/** {open, closed, padding, regions, region} of the window that one token sees. */
export function countsOf(lens, token) {
  const { slots, region } = lens;
  const at = lens.place[token];
  const start = at - (at % slots);
  const found = [];
  const counts = { open: 0, closed: 0, padding: 0, regions: 0, region: 0 };
  for (let s = start; s < start + slots; s++) {
    if (lens.token[s] === NONE) counts.padding++;
    else if (region[s] === region[at]) counts.open++;
    else counts.closed++;
    if (lens.token[s] !== NONE && !found.includes(region[s])) found.push(region[s]);
  }
  counts.regions = found.length;
  counts.region = found.indexOf(region[at]);
  return counts;
}

export const EDGE = { border: 0, seam: 1, fence: 2 };
const SIDES = [[-1, 0, 0, 0, 1, 0], [1, 0, 0, 1, 1, 1], [0, -1, 0, 0, 0, 1], [0, 1, 1, 0, 1, 1]];

/**
 * Outline of one window in the picture, in units of tokens: [[x0, y0, x1, y1, kind], ...]. A
 * `border` ends the window, a `seam` is where it goes on at the other side of the picture, a
 * `fence` parts two regions that lie side by side. Made once a window.
 */
export function edgesOf(lens, window) {
  if (lens.edges[window]) return lens.edges[window];
  const { window: side, columns, slots, token, region } = lens;
  const start = window * slots;
  const edges = [];
  for (let s = 0; s < slots; s++) {
    const here = token[start + s];
    if (here === NONE) continue;
    const [y, x] = [Math.floor(here / columns), here % columns];
    for (const [down, along, x0, y0, x1, y1] of SIDES) {
      const kind = kindOf(Math.floor(s / side) + down, (s % side) + along, y + down, x + along, s);
      if (kind >= 0) edges.push([x + x0, y + y0, x + x1, y + y1, kind]);
    }
  }
  lens.edges[window] = edges;
  return edges;

  function kindOf(i, j, y, x, s) {
    const inside = i >= 0 && j >= 0 && i < side && j < side;
    const next = inside ? token[start + i * side + j] : NONE;
    if (next === NONE) return EDGE.border;
    const near = x >= 0 && x < columns && next === y * columns + x;
    if (!near) return EDGE.seam;
    return region[start + i * side + j] === region[start + s] ? -1 : EDGE.fence;
  }
}

/** Columns (or rows) at which a window begins, in the picture: [0, size) without the picture's own edge. */
export function cutsOf(size, { window, shift }) {
  const cuts = [];
  for (let k = 0; k < size; k += window) if ((k + shift) % size) cuts.push((k + shift) % size);
  return cuts;
}
