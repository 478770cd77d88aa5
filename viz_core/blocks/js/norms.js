// Batch norm or layer norm: one tensor three times, and which of its numbers are averaged.

import { gradient, opaqueLut, paintSigned } from "../../canvas/js/colour.js";
import { el, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { floats } from "../../cutter/js/wire.js";
import { cube } from "./cube.js";
import { apart, batchMoments, means, normalised, placeMoments, size, top } from "./moments.js";

const PANELS = [
  ["given", "Before", "what the norm is given"],
  ["batch", "After batch norm", "each channel by all places of all pictures in the batch"],
  ["layer", "After layer norm", "each place by all of its channels"],
];
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function createNorms(app) {
  const state = kept("convnext-norms", { tensor: "0", batch: 1, channel: 3, place: 100 });
  const part = { state, lut: opaqueLut(app.tables.PuOr) };
  part.set = (change) => { Object.assign(state, change); app.schedule(); };
  part.receive = (opened) => receive(app, part, opened);
  part.draw = () => draw(app, part);
  return part;
}

function receive(app, part, { header, parts }) {
  if (part.id === header.id) return;
  const { state } = part;
  Object.assign(part, { id: header.id, header, made: null });
  part.tensors = header.tensors.map((tensor, k) => ({
    ...tensor, given: floats(parts[`given${k}`]), mean: floats(parts[`mean${k}`]), square: floats(parts[`square${k}`]),
  }));
  if (!part.tensors[state.tensor]) state.tensor = "0";
  part.which = segmented("Tensor", part.tensors.map((one, k) => [String(k), one.name, `What ${one.name} is given: ${one.where}`]), (tensor) => part.set({ tensor }), app.signal);
  const count = header.pictures.length;
  part.batch = slider("Pictures in the batch", { min: 1, max: count, step: 1 }, (n) => (n > 1 ? `${n} pictures` : "1 picture"), (batch) => part.set({ batch }), app.signal);
  state.batch = Math.min(state.batch, count);
  part.panels = PANELS.map(([key, title, hint]) => panel(app, part, key, title, hint));
  part.facts = el("div.facts");
  part.verdict = el("p.verdict", { "aria-live": "polite" });
  part.who = el("p.caption");
  part.cell = el("p.cell");
  app.host.replaceChildren(
    el("div.controls", {}, row("given to", part.which.node), row("batch", part.batch.node), part.who),
    el("div.panels", {}, ...part.panels.map((one) => one.node)),
    el("div.legend", {}, el("span", {}, "Rows: channels; columns: places, row by row; this picture."),
      ...part.panels.map((one) => one.range), el("span", {}, "Bars right and below: means of rows and columns. Learned scale and shift are left out. In use, a trained batch norm takes means stored while it was trained instead of the batch's.")),
    el("div.readout", {}, part.cell, part.verdict));
}

function panel(app, part, key, title, hint) {
  const canvas = el("canvas.matrix", { tabIndex: 0, role: "img", "aria-label": `${title}: channels by places` });
  const drawing = cube(key);
  const range = el("span.range");
  const node = el("figure.panel", {}, el("figcaption", {}, el("b", {}, title), el("span", {}, hint)), drawing.node, canvas);
  const one = { key, canvas, range, node, drawing };
  const pick = (event) => {
    const box = canvas.getBoundingClientRect();
    const { channels, places, inner } = part.made;
    const column = Math.floor(((event.clientX - box.left) / inner.width) * places);
    const line = Math.floor(((event.clientY - box.top) / inner.height) * channels);
    if (column >= 0 && column < places && line >= 0 && line < channels) part.set({ channel: line, place: column });
  };
  canvas.addEventListener("pointermove", pick, { signal: app.signal });
  canvas.addEventListener("pointerdown", pick, { signal: app.signal });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    const { channels, places } = part.made;
    const clamp = (at, most) => Math.max(0, Math.min(most - 1, at));
    part.set({ channel: clamp(part.state.channel + move[0], channels), place: clamp(part.state.place + move[1], places) });
    event.preventDefault();
  }, { signal: app.signal });
  return one;
}

function compute(part) {
  const { tensor, batch } = part.state;
  const known = part.made;
  if (known?.tensor === tensor && known.batch === batch) return known;
  const { given, mean, square, shape: [channels] } = part.tensors[tensor];
  const places = given.length / channels;
  const own = placeMoments(given, channels);
  const shared = batchMoments(mean, square, channels, batch);
  const all = batchMoments(mean, square, channels, part.header.pictures.length);
  const byChannel = (c) => c;
  const values = {
    given,
    batch: normalised(given, channels, shared, byChannel),
    layer: normalised(given, channels, own, (_, p) => p),
  };
  const full = normalised(given, channels, all, byChannel);
  part.made = {
    tensor, batch, channels, places, values, own, shared, moved: apart(values.batch, full),
    means: Object.fromEntries(Object.entries(values).map(([key, one]) => [key, means(one, channels)])),
    tops: { given: top(given), batch: 3, layer: 3 },
  };
  return part.made;
}

