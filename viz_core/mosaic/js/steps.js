// Steps: what somebody did to the picture. `viz_core/breaking.py` replays the same. Pure.

export const GRID = 14;
export const UNITS = 56;
export const MOST_STEPS = 250;

/** A generator of numbers in [0, 1): mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The list in another order; the same for the same seed. */
export function shuffled(list, next) {
  const out = [...list];
  for (let k = out.length - 1; k > 0; k--) {
    const other = Math.floor(next() * (k + 1));
    [out[k], out[other]] = [out[other], out[k]];
  }
  return out;
}

const everyPlace = (side) => Array.from({ length: side * side }, (_, k) => k);

/** All pieces anywhere. */
export const shuffleAll = (side, seed) => ({ kind: "order", order: shuffled(everyPlace(side), random(seed)) });

/** Patches anywhere inside their block; `blocks` blocks along one side. */
export function shuffleWithin(blocks, seed) {
  const next = random(seed);
  const order = everyPlace(GRID);
  const wide = GRID / blocks;
  for (let block = 0; block < blocks * blocks; block++) {
    const top = Math.floor(block / blocks) * wide;
    const left = (block % blocks) * wide;
    const places = everyPlace(wide).map((k) => (top + Math.floor(k / wide)) * GRID + left + (k % wide));
    const mixed = shuffled(places, next);
    places.forEach((place, k) => { order[place] = mixed[k]; });
  }
  return { kind: "order", order };
}

/** These pieces erased and no others: a random half. */
export function eraseHalf(side, seed) {
  const all = shuffled(everyPlace(side), random(seed));
  return { kind: "holes", side, places: all.slice(0, all.length >> 1).sort((a, b) => a - b) };
}

/** Where the pieces come from in a step that only moves them, as a full order; else null. */
export function orderOf(step) {
  if (step.kind === "order") return step.order;
  if (step.kind !== "swap") return null;
  const order = everyPlace(step.side);
  [order[step.one], order[step.other]] = [step.other, step.one];
  return order;
}

/** The step that takes one back, where that is a step; else null. */
export function inverse(step) {
  if (step.kind === "swap") return step;
  if (step.kind === "turn") return { ...step, quarters: -step.quarters };
  if (step.kind !== "order") return null;
  const order = [...step.order];
  step.order.forEach((piece, place) => { order[piece] = place; });
  return { kind: "order", order };
}

/** The step put at the end of the list; shifts and turns in a row become one. */
export function added(steps, step) {
  const last = steps.at(-1);
  const together = last && last.kind === "shift" && step.kind === "shift" && last.edge === "wrap" && step.edge === "wrap";
  if (!together) return [...steps, step];
  const wrap = (value) => value % UNITS;
  const both = { ...step, down: wrap(last.down + step.down), right: wrap(last.right + step.right) };
  return [...steps.slice(0, -1), both];
}
