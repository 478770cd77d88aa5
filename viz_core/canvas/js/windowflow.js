// Rollout through windows and merging, for one token at a time; viz_core/window_rollout.py. Pure.

import { SQUARE } from "./rollout.js";
import { NONE } from "./windowed.js";

/** Mean over the heads of one block, tokens x slots, padding taken out and rows brought back to 1. */
export function fusedBlock(lens) {
  if (lens.fused) return lens.fused;
  const { heads, tokens, slots, scale, levels, token, place } = lens;
  const fused = new Float32Array(tokens * slots);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < tokens; i++) {
      const unit = scale[head * tokens + i];
      const from = (head * tokens + i) * slots;
      for (let s = 0; s < slots; s++) fused[i * slots + s] += SQUARE[levels[from + s]] * unit;
    }
  }
  for (let i = 0; i < tokens; i++) {
    const own = place[i] % slots;
    const start = place[i] - own;
    let total = 0;
    for (let s = 0; s < slots; s++) {
      if (token[start + s] === NONE) fused[i * slots + s] = 0;
      total += fused[i * slots + s];
    }
    for (let s = 0; s < slots; s++) {
      fused[i * slots + s] = total > 0 ? fused[i * slots + s] / total : Number(s === own);
    }
  }
  lens.fused = fused;
  return fused;
}

/**
 * Direction "row": what a token after block view.layer holds of each token of the first map.
 * Direction "column": what each token after that block holds of one token of the first map.
 */
export function windowFlow(store, view, token, out) {
  const last = Math.min(view.layer, store.layers - 1);
  const byKey = view.direction === "column";
  let now = new Float64Array(store.lenses[byKey ? 0 : last].tokens);
  now[token] = 1;
  for (let step = 0; step <= last; step++) {
    const lens = store.lenses[byKey ? step : last - step];
    if (now.length !== lens.tokens) {
      const before = store.lenses[byKey ? step - 1 : last - step + 1];
      now = byKey ? merged(now, before, lens) : shared(now, before, lens);
    }
    const next = new Float64Array(lens.tokens);
    if (byKey) timesVector(lens, now, next);
    else vectorTimes(now, lens, next);
    for (let j = 0; j < next.length; j++) {
      next[j] = view.residual * now[j] + (1 - view.residual) * next[j];
    }
    now = next;
  }
  out.set(now);
  return out;
}

function vectorTimes(vector, lens, out) {
  const fused = fusedBlock(lens);
  const { slots, token, place } = lens;
  for (let i = 0; i < vector.length; i++) {
    const weight = vector[i];
    if (weight === 0) continue;
    const start = place[i] - (place[i] % slots);
    for (let s = 0; s < slots; s++) {
      const key = token[start + s];
      if (key !== NONE) out[key] += weight * fused[i * slots + s];
    }
  }
}

function timesVector(lens, vector, out) {
  const fused = fusedBlock(lens);
  const { slots, token, place } = lens;
  for (let i = 0; i < out.length; i++) {
    const start = place[i] - (place[i] % slots);
    let sum = 0;
    for (let s = 0; s < slots; s++) {
      const key = token[start + s];
      if (key !== NONE) sum += fused[i * slots + s] * vector[key];
    }
    out[i] = sum;
  }
}

/** How many tokens of `fine` the token at (row, column) of `coarse` was merged from. */
function kin(fine, row, column) {
  const high = Math.min(2, fine.rows - 2 * row);
  return high * Math.min(2, fine.columns - 2 * column);
}

/** Shares of merged tokens handed to those they were merged from, alike. */
function shared(now, coarse, fine) {
  return Float64Array.from({ length: fine.tokens }, (_, token) => {
    const row = Math.floor(token / fine.columns) >> 1;
    const column = (token % fine.columns) >> 1;
    return now[row * coarse.columns + column] / kin(fine, row, column);
  });
}

/** The mean over those that a token was merged from. */
function merged(now, fine, coarse) {
  const out = new Float64Array(coarse.tokens);
  for (let token = 0; token < fine.tokens; token++) {
    const row = Math.floor(token / fine.columns) >> 1;
    const column = (token % fine.columns) >> 1;
    out[row * coarse.columns + column] += now[token] / kin(fine, row, column);
  }
  return out;
}
