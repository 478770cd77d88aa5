// Three charts over the share of the training; pressing or dragging on one goes to its moment.

import { parseTable } from "../../canvas/js/colour.js";
import { el, segmented } from "../../canvas/js/dom.js";
import { axes, draggable, figures, percent, polyline, scale, steps, svg } from "../../labs/js/chart.js";
import { leaders, ofTraining } from "./store.js";

const HEIGHT = 156;
const LEADERS = 5;
const FLOOR = -0.5;
const FARTHER = "Below 0 a part is farther from its end than it began; the chart ends at −50 %.";
const THINGS = { filters: "filters", positions: "positions", attention: "attention", reading: "pooling", answer: "answer" };

const palette = (app) => [1, 2, 3, 7, 6].map((k) => `rgb(${parseTable(app.tables.okabe_ito)[k]})`);

function shell(app, title, ...extra) {
  const chart = svg("svg", { role: "img" });
  const legend = el("div.legend.lines");
  draggable(chart, (px) => app.scrub(nearest(chart.places, px)), app.signal);
  return { chart, legend, node: [el("div.chart-head", {}, el("h4", {}, title), ...extra), el("div.plot", {}, chart), el("div.below", {}, legend)] };
}

const nearest = (places, px) => places.reduce((best, x, k) => (Math.abs(x - px) < Math.abs(places[best] - px) ? k : best), 0);

/** A value is NaN where a run did not measure it. */
function drawLines(app, part, { lines, low, high, ticks, title, words }) {
  const { chart } = part;
  const shares = app.store.moments.map((one) => one.share);
  const width = Math.max(220, app.column);
  const log = app.state.axis === "log";
  chart.setAttribute("width", width);
  chart.setAttribute("height", HEIGHT);
  chart.setAttribute("aria-label", words);
  const box = { left: 38, right: width - 18, top: 22, bottom: HEIGHT - 36 };
  const spare = log ? (shares[1] ?? 1) / 2 : 0; // the first moment has a place on a logarithmic axis
  const x = scale({ from: spare, to: 1 + spare, start: box.left, end: box.right, log });
  const y = scale({ from: low, to: high, start: box.bottom, end: box.top });
  const at = (share) => x.at(share + spare);
  chart.places = shares.map(at);
  chart.replaceChildren();
  axes(chart, x, y, box, { x: marks(shares, at, spare, log), y: ticks }, { x: `share of the training${log ? ", logarithmic" : ""}`, y: title });
  const here = chart.places[app.at];
  chart.append(svg("line", { x1: here, x2: here, y1: box.top, y2: box.bottom, class: "now" }));
  for (const { points, colour, quiet } of lines) {
    const known = points.filter(([, value]) => Number.isFinite(value)).map(([share, value]) => [at(share), y.at(value)]);
    chart.append(polyline(known, { stroke: colour, "stroke-width": quiet ? 1.2 : 2.4, "stroke-linejoin": "round", opacity: quiet ? 0.55 : 1 }));
    if (quiet) continue;
    for (const [px, py] of known) {
      const now = px === here;
      chart.append(svg("circle", { cx: px, cy: py, r: now ? 5 : 2.2, fill: colour, class: now ? "here" : "" }));
    }
  }
}

function marks(shares, at, spare, log) {
  const wanted = log ? shares : [0, 0.25, 0.5, 0.75, 1];
  let last = -99;
  const kept = wanted.filter((share) => {
    if (at(share) - last < 40 || (share < 1 && at(1) - at(share) < 40)) return false;
    last = at(share);
    return true;
  });
  return kept.map((share) => [share + spare, share ? ofTraining(share) : "0"]);
}

const swatch = (colour, text, extra = "") =>
  el(`span.swatch${extra}`, { style: `--c:${colour}` }, text);

