// Below the map: many heads away at once, and two of one layer.

import { gradient, parseTable } from "../../canvas/js/colour.js";
import { el, kept, say, segmented, slider } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { GONE } from "./ablate.js";
import { createChart, paintChart } from "./chart.js";
import { signed, targetName } from "./facts.js";
import { levelOf } from "./store.js";
import { fillGuesses } from "./target.js";

const COLOURS = { helpful: "#e08214", harmful: "#8073ac" };
const FIRST = { helpful: "most helpful", harmful: "most harmful" };

export const togetherView = {
  name: "together",
  memory: () => kept("heads-together", {}),
  remembered: ["which", "index", "touched"],
  fresh: () => ({ which: "helpful", index: 4, touched: false, pair: null }),
  question: null,
  receive(app, header) {
    app.colours ??= parseTable(app.tables.PuOr);
    if (!app.touched) app.index = header.sparse[1]; // random orders are measured there too
    app.index = Math.min(app.index, header.counts.length - 1);
    app.pair = null;
  },
  build,
  suggest() {},
  draw,
};

function build(app) {
  app.whichOf = segmented("Order", [
    ["helpful", "Helpful first", "Heads in the order of the map, from the one without which the answer falls most"],
    ["harmful", "Harmful first", "From the one without which the answer rises most"],
  ], (which) => app.change({ which, touched: true }), app.signal);
  app.count = slider("Heads taken away", { min: 0, max: 1, step: 1 }, (k) => `${app.header.counts[k] ?? 0} away`,
    (index) => app.change({ index, touched: true }), app.signal);
  app.chart = createChart(app, (index) => app.change({ index, touched: true }));
  app.story = el("p.story");
  app.guesses = el("div.guesses");
  app.caption = el("p.note-line");
  app.matrix = el("div.pair-grid", { role: "group", "aria-label": "Pairs of heads of one layer" });
  app.pairTitle = el("b");
  app.pairStory = el("p.story");
  [app.low, app.high] = [el("span"), el("span")];
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  return el("div.heads-board.below", {},
    el("div.sides", {},
      el("section.left", {}, el("b.title-line", {}, "Take many away"),
        el("div.row", {}, app.whichOf.node, app.count.node), app.chart.canvas, app.caption, app.story, app.guesses),
      el("section.right", {}, el("div.title-line", {}, app.pairTitle), app.matrix,
        el("div.legend", {}, el("span.range", {}, app.low, bar, app.high), el("span.unit", {}, "logits beyond the sum of both")),
        app.pairStory)));
}

function draw(app) {
  const { header } = app;
  const { counts, curves, random, sparse, labels } = header;
  const curve = curves[app.which];
  app.whichOf.set(app.which);
  app.count.input.max = counts.length - 1;
  app.count.set(app.index);
  const values = [...curves.helpful.scores, ...curves.harmful.scores, ...random.flat()];
  const band = sparse.map((index, k) => [index, Math.min(...random.map((one) => one[k])), Math.max(...random.map((one) => one[k]))]);
  paintChart(app, app.chart, {
    ticks: counts.map(String), title: "heads taken away", at: app.index, band,
    low: Math.min(...values), high: Math.max(...values),
    lines: ["harmful", "helpful"].map((name) => ({ values: curves[name].scores, colour: COLOURS[name], width: name === app.which ? 3 : 1.5 })),
  });
  const count = counts[app.index];
  const name = targetName(labels, { label: header.target[0], against: header.target[1] });
  const unit = header.target[1] === null ? "Logit" : "Lead in logits";
  say(app.caption, `${unit} of ${name} by heads taken away. Orange: helpful first; violet: harmful first; band: ${random.length} random orders, measured at every ${ordinal(sparse[1])} count.`);
  const between = leftAtRandom(header, app.index);
  say(app.story, count === 0
    ? `Nothing is away: ${number(curve.scores[0])} logits. Drag the slider.`
    : `Without the ${count} ${FIRST[app.which]} heads: ${number(curve.scores[app.index])} logits, where ${count} at random leave ${between}. It says:`);
  fillGuesses(app.guesses, curve.guesses[app.index], curve.guesses[0]);
  const key = `${header.id}|${app.which}|${app.index}`;
  if (key !== app.sent) {
    app.sent = key;
    const gone = app.touched ? curve.order.slice(0, count).map((head) => head.join()) : [];
    globalThis.dispatchEvent(new CustomEvent(GONE, { detail: gone }));
  }
  drawPairs(app);
  Object.assign(app.host.dataset, { kind: "together", which: app.which, count: String(count), pairs: String(header.layer) });
}

