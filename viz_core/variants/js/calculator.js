// A compact transformer of one's own: tokens, parameters and multiply-adds while a slider moves.

import { el, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { percent } from "../../canvas/js/words.js";
import { counted } from "../../labs/js/chart.js";
import { cost, maps, window as windowOf } from "./cost.js";

export const CHOSEN = "saccade-variant";
const KINDS = [
  ["patches", "Patches", "Kernels that do not overlap, without pooling: ViT-Lite and CVT"],
  ["convolutions", "Convolutions", "Overlapping kernels, ReLU and max pooling: CCT"],
];
const READINGS = [
  ["class", "Class token", "The head reads one extra token: ViT-Lite"],
  ["pool", "Sequence pooling", "The head reads all tokens, weighted: CVT and CCT"],
];
const PARTS = { tokenizer: "tokenizer", projections: "projections", attention: "attention", mlp: "MLP", head: "head" };
const COLOURS = ["#d55e00", "#8b7cf6", "#20b2a6", "#f0a030", "#94a3b8"];
const KERNELS = { patches: [2, 4, 8, 16], convolutions: [1, 3, 5, 7] };
const SAME = ["side", "kernel", "stride", "padding", "convolutions", "pooled", "width", "depth", "ratio", "pool", "classes"];

export function startCalculator(host) {
  const ends = new AbortController();
  const app = { host, signal: ends.signal, state: kept("compact-calculator", {}) };
  app.set = (part) => { Object.assign(app.state, part); settle(app.state); draw(app); };
  host.classList.add("variants");
  globalThis.addEventListener(CHOSEN, ({ detail }) => put(app, detail), { signal: ends.signal });
  return {
    show(message) {
      app.rows = message.rows;
      if (!app.state.width) put(app, message.first);
      const { view } = message;
      if (view.serial && view.serial !== app.state.asked) {
        app.state.asked = view.serial;
        put(app, view.variant);
      }
      if (!app.tracks) build(app);
      draw(app);
    },
    end() {
      ends.abort();
      host.replaceChildren();
    },
  };
}

/** Takes over a published variant. */
function put(app, name) {
  const found = app.rows.find((one) => one.name === name) ?? app.rows.find((one) => one.name === "cct_2_3x2_32");
  const { side, kernel, stride, padding, convolutions, pooled, bias, width, depth, ratio, pool, classes } = found;
  Object.assign(app.state, { side, kernel, stride, padding, convolutions, pooled, bias, width, depth, ratio, pool, classes });
  if (app.tracks) draw(app);
}

/** What follows from the rest: patches never overlap, convolutions do. */
function settle(made) {
  if (!made.pooled) Object.assign(made, { stride: made.kernel, padding: 0, convolutions: 1, bias: true });
  else Object.assign(made, { stride: made.kernel === 7 ? 2 : 1, padding: (made.kernel - 1) / 2, bias: false });
}

function build(app) {
  const { signal } = app;
  const track = (name, label, title, [min, max, step], words = String) => {
    const made = slider(title, { min, max, step }, words, (value) => app.set({ [name]: value }), signal);
    made.node.title = title;
    return { ...made, row: row(label, made.node), name };
  };
  app.kinds = segmented("Tokenizer", KINDS, (kind) => app.set({ pooled: kind === "convolutions", kernel: kind === "convolutions" ? 3 : 4 }), signal);
  app.readings = segmented("Read by", READINGS, (kind) => app.set({ pool: kind === "pool" }), signal);
  app.kernels = el("div.kernels");
  app.tracks = [
    track("convolutions", "convs", "Convolutions, one after the other", [1, 3, 1]),
    track("depth", "layers", "Layers of the transformer", [1, 14, 1]),
    track("width", "width", "Numbers a token has", [64, 512, 64]),
    track("ratio", "MLP", "Width of the MLP's hidden layer over the width", [1, 4, 1], (value) => `× ${value}`),
    track("side", "picture", "Side of the picture in pixels", [32, 384, 32], (value) => `${value}\u2009px`),
  ];
  app.facts = Object.fromEntries(["tokens", "parameters", "macs"].map((name) => {
    const [value, note] = [el("span.fact-value"), el("span.fact-note")];
    return [name, { value, note, node: el("div.fact", {}, el("span.fact-label", {}, { tokens: "Tokens", parameters: "Parameters", macs: "MACs a picture" }[name]), value, note) }];
  }));
  app.bars = Object.keys(PARTS).map((name, k) => el("i", { title: PARTS[name], style: `--c:${COLOURS[k]}` }));
  app.legend = Object.entries(PARTS).map(([, words], k) => el("span.swatch", { style: `--c:${COLOURS[k]}` }, words));
  app.told = el("p.told", { "aria-live": "polite" });
  app.host.replaceChildren(el("div.card", {},
    row("tokens by", app.kinds.node), row("kernel", app.kernels), app.tracks[0].row, row("read by", app.readings.node),
    ...app.tracks.slice(1).map((one) => one.row),
    el("div.facts.three", {}, ...Object.values(app.facts).map((one) => one.node)),
    el("div.sum-bar", { role: "img" }, ...app.bars), el("div.legend", {}, ...app.legend), app.told));
}

function draw(app) {
  const made = app.state;
  const kind = made.pooled ? "convolutions" : "patches";
  app.kinds.set(kind);
  app.readings.set(made.pool ? "pool" : "class");
  if (app.kernelsOf !== kind) {
    app.kernelsOf = kind;
    app.kernel = segmented("Kernel", KERNELS[kind].map((size) => [String(size), `${size} × ${size}`, "Side of the kernels in pixels"]), (size) => app.set({ kernel: Number(size) }), app.signal);
    app.kernels.replaceChildren(app.kernel.node);
  }
  app.kernel.set(String(made.kernel));
  for (const one of app.tracks) one.set(made[one.name]);
  app.tracks[0].row.classList.toggle("off", !made.pooled);
  app.tracks[0].input.disabled = !made.pooled;
  const fits = made.pooled || made.side % made.kernel === 0;
  const found = fits ? cost(made) : null;
  tell(app, made, found);
  Object.assign(app.host.dataset, found ? { tokens: found.tokens, parameters: found.parameters, macs: found.macs } : { tokens: 0, parameters: 0, macs: 0 });
}

function tell(app, made, found) {
  const { tokens, parameters, macs: total } = app.facts;
  const whole = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
  const grid = found ? maps(made).at(-1).side : 0;
  say(tokens.value, found ? String(found.tokens) : "–");
  say(tokens.note, found ? `${grid} × ${grid}${made.pool ? "" : " and a class token"}` : "");
  say(parameters.value, found ? counted(found.parameters) : "–");
  say(parameters.note, found ? whole(found.parameters) : "");
  say(total.value, found ? counted(found.macs) : "–");
  say(total.note, found ? `${percent(found.parts.tokenizer / found.macs)} in the tokenizer` : "");
  Object.keys(PARTS).forEach((name, k) => { app.bars[k].style.width = found ? `${(100 * found.parts[name]) / found.macs}%` : "0"; });
  say(app.told, found ? sentence(app, made) : `${made.side} pixels do not divide into patches of ${made.kernel}, or nothing is left of them.`);
}

function sentence(app, made) {
  const { side, step } = windowOf(made);
  const reads = side > step ? `A token reads ${side} × ${side} pixels, the next one begins ${step} further: they overlap.` : `A token reads ${side} × ${side} pixels of its own.`;
  const same = app.rows.find((one) => !one.sine && SAME.every((name) => one[name] === made[name]));
  if (!same) return `${reads} Nobody has published this one.`;
  const known = same.cifar10 ? `, ${same.cifar10.toFixed(2)}\u2009% on CIFAR-10 in the paper` : "";
  return `${reads} This is ${same.title}${known}.`;
}
