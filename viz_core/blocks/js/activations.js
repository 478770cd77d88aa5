// ReLU or GELU: both curves over what an activation of this picture is given.

import { el, kept, row, say, segmented } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { axes, draggable, polyline, scale, steps, svg } from "../../labs/js/chart.js";

const COLOURS = { relu: "#D55E00", gelu: "#0072B2" };
const SPAN = [-4, 3];

export function createActivations(app) {
  const state = kept("convnext-activations", { layer: "0", x: -0.7 });
  const part = { state };
  part.set = (change) => { Object.assign(state, change); app.schedule(); };
  part.receive = (opened) => receive(app, part, opened);
  part.draw = () => draw(app, part);
  return part;
}

function receive(app, part, { header }) {
  if (part.id === header.id) return;
  Object.assign(part, { id: header.id, header });
  const { state } = part;
  if (!header.layers[state.layer]) state.layer = "0";
  part.which = segmented("Layer", header.layers.map((layer, k) => [String(k), layer.name.split(" ")[0], layer.name]), (layer) => part.set({ layer }), app.signal);
  part.curves = chart("Both curves over the numbers that the layer is given");
  part.bars = chart("What both make of these numbers");
  draggable(part.curves, (px) => part.set({ x: Math.max(SPAN[0], Math.min(SPAN[1], part.curves.xs.back(px))) }), app.signal);
  part.curves.addEventListener("pointermove", (event) => {
    const px = event.clientX - part.curves.getBoundingClientRect().left;
    const x = part.curves.xs?.back(px);
    if (x >= SPAN[0] && x <= SPAN[1]) part.set({ x });
  }, { signal: app.signal });
  part.curves.tabIndex = 0;
  part.curves.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
    if (!step) return;
    part.set({ x: Math.max(SPAN[0], Math.min(SPAN[1], state.x + step)) });
    event.preventDefault();
  }, { signal: app.signal });
  part.told = el("p.cell");
  part.where = el("p.caption");
  part.facts = Object.fromEntries(["relu", "gelu", "negatives", "tiny"].map((key) => [key, el("span.fact-value")]));
  const fact = (key, name, note) => el("div.fact", {}, el("span.fact-label", {}, name), part.facts[key], el("span.fact-note", {}, note));
  const mark = (key, name) => el("span.swatch", { style: `--c:${COLOURS[key]}` }, name);
  app.host.replaceChildren(
    el("div.card", {}, row("layer", part.which.node), part.where, part.curves,
      el("div.legend", {}, mark("relu", "ReLU: max(0, x)"), mark("gelu", "GELU: x · Φ(x)"), el("span.swatch.grey", {}, "how many numbers the layer is given there")), part.told),
    el("div.card", {}, el("div.facts", {},
      fact("relu", "Exactly zero after ReLU", "their gradient is zero too"), fact("gelu", "Exactly zero after GELU", "only where float32 ends"),
      fact("negatives", "Negative before", "of what the layer is given"), fact("tiny", "Below 0.01 after GELU", "in absolute value: small, not off")),
      part.bars, el("div.legend", {}, el("span", {}, "After the activation; exact zeros stand apart on the left. Heights: square roots of counts."))));
}

function chart(label) {
  const root = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", label);
  return root;
}

function draw(app, part) {
  const { state, header } = part;
  const layer = header.layers[state.layer];
  part.which.set(state.layer);
  say(part.where, `${layer.name}: what its ${layer.name.startsWith("ResNet") ? "ReLU" : "GELU"} is given, and what the other one would make of the same numbers.`);
  say(part.facts.relu, percent(layer.relu_zeros));
  say(part.facts.gelu, percent(layer.gelu_zeros));
  say(part.facts.negatives, percent(layer.negatives));
  say(part.facts.tiny, percent(layer.tiny));
  const { x } = state;
  say(part.told, `x = ${number(x)}: ReLU gives ${number(relu(x))} with slope ${x > 0 ? 1 : 0}, GELU gives ${number(gelu(x))} with slope ${number(slope(x))}.`);
  drawCurves(part.curves, layer, x);
  drawBars(part.bars, layer);
  Object.assign(app.host.dataset, { layer: state.layer, x: x.toFixed(2) });
}

function frameOf(root, height) {
  const width = Math.max(240, root.parentElement.clientWidth - 32);
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  root.replaceChildren();
  return { left: 34, right: width - 10, top: 18, bottom: height - 26 };
}

