// The message of the wall, place by place: values come back from bytes by each channel's own scale.

import { floats } from "../../cutter/js/wire.js";

const FAINT = 0.05; // what lies below zero by less than this share of the top is drawn as zero

/** {header, places, index}: places with typed arrays; index finds one by stage, block and tap. */
export function storeOf({ header, parts }) {
  const all = floats(parts.numbers);
  const places = header.places.map((place, index) => decoded(place, index, all, parts, header));
  const key = (stage, block, tap) => `${stage}.${block}.${tap}`;
  const known = new Map(places.map((place) => [key(place.stage, place.block, place.tap), place]));
  return {
    header, places,
    blocks: places.filter((place) => place.tap === "output"),
    find: (stage, block, tap) => known.get(key(stage, block, tap)),
    taps: (stage, block) => header.taps.find((one) => one.stage === stage && one.block === block)?.names ?? [],
  };
}

function decoded(place, index, all, parts, header) {
  const { rows, columns, channels } = place;
  const tokens = rows * columns;
  const from = place.numbers / 4;
  const column = (k) => all.subarray(from + k * channels, from + (k + 1) * channels);
  const made = {
    ...place, index, tokens,
    levels: parts.maps.subarray(place.at, place.at + tokens * channels),
    low: column(0), high: column(1), strength: column(2), contrast: column(3),
    drives: header.classes.map((_, k) => column(4 + k)),
    rgb: parts.colours.subarray(place.colours, place.colours + 3 * tokens),
  };
  if (place.regions) {
    const { at, counts } = place.regions;
    made.labels = counts.map((_, k) => parts.regions.subarray(at + k * tokens, at + (k + 1) * tokens));
  }
  let least = 0;
  let most = 0;
  for (let c = 0; c < channels; c++) {
    least = Math.min(least, made.low[c]);
    most = Math.max(most, made.high[c]);
  }
  made.signed = -least > FAINT * most;
  made.least = least;
  const tops = Array.from(made.low, (low, c) => top(low, made.high[c])).sort((a, b) => a - b);
  made.shared = tops[Math.floor(0.98 * (channels - 1))];
  return made;
}

const top = (low, high) => Math.max(Math.abs(low), Math.abs(high));

/** Largest absolute value of a channel. */
export const topOf = (place, channel) => top(place.low[channel], place.high[channel]);

/** A channel's value at a token. */
export function valueAt(place, channel, token) {
  const level = place.levels[channel * place.tokens + token];
  return place.low[channel] + (level / 255) * (place.high[channel] - place.low[channel]);
}

/** Channels in the order of a sort, and what each is sorted by. */
export function sorted(place, sort, label, token) {
  const by = measure(place, sort, label, token);
  const order = Array.from({ length: place.channels }, (_, c) => c);
  if (by) order.sort((a, b) => by[b] - by[a] || a - b);
  return { order, by };
}

function measure(place, sort, label, token) {
  if (sort === "strength" || sort === "contrast") return place[sort];
  if (sort === "drive") return place.drives[label] ?? null;
  if (sort !== "here") return null;
  means(place);
  const by = new Float32Array(place.channels);
  for (let c = 0; c < place.channels; c++) {
    const spread = place.contrast[c];
    by[c] = spread > 0 ? (valueAt(place, c, token) - place.mean[c]) / spread : 0;
  }
  return by;
}

/** Mean of every channel, and the tokens' distances from it: computed when first needed. */
function means(place) {
  if (place.mean) return;
  const { tokens, channels, levels, low, high } = place;
  place.mean = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let t = c * tokens; t < (c + 1) * tokens; t++) sum += levels[t];
    place.mean[c] = low[c] + (sum / tokens / 255) * (high[c] - low[c]);
  }
}

/** Cosine of the angle between one token and all, each seen from the map's mean. */
export function likeness(place, token) {
  unitTokens(place);
  const { tokens, channels, units } = place;
  const found = new Float32Array(tokens);
  for (let c = 0; c < channels; c++) {
    const own = units[c * tokens + token];
    for (let t = 0, at = c * tokens; t < tokens; t++, at++) found[t] += own * units[at];
  }
  return found;
}

function unitTokens(place) {
  if (place.units) return;
  means(place);
  const { tokens, channels, levels, low, high, mean } = place;
  const units = new Float32Array(tokens * channels);
  const squares = new Float32Array(tokens);
  for (let c = 0; c < channels; c++) {
    const unit = (high[c] - low[c]) / 255;
    for (let t = 0, at = c * tokens; t < tokens; t++, at++) {
      units[at] = low[c] - mean[c] + unit * levels[at];
      squares[t] += units[at] * units[at];
    }
  }
  for (let t = 0; t < tokens; t++) squares[t] = squares[t] > 0 ? 1 / Math.sqrt(squares[t]) : 0;
  for (let c = 0; c < channels; c++) {
    for (let t = 0, at = c * tokens; t < tokens; t++, at++) units[at] *= squares[t];
  }
  place.units = units;
}

/** Token under a point of the picture, given as shares of its width and height. */
export function tokenAt(place, [down, right]) {
  const clamp = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return clamp(down, place.rows) * place.columns + clamp(right, place.columns);
}

/** The map whose regions a place shows: its own, or those of its stage's last block. */
export function regionsOf(store, place) {
  if (place.labels) return place;
  const same = store.blocks.filter((one) => one.labels && one.stage === place.stage);
  return same.at(-1) ?? store.blocks.findLast((one) => one.labels) ?? null;
}

/** "stage 2, block 3", as people count. */
export function placeName({ stage, block, tap }) {
  if (stage < 0) return "stem";
  const where = `stage ${stage + 1}, block ${block + 1}`;
  return tap === "output" ? where : `${where}, ${tap}`;
}