function draw(app, part) {
  const { state } = part;
  const made = compute(part);
  state.channel = Math.min(state.channel, made.channels - 1);
  state.place = Math.min(state.place, made.places - 1);
  part.which.set(state.tensor);
  part.batch.set(state.batch);
  say(part.who, `In the batch: ${part.header.pictures.slice(0, state.batch).join(", ")}. ${part.tensors[state.tensor].where}.`);
  for (const one of part.panels) paintPanel(app, part, one, made);
  showCell(part, made);
  Object.assign(app.host.dataset, { batch: state.batch, tensor: state.tensor, channel: state.channel, place: state.place, moved: made.moved.toFixed(4) });
}

function paintPanel(app, part, { key, canvas, range, drawing }, made) {
  const { state, lut } = part;
  const { channels, places } = made;
  const width = canvas.clientWidth || 300;
  const ratio = Math.min(2.5, window.devicePixelRatio || 1);
  const height = Math.round((width * 0.8 * channels) / Math.max(places, channels));
  canvas.style.height = `${height}px`;
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const bars = 26;
  const inner = { width: width - bars, height: height - bars };
  made.inner = inner;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const image = new ImageData(places, channels);
  paintSigned(made.values[key], 0, made.tops[key], lut, new Uint32Array(image.data.buffer));
  clampColours(made.values[key], made.tops[key], lut, new Uint32Array(image.data.buffer));
  const small = Object.assign(document.createElement("canvas"), { width: places, height: channels });
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, inner.width, inner.height);
  const style = getComputedStyle(app.host);
  context.fillStyle = style.color;
  const unit = made.tops[key] / 2;
  const { rows, columns } = made.means[key];
  const wide = (value) => Math.max(0.6, Math.min(bars - 4, (Math.abs(value) / unit) * (bars - 4)));
  rows.forEach((value, c) => context.fillRect(inner.width + 3, (c * inner.height) / channels, wide(value), Math.max(0.6, inner.height / channels - 0.3)));
  columns.forEach((value, p) => context.fillRect((p * inner.width) / places, inner.height + 3, Math.max(0.6, inner.width / places - 0.3), wide(value)));
  context.lineWidth = 2;
  context.strokeStyle = style.getPropertyValue("--query");
  const [y, x] = [(state.channel * inner.height) / channels, (state.place * inner.width) / places];
  if (key !== "layer") context.strokeRect(0, y - 1, inner.width, inner.height / channels + 2);
  if (key !== "batch") context.strokeRect(x - 1, 0, inner.width / places + 2, inner.height);
  range.replaceChildren(`${{ given: "before", batch: "after batch norm", layer: "after layer norm" }[key]}: −${number(made.tops[key])}`,
    el("i.bar", { style: `background:${gradient(app.tables.PuOr)}` }), number(made.tops[key]));
  drawing.show({ batch: state.batch, pictures: part.header.pictures.length, channel: state.channel / channels, place: state.place / places });
}

/** Numbers beyond the scale get its last colour. */
function clampColours(values, most, lut, pixels) {
  for (let k = 0; k < pixels.length; k++) {
    if (Math.abs(values[k]) > most) pixels[k] = lut[values[k] > 0 ? 255 : 0];
  }
}

function showCell(part, made) {
  const { state } = part;
  const k = state.channel * made.places + state.place;
  const shown = (values) => number(values[k]);
  const { own, shared, values } = made;
  say(part.cell, `Channel ${state.channel + 1}, place ${state.place + 1}: ${shown(values.given)}. `
    + `Batch norm: (${shown(values.given)} − ${number(shared.centre[state.channel])}) ÷ ${number(shared.spread[state.channel])} = ${shown(values.batch)}. `
    + `Layer norm: (${shown(values.given)} − ${number(own.centre[state.place])}) ÷ ${number(own.spread[state.place])} = ${shown(values.layer)}.`);
  const rows = size(made.means.batch.rows);
  const count = part.header.pictures.length;
  const first = state.batch === 1
    ? "A batch of one: every channel of this picture has mean 0 after batch norm. Which channels answered strongly is lost."
    : `With ${state.batch} pictures a channel may keep its mean: typically ${number(rows)} after batch norm.`;
  const moved = state.batch === count ? `Counted over all ${count} pictures.` : `Against a batch of ${count}, this picture's numbers moved by ${number(made.moved)} after batch norm, by 0 after layer norm.`;
  say(part.verdict, `${first} ${moved}`);
}
