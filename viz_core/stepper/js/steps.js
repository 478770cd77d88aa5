// The walk through one attention: which matrices a step shows and what it says. Pure.

import { largest } from "./grid.js";

const ROOT = "√";

export const STEPS = [
  { id: "x", chip: "x" },
  { id: "query", chip: "q" },
  { id: "key", chip: "k" },
  { id: "value", chip: "v" },
  { id: "products", chip: "q·k^T" },
  { id: "scaled", chip: "÷ √d" },
  { id: "scores", chip: "+ mask" },
  { id: "pattern", chip: "softmax" },
  { id: "mixed", chip: "· v" },
  { id: "joined", chip: "concat" },
  { id: "output", chip: "W_O" },
];

export const indexOf = (id) => Math.max(0, STEPS.findIndex((step) => step.id === id));

const transposed = (m) => m[0].map((_, c) => m.map((row) => row[c]));
const columns = (m, from, count) => m.map((row) => row.slice(from, from + count));

/** Cells of a step: `parts` are the operands, `result` is last among all. */
export function scene(data, step, head) {
  const make = MAKERS[step];
  const made = make(data, Math.min(head, data.heads - 1));
  return { step, head, ...made };
}

const hasHeads = (data) => data.heads > 1;
const sub = (data, name, head) => (hasHeads(data) ? `${name}_${head + 1}` : name);

function tokens(data, side) {
  const cross = side === "key" && data.memory;
  return {
    id: cross ? "y" : "x",
    name: cross ? "y" : "x",
    values: cross ? data.matrices.y : data.matrices.x,
    rows: side,
    note: data.memory ? (cross ? data.memory : data.tokens).title : "",
    edit: { matrix: "x", rows: (cross ? data.memory : data.tokens).ids, offset: 0 },
  };
}

function weight(data, part, head) {
  const full = data.matrices[`w${part}`];
  const whole = part === "o";
  const offset = whole ? 0 : head * data.head_width;
  return {
    id: `w${part}`,
    name: `W_${part.toUpperCase()}`,
    values: whole ? full : columns(full, offset, data.head_width),
    edit: { matrix: part, rows: full.map((_, r) => String(r)), offset },
    note: !whole && hasHeads(data) ? `head ${head + 1}` : "",
  };
}

const product = (parts, result, words) => ({ layout: "product", parts, result, ...words });
const line = (parts, signs, result) => ({ layout: "line", parts, signs, result });

function projected(part, field, letter, side) {
  return (data, head) => product(
    [tokens(data, side), weight(data, part, head)],
    { id: field, name: sub(data, letter, head), values: data.matrices[field][head] },
  );
}

function perPair(data, field, name, head, more = {}) {
  return {
    id: field, name: sub(data, name, head), values: data.matrices[field][head],
    rows: "query", columns: "key", ...more,
  };
}

