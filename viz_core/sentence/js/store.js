// One sentence as read: rows of attention by token and by word. Pure.

const NUMBERS = ["patterns", "pooling", "word_pooling", "probabilities", "without", "effect", "closed"];

/** What stands in a frame of wire.py. */
export function createStore({ header, numbers }) {
  const run = (name) => Object.fromEntries(NUMBERS.map((part) => [part, numbers(`${name}/${part}`)]));
  const store = {
    ...header,
    runs: { plain: run("plain"), causal: run("causal") },
    count: header.windows.length,
    real: header.padding.filter((one) => !one).length,
    pooled: "SeqPool weight",
  };
  if (store.prefix) asPooled(store);
  return store;
}

/** Without SeqPool a class token is read: what it looks at last stands for the pooling. */
function asPooled(store) {
  store.pooled = "class token’s look";
  for (const causal of [false, true]) {
    const run = runOf(store, { causal });
    const last = matrixOf(store, { causal, layer: store.layers - 1, head: "mean" });
    run.pooling = last.slice(0, store.count);
    run.word_pooling = Float32Array.from(wordShares(store, run.pooling));
  }
}

export const runOf = (store, view) => store.runs[view.causal ? "causal" : "plain"];

/** The whole matrix of a layer and head, or the mean of its heads. */
export function matrixOf(store, view) {
  const { patterns } = runOf(store, view);
  const size = store.count ** 2;
  const at = (head) => (view.layer * store.heads + head) * size;
  if (view.head !== "mean") return patterns.subarray(at(view.head), at(view.head) + size);
  const mean = new Float32Array(size);
  for (let head = 0; head < store.heads; head++) {
    for (let k = 0; k < size; k++) mean[k] += patterns[at(head) + k] / store.heads;
  }
  return mean;
}

/** Tokens under whose window a word lies. */
export function tokensOf(store, word) {
  return store.windows.flatMap(([first, end], token) => (first <= word && word < end ? [token] : []));
}

/** What one token looks at; for a word the mean of its tokens. */
export function tokenRow(store, matrix, tokens) {
  const row = new Float64Array(store.count);
  for (const token of tokens) {
    for (let k = 0; k < row.length; k++) row[k] += matrix[token * store.count + k] / tokens.length;
  }
  return row;
}

/** Shares of tokens, spread evenly over the words of each. A class token has no words. */
export function wordShares(store, row) {
  const shares = new Float64Array(store.words.length);
  store.windows.forEach(([first, end], token) => {
    for (let word = first; word < end; word++) shares[word] += row[token] / (end - first);
  });
  return shares;
}

export const closedAt = (store, view, query, key) =>
  runOf(store, view).closed[query * store.count + key] > 0;

/** Index of the largest value; -1 for none. */
export const largest = (values, but = () => false) =>
  values.reduce((best, value, k) => (!but(k) && (best < 0 || value > values[best]) ? k : best), -1);

export function without(store, view, word) {
  const classes = store.classes.length;
  return runOf(store, view).without.subarray(word * classes, (word + 1) * classes);
}

/** Rows in which the tokens' bars stand so that neighbours, whose windows overlap, do not. */
export function lanesOf(windows) {
  const ends = [];
  return windows.map(([first, end]) => {
    if (first === end) return -1;
    let lane = ends.findIndex((last) => last <= first);
    if (lane < 0) lane = ends.length;
    ends[lane] = end;
    return lane;
  });
}
