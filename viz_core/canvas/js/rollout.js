// Attention rollout (Abnar & Zuidema 2020, section 3) for one token at a time. Pure.

/** Value of a level: the wire carries square roots (wire.py says why). */
export const SQUARE = Float64Array.from({ length: 256 }, (_, level) => (level / 255) ** 2);

/** Mean over the heads of one layer, n x n; made once, when it is first asked for. */
export function fusedLayer(store, layer) {
  if (store.fused[layer]) return store.fused[layer];
  const { scale, levels } = store.blocks[layer];
  const n = store.tokens;
  const fused = new Float32Array(n * n);
  for (let head = 0; head < store.heads; head++) {
    for (let i = 0; i < n; i++) {
      const unit = scale[head * n + i] / store.heads;
      const from = (head * n + i) * n;
      const to = i * n;
      for (let j = 0; j < n; j++) fused[to + j] += SQUARE[levels[from + j]] * unit;
    }
  }
  store.fused[layer] = fused;
  return fused;
}

/**
 * What a token holds of each token after the layers 0..view.layer (direction "row"), or what
 * each token then holds of this one ("column"). `view.residual` is the weight of the skip.
 */
export function flow(store, view, token, out) {
  const n = store.tokens;
  let now = new Float64Array(n);
  let next = new Float64Array(n);
  now[token] = 1;
  const last = Math.min(view.layer, store.layers - 1);
  for (let step = 0; step <= last; step++) {
    const layer = view.direction === "column" ? step : last - step;
    const fused = fusedLayer(store, layer);
    if (view.direction === "column") timesVector(fused, now, next, n);
    else vectorTimes(now, fused, next, n);
    for (let j = 0; j < n; j++) {
      next[j] = view.residual * now[j] + (1 - view.residual) * next[j];
    }
    [now, next] = [next, now];
  }
  for (let j = 0; j < n; j++) out[j] = now[j];
  return out;
}

function vectorTimes(vector, matrix, out, n) {
  out.fill(0);
  for (let i = 0; i < n; i++) {
    const weight = vector[i];
    if (weight === 0) continue;
    const start = i * n;
    for (let j = 0; j < n; j++) out[j] += weight * matrix[start + j];
  }
}

function timesVector(matrix, vector, out, n) {
  for (let i = 0; i < n; i++) {
    const start = i * n;
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[start + j] * vector[j];
    out[i] = sum;
  }
}
