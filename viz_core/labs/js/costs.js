// RNN, CNN and attention: cost per layer against n, longest path, steps that must wait.

import { el, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { axes, counted, draggable, nearest, polyline, power, scale, svg } from "./chart.js";

const COLOURS = { rnn: "#8b90aa", cnn: "#56b4e9", attention: "#8b7cf6", window: "#d3589a", axial: "#12a178" };
const COUNTING = [
  ["paper", "as in table 1", "The paper's terms, without constants"],
  ["attention", "mixing", "Multiply-adds (MACs) of what mixes tokens, without linear projections"],
  ["layer", "whole layer", "Multiply-adds (MACs) with query, key, value and output projections"],
];
// n, d, k, M of well-known layers.
const PRESETS = [
  ["a sentence", 49, 512, 3, 7, "About 50 words, width of the first Transformer"],
  ["ViT-B/16", 196, 768, 9, 7, "14 × 14 patches of a 224 px picture"],
  ["Swin-T, stage 1", 3136, 96, 9, 7, "56 × 56 tokens in windows of 7 × 7"],
  ["a large picture", 16384, 256, 9, 8, "128 × 128 tokens"],
];

export function createCosts(host, { signal }) {
  const state = kept("costs", { n: 7, d: 11, k: 3, m: 4, counting: "paper" });
  const lab = { schedule: () => {} };
  const set = (part) => { Object.assign(state, part); lab.schedule(); };
  const value = (name) => lab.stops[name][state[name]];
  const texts = { n: (n) => `${n} (${Math.sqrt(n)} × ${Math.sqrt(n)})`, d: String, k: String, m: (m) => `${m} × ${m}` };
  const make = (name, label) =>
    slider(label, { min: 0, max: 1, step: 1 }, (i) => texts[name](lab.stops[name][i]), (i) => set({ [name]: i }), signal);
  const sliders = { n: make("n", "Tokens n"), d: make("d", "Width d"), k: make("k", "Kernel taps k"), m: make("m", "Window M") };
  const counting = segmented("Count", COUNTING, (one) => set({ counting: one }), signal);
  const presets = PRESETS.map(([name, n, d, k, m, hint]) => {
    const button = el("button.chip", { type: "button", title: hint }, name);
    button.addEventListener("click", () => set({
      n: lab.stops.n.indexOf(n), d: lab.stops.d.indexOf(d), k: lab.stops.k.indexOf(k), m: lab.stops.m.indexOf(m),
    }), { signal });
    return button;
  });
  const chart = svg("svg", { role: "img", class: "drag" });
  const legend = el("div.legend.only-slim", {}, ...Object.keys(COLOURS).map((key) => el("span.swatch", { style: `--c:${COLOURS[key]}` }, key === "rnn" || key === "cnn" ? key.toUpperCase() : key)));
  const verdict = el("p.verdict", { "aria-live": "polite" });
  const table = el("table.numbers.costs");
  host.append(
    el("div.card", {}, chart, legend, el("p.caption", {}, "Both axes are logarithmic. Drag in the chart to change n.")),
    el("div.card", {},
      el("div.controls", {},
        row("tokens n", sliders.n.node), row("width d", sliders.d.node),
        row("taps k", sliders.k.node), row("window", sliders.m.node),
        row("count", counting.node), el("div.tokens", {}, ...presets)),
      verdict),
    el("div.card.full", {}, el("div.scroll", {}, table),
      el("p.caption", {}, "Bars are logarithmic. Path: layers, or steps of an RNN, until the two tokens farthest apart have met; windows shift by half in every second layer. Axial attention is a pair of layers: rows, then columns.")),
  );
  draggable(chart, (x) => { if (chart.xs) set({ n: nearest(lab.stops.n, chart.xs.back(x)) }); }, signal);
  lab.take = (payload) => {
    lab.stops = payload.stops;
    for (const name of ["n", "d", "k", "m"]) sliders[name].input.max = payload.stops[name].length - 1;
  };
  lab.draw = (payload) => {
    for (const name of ["n", "d", "k", "m"]) sliders[name].set(state[name]);
    counting.set(state.counting);
    const sizes = { n: value("n"), d: value("d"), k: value("k"), m: value("m") };
    PRESETS.forEach(([, n, d, k, m], i) => presets[i].setAttribute("aria-pressed",
      String(n === sizes.n && d === sizes.d && k === sizes.k && m === sizes.m)));
    const crossing = payload.crossings[state.d][state.counting];
    drawChart(chart, payload, sizes, state.counting, crossing);
    drawTable(table, payload, sizes, state);
    say(verdict, sentence(payload, sizes, state.counting, crossing));
  };
  return lab;
}

/** The terms that viz_core.complexity keeps as data; a window is never larger than the grid. */
function cost(kind, counting, { n, d, k, m }) {
  const window = Math.min(m, Math.sqrt(n));
  return kind[counting].reduce((sum, t) => sum + t.factor * n ** t.n * d ** t.d * k ** t.k * window ** t.m, 0);
}

function sentence({ kinds }, sizes, counting, crossing) {
  const of = Object.fromEntries(kinds.map((kind) => [kind.key, cost(kind, counting, sizes)]));
  const [less, more] = [of.attention, of.rnn].sort((a, b) => a - b);
  const times = (more / less).toPrecision(2) / 1;
  const who = times <= 1.1 ? "Attention and an RNN cost about the same here"
    : `Attention costs ${times > 1000 ? Math.round(times) : times} times ${of.attention < of.rnn ? "less" : "more"} than an RNN here`;
  const where = crossing === null ? "with its projections it is never cheaper, but needs no waiting"
    : `they cross at n = ${counting === "paper" ? "d" : "d/2"} = ${crossing}`;
  const windows = of.attention / of.window;
  return `${who}; ${where}. ${windows > 1 ? `Windows of ${sizes.m} × ${sizes.m} make attention ${Number(windows.toPrecision(2))} times cheaper` : "One window holds the whole grid"}.`;
}

function drawChart(root, { kinds, stops }, sizes, counting, crossing) {
  const width = Math.max(60, root.parentElement.clientWidth - 32);
  const height = Math.min(430, Math.max(310, width * 0.72));
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  const box = { left: 40, right: width - (width > 420 ? 118 : 20), top: 26, bottom: height - 42 };
  const [first, last] = [stops.n[0], stops.n.at(-1)];
  const all = kinds.flatMap((kind) => [first, last].map((n) => Math.log10(cost(kind, counting, { ...sizes, n }))));
  const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))];
  const x = scale({ from: first, to: last, start: box.left, end: box.right, log: true });
  const y = scale({ from: 10 ** low, to: 10 ** high, start: box.bottom, end: box.top, log: true });
  root.xs = x;
  root.replaceChildren();
  const every = high - low > 7 ? 2 : 1;
  axes(root, x, y, box, {
    x: [16, 64, 256, 1024, 4096, 16384].map((v) => [v, String(v)]),
    y: Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((e) => (e - low) % every === 0).map((e) => [10 ** e, power(e)]),
  }, { x: "tokens n", y: counting === "paper" ? "cost of one layer, without constants" : "multiply-adds (MACs) of one layer" });
  if (crossing !== null && crossing >= first && crossing <= last) {
    const at = x.at(crossing);
    const left = at + 90 > box.right;
    const text = counting === "paper" ? `n = d = ${crossing}` : `n = d/2 = ${crossing}`;
    root.append(
      svg("rect", { x: box.left, y: box.top, width: Math.max(0, at - box.left), height: box.bottom - box.top, class: "cheaper" }),
      svg("line", { x1: at, x2: at, y1: box.top, y2: box.bottom, class: "even" }),
      svg("text", { x: at + (left ? -5 : 5), y: box.bottom - 8, "text-anchor": left ? "end" : "start", class: "even" }, text),
    );
  }
  const ends = [];
  for (const kind of kinds) {
    const points = stops.n.map((n) => [x.at(n), y.at(cost(kind, counting, { ...sizes, n }))]);
    root.append(polyline(points, { stroke: COLOURS[kind.key], "stroke-width": 2.2 }));
    ends.push({ kind, at: points.at(-1)[1] });
  }
  const now = x.at(sizes.n);
  root.append(svg("line", { x1: now, x2: now, y1: box.top, y2: box.bottom, class: "now" }),
    svg("text", { x: now, y: box.top - 9, "text-anchor": now > box.left + 250 ? "middle" : "start", class: "now" }, now > box.left + 250 ? `n = ${sizes.n}` : ""));
  for (const kind of kinds) {
    root.append(svg("circle", { cx: now, cy: y.at(cost(kind, counting, sizes)), r: 5, fill: COLOURS[kind.key], class: "here" }));
  }
  if (box.right < width - 60) label(root, ends, box);
  root.setAttribute("aria-label", `Cost of one layer against the number of tokens, n = ${sizes.n}`);
}

