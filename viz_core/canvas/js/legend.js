// The legend under the stage: colours, range, unit, scaling.

import { gradient } from "./colour.js";
import { el, say } from "./dom.js";

export function createLegend() {
  const low = el("span");
  const bar = el("i.bar");
  const high = el("span");
  const unit = el("span.unit");
  const [query, key] = [el("span"), el("span")];
  const marks = el("span.marks", {}, el("i.mark.query"), query, el("i.mark.key"), key);
  const node = el("div.legend", {}, el("span.range", {}, low, bar, high), unit, marks);
  const set = (app, { low: from, high: to, unit: text, scaled }) => {
    say(low, from);
    say(high, to);
    say(unit, scaled ? `${text} · ${scaled}` : text);
    const byKey = app.shown?.direction === "column";
    say(query, byKey ? "largest query" : "query: this one looks");
    say(key, byKey ? "key: this one is looked at" : "largest key");
    if (node.dataset.map === app.view.map) return;
    node.dataset.map = app.view.map;
    bar.style.background = gradient(app.tables[app.view.map]);
  };
  return { node, set, bar, marks };
}
