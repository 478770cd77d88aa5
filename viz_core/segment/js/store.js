// What the messages hold: groupings by way, layer and count; maps; cuts; answers. See wire.py.

import { floats, signed } from "../../cutter/js/wire.js";

const KEPT = { cut: 12, answers: 200 };

/** Event that tells the board of new cuts or answers. */
export const CAME = "saccade-segment";

const shelf = (kind) => ((globalThis.saccadeSegment ??= { cut: new Map(), answers: new Map() })[kind]);

export const graphKey = ({ keys, threshold, centred }) => `${keys} ${threshold.toFixed(2)} ${centred}`;

/** Keeps a message that is no stage; the oldest ones go. */
export function add({ header, parts }) {
  const kept = shelf(header.kind);
  const key = header.kind === "cut" ? `${header.of}|${graphKey(header.graph)}` : header.key;
  kept.delete(key);
  // Copies: the message's bytes are freed when the next one comes.
  kept.set(key, header.kind === "cut" ? cutOf(header, parts) : header);
  if (kept.size > KEPT[header.kind]) kept.delete(kept.keys().next().value);
  globalThis.dispatchEvent(new CustomEvent(CAME));
}

export const cutsOf = (of, graph) => shelf("cut").get(`${of}|${graphKey(graph)}`) ?? null;
export const answersOf = (key) => shelf("answers").get(key) ?? null;

function cutOf(header, parts) {
  const [labels, front, vectors] = [parts.labels.slice(), parts.front.slice(), signed(parts.vectors.slice())];
  let [at, from] = [0, 0];
  return header.layers.map((layer) => {
    const table = { ...layer, labels };
    if (!layer.counts.length) return table;
    const { places } = layer;
    Object.assign(table, {
      front: front.subarray(at, at + places),
      vectors: layer.tops.map((_, k) => vectors.subarray(from + k * places, from + (k + 1) * places)),
    });
    at += places;
    from += places * layer.tops.length;
    return table;
  });
}

/** The opening message, ready to be asked. */
export function stageOf({ header, parts }) {
  const labels = parts.labels;
  let at = 0;
  const surfaces = header.surfaces.map((one) => {
    const [rows, columns] = one.grid;
    const places = rows * columns;
    const colours = parts.colours.subarray(at, (at += 3 * places));
    return { ...one, rows, columns, places, colours, labels };
  });
  const [shares, entries] = [floats(parts.shares), floats(parts.entries)];
  let from = 0;
  const looks = header.looks.map((one) => {
    const { places } = surfaces[one.surface];
    const maps = one.names.map(() => {
      const span = [from, (from += places)];
      return { shares: shares.subarray(...span), entries: entries.subarray(...span) };
    });
    return { ...one, maps };
  });
  const layers = header.layers.map((one) => ({ ...one, labels }));
  return { ...header, surfaces, looks, layers };
}

/** Groupings of a way at a layer; null while the cuts are on their way. */
export function tableOf({ stage, cuts }, way, layer) {
  if (way === "colours") return stage.surfaces[stage.layers[layer].surface];
  return way === "cut" ? cuts?.[layer] ?? null : stage.layers[layer];
}

/** Index of the grouping with `count` regions, or of the one with most; -1 if there is none. */
export const rowOf = (table, count) => Math.min(count - 2, table.counts.length - 1);

/** Region of every place; the same array for the same question. */
export const labelsOf = (table, row, places) =>
  ((table.sliced ??= [])[row] ??= table.labels.subarray(table.at + row * places, table.at + (row + 1) * places));

/** 1 where a place belongs to the smallest set that holds `share` of a map. */
export function maskOf(map, share) {
  if (map.mask?.share !== share) {
    map.mask = { share, labels: Uint8Array.from(map.entries, (entry) => (entry < share - 1e-6 ? 1 : 0)) };
  }
  return map.mask.labels;
}

/** The same number as `regions.adjusted_rand`: 1 for equal groupings, 0 on average by chance. */
export function adjustedRand(first, second) {
  const wide = 1 + Math.max(...second);
  const [table, rows, columns] = [new Map(), new Map(), new Map()];
  const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  for (let k = 0; k < first.length; k++) {
    count(table, first[k] * wide + second[k]);
    count(rows, first[k]);
    count(columns, second[k]);
  }
  const pairs = (map) => [...map.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const [together, across, down] = [pairs(table), pairs(rows), pairs(columns)];
  const chance = (across * down) / Math.max((first.length * (first.length - 1)) / 2, 1);
  const most = (across + down) / 2;
  return most === chance ? 1 : (together - chance) / (most - chance);
}

/** Size and mean colour of every region. */
export function measured(labels, colours, count) {
  const found = Array.from({ length: count }, () => ({ size: 0, colour: [0, 0, 0] }));
  labels.forEach((region, place) => {
    found[region].size++;
    for (let c = 0; c < 3; c++) found[region].colour[c] += colours[3 * place + c];
  });
  for (const one of found) one.colour = one.colour.map((sum) => Math.round(sum / Math.max(one.size, 1)));
  return found;
}
