// The read-out: what is pointed at, in numbers.

import { percent } from "../../labs/js/chart.js";
import { closedAt, largest, runOf, tokensOf } from "./store.js";
import { plural, points, tokenName, wordName } from "./spell.js";

const DECIDES = 0.05; // of the winning share

const fact = (id, label, value, { place = "", note = "", raw = value } = {}) => ({ id, label, value, place, note, raw });

/** {title, note, facts, byKey} for the read-out. */
export function tell(app, focus) {
  if (!focus) return whole(app);
  if (focus.kind === "cell") return cell(app, focus);
  return focus.kind === "word" ? word(app, focus) : token(app, focus);
}

export function place({ view }) {
  return `layer ${view.layer + 1}, ${view.head === "mean" ? "mean of the heads" : `head ${view.head + 1}`}`;
}

function whole(app) {
  const { store, view } = app;
  const run = runOf(store, view);
  const allowed = (k) => store.alone[k];
  const told = [fact("tokens", "words → tokens", `${store.real} → ${tokensThere(store)}`, {
    place: tokenRule(store), raw: store.real,
  })];
  const word = largest(run.word_pooling);
  told.push(fact("pooled", `most ${store.pooled}`, percent(run.word_pooling[word]), { place: wordName(store, word) }));
  const sizes = run.effect.map(Math.abs);
  const mover = largest(sizes, allowed);
  if (mover >= 0) {
    const decides = sizes[mover] >= DECIDES;
    told.push(fact("effect", decides ? "The answer hangs on" : "No single word decides", points(run.effect[mover]), {
      place: wordName(store, mover), note: decides ? "+: the answer loses that much without it" : "the largest effect of all words",
    }));
  }
  told.push(fact("unknown", "words it has no row for", String(unknown(store)), {
    note: unknown(store) ? "read by their ending, or as <unk>" : "all are in its vocabulary",
  }));
  return { title: "The sentence", note: "point at a word", facts: told, byKey: false };
}

const tokensThere = (store) => store.token_padding.filter((one) => !one).length - store.prefix;
const share = (store) => (store.prefix ? "of its last attention" : "of the pooled vector");
const unknown = (store) => store.known.filter((one, k) => !one && !store.padding[k]).length;

function tokenRule(store) {
  const wide = Math.max(...store.windows.map(([first, end]) => end - first));
  return `up to ${plural(wide, "word")} a token`;
}

function word(app, { index }) {
  const { store } = app;
  if (store.padding[index]) return padding(app, index);
  const run = runOf(store, app.view);
  const tokens = tokensOf(store, index);
  const other = largest(app.shares, (k) => k === index || store.padding[k]);
  const told = [
    other < 0 ? fact("most", "looks most at", "itself", { note: "there is no other word" })
      : fact("most", "looks most at", percent(app.shares[other]), { place: wordName(store, other), raw: app.shares[other] }),
    fact("pooled", store.pooled, percent(run.word_pooling[index]), { note: share(store), raw: run.word_pooling[index] }),
    store.alone[index] ? fact("effect", "left out", "–", { note: "nothing would be left to read" })
      : fact("effect", "effect on the answer", points(run.effect[index]), { note: answerWithout(app, run, index), raw: run.effect[index] }),
    fact("tokens", "lies in", plural(tokens.length, "token"), { place: tokens.map((token) => token + 1).join(", "), raw: tokens.length }),
  ];
  const read = store.known[index] ? place(app) : `unknown: read as ${store.entries[index]}`;
  return { title: `“${store.words[index]}”`, note: read, facts: told, byKey: false };
}

/** "Entity without it" where the answer changes, else what stays. */
function answerWithout({ store }, run, index) {
  const count = store.classes.length;
  const now = store.classes[largest(run.probabilities)];
  const then = store.classes[largest(run.without.subarray(index * count, (index + 1) * count))];
  return now === then ? `without it still ${now}` : `without it ${then}`;
}

function padding(app, index) {
  const tokens = tokensOf(app.store, index);
  return {
    title: "Padding", note: `place ${index + 1}`, byKey: false,
    facts: [
      fact("pooled", app.store.pooled, "0", { note: "exactly: its score is closed before the softmax" }),
      fact("tokens", "lies in", plural(tokens.length, "token"), {
        place: tokens.map((token) => token + 1).join(", "), note: "those of padding alone are closed as keys",
      }),
    ],
  };
}

function token(app, { index }) {
  const { store } = app;
  const run = runOf(store, app.view);
  const other = largest(app.row, (k) => k === index || store.token_padding[k]);
  const told = [fact("self", "looks at itself", percent(app.row[index]), { raw: app.row[index] })];
  if (other >= 0) {
    told.unshift(fact("most", "looks most at", percent(app.row[other]), {
      place: `token ${other + 1}`, note: tokenName(store, other), raw: app.row[other],
    }));
  }
  told.push(fact("pooled", store.pooled, percent(run.pooling[index]), { note: share(store), raw: run.pooling[index] }));
  return { title: `Token ${index + 1}`, note: tokenName(store, index), facts: told, byKey: false };
}

function cell(app, { query, key }) {
  const { store, view } = app;
  const value = app.matrix.values[query * store.count + key];
  const shut = closedAt(store, view, query, key);
  const why = store.token_padding[key] ? "closed: only padding" : "closed: it comes later";
  return {
    title: `Token ${query + 1} → ${key + 1}`, note: place(app), byKey: false,
    facts: [
      fact("share", "share of its attention", shut ? "0" : percent(value), { note: shut ? why : "after the softmax", raw: value }),
      fact("names", "looks, and is looked at", `${query + 1} → ${key + 1}`, { place: tokenName(store, query), note: tokenName(store, key) }),
    ],
  };
}
