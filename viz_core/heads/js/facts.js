// The read-out: a title, a note, and numbers with their units.

import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";

export function createFacts(count) {
  const title = el("span.title");
  const note = el("span.note");
  const cells = Array.from({ length: count }, () => {
    const cell = { label: el("span.fact-label"), value: el("span.fact-value"), note: el("span.fact-note") };
    cell.node = el("div.fact", {}, cell.label, cell.value, cell.note);
    return cell;
  });
  const node = el("div.readout", {}, el("div.who", {}, title, note), el("div.facts.few", {}, ...cells.map((cell) => cell.node)));
  node.style.setProperty("--cells", String(count));
  return { node, title, note, cells };
}

/** `facts` is [label, value, note] for each cell; fewer leave the rest empty. */
export function showFacts(readout, title, note, facts) {
  say(readout.title, title);
  say(readout.note, note);
  readout.cells.forEach((cell, k) => {
    const [label, value, more] = facts[k] ?? ["", "", ""];
    say(cell.label, label);
    say(cell.value, value);
    say(cell.note, more ?? "");
  });
}

export const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));

export const shares = (logits, from, count) => {
  let top = -Infinity;
  for (let k = 0; k < count; k++) top = Math.max(top, logits[from + k]);
  const powers = Array.from({ length: count }, (_, k) => Math.exp(logits[from + k] - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
};

/** The target of a row of logits. */
export const scoreOf = (logits, from, { label, against }) =>
  logits[from + label] - (against === null ? 0 : logits[from + against]);

export const targetName = (labels, { label, against }) =>
  against === null ? `“${labels[label]}”` : `“${labels[label]}” against “${labels[against]}”`;
