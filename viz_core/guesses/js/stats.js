// Mean and spread of the guesses over the draws in which a patch was hidden. Pure.

/** {mean, sd, counts, spread, error}: per pixel, then per patch; pixels run from 0 to 255. */
export function summarise({ guesses, masks, truth, count, side, grid }) {
  const pixels = side * side;
  const patch = side / grid;
  const sum = new Float64Array(3 * pixels);
  const squares = new Float64Array(3 * pixels);
  const counts = new Uint16Array(grid * grid);
  for (let k = 0; k < count; k++) {
    for (let p = 0; p < grid * grid; p++) {
      if (!masks[k * grid * grid + p]) continue;
      counts[p]++;
      eachRow(p, grid, patch, side, (from, to) => {
        const shift = 3 * k * pixels;
        for (let i = 3 * from; i < 3 * to; i++) {
          const value = guesses[shift + i];
          sum[i] += value;
          squares[i] += value * value;
        }
      });
    }
  }
  const mean = new Float64Array(3 * pixels);
  const sd = new Float64Array(pixels);
  const spread = new Float64Array(grid * grid);
  const error = new Float64Array(grid * grid);
  for (let p = 0; p < grid * grid; p++) {
    const n = counts[p];
    if (!n) continue;
    eachRow(p, grid, patch, side, (from, to) => {
      for (let at = from; at < to; at++) {
        let variance = 0;
        for (let i = 3 * at; i < 3 * at + 3; i++) {
          mean[i] = sum[i] / n;
          variance += Math.max(0, squares[i] / n - mean[i] ** 2) / 3;
          error[p] += (mean[i] - truth[i]) ** 2 / 3;
        }
        sd[at] = Math.sqrt(variance);
        spread[p] += variance;
      }
    });
    spread[p] = Math.sqrt(spread[p] / patch ** 2);
    error[p] = Math.sqrt(error[p] / patch ** 2);
  }
  return { mean, sd, counts, spread, error };
}

/** Calls `row(from, to)` with the pixel range of each line of a patch. */
function eachRow(p, grid, patch, side, row) {
  const left = (p % grid) * patch;
  const top = Math.floor(p / grid) * patch;
  for (let y = top; y < top + patch; y++) row(y * side + left, y * side + left + patch);
}

/** Pearson's correlation of two lists over the entries that `known` keeps; NaN for fewer than 3. */
export function correlation(a, b, known) {
  const kept = [...known.keys()].filter((k) => known[k] > 1);
  if (kept.length < 3) return NaN;
  const average = (list) => kept.reduce((sum, k) => sum + list[k], 0) / kept.length;
  const [ma, mb] = [average(a), average(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const k of kept) {
    ab += (a[k] - ma) * (b[k] - mb);
    aa += (a[k] - ma) ** 2;
    bb += (b[k] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
