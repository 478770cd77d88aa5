// What came from the server, and numbers made of it. Pure, but for the messages that follow a stage.

import { floats } from "../../cutter/js/wire.js";

const KEPT = 24; // answers of either kind

/** Event that tells a stage of an answer. */
export const CAME = "saccade-why";

const answers = () => (globalThis.saccadeWhy ??= { curves: new Map(), hands: new Map() });

function keep(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > KEPT) map.delete(map.keys().next().value);
}

const handKey = (of, code, kept) => `${of}|${code}|${kept}`;

/** Keeps curves, or what was said of a painted picture. */
export function add({ header, parts }) {
  const { curves, hands } = answers();
  if (header.kind === "curves") {
    const walks = Object.fromEntries(Object.entries(header.walks).map(([name, lines]) => [name, { lines, logits: floats(parts[name]) }]));
    keep(curves, header.ask, { counts: header.counts, unit: header.unit, walks });
  } else {
    keep(hands, handKey(header.of, header.code, header.keep), { logits: floats(parts.logits), random: floats(parts.random), draws: header.draws });
  }
  globalThis.dispatchEvent(new CustomEvent(CAME));
}

export const curvesOf = (ask) => answers().curves.get(ask) ?? null;
export const handOf = (of, code, kept) => answers().hands.get(handKey(of, code, kept)) ?? null;

/** The stage as the browser uses it. */
export function stageOf({ header, parts }) {
  const { map } = header;
  const values = floats(parts.values);
  const cells = floats(parts.cells);
  const order = new Uint16Array(parts.order.slice().buffer);
  const rank = new Uint16Array(order.length);
  order.forEach((cell, place) => { rank[cell] = place; });
  const own = grid(values, map.rows, map.columns, null);
  const coarse = grid(cells, map.cells, map.cells, rank);
  const logits = floats(parts.logits);
  return {
    ...header, map, order, rank, own, coarse, logits, share: softmax(logits)[header.target],
    filling: parts.filling.slice(), same: map.rows === map.cells,
  };
}

/** A map with what its legend and read-out need: its largest value, what it adds up to, its ranks. */
function grid(values, rows, columns, rank) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  return { values, rows, columns, total, top: sizes.at(-1), most: sizes[Math.floor(0.99 * (sizes.length - 1))], rank };
}

/** Place of each value from the largest, made when first asked for. */
export function rankOf(map, at) {
  if (!map.rank) {
    const order = [...map.values.keys()].sort((a, b) => map.values[b] - map.values[a] || a - b);
    map.rank = new Uint32Array(order.length);
    order.forEach((one, place) => { map.rank[one] = place; });
  }
  return map.rank[at];
}

/** Shares of the classes: the softmax of logits from an offset on. */
export function softmax(logits, from = 0, count = logits.length) {
  let most = -Infinity;
  for (let k = 0; k < count; k++) most = Math.max(most, logits[from + k]);
  const shares = new Float64Array(count);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += shares[k] = Math.exp(logits[from + k] - most);
  return shares.map((share) => share / sum);
}

/** What is explained, in logits. */
export const scoreOf = ({ target, against }, logits, from = 0) =>
  logits[from + target] - (against === null ? 0 : logits[from + against]);

/** Rows of the answer: the first five of the whole picture, the target, and what it is against. */
export function rowsOf({ top, target, against }) {
  const rows = top.slice();
  for (const one of [target, against]) if (one !== null && !rows.includes(one)) rows.push(one);
  return rows;
}

export const largest = (shares) => shares.reduce((best, share, k) => (share > shares[best] ? k : best), 0);

/** Cells erased by the first `count` of the order, or all but those. */
export function erasedBy({ order }, count, kept) {
  const mask = new Uint8Array(order.length).fill(kept ? 1 : 0);
  for (let k = 0; k < count; k++) mask[order[k]] = kept ? 0 : 1;
  return mask;
}

/** A mask as hexadecimal digits, the first cell in the highest bit. */
export function codeOf(mask) {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  mask.forEach((on, k) => { if (on) bytes[k >> 3] |= 128 >> (k & 7); });
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const countOf = (mask) => mask.reduce((sum, on) => sum + on, 0);

/** Smallest, mean and largest of the target's share over random draws. */
export function spread({ random, draws }, target) {
  const classes = random.length / draws;
  const shares = Array.from({ length: draws }, (_, k) => softmax(random, k * classes, classes)[target]);
  return { low: Math.min(...shares), mean: shares.reduce((a, b) => a + b, 0) / draws, high: Math.max(...shares) };
}
