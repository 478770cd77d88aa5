// The arrays of one run on one picture, by moment: see wire.py. Pure.

import { floats, signed } from "../../cutter/js/wire.js";
import { percent } from "../../labs/js/chart.js";

const LEVELS = 127;
const WITHIN = 0.995;
const PEAKS = 0.98; // attention has a few peaks that would leave all else dark
const whole = (part) => new Int16Array(part.slice().buffer);

/** What a view or a chart asks for; a view is -1 for what the head reads, or layer * heads + head. */
export function storeOf({ header, parts }) {
  const [rows, columns] = header.grid;
  const { tokens, prefix, heads } = header;
  const places = rows * columns;
  const maps = header.layers * heads;
  const count = header.moments.length;
  const chances = floats(parts.chances);
  const reading = floats(parts.reading);
  const scale = floats(parts.scale);
  const reach = floats(parts.reach);
  const answers = signed(parts.answers);
  const cosines = parts.cosines.length ? whole(parts.cosines) : null;
  const area = 3 * header.side * header.side * header.kernels;
  const field = header.map[0] * header.map[1];
  const weights = signed(parts.kernels);
  const tiles = signed(parts.tiles);
  const spread = floats(parts.spread);
  const tops = new Map();
  /** What training added to the kernels, and nearly the largest of it: both in levels. */
  const change = (moment) => Int16Array.from({ length: area }, (_, k) => weights[moment * area + k] - weights[k]);
  const sizes = Int16Array.from({ length: count * area }, (_, k) => Math.abs(weights[k] - weights[k % area])).sort();
  const changed = Math.max(1, sizes[Math.floor(WITHIN * (sizes.length - 1))]);

  const attention = (moment, view, place) => {
    const row = (moment * maps + view) * tokens + prefix + place;
    const from = row * tokens + prefix;
    return Float32Array.from({ length: places }, (_, k) => (parts.levels[from + k] / 255) ** 2 * scale[row]);
  };
  const seen = (moment, view, place) =>
    view < 0 ? reading.subarray(moment * places, (moment + 1) * places) : attention(moment, view, place);
  /** What the colours reach to, in all moments alike: nearly the largest value there is. */
  const top = (view, place) => {
    const key = view < 0 ? view : view * places + place;
    if (!tops.has(key)) {
      const all = new Float32Array(count * places);
      for (let m = 0; m < count; m++) all.set(seen(m, view, place), m * places);
      all.sort();
      tops.set(key, Math.max(all[Math.floor(PEAKS * (all.length - 1))], 2 / tokens));
    }
    return tops.get(key);
  };
  return {
    ...header, rows, columns, places, count, views: maps, reach, seen, top,
    chances: (moment) => chances.subarray(moment * header.labels.length, (moment + 1) * header.labels.length),
    cosines: (moment) => cosines && cosines.subarray(moment * places * places, (moment + 1) * places * places),
    /** Tiles of a kind: their levels, the level that a colour reaches to and as a weight, how many. */
    filters: (moment, kind) => {
      if (kind === "components") {
        const size = (area / header.kernels) * header.components;
        return { values: tiles.subarray(moment * size, (moment + 1) * size), most: LEVELS, limit: NaN, count: header.components };
      }
      const most = kind === "change" ? changed : LEVELS;
      const values = kind === "change" ? change(moment) : weights.subarray(moment * area, (moment + 1) * area);
      return { values, most, limit: (most / LEVELS) * header.limit, count: header.kernels };
    },
    spread: (moment, component) => spread[moment * header.components + component],
    answers: (moment, kernel) => {
      const from = (moment * header.kernels + kernel) * field;
      return Float32Array.from(answers.subarray(from, from + field), (level) => (level / LEVELS) * reach[kernel]);
    },
  };
}

/** "Layer 1, head 2", or what the head reads. */
export function viewName(store, view) {
  if (view < 0) return store.prefix ? "Class token" : "Sequence pooling";
  return `Layer ${Math.floor(view / store.heads) + 1}, head ${(view % store.heads) + 1}`;
}

/** Indices of the `many` largest of the largest chances that each class ever had. */
export function leaders(store, many) {
  const most = store.labels.map((_, k) => {
    let best = 0;
    for (let m = 0; m < store.count; m++) best = Math.max(best, store.chances(m)[k]);
    return best;
  });
  return most.map((_, k) => k).sort((a, b) => most[b] - most[a]).slice(0, many);
}

/** Share of the training in two digits: 0.499 % is half a per cent. */
export const ofTraining = (share) => percent(Number(share.toPrecision(2)));
