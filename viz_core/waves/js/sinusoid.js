// Sinusoidal positions in the browser, for sliders that answer at once. Pure; the same numbers as
// viz_core/positions.py, to which the tests compare them.

/** Radians a position of each pair of channels. */
export const frequencies = (width, base) =>
  Array.from({ length: width / 2 }, (_, k) => base ** (-k / (width / 2)));

/** Rows of sines (even channels) and cosines (odd ones), one row a position. */
export function sinusoid(length, width, base) {
  const turns = frequencies(width, base);
  const table = new Float64Array(length * width);
  for (let p = 0; p < length; p++) {
    turns.forEach((turn, k) => {
      table[p * width + 2 * k] = Math.sin(p * turn);
      table[p * width + 2 * k + 1] = Math.cos(p * turn);
    });
  }
  return table;
}

/** Dot product of two rows. */
export function dot(table, width, p, q) {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += table[p * width + k] * table[q * width + k];
  return sum;
}

/** Cosine of two rows that lie 0, 1, 2, ... positions apart: all rows are equally long. */
export function byDistance(length, width, base) {
  const turns = frequencies(width, base);
  return Float64Array.from({ length }, (_, apart) =>
    turns.reduce((sum, turn) => sum + Math.cos(apart * turn), 0) / turns.length);
}

/** The first distance at which the cosine is below one half, or -1. */
export const halfAt = (curve) => curve.findIndex((value) => value < 0.5);