const MAKERS = {
  x: (data) => ({
    layout: "tokens",
    parts: data.positions
      ? [
        { id: "letters", name: "letters", values: data.matrices.letters, rows: "query" },
        { id: "positions", name: "positions", values: data.matrices.positions },
      ]
      : [],
    signs: ["+", "="],
    result: data.positions ? { ...tokens(data, "query"), rows: null } : tokens(data, "query"),
    second: data.memory ? tokens(data, "key") : null,
  }),
  query: projected("q", "query", "Q", "query"),
  key: projected("k", "key", "K", "key"),
  value: projected("v", "value", "V", "key"),
  products: (data, head) => product(
    [
      { id: "query", name: sub(data, "Q", head), values: data.matrices.query[head], rows: "query" },
      {
        id: "key", name: `${sub(data, "K", head)}^T`, values: transposed(data.matrices.key[head]),
        columns: "key",
      },
    ],
    { id: "products", name: "Q K^T", values: data.matrices.products[head] },
  ),
  scaled: (data, head) => line(
    [perPair(data, "products", "Q K^T", head, { name: "Q K^T" })],
    [data.scale ? `÷ ${shortRoot(data)}` : "÷ 1"],
    perPair(data, "scaled", "", head, { name: data.scale ? `Q K^T / ${ROOT}d` : "Q K^T" }),
  ),
  scores: (data, head) => line(
    [
      perPair(data, "scaled", "", head, { name: data.scale ? `Q K^T / ${ROOT}d` : "Q K^T" }),
      { id: "mask", name: "M", values: data.matrices.mask, columns: "key", kind: "mask" },
    ],
    ["+", "="],
    perPair(data, "scores", "", head, { name: "scores", rows: null, kind: "score" }),
  ),
  pattern: (data, head) => line(
    [perPair(data, "scores", "", head, { name: "scores", kind: "score" })],
    ["softmax"],
    perPair(data, "pattern", "A", head, { kind: "share" }),
  ),
  mixed: (data, head) => product(
    [
      perPair(data, "pattern", "A", head, { kind: "share" }),
      { id: "value", name: sub(data, "V", head), values: data.matrices.value[head], rows: "key" },
    ],
    { id: "mixed", name: `${sub(data, "A", head)} ${sub(data, "V", head)}`,
      values: data.matrices.mixed[head] },
  ),
  joined: (data) => ({
    layout: "gather",
    parts: data.matrices.mixed.map((values, h) => ({
      id: `mixed${h}`, name: hasHeads(data) ? `A_${h + 1} V_${h + 1}` : "A V", values,
      rows: h ? null : "query", band: h, top: largest(data.matrices.joined),
    })),
    signs: [...Array(data.heads - 1).fill("|"), "="],
    result: {
      id: "joined", name: "concat", values: data.matrices.joined, rows: null,
      bands: data.head_width,
    },
  }),
  output: (data) => product(
    [
      { id: "joined", name: "concat", values: data.matrices.joined, rows: "query" },
      weight(data, "o", 0),
    ],
    { id: "output", name: "output", values: data.matrices.output },
  ),
};

export const shortRoot = (data) => String(Number(data.root.toFixed(2)));

/** What one step does, in a sentence. */
export function sentence(data, step) {
  const many = data.tokens.labels.length;
  const noun = data.kind === "words" ? "word" : "patch";
  const other = data.memory ? ` They come from ${data.memory.title}.` : "";
  const width = data.matrices.x[0].length;
  switch (step) {
    case "x":
      if (data.positions) {
        return "Each word is a vector drawn from its letters; a wave for its position is added. Without the wave, order would not matter.";
      }
      return `${many} ${noun}${noun === "patch" ? "es" : many === 1 ? "" : "s"}, each a vector of ${width} numbers: the tokens. ${
        data.kind === "words" ? (data.added ? "A wave for its position is added to each." : "The same word always gets the same vector.") : "Drag a frame to choose another patch."}`;
    case "query":
      return `Each token asks: its row of x times W_Q is its query.`;
    case "key":
      return `Each token says what it answers to: its row times W_K is its key.${other}`;
    case "value":
      return `Each token says what it hands over: its row times W_V is its value.${other}`;
    case "products":
      return "Every query meets every key. The larger the dot product, the better they fit.";
    case "scaled":
      return data.scale
        ? `Divided by √${data.head_width} = ${shortRoot(data)}: dot products grow with the width, and the softmax must not saturate.`
        : "Dividing is switched off: the products stay as they are, and the softmax saturates sooner.";
    case "scores":
      if (data.causal) return "A token may not look ahead: −10⁹ is added wherever the key comes later.";
      return data.memory
        ? "Across two inputs nothing is ahead: M is zero, every query may look at every key."
        : "M is zero: every token may look at every token. Switch the causal mask on to close pairs.";
    case "pattern":
      return "exp of each score, divided by the sum of its row: shares that add up to 100 %.";
    case "mixed":
      return "Each token takes a little of every value: as much as its row of shares says.";
    case "joined":
      return data.heads > 1
        ? `The heads stand side by side again: ${data.heads} × ${data.head_width} = ${width} numbers a token.`
        : "One head alone: nothing to join. Choose more heads to see them side by side.";
    default:
      return "One last linear layer mixes the heads. This is what attention adds to each token.";
  }
}
