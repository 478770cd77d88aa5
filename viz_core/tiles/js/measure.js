// Numbers about one position among all: what the read-out says. Pure.

import { ONE } from "./wire.js";

/** Row of the similarity of position q: n numbers from -1 to 1, still times 32767. */
export const rowOf = (cosines, q, n) => cosines.subarray(q * n, (q + 1) * n);

/** Neighbours, the most similar other and the means along row and column of position q. */
export function measure(cosines, q, { rows, columns }) {
  const line = rowOf(cosines, q, rows * columns);
  const row = Math.floor(q / columns);
  const column = q % columns;
  let best = -1;
  const sums = { row: 0, column: 0, rest: 0 };
  line.forEach((value, k) => {
    if (k === q) return;
    if (best < 0 || value > line[best]) best = k;
    const place = Math.floor(k / columns) === row ? "row" : k % columns === column ? "column" : "rest";
    sums[place] += value / ONE;
  });
  const rest = (rows - 1) * (columns - 1);
  return {
    best,
    bestValue: best < 0 ? NaN : line[best] / ONE,
    right: column + 1 < columns ? line[q + 1] / ONE : NaN,
    below: row + 1 < rows ? line[q + columns] / ONE : NaN,
    row: columns > 1 ? sums.row / (columns - 1) : NaN,
    column: rows > 1 ? sums.column / (rows - 1) : NaN,
    rest: rest ? sums.rest / rest : NaN,
  };
}

/** Where the tiles of a wall stand in `side` pixels: whole pixels a cell where that fits. */
export function wallLayout(side, count, cells, ratio) {
  const least = Math.max(1, Math.round(1.5 * ratio));
  const whole = Math.floor((side - least * (count - 1)) / (count * cells));
  const spare = count > 1 ? (side - whole * cells * count) / (count - 1) : 0;
  const fits = whole > 0 && spare <= 0.3 * whole * cells;
  const size = fits ? whole * cells : (side - least * (count - 1)) / count;
  const gap = fits ? spare : least;
  const at = (k) => Math.round(k * (size + gap));
  return { size: Math.round(size), at, step: size + gap };
}
