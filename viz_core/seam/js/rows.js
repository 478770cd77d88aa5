// One query's row through scores, bias, mask and softmax, from what the model recorded. Pure.

export const CLOSED = -100;

/** The numbers of a frame, ready to be looked up. */
export function createStore({ header, numbers }) {
  const n = header.window ** 2;
  return {
    header, n, heads: header.heads, scores: numbers("scores"), all: numbers("scores_all"),
    bias: numbers("bias"), at: new Map(header.sent.map((window, k) => [window, k])),
  };
}

/**
 * The row of one query: scores, the sum that the softmax sees, shares. `run` says which masks are
 * open: "none", "this" or "all"; where all are, other numbers arrive at this block.
 */
export function rowOf(store, { window, head, query, run }) {
  const { n, heads, header: { regions } } = store;
  const from = ((store.at.get(window) * heads + head) * n + query) * n;
  const source = run === "all" ? store.all : store.scores;
  const scores = source.subarray(from, from + n);
  const closed = regions[window].map((id) => id !== regions[window][query]);
  const bias = store.bias.subarray((head * n + query) * n, (head * n + query + 1) * n);
  const sums = Float64Array.from(scores, (s, k) => s + bias[k] + (closed[k] && run === "none" ? CLOSED : 0));
  const top = Math.max(...sums);
  const raised = sums.map((s) => Math.exp(s - top));
  const total = raised.reduce((a, b) => a + b, 0);
  return { scores, bias, closed, sums, shares: raised.map((e) => e / total) };
}

/** Share of a row that goes to keys of other regions. */
export const crossed = ({ shares, closed }) =>
  shares.reduce((sum, share, k) => sum + (closed[k] ? share : 0), 0);

export const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** 3.6 × 10⁻⁷ with at most two digits, for differences that are nearly nothing. */
export function tiny(value) {
  if (value === 0) return "0";
  if (value >= 0.01) return String(Number(value.toPrecision(3)));
  const power = Math.floor(Math.log10(value));
  const digits = String(power).replace("-", "−").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).replace("−", "⁻");
  return `${(value / 10 ** power).toFixed(1)} × 10${digits}`;
}