function drawCurves(root, layer, at) {
  const box = frameOf(root, 300);
  const x = scale({ from: SPAN[0], to: SPAN[1], start: box.left, end: box.right });
  const y = scale({ from: -0.5, to: 3, start: box.bottom, end: box.top });
  axes(root, x, y, box, { x: [-4, -3, -2, -1, 0, 1, 2, 3].map((v) => [v, round(v)]), y: [0, 1, 2, 3].map((v) => [v, round(v)]) }, { x: "", y: "after the activation" });
  const most = Math.sqrt(Math.max(...layer.before));
  const unit = (layer.high - layer.low) / layer.before.length;
  layer.before.forEach((count, k) => {
    const [from, to] = [layer.low + k * unit, layer.low + (k + 1) * unit].map((v) => Math.max(SPAN[0], Math.min(SPAN[1], v)));
    if (to <= from) return;
    const high = (0.62 * (box.bottom - box.top) * Math.sqrt(count)) / most;
    root.append(svg("rect", { class: "given", x: x.at(from), width: Math.max(0.5, x.at(to) - x.at(from) - 0.4), y: box.bottom - high, height: high }));
  });
  const points = Array.from({ length: 281 }, (_, k) => SPAN[0] + (k * (SPAN[1] - SPAN[0])) / 280);
  for (const [key, f] of [["relu", relu], ["gelu", gelu]]) {
    root.append(polyline(points.map((v) => [x.at(v), y.at(f(v))]), { stroke: COLOURS[key], "stroke-width": 3 }));
  }
  root.append(svg("line", { class: "now", x1: x.at(at), x2: x.at(at), y1: box.top, y2: box.bottom }));
  for (const [key, f] of [["relu", relu], ["gelu", gelu]]) {
    root.append(svg("circle", { class: "here", cx: x.at(at), cy: y.at(f(at)), r: 6, fill: COLOURS[key] }));
  }
  root.xs = x;
}

function drawBars(root, layer) {
  const box = frameOf(root, 250);
  const high = Math.max(1, Math.min(layer.high, SPAN[1]));
  const low = -0.4;
  const x = scale({ from: low, to: high, start: box.left + 40, end: box.right });
  const total = layer.before.reduce((sum, count) => sum + count, 0);
  const zeros = { relu: layer.relu_zeros * total, gelu: layer.gelu_zeros * total };
  const most = Math.sqrt(Math.max(...layer.gelu, ...layer.relu, zeros.relu, zeros.gelu));
  const half = (box.bottom - box.top) / 2;
  const unit = (layer.high - layer.low) / layer.before.length;
  ["relu", "gelu"].forEach((key, lane) => {
    const floor = box.top + (lane + 1) * half - 6;
    const tall = (count) => ((half - 18) * Math.sqrt(count)) / most;
    root.append(svg("line", { class: "floor", x1: box.left, x2: box.right, y1: floor, y2: floor }));
    root.append(svg("rect", { x: box.left, width: 22, y: floor - tall(zeros[key]), height: tall(zeros[key]), fill: COLOURS[key] }));
    layer[key].forEach((count, k) => {
      const [from, to] = [layer.low + k * unit, layer.low + (k + 1) * unit];
      if (to < low || from > high) return;
      root.append(svg("rect", { x: x.at(Math.max(low, from)), width: Math.max(0.5, x.at(Math.min(high, to)) - x.at(Math.max(low, from)) - 0.4), y: floor - tall(count), height: tall(count), fill: COLOURS[key], opacity: 0.75 }));
    });
    root.append(svg("text", { x: box.right, y: floor - half + 20, "text-anchor": "end" }, key === "relu" ? "after ReLU" : "after GELU"));
  });
  root.append(svg("text", { x: box.left - 2, y: box.bottom + 12 }, "= 0"));
  for (const value of [low, ...steps(high, 3)]) root.append(svg("text", { x: x.at(value), y: box.bottom + 12, "text-anchor": "middle" }, round(value)));
}

const round = (value) => String(Number(value.toPrecision(2))).replace("-", "−");
const relu = (x) => Math.max(0, x);
const gelu = (x) => x * normal(x);
const slope = (x) => normal(x) + (x * Math.exp(-x * x / 2)) / Math.sqrt(2 * Math.PI);

/** The normal distribution function, by Abramowitz and Stegun 7.1.26: errors below 1.5e-7. */
export function normal(x) {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-z * z);
  return 0.5 * (1 + Math.sign(x) * erf);
}
