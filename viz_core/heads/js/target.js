// Which class is asked about: the five likeliest, any other, or one against another.

import { el } from "../../canvas/js/dom.js";
import { percent } from "../../canvas/js/words.js";
import { shares } from "./facts.js";

const FIRST = 5;

export function createTarget(app) {
  const chips = el("div.chips", { role: "group", "aria-label": "Class" });
  const other = el("select", { "aria-label": "Any class", title: "Any class that the network knows" });
  const against = el("select", { "aria-label": "Against", title: "Ask by how much the class is ahead of another one" });
  other.addEventListener("change", () => { if (other.value !== "") choose(app, Number(other.value)); }, { signal: app.signal });
  against.addEventListener("change", () => {
    app.aim({ label: app.target.label, against: against.value === "" ? null : Number(against.value) });
  }, { signal: app.signal });
  const node = el("div.target", {}, el("span.label", {}, "Class"), chips, other, el("span.versus", {}, "against"), against);
  return { node, chips, other, against, built: null };
}

function choose(app, label) {
  app.aim({ label, against: app.target.against === label ? null : app.target.against });
}

/** Buttons and lists for this subject; then what is chosen. */
export function showTarget(app, picker, whole) {
  const { labels, subject } = app.header;
  if (picker.built !== subject) {
    picker.built = subject;
    const sure = shares(whole, 0, labels.length);
    const first = sure.map((share, k) => [share, k]).sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, FIRST);
    picker.first = first.map(([, k]) => k);
    picker.chips.replaceChildren(...first.map(([share, k]) => {
      const chip = el("button.chip", { type: "button", title: labels[k] }, el("span.chip-name", {}, labels[k]), el("b", {}, percent(share)));
      chip.dataset.label = k;
      chip.addEventListener("click", () => choose(app, k), { signal: app.signal });
      return chip;
    }));
    const named = labels.map((name, k) => [name, k]).sort((a, b) => a[0].localeCompare(b[0]));
    const options = (empty) => [el("option", { value: "" }, empty), ...named.map(([name, k]) => el("option", { value: String(k) }, name))];
    picker.other.replaceChildren(...options("another class"));
    picker.against.replaceChildren(...options("nothing"));
  }
  const { label, against } = app.target;
  for (const chip of picker.chips.children) chip.setAttribute("aria-pressed", String(Number(chip.dataset.label) === label));
  picker.other.value = picker.first.includes(label) ? "" : String(label);
  picker.other.dataset.chosen = String(!picker.first.includes(label));
  picker.against.value = against === null ? "" : String(against);
}

/** What the head says, as three rows with bars: [[name, share], ...]. */
export function guessRows(guesses, before = null) {
  const known = new Map(before ?? []);
  return guesses.map(([name, share]) => {
    const bar = el("i");
    bar.style.width = `${100 * share}%`;
    const was = known.has(name) ? ` · was ${percent(known.get(name))}` : "";
    return el("div.guess-row", {}, el("span.guess-name", {}, name), el("span", {}, percent(share) + (before ? was : "")), el("span.track", {}, bar));
  });
}

export function fillGuesses(node, guesses, before) {
  const text = JSON.stringify([guesses, before]);
  if (node.dataset.shown === text) return;
  node.dataset.shown = text;
  node.replaceChildren(...guessRows(guesses, before));
}
