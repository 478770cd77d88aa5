// The read-out: what is under the pointer, in numbers. Nodes are made once and only re-labelled.

import { el, say } from "./dom.js";

export function createReadout() {
  const dot = el("i.dot");
  const title = el("strong.title");
  const note = el("span.note");
  const facts = el("div.facts");
  const node = el("section.readout", { "aria-label": "Read-out" },
    el("div.who", {}, dot, title, note), facts);
  return { node, dot, title, note, facts, cells: [] };
}

function createCell() {
  const label = el("span.fact-label");
  const value = el("span.fact-value");
  const place = el("span.fact-place");
  const note = el("span.fact-note");
  const node = el("div.fact", {}, label, value, place, note);
  return { node, label, value, place, note };
}

/** `told` is {title, note, facts, byKey}. Raw values stand in data attributes for whoever checks. */
export function showReadout(readout, told) {
  say(readout.title, told.title);
  say(readout.note, told.note);
  readout.dot.dataset.role = told.byKey ? "key" : "query";
  while (readout.cells.length < told.facts.length) {
    const cell = createCell();
    readout.cells.push(cell);
    readout.facts.append(cell.node);
  }
  readout.cells.forEach((cell, k) => {
    const fact = told.facts[k];
    cell.node.hidden = !fact;
    if (!fact) return;
    const data = cell.node.dataset;
    data.field = fact.id;
    data.value = String(fact.raw);
    if (fact.rank) data.rank = String(fact.rank);
    say(cell.label, fact.label);
    say(cell.value, fact.value);
    say(cell.place, fact.place ?? "");
    say(cell.note, fact.note ?? "");
  });
}

/** Screen readers hear where the pointer rests, not every patch it crosses. */
export function speak(app, text) {
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => say(app.live, text), 350);
}
