// Layer norm or batch norm: the same numbers three times, and what each one is normalised with.

import { gradient, parseTable } from "../../canvas/js/colour.js";
import { el, kept, row, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { figures } from "./chart.js";
import { cellAt, layOut, paint } from "./grid.js";
import { changesAt, inside, mismatch, sceneOf, valuesAt } from "./scenes.js";

const PANELS = [
  ["x", "Before", ""],
  ["layer", "After layer norm", "each token by its own channels"],
  ["batch", "After batch norm", "each channel by all tokens of the batch"],
];
const LINE = { layer: "#8b7cf6", batch: "#2f9be0" };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function createNorms(host, { tables, signal }) {
  const state = kept("norms", {
    words: 5, counted: "all", running: false, layer: 3, size: 4, tokens: "patches", show: "values",
    cell: { g: 1, t: 2, c: 3 },
  });
  const lab = { schedule: () => {} };
  const set = (part) => { Object.assign(state, part); lab.schedule(); };
  const colours = { signed: parseTable(tables.PuOr), size: parseTable(tables.magma) };
  const words = slider("Words appended to the last sentence", { min: 0, max: 6, step: 1 }, (i) => `${i} appended`, (i) => set({ words: i }), signal);
  const counted = segmented("Padding", [
    ["all", "counts", "Zeros after the end of a sentence enter batch norm's mean and variance"],
    ["real", "is left out", "Only real words enter batch norm's mean and variance"],
  ], (value) => set({ counted: value }), signal);
  const shown = segmented("Show", [
    ["values", "values", "The numbers"], ["changes", "change", "How far each number moved since nothing was appended"],
  ], (value) => set({ show: value }), signal);
  const layer = slider("Layer", { min: 0, max: 5, step: 1 }, (i) => `after ${i + 1}`, (i) => set({ layer: i }), signal);
  const size = slider("Pictures in the batch", { min: 1, max: 4, step: 1 }, (i) => (i > 1 ? `${i} pictures` : "1 picture"), (i) => set({ size: i }), signal);
  const tokens = segmented("Tokens", [
    ["patches", "all tokens", "Batch norm counts all tokens of a picture"], ["class", "class token", "One vector a picture, as before a classifier"],
  ], (value) => set({ tokens: value }), signal);
  const running = toggle("test time: batch norm uses running statistics", (on) => set({ running: on }), signal);
  const rows = {
    sentences: [row("last line", words.node), row("padding", counted.node), row("show", shown.node)],
    pictures: [row("layer", layer.node), row("batch", size.node), row("tokens", tokens.node)],
  };
  const panels = PANELS.map(([name, title, hint]) => {
    const canvas = el("canvas", { tabIndex: 0, role: "img" });
    const range = el("span.range");
    const head = el("div.panel-head", {}, el("b", {}, title), el("span", {}, hint), range);
    return { name, canvas, range, node: el("div.panel", {}, head, canvas) };
  });
  const names = el("div.group-names");
  const labels = el("div.word-labels", { "aria-hidden": "true" });
  const readout = el("div.readout", { "aria-live": "polite" });
  const verdict = el("div.verdict");
  host.append(
    el("div.card.wide", {}, names, labels, ...panels.map((panel) => panel.node),
      el("div.legend", {}, el("span.swatch.line", { style: `--c:${LINE.layer}` }, "normalised together by layer norm"),
        el("span.swatch.line", { style: `--c:${LINE.batch}` }, "by batch norm"),
        el("span.marks", {}, el("i.mark.hidden"), "padding"), el("span", {}, "rows: channels; columns: tokens"))),
    el("div.card", {}, el("div.controls", {}, ...rows.sentences, ...rows.pictures, el("div.row", {}, running.node)), verdict, readout),
  );
  const choose = (cell) => { if (cell) set({ cell }); };
  for (const { canvas } of panels) {
    for (const kind of ["pointermove", "pointerdown"]) {
      canvas.addEventListener(kind, (event) => {
        const rect = canvas.getBoundingClientRect();
        choose(cellAt(lab.layout, lab.scene, event.clientX - rect.left, event.clientY - rect.top));
      }, { signal });
    }
    canvas.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move) return;
      event.preventDefault();
      choose(walked(lab.scene, state.cell, move));
    }, { signal });
  }
  lab.take = (payload) => {
    if (payload.pictures) layer.input.max = payload.pictures.layers.length - 1;
    if (payload.pictures) state.layer = Math.min(state.layer, payload.pictures.layers.length - 1);
  };
  lab.draw = (payload) => {
    const typed = payload.source === "sentences";
    for (const node of rows.sentences) node.hidden = !typed;
    for (const node of rows.pictures) node.hidden = typed;
    words.set(state.words);
    counted.set(state.counted);
    shown.set(state.show);
    layer.set(state.layer);
    size.set(state.size);
    tokens.set(state.tokens);
    running.set(state.running);
    const scene = (lab.scene = sceneOf(payload, state));
    state.cell = inside(scene, state.cell);
    const width = panels[0].node.clientWidth;
    lab.layout = layOut(scene, width, host.dataset.width === "slim" ? 10 : 13);
    const changes = typed && state.show === "changes";
    for (const panel of panels) drawPanel(panel, { scene, state, layout: lab.layout, changes, colours, tables, typed });
    drawNames(names, labels, scene, lab.layout, typed);
    drawReadout(readout, scene, state.cell, typed);
    drawVerdict(verdict, scene, state, typed, payload);
  };
  return lab;
}

