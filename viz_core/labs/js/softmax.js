// Why divide by the root of d: one row of softmax, and entropy and slope against d.

import { el, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { axes, draggable, figures, nearest, percent, polyline, scale, steps, svg } from "./chart.js";

const COLOURS = ["var(--undivided)", "var(--divided)"];
const NAMES = ["not divided", "divided by √d"];

export function createSoftmax(host, { signal }) {
  const state = kept("softmax", { source: "random", divided: false, at: 11, layer: -1, head: 4 });
  const lab = { schedule: () => {} };
  const set = (part) => { Object.assign(state, part); lab.schedule(); };
  const source = segmented("Vectors", [
    ["random", "random vectors", "Queries and keys of independent numbers, mean 0 and variance 1"],
    ["real", "the network's heads", "Queries and keys of the chosen network on your picture"],
  ], (value) => set({ source: value }), signal);
  const divide = segmented("Scores", [
    ["no", "q·k", "Scores as they are"],
    ["yes", "q·k ÷ √d", "Scores divided by the root of the length of a query"],
  ], (value) => set({ divided: value === "yes" }), signal);
  const width = slider("Length d of a query", { min: 0, max: 17, step: 1 }, (i) => lab.label(i), (i) => set({ at: i }), signal);
  const layer = slider("Layer", { min: 0, max: 5, step: 1 }, (i) => `layer ${i + 1}`, (i) => set({ layer: i }), signal);
  const head = slider("Head", { min: 0, max: 4, step: 1 }, (i) => `head ${i + 1}`, (i) => set({ head: i }), signal);
  const rows = { width: row("length d", width.node), layer: row("layer", layer.node), head: row("head", head.node) };
  const bars = svg("svg", { role: "img" });
  const curves = [svg("svg", { role: "img" }), svg("svg", { role: "img" })];
  const caption = el("p.caption");
  const table = el("table.numbers");
  const note = el("p.caption");
  host.append(
    el("div.card", {},
      el("div.controls", {}, row("vectors", source.node), row("scores", divide.node), rows.width, rows.layer, rows.head),
      caption, bars, table),
    el("div.card", {},
      el("div.legend", {}, ...NAMES.map((name, i) => el("span.swatch", { style: `--c:${COLOURS[i]}` }, name)),
        el("span.marks", {}, "● measured"), el("span.marks", {}, "— theory")),
      ...curves, note),
  );
  for (const chart of curves) {
    draggable(chart, (x) => {
      if (state.source === "random" && chart.xs) set({ at: nearest(lab.widths, chart.xs.back(x)) });
    }, signal);
  }
  lab.take = (payload) => {
    lab.widths = payload.widths;
    lab.label = (i) => `d = ${payload.widths[i]}`;
    source.buttons[1].disabled = !payload.real;
    if (!payload.real) state.source = "random";
    else {
      layer.input.max = payload.real.scores.length - 1;
      head.input.max = payload.real.scores[0].length - 1;
      const last = payload.real.scores.length - 1;
      state.layer = state.layer < 0 ? last : Math.min(state.layer, last);
      state.head = Math.min(state.head, payload.real.scores[0].length - 1);
    }
  };
  lab.draw = (payload) => {
    const real = state.source === "real";
    source.set(state.source);
    divide.set(state.divided ? "yes" : "no");
    width.set(state.at);
    layer.set(state.layer);
    head.set(state.head);
    rows.width.hidden = real;
    rows.layer.hidden = rows.head.hidden = !real;
    const view = real ? realView(payload.real, state) : randomView(payload, state);
    view.chosen = Number(state.divided);
    say(caption, view.caption);
    say(note, view.note);
    drawBars(bars, view);
    drawTable(table, view);
    drawCurve(curves[0], view, "entropy", "entropy (bits)", Math.log2(view.n), `${view.n} keys alike`);
    drawCurve(curves[1], view, "slope", "slope left: Σ p(1 − p)", 1, "");
  };
  return lab;
}

function softmax(scores, by) {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - most) / by));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

function facts(scores, d) {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((a, b) => a + (b - mean) ** 2, 0) / scores.length);
  return [1, Math.sqrt(d)].map((by) => {
    const shares = softmax(scores, by);
    return {
      shares,
      largest: Math.max(...shares),
      entropy: -shares.reduce((sum, p) => sum + (p > 0 ? p * Math.log2(p) : 0), 0),
      slope: shares.reduce((sum, p) => sum + p * (1 - p), 0),
      deviation: deviation / by,
    };
  });
}

function randomView({ random, theory, widths }, { at }) {
  const d = widths[at];
  return {
    d, n: random.n, widths, theory, rows: facts(random.scores[at], d),
    dots: [0, 1].map((i) => widths.map((x, j) => ({ x, entropy: random.entropy[i][j], slope: random.slope[i][j] }))),
    caption: `What one random query of ${d} numbers takes from each of ${random.n} random keys`,
    note: `Dots: mean of ${random.rows} random rows, seed ${random.seed}; lines: theory without any fit. Drag in a chart to change d.`,
  };
}