export function createAnswer(app) {
  const part = shell(app, "The answer");
  const colours = palette(app);
  const paint = () => {
    const { store, at } = app;
    const first = leaders(store, LEADERS);
    const line = (k) => store.moments.map((one, m) => [one.share, store.chances(m)[k]]);
    const rest = store.labels.map((_, k) => k).filter((k) => !first.includes(k));
    const lines = [
      ...rest.map((k) => ({ points: line(k), colour: "var(--dim)", quiet: true })),
      ...first.map((k, i) => ({ points: line(k), colour: colours[i] })).reverse(),
    ];
    const now = store.chances(at);
    drawLines(app, part, {
      lines, low: 0, high: 1, ticks: [0, 0.5, 1].map((k) => [k, `${100 * k}`]), title: "% of the answer for this picture",
      words: `Probabilities of ${store.labels.length} classes over the training`,
    });
    const shown = first.map((k, i) => [k, i]).sort((a, b) => now[b[0]] - now[a[0]]);
    part.legend.replaceChildren(...shown.map(([k, i]) => swatch(colours[i], `${store.labels[k]} ${percent(now[k])}`)),
      el("span", {}, `thin: the other ${rest.length}`));
  };
  return { ...part, paint };
}

export function createWays(app) {
  const axis = segmented("Time axis of the charts", [
    ["log", "Log", "Most happens early: logarithmic, the first per cent gets as much room as the last"],
    ["even", "Even", "Every step of the training takes the same room"],
  ], (kind) => app.set({ axis: kind }), app.signal);
  const part = shell(app, "What forms when", axis.node);
  const colours = palette(app);
  const paint = () => {
    const { store } = app;
    axis.set(app.state.axis);
    const names = Object.keys(THINGS).filter((name) => store.ways[name]);
    const colour = (name) => colours[Object.keys(THINGS).indexOf(name)];
    const lowest = Math.max(FLOOR, Math.min(0, ...names.flatMap((name) => store.ways[name])));
    const called = (name) => (name === "reading" && store.prefix ? "class token" : THINGS[name]);
    drawLines(app, part, {
      lines: names.map((name) => ({ colour: colour(name), points: store.moments.map((one, m) => [one.share, Math.max(lowest, store.ways[name][m])]) })),
      low: lowest, high: 1, ticks: [FLOOR, 0, 0.5, 1].filter((k) => k >= lowest).map((k) => [k, `${100 * k}`.replace("-", "−")]), title: "% of the way to the final form",
      words: `How far each part has come; half way: ${store.order.map(([name, share]) => `${called(name)} by ${ofTraining(share)}`).join(", ")}`,
    });
    const firstOf = store.order.map(([name, share]) => swatch(colour(name), `${called(name)} ${ofTraining(share)}`));
    part.legend.replaceChildren(el("span", { title: FARTHER }, "half way by:"), ...firstOf);
  };
  return { ...part, paint };
}

export function createRun(app) {
  const kinds = [["top1", "Accuracy", "Share of held-out pictures whose class it names, in percent"], ["nats", "Loss", "Cross-entropy on held-out pictures, in nats"]];
  const kind = segmented("Score of the run", kinds, (score) => app.set({ score }), app.signal);
  const part = shell(app, "The run", kind.node);
  const [own] = palette(app);
  const paint = () => {
    const { store, state, at } = app;
    const score = store.moments.some((one) => Number.isFinite(one[state.score])) ? state.score : "top1";
    const points = (moments) => moments.map((one) => [one.share, one[score] ?? NaN]);
    const all = [store, ...store.others].flatMap((run) => points(run.moments)).map(([, value]) => value).filter(Number.isFinite);
    const most = score === "top1" ? 100 : 1.05 * Math.max(0.1, ...all);
    kind.set(score);
    drawLines(app, part, {
      lines: [...store.others.map((run) => ({ points: points(run.moments), colour: "var(--dim)", quiet: true })), { points: points(store.moments), colour: own }],
      low: 0, high: most, ticks: steps(most, score === "top1" ? 2 : 3).map((k) => [k, String(k)]),
      title: score === "top1" ? "% of held-out pictures right" : "loss on held-out pictures, nats",
      words: `Held-out ${score === "top1" ? "accuracy" : "loss"} of ${store.title}`,
    });
    const value = store.moments[at][score];
    const told = Number.isFinite(value) ? `${figures(value)}${score === "top1" ? "\u2009%" : "\u2009nats"}` : "not measured";
    part.legend.replaceChildren(swatch(own, `${store.title} ${told}`),
      store.others.length ? el("span", {}, `thin: ${store.others.map((run) => run.title).join(", ")}`) : "");
  };
  return { ...part, paint };
}