/** What random orders leave at a count, their mean; between two measured counts on the straight line, which is said. */
function leftAtRandom({ random, sparse, counts }, index) {
  const mean = (k) => random.reduce((sum, one) => sum + one[k], 0) / random.length;
  const above = sparse.findIndex((at) => at >= index);
  if (sparse[above] === index) return number(mean(above));
  const [from, to] = [counts[sparse[above - 1]], counts[sparse[above]]];
  const share = (counts[index] - from) / (to - from);
  return `about ${number((1 - share) * mean(above - 1) + share * mean(above))}, on the line from ${from} to ${to}`;
}

const ordinal = (k) => ({ 1: "single", 2: "second", 3: "third" })[k] ?? `${k}th`;

function drawPairs(app) {
  const { layer, layers, beyond, alone } = app.header;
  const size = alone.length;
  say(app.pairTitle, `Two at once, ${layers[layer]}`);
  const top = Math.max(1e-9, ...beyond.flat().map(Math.abs));
  say(app.low, signed(-top));
  say(app.high, signed(top));
  if (app.built !== app.header.id) {
    app.built = app.header.id;
    const nodes = [];
    for (let row = -1; row < size; row++) {
      for (let column = -1; column < size; column++) {
        if (row < 0 || column < 0) {
          nodes.push(el("span.tick", {}, row < 0 && column < 0 ? "" : String(Math.max(row, column) + 1)));
          continue;
        }
        const own = row === column;
        const value = own ? alone[row] : beyond[row][column];
        const cell = el("button.cell", { type: "button" }, size > 12 ? "" : signed(value));
        const [r, g, b] = app.colours[own ? 128 : levelOf(value, top)];
        cell.style.background = own ? "transparent" : `rgb(${r},${g},${b})`;
        if (!own) cell.style.color = 0.3 * r + 0.59 * g + 0.11 * b > 140 ? "#16161d" : "#fff";
        cell.dataset.own = String(own);
        cell.setAttribute("aria-label", own ? `head ${row + 1} alone` : `heads ${row + 1} and ${column + 1}`);
        const show = () => app.change({ pair: [row, column] });
        cell.addEventListener("pointerenter", show, { signal: app.signal });
        cell.addEventListener("focus", show, { signal: app.signal });
        nodes.push(cell);
      }
    }
    app.matrix.style.gridTemplateColumns = `auto repeat(${size}, minmax(0, 1fr))`;
    app.matrix.dataset.packed = String(size > 8);
    app.matrix.replaceChildren(...nodes);
  }
  const [i, j] = app.pair ?? strongest(beyond);
  if (i === j) say(app.pairStory, `Head ${i + 1} alone: ${signed(alone[i])} logits.`);
  else {
    const sum = alone[i] + alone[j];
    const more = beyond[i][j];
    const why = Math.abs(more) < 0.05 ? "they add up." : more < 0 === sum < 0 ? "together they matter more than the sum: one stood in for the other." : "together they matter less than the sum: they do the same work, or undo each other’s.";
    say(app.pairStory, `Heads ${i + 1} and ${j + 1}: ${signed(alone[i])} and ${signed(alone[j])} alone, ${signed(sum + more)} together; ${why}`);
  }
}

function strongest(beyond) {
  let best = [0, Math.min(1, beyond.length - 1)];
  beyond.forEach((row, i) => row.forEach((value, j) => { if (Math.abs(value) > Math.abs(beyond[best[0]][best[1]])) best = [i, j]; }));
  return best;
}
