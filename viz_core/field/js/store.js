// All fields that came so far, shared by the board and the messages that follow it.

import { floats } from "../../cutter/js/wire.js";

const KEPT = 6; // pictures or settings

/** Event that tells the board of new fields. */
export const CAME = "saccade-fields";

const stores = () => (globalThis.saccadeFields ??= new Map());

/** Keeps the fields of a message under its id. */
export function add({ header, parts }) {
  const known = stores();
  const store = known.get(header.id_of) ?? new Map();
  known.delete(header.id_of);
  known.set(header.id_of, store);
  if (known.size > KEPT) known.delete(known.keys().next().value);
  const numbers = floats(parts.numbers);
  let n = 0;
  for (const { network, depth, places, cells, at } of header.entries) {
    const key = `${network}|${depth}`;
    const block = store.get(key) ?? new Map();
    store.set(key, block);
    places.forEach((place, k) => {
      const from = at + k * cells * cells;
      // A copy: the message's bytes are freed when the next one comes.
      const levels = parts.levels.slice(from, from + cells * cells);
      block.set(place, { levels, cells, top: numbers[n], half: numbers[n + 1], most: numbers[n + 2] });
      n += 3;
    });
  }
  globalThis.dispatchEvent(new CustomEvent(CAME));
}

/** The field of a place, or null while it is being measured. */
export const fieldOf = (id, network, depth, place) =>
  stores().get(id)?.get(`${network}|${depth}`)?.get(place) ?? null;

/** Median radius that holds a share ("half" or "most") over the places of one row; null if unknown. */
export function radiusOf(id, network, depth, places, which) {
  const row = Math.floor(places / 2);
  const found = [];
  for (let column = 0; column < places; column++) {
    const one = fieldOf(id, network, depth, row * places + column);
    if (!one) return null;
    found.push(one[which]);
  }
  return found.sort((a, b) => a - b)[Math.floor(places / 2)];
}
