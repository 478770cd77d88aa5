// What arrived, by run and ratio, and what follows from it. Pure.

export const SLOTS = 20;
export const NETWORK = "network";
const MOST_BYTES = 48e6;

/** The name that Python and the browser give what belongs to a choice of mask. */
export function runName({ strategy, seed, hand }) {
  if (strategy === "hand") return `hand ${codeOf(hand)}`;
  return `${strategy} ${strategy === "grid" ? 0 : seed}`;
}

/** A mask as hexadecimal digits, the first patch in the highest bit. */
export function codeOf(mask) {
  let text = "";
  for (let at = 0; at < mask.length; at += 8) {
    let byte = 0;
    for (let k = 0; k < 8; k++) byte = byte * 2 + (mask[at + k] ? 1 : 0);
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}

export function maskFrom(code, n) {
  return Uint8Array.from({ length: n }, (_, k) => (parseInt(code.slice(2 * (k >> 3), 2 * (k >> 3) + 2), 16) >> (7 - (k & 7))) & 1);
}

export const hiddenIn = (mask) => mask.reduce((sum, on) => sum + on, 0);

export function createStore(of) {
  return { of, masks: new Map(), runs: new Map(), bytes: 0 };
}

/** Keeps pictures by run, slot and painter; the runs that were not used for longest go first. */
export function addPictures(store, { run, by }, entries) {
  const slots = store.runs.get(run) ?? new Map();
  store.runs.delete(run);
  store.runs.set(run, slots);
  for (const [slot, entry] of entries) {
    const known = slots.get(slot) ?? {};
    if (!known[by]) store.bytes += entry.picture.length;
    slots.set(slot, { ...known, mask: entry.mask, [by]: entry });
  }
  for (const [name, old] of store.runs) {
    if (store.bytes <= MOST_BYTES || name === run) break;
    for (const { mask: _, ...painters } of old.values()) {
      for (const { picture } of Object.values(painters)) store.bytes -= picture.length;
    }
    store.runs.delete(name);
  }
}

export const lookup = (store, run, slot) => store.runs.get(run)?.get(slot) ?? null;

/** Mask of a strategy at a ratio, as soon as it is known. */
export function maskAt(store, { strategy, seed }, slot) {
  return store.masks.get(seed)?.[strategy]?.[slot] ?? lookup(store, runName({ strategy, seed }), slot)?.mask ?? null;
}

/** Mean squared error of every patch, black 0 and white 1. */
export function patchErrors(truth, picture, size, columns) {
  const side = size / columns;
  const sums = new Float64Array(columns * Math.round(size / side));
  for (let y = 0; y < size; y++) {
    const row = Math.floor(y / side) * columns;
    for (let x = 0; x < size; x++) {
      const at = 3 * (y * size + x);
      const [r, g, b] = [picture[at] - truth[at], picture[at + 1] - truth[at + 1], picture[at + 2] - truth[at + 2]];
      sums[row + Math.floor(x / side)] += r * r + g * g + b * b;
    }
  }
  const scale = 1 / (3 * side * side * 255 * 255);
  return sums.map((sum) => sum * scale);
}

/** The hidden patch with the largest error, or the first one; -1 if none is hidden. */
export function worstPatch(mask, errors) {
  let worst = -1;
  mask.forEach((on, patch) => {
    if (on && (worst < 0 || (errors && errors[patch] > errors[worst]))) worst = patch;
  });
  return worst;
}

/**
 * A mask of `target` hidden patches that grows or shrinks another one in the order of `ranks`:
 * the patches with the largest rank are hidden first.
 */
export function resized(mask, ranks, target) {
  const out = mask.slice();
  const order = [...ranks.keys()].sort((a, b) => ranks[b] - ranks[a]);
  let missing = target - hiddenIn(mask);
  const queue = missing > 0 ? order : order.reverse();
  for (const patch of queue) {
    if (!missing) break;
    if (missing > 0 && !out[patch]) { out[patch] = 1; missing--; }
    if (missing < 0 && out[patch]) { out[patch] = 0; missing++; }
  }
  return out;
}

/** How early a patch is hidden as the ratio grows; ties fall by a fixed shuffle. */
export function ranksOf(masks) {
  const n = masks[0].length;
  return Array.from({ length: n }, (_, patch) => {
    const times = masks.reduce((sum, mask) => sum + mask[patch], 0);
    return times + ((patch * 7919) % n) / n;
  });
}