function walked(scene, { g, t, c }, [right, down]) {
  let to = { g, t: t + right, c: Math.max(0, Math.min(scene.channels.length - 1, c + down)) };
  if (!scene.groups[g].real[to.t]) {
    const next = g + right;
    if (!scene.groups[next]) return null;
    to = { ...to, g: next, t: right > 0 ? 0 : scene.groups[next].real.lastIndexOf(true) };
  }
  return to;
}

function drawPanel({ name, canvas, range }, { scene, state, layout, changes, colours, tables, typed }) {
  const read = changes ? changesAt : valuesAt;
  const at = (g, t, c) => read(scene, { g, t, c })?.[name] ?? null;
  const top = changes ? scene.changed.batch || 1 : name === "x" ? reach(scene) : 3;
  const { cell } = state;
  const together = {
    x: () => true,
    layer: (g, t) => g === cell.g && t === cell.t,
    batch: (_g, _t, c) => c === cell.c,
  }[name];
  paint(canvas, scene, layout, {
    value: (g, t, c) => {
      const value = at(g, t, c);
      return value === null ? null : changes ? value / top : 0.5 + value / top / 2;
    },
    table: changes ? colours.size : colours.signed,
    member: changes ? () => true : together,
    lines: linesOf(name, scene, cell),
    counted: name !== "layer" && state.counted === "all" && !state.running,
  });
  const bar = el("i.bar", { style: `background:${gradient(changes ? tables.magma : tables.PuOr)}` });
  range.replaceChildren(el("span", {}, changes ? "0" : `\u2212${figures(top)}`), bar, el("span", {}, changes ? `moved by ${figures(top)}` : figures(top)));
  const what = typed ? "words of sentences" : "tokens of pictures";
  canvas.setAttribute("aria-label", `${what} against channels, ${name === "x" ? "before" : `after ${name} norm`}; arrow keys choose a number`);
}

function linesOf(name, scene, { g, t, c }) {
  const lines = [];
  if (name !== "batch") lines.push({ g, t, c: 0, rows: scene.channels.length, colour: LINE.layer });
  if (name !== "layer") {
    scene.groups.forEach((group, i) => {
      const columns = group.real.lastIndexOf(true) + 1;
      lines.push({ g: i, t: 0, c, columns, colour: LINE.batch });
    });
  }
  lines.push({ g, t, c, colour: "#ffb224", thick: true });
  return lines;
}

/** The size that 97 % of the numbers stay below. */
function reach(scene) {
  const sizes = scene.groups.flatMap((group) => group.x.flatMap((token, t) => (group.real[t] ? token.map(Math.abs) : [])));
  sizes.sort((a, b) => a - b);
  return Number(sizes[Math.floor(0.97 * (sizes.length - 1))].toPrecision(2)) || 1;
}

