// Which count? The silhouette of every count, or what each cut costs; a click chooses a count.

import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";

export function createChart(app) {
  const title = el("div.chart-title");
  const bars = el("div.bars", { role: "group", "aria-label": "Counts of regions" });
  const note = el("p.note-line");
  const node = el("div.chart", {}, title, bars, note);
  let drawn = null;
  const paint = () => {
    const { shown, state } = app;
    const table = shown.table;
    node.hidden = Boolean(shown.map) || !table?.counts.length;
    if (node.hidden) return;
    const cut = state.way === "cut";
    const values = cut ? table.costs : table.whole;
    if (drawn !== values) {
      drawn = values;
      build(app, bars, table.counts, values, cut);
    }
    [...bars.children].forEach((bar, k) => bar.setAttribute("aria-pressed", String(k === shown.row)));
    const best = table.counts[values.indexOf(Math.max(...values))];
    say(title, cut ? "What each cut costs, from 0 (no link lost) to 2" : "Silhouette of each count, from −1 to 1");
    say(note, cut
      ? `The cut that made region ${shown.count} costs ${number(values[shown.row])}: cheap cuts follow gaps, costly ones go through what holds together.`
      : `Highest with ${best} regions: there, places are nearest to their own region and farthest from the next.`);
  };
  return { node, paint };
}

function build(app, bars, counts, values, cut) {
  const top = cut ? Math.max(0.2, ...values) : Math.max(0.1, ...values.map(Math.abs));
  const best = cut ? -1 : values.indexOf(Math.max(...values));
  bars.replaceChildren(...values.map((value, k) => {
    const fill = el("i");
    fill.style.height = `${Math.max(2, (44 * Math.max(0, value)) / top)}px`;
    const bar = el("button.count", { type: "button", title: `${counts[k]} regions: ${number(value)}` },
      fill, el("span", {}, String(counts[k])));
    if (k === best) bar.dataset.best = "true";
    bar.addEventListener("click", () => app.set({ count: counts[k] }), { signal: app.signal });
    return bar;
  }));
}