/** Names at the right ends of the lines, pushed apart where they would overlap. */
function label(root, ends, box) {
  ends.sort((a, b) => a.at - b.at);
  ends.forEach((end, i) => { end.y = Math.max(end.at, i ? ends[i - 1].y + 15 : -Infinity); });
  for (const end of ends) {
    root.append(svg("text", { x: box.right + 7, y: end.y + 4, fill: COLOURS[end.kind.key], class: "name" }, end.kind.name));
  }
}

function drawTable(table, { kinds, paths, stops }, sizes, state) {
  const rows = kinds.flatMap((kind) => {
    const one = { kind, name: kind.name, cost: cost(kind, state.counting, sizes), steps: kind.steps[state.n], path: lookUp(paths[kind.key], kind.key, state) };
    if (kind.key !== "cnn") return [one];
    return [one, { ...one, name: "CNN, dilated", path: lookUp(paths.dilated, "cnn", state) }];
  });
  const costs = rows.map((r) => r.cost);
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const last = Math.log(stops.n.at(-1));
  const bar = (share, colour, text) => el("td", {}, el("span.track", {}, el("i", { style: `width:${(100 * share).toFixed(1)}%;background:${colour}` })), el("b", {}, text));
  const unit = state.counting === "paper" ? "" : "MACs";
  const head = el("tr", {}, ...["", "formula", `cost of one layer${unit ? ` (${unit})` : ""}`, "steps in a row", "longest path"].map((t) => el("th", {}, t)));
  table.replaceChildren(head, ...rows.map((r) => {
    const colour = COLOURS[r.kind.key];
    const share = most > least ? 0.06 + 0.94 * Math.log(r.cost / least) / Math.log(most / least) : 1;
    const log = (value) => 0.03 + 0.97 * Math.log(value) / last;
    return el("tr", {},
      el("th", {}, el("span.swatch", { style: `--c:${colour}` }, r.name), el("span.formula.below", {}, formula(r.kind, state.counting))),
      el("td.formula", {}, formula(r.kind, state.counting)),
      bar(share, colour, counted(r.cost)), bar(log(r.steps), colour, String(r.steps)), bar(log(r.path), colour, String(r.path)));
  }));
}

function formula(kind, counting) {
  if (counting === "paper") return kind.formula;
  return counting === "layer" ? kind.counted : kind.mixing;
}

function lookUp(lengths, key, { n, k, m }) {
  const row = lengths[n];
  if (key === "cnn") return row[k];
  return key === "window" ? row[m] : row[0];
}