function drawNames(names, labels, scene, { slot, starts }, typed) {
  names.replaceChildren(...scene.groups.map((group, g) => el("span", {
    className: group.edited ? "edited" : "", style: `left:${starts[g]}px;max-width:${group.slots * slot}px`,
  }, slot * group.slots > 78 || !typed ? group.name : String(g + 1))));
  labels.hidden = !typed || slot < 11;
  if (labels.hidden) return;
  labels.replaceChildren(...scene.groups.flatMap((group, g) => group.labels.map((word, t) =>
    el("span", { style: `left:${starts[g] + (t + 0.5) * slot}px` }, word))));
}

function drawReadout(node, scene, cell, typed) {
  const group = scene.groups[cell.g];
  const { x, layer, batch } = valuesAt(scene, cell);
  const place = typed ? `“${group.labels[cell.t]}”` : group.labels[cell.t];
  const sum = (m, s, out) => `(${figures(x)} ${m < 0 ? "+" : "\u2212"} ${figures(Math.abs(m))}) ÷ ${figures(s)} = ${figures(out)}`;
  const line = (name, colour, formula, note) => el("div.fact-line", {},
    el("span.swatch.line", { style: `--c:${colour}` }, name), el("b", {}, formula), el("span.fact-note", {}, note));
  node.replaceChildren(
    el("div.who", {}, el("span.dot"), el("span.title", {}, figures(x)), el("span.note", {}, `${group.name}, ${place}, ${scene.channels[cell.c]}`)),
    line("layer norm", LINE.layer, sum(group.mean[cell.t], group.std[cell.t], layer), `mean and spread of the ${scene.width} channels of this token`),
    scene.batch
      ? line("batch norm", LINE.batch, sum(scene.batch.mean[cell.c], scene.batch.std[cell.c], batch),
        scene.batch === scene.own ? `mean and spread of this channel over ${scene.own.count} tokens` : "running mean and spread of this channel, from training")
      : line("batch norm", LINE.batch, "refused", "one value a channel: minus its own mean it is 0, divided by a spread of 0"),
  );
}

function drawVerdict(node, scene, state, typed, payload) {
  const lines = [];
  const fact = (label, value, note) => lines.push(el("div.fact", {}, el("span.fact-label", {}, label), el("span.fact-value", {}, value), el("span.fact-note", {}, note)));
  if (typed) {
    const appended = state.words === 1 ? "1 word" : `${state.words} words`;
    fact("layer norm moved others by", scene.changed.layer === 0 ? "0 exactly" : figures(scene.changed.layer), `largest change of the other sentences after ${appended}`);
    fact("batch norm moved others by", scene.changed.batch === 0 ? "0 exactly" : figures(scene.changed.batch), state.running ? "running statistics do not see this batch" : "in units of the spread that batch norm gives");
  }
  if (!typed) {
    const count = scene.own?.count ?? 1;
    fact("layer norm takes its mean over", `${scene.width}`, "channels of one token; the batch does not matter");
    if (state.running) fact("batch norm takes its mean from", "training", "running statistics of other pictures");
    else fact("batch norm takes its mean over", count === 1 ? "1: refused" : String(count), count === 1 ? "PyTorch: “Expected more than 1 value per channel when training”" : `${state.size} × ${count / state.size} tokens of the batch`);
  }
  const off = state.running ? mismatch(scene) : null;
  const text = off
    ? `After training batch norm no longer makes mean 0 and spread 1 here: a channel's mean is off by up to ${figures(off.mean)}, spreads lie between ${figures(off.least)} and ${figures(off.most)}.`
    : state.running && !scene.own ? "With running statistics one picture works again, but by the numbers of other pictures."
      : !typed && state.size === 1 && state.tokens === "patches" ? "A batch of one: its mean is over this picture alone, so what all its patches share is lost."
        : !typed ? `${payload.shownNote}` : "";
  node.replaceChildren(el("div.facts", {}, ...lines), el("p.caption", {}, text));
}
