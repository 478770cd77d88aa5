// The sum of the pair under the pointer, spelled out from offset to bias.

import { el, say } from "../../canvas/js/dom.js";
import { columnPart, pairText, plus, rowPart, where } from "./numbers.js";

const PARTS = ["query", "minus", "key", "offset", "raise", "raised", "stretch", "sum", "index", "table"];
const STEP_OF = { query: 1, minus: 1, key: 1, offset: 1, raise: 2, raised: 2, stretch: 3, sum: 4, index: 4, table: 5 };

export function createSum() {
  const parts = Object.fromEntries(PARTS.map((name) => [name, el(`span.part.${name}`)]));
  const words = el("p.words-line");
  for (const [name, part] of Object.entries(parts)) part.dataset.step = STEP_OF[name];
  const line = el("p.line", {}, ...PARTS.map((name) => parts[name]));
  return { node: el("section.spelled", { "aria-label": "The sum spelled out" }, line, words), parts, words };
}

/** Every number of the pair, as text. */
export function sayings(app) {
  const { square, pair, table } = app;
  const place = (token) => [Math.floor(token / square.M), token % square.M];
  const [query, key] = [place(Math.floor(pair / square.size)), place(pair % square.size)];
  const [down, right, index] = [square.down[pair], square.right[pair], square.index[pair]];
  const parts = {
    query: `query ${pairText(...query)}`,
    minus: "−",
    key: `key ${pairText(...key)}`,
    offset: `= ${pairText(down, right)}`,
    raise: `→ + ${square.M - 1} →`,
    raised: pairText(down + square.M - 1, right + square.M - 1),
    stretch: `→ rows × ${square.side} →`,
    sum: `${rowPart(square, down, 3)} + ${columnPart(square, right, 3)}`,
    index: `= ${index}`,
    table: `→ table[${index}] = ${plus(table[index])}`,
  };
  const count = square.pairs[index].length;
  const shared = `${count} of the ${square.size ** 2} pairs ${count === 1 ? "has" : "share"} this offset and this number.`;
  const told = where(-down, -right);
  const words = `${down || right ? `The key lies ${told}.` : "The key is the query itself."} ${shared}`;
  return { parts, words, spoken: `${Object.values(parts).join(" ")}. ${words}` };
}

export function tellSum(app) {
  const { parts, words } = sayings(app);
  for (const [name, text] of Object.entries(parts)) {
    const node = app.sum.parts[name];
    say(node, text);
    const step = STEP_OF[name];
    node.dataset.state = step === app.step ? "now" : step < app.step ? "done" : "later";
  }
  say(app.sum.words, words);
}