function realView(real, { layer, head }) {
  const dots = [0, 1].map((i) => real.entropy.flatMap((heads, l) => heads[i].map((entropy, h) => ({
    x: real.d, entropy, slope: real.slope[l][i][h], chosen: l === layer && h === head,
  }))));
  return {
    d: real.d, n: real.n, widths: real.widths, theory: real.theory, dots, real: true,
    rows: facts(real.scores[layer][head], real.d),
    caption: `What the ${real.token} takes from each of ${real.n} tokens, layer ${layer + 1}, head ${head + 1}; d = ${real.d}`,
    note: `Dots: all heads of ${real.title}, mean over all tokens, the chosen one ringed; lines: theory for random vectors. ` +
      "It was trained with the division, so its scores are larger than random ones.",
  };
}

function drawBars(root, { rows, n, chosen }) {
  const width = root.parentElement.clientWidth - 32;
  const height = 230;
  size(root, width, height);
  const box = { left: 44, right: width - 4, top: 24, bottom: height - 40 };
  const most = Math.max(rows[0].largest, rows[1].largest);
  const top = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1].find((value) => value >= most) ?? 1;
  const x = scale({ from: 0, to: n, start: box.left, end: box.right });
  const y = scale({ from: 0, to: top, start: box.bottom, end: box.top });
  root.replaceChildren();
  axes(root, x, y, box, { x: [], y: steps(top).map((v) => [v, percent(v)]) },
    { x: `the ${n} keys`, y: "share of the row" });
  const slot = (box.right - box.left) / n;
  const gap = slot > 6 ? slot * 0.16 : 0;
  for (const which of [1 - chosen, chosen]) {
    const front = which === chosen;
    const inset = front ? gap + slot * 0.12 : gap;
    const group = svg("g", { fill: COLOURS[which], opacity: front ? 1 : 0.33 });
    rows[which].shares.forEach((share, i) => {
      const at = y.at(share);
      group.append(svg("rect", { x: x.at(i) + inset, y: at, width: Math.max(0.5, slot - 2 * inset), height: Math.max(0, box.bottom - at) }));
    });
    root.append(group);
  }
  root.setAttribute("aria-label", `Softmax of one row, ${NAMES[chosen]}: largest share ${percent(rows[chosen].largest)}`);
}

function drawTable(table, { rows, n, chosen }) {
  const most = figures(Math.log2(n));
  const head = el("tr", {}, ...["", "scores' spread", "largest share", `entropy of ${most}\u2009bits`, "slope left"].map((t) => el("th", {}, t)));
  const lines = rows.map((r, i) => el("tr", { className: i === chosen ? "on" : "" },
    el("th", {}, el("span.swatch", { style: `--c:${COLOURS[i]}` }, NAMES[i])),
    ...[`± ${figures(r.deviation)}`, percent(r.largest), `${figures(r.entropy)}\u2009bits`, figures(r.slope)].map((t) => el("td", {}, t))));
  table.replaceChildren(head, ...lines);
}

function drawCurve(root, view, name, title, most, even) {
  const width = root.parentElement.clientWidth - 32;
  const height = 232;
  size(root, width, height);
  const box = { left: 34, right: width - 10, top: 26, bottom: height - 42 };
  const x = scale({ from: 0.9, to: 570, start: box.left, end: box.right, log: true });
  const y = scale({ from: 0, to: most * 1.06, start: box.bottom, end: box.top });
  root.xs = x;
  root.classList.toggle("drag", !view.real);
  root.replaceChildren();
  axes(root, x, y, box, {
    x: [1, 4, 16, 64, 256].map((v) => [v, String(v)]), y: steps(most).map((v) => [v, figures(v)]),
  }, { x: "length d of a query (logarithmic)", y: title });
  if (even) {
    root.append(
      svg("line", { x1: box.left, x2: box.right, y1: y.at(most), y2: y.at(most), class: "even" }),
      svg("text", { x: box.right, y: y.at(most) - 5, "text-anchor": "end", class: "even" }, even),
    );
  }
  const now = x.at(view.d);
  root.append(svg("line", { x1: now, x2: now, y1: box.top, y2: box.bottom, class: "now" }));
  for (const which of [1 - view.chosen, view.chosen]) {
    const line = view.theory[name][which].map((value, i) => [x.at(view.widths[i]), y.at(value)]);
    const front = which === view.chosen;
    root.append(polyline(line, { stroke: COLOURS[which], "stroke-width": front ? 2.5 : 1.5 }));
    const dots = svg("g", { fill: COLOURS[which], opacity: front ? 1 : 0.65 });
    for (const dot of view.dots[which]) {
      const here = view.real ? dot.chosen : dot.x === view.d;
      const cx = x.at(dot.x) + (view.real ? (which ? 7 : -7) : 0);
      dots.append(svg("circle", { cx, cy: y.at(dot[name]), r: here ? 5.5 : 3, ...(here ? { class: "here" } : {}) }));
    }
    root.append(dots);
  }
  root.setAttribute("aria-label", `${title} against d, for both`);
}

function size(root, width, height) {
  root.setAttribute("width", Math.max(40, width));
  root.setAttribute("height", height);
}
