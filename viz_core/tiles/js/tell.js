// What the board says in words and numbers about the position under the pointer.

import { say } from "../../canvas/js/dom.js";
import { showReadout, speak } from "../../canvas/js/readout.js";
import { number } from "../../canvas/js/words.js";
import { measure, rowOf } from "./measure.js";
import { ONE } from "./wire.js";

export function tell(app) {
  const kind = app.kinds[app.kind];
  const place = (patch) => `row ${Math.floor(patch / app.columns) + 1}, column ${(patch % app.columns) + 1}`;
  const title = place(app.query)[0].toUpperCase() + place(app.query).slice(1);
  app.small.forEach((card, k) => tellCard(card, app, k));
  const nothing = !kind.cosines;
  const facts = nothing ? empty(app) : factsOf(app, kind, place);
  const note = app.pin < 0 ? kind.label : `${kind.label}, pinned`;
  showReadout(app.readout, { title, note, facts });
  say(app.caption, nothing
    ? "nothing to compare: every patch gets the same vector of zeros"
    : `cosine of the amber position with each of the ${app.size}${app.common ? ", shared part taken out" : ""}`);
  const text = nothing ? `${title}: no positions.`
    : `${title}, ${kind.label}: ${facts.slice(0, 3).map((f) => `${f.label} ${f.value} ${f.place ?? ""}`).join("; ")}.`;
  app.stage.canvas.setAttribute("aria-label", text);
  speak(app, text);
}

function factsOf(app, kind, place) {
  const cosines = kind.cosines[app.common];
  const told = measure(cosines, app.query, app);
  const key = app.key < 0 ? NaN : rowOf(cosines, app.query, app.size)[app.key] / ONE;
  const fact = (id, label, raw, where, note = "") => ({ id, label, value: number(raw), raw, place: where, note });
  return [
    fact("best", "Most similar other", told.bestValue, place(told.best)),
    fact("right", "One patch right", told.right, "", Number.isNaN(told.right) ? "the grid ends here" : ""),
    fact("below", "One patch below", told.below, "", Number.isNaN(told.below) ? "the grid ends here" : ""),
    fact("row", "Its row, mean", told.row, "", `all others: ${number(told.rest)}`),
    fact("column", "Its column, mean", told.column, "", `all others: ${number(told.rest)}`),
    app.key < 0
      ? fact("pair", "With another patch", NaN, "", app.pin < 0 ? "click to pin, then point" : "point at a patch")
      : fact("pair", "With the teal patch", key, place(app.key)),
  ];
}

const empty = () =>
  ["Most similar other", "One patch right", "One patch below", "Its row, mean", "Its column, mean", "With another patch"]
    .map((label, k) => ({ id: `none${k}`, label, value: "–", raw: NaN }));

const short = (value) => value.toFixed(2).replace("-", "−");

function tellCard(card, app, k) {
  const cosines = app.kinds[k].cosines;
  const told = cosines && measure(cosines[app.common], app.query, app);
  say(card.values[0], told ? `row ${short(told.row)}` : "all patches");
  say(card.values[1], told ? `column ${short(told.column)}` : "look alike");
}
