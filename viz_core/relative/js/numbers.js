// Offsets, index and table of a window: viz_core/relative_position.py once more. Pure.

import { number } from "../../canvas/js/words.js";

const MINUS = "\u2212";

/**
 * Everything about windows of M x M tokens, tokens row by row. Offsets are query minus key; entry
 * query * size + key of `down`, `right` and `index` belongs to that pair.
 */
export function windowOf(M) {
  const size = M * M;
  const side = 2 * M - 1;
  const found = {
    M, size, side, down: new Int16Array(size * size), right: new Int16Array(size * size),
    index: new Int32Array(size * size), pairs: Array.from({ length: side * side }, () => []),
  };
  for (let query = 0; query < size; query++) {
    for (let key = 0; key < size; key++) {
      const pair = query * size + key;
      found.down[pair] = Math.floor(query / M) - Math.floor(key / M);
      found.right[pair] = (query % M) - (key % M);
      found.index[pair] = (found.down[pair] + M - 1) * side + found.right[pair] + M - 1;
      found.pairs[found.index[pair]].push(pair);
    }
  }
  return found;
}

/** What stands in the row matrix and in the column matrix after `step` of 1 to 5. */
export const rowPart = ({ M, side }, down, step) =>
  step < 2 ? down : step < 3 ? down + M - 1 : (down + M - 1) * side;
export const columnPart = ({ M }, right, step) => (step < 2 ? right : right + M - 1);

/** Largest value of the two parts after a step, for the colours. */
export const largestParts = ({ M, side }, step) =>
  step < 2 ? [M - 1, M - 1] : step < 3 ? [2 * M - 2, 2 * M - 2] : [(2 * M - 2) * side, 2 * M - 2];

/** [down, right] of query minus key for a row of the table. */
export const offsetOf = ({ M, side }, index) => [Math.floor(index / side) - M + 1, (index % side) - M + 1];

/** The middle of a stored table: the same offsets, for smaller windows. */
export function middle(table, from, to) {
  const [wide, side] = [2 * from - 1, 2 * to - 1];
  return Float32Array.from({ length: side * side }, (_, k) =>
    table[(Math.floor(k / side) + from - to) * wide + (k % side) + from - to]);
}

/** The pair of a table's row that keeps `query`, or else the first one there is. */
export function pairAt({ M, size, side, pairs }, index, query) {
  const [down, right] = offsetOf({ M, side }, index);
  const key = [Math.floor(query / M) - down, (query % M) - right];
  if (key.every((at) => at >= 0 && at < M)) return query * size + key[0] * M + key[1];
  return pairs[index][Math.floor(pairs[index].length / 2)];
}

export const signed = (value) => (value < 0 ? `${MINUS}${-value}` : String(value));
export const plus = (value) => (value > 0 ? `+${number(value)}` : number(value));
export const pairText = (a, b) => `(${signed(a)}, ${signed(b)})`;

/** Where the key is, in words: "2 below, 1 left of the query". Takes key minus query. */
export function where(down, right) {
  if (!down && !right) return "the query itself";
  const parts = [];
  if (down) parts.push(`${Math.abs(down)} ${down > 0 ? "below" : "above"}`);
  if (right) parts.push(`${Math.abs(right)} ${right > 0 ? "right" : "left"}`);
  return `${parts.join(", ")}${right ? " of" : ""} the query`;
}
