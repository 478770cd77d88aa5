// The network's answer as bars, each with a mark for what it is compared with.

import { el, say } from "../../canvas/js/dom.js";
import { percent } from "../../labs/js/chart.js";
import { largest, runOf, without } from "./store.js";
import { tiny } from "./spell.js";

export function createAnswer() {
  const title = el("h4");
  const bars = el("div.bars", { role: "list", "aria-label": "Prediction" });
  const mark = el("p.compared");
  const note = el("p.caption");
  return { node: el("section.answer", {}, title, bars, mark, note), title, bars, mark, note, rows: [] };
}

/** One row a class, made when the classes change. */
function build(answer, classes) {
  answer.built = classes.join();
  answer.rows = classes.map((name) => {
    const [fill, tick, value, change] = [el("i.fill"), el("i.tick"), el("b"), el("span.change")];
    const node = el("div.class", { role: "listitem" }, el("span.name", {}, name),
      el("div.track", {}, fill, tick), value, change);
    return { node, fill, tick, value, change };
  });
  answer.bars.replaceChildren(...answer.rows.map((row) => row.node));
}

/** `word` is the word that is pointed at, or -1: the marks then show the answer without it. */
export function showAnswer(app, answer, word) {
  const { store, view } = app;
  if (answer.built !== store.classes.join()) build(answer, store.classes);
  const now = runOf(store, view).probabilities;
  const best = largest(now);
  const other = compared(app, word);
  say(answer.title, store.networks.find((one) => one.name === store.network).task);
  answer.rows.forEach((row, k) => {
    row.node.classList.toggle("best", k === best);
    row.fill.style.width = `${100 * now[k]}%`;
    say(row.value, percent(now[k]));
    row.node.dataset.value = now[k];
    row.tick.hidden = !other;
    if (other) row.tick.style.left = `${100 * other.shares[k]}%`;
    say(row.change, other ? percent(other.shares[k]) : "");
  });
  say(answer.mark, other ? other.name : "point at a word for the answer without it");
  say(answer.note, notes(store, view));
  answer.note.hidden = !answer.note.textContent;
}

function compared({ store, view }, word) {
  if (word >= 0 && !store.alone[word]) {
    return { shares: without(store, view, word), name: `mark and right column: without “${store.words[word]}”` };
  }
  return view.causal
    ? { shares: store.runs.plain.probabilities, name: "mark and right column: without the causal mask" }
    : null;
}

function notes(store, view) {
  const said = [];
  const real = store.known.filter((_, k) => !store.padding[k]);
  if (!real.some(Boolean)) said.push("It knows none of these words: this is no more than a guess.");
  if (store.cut) said.push(`It reads ${store.most} words; the last ${store.cut} were left out.`);
  if (view.causal) said.push("It was trained without this mask and has to make do with less: a contrast, not a better network.");
  if (store.drift !== null) said.push(`Padded to ${store.words.length} words: the largest change of any share is ${tiny(store.drift)}.`);
  return said.join(" ");
}
