// The lens: input map, output map, and between them one place: neighbourhood × kernel = one number.

import { divergingLut, parseTable } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { fit, putSheet, sheetOf } from "../../channels/js/paint.js";
import { largest, stepOf } from "./store.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const AMBER = "#ffb224";
const READABLE = 21; // pixels of a cell in which a number fits

export function createLens(app) {
  const map = (label) => {
    const canvas = el("canvas.picture", { tabIndex: 0, role: "application" });
    canvas.setAttribute("aria-label", `${label}. Arrow keys move the place, Space plays.`);
    const title = el("b");
    const range = el("span.dim");
    const node = el("figure.map", {}, el("figcaption", {}, title, range), canvas);
    return { canvas, title, range, node };
  };
  const grid = () => {
    const canvas = el("canvas.grid", { role: "img" });
    const title = el("span");
    return { canvas, title, node: el("figure.sum", {}, canvas, el("figcaption", {}, title)) };
  };
  const lens = { input: map("Input map"), output: map("Output map"), grids: [grid(), grid(), grid()] };
  for (const one of [lens.input, lens.output]) listen(app, one.canvas);
  lens.value = el("b.value");
  lens.told = el("span.told");
  const sign = (text) => el("span.sign", {}, text);
  const [given, kernel, products] = lens.grids.map((one) => one.node);
  lens.node = el("div.lens", {},
    el("div.maps", {}, lens.input.node, lens.output.node),
    el("div.calculation", {}, given, sign("×"), kernel, sign("="), products),
    el("div.total", {}, lens.told, lens.value));
  return lens;
}

function listen(app, canvas) {
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
  };
  on("pointermove", (event) => app.point(at(event)));
  on("pointerdown", (event) => app.pin(at(event)));
  on("pointerleave", () => app.leave());
  on("keydown", (event) => {
    if (MOVES[event.key]) app.step(MOVES[event.key]);
    else if (event.key === " ") app.toggle();
    else if (event.key === "[" || event.key === "]") app.hop(event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

export function paintLens(app, lens) {
  const { scene } = app;
  app.overLut ??= divergingLut(app.tables.PuOr, 0.92);
  const [row, column] = app.place;
  const now = stepOf(scene, row, column);
  paintMap(app, lens.input, scene.planes.length > 1 ? null : scene.planes[0], scene.rows, scene.columns, scene.inTop);
  paintMap(app, lens.output, scene.output, scene.outRows, scene.outColumns, scene.outTop, app.done);
  frame(lens.input.canvas, scene, [now.top, now.left, scene.size, scene.size], scene.rows, scene.columns);
  frame(lens.output.canvas, scene, [row, column, 1, 1], scene.outRows, scene.outColumns, app.pinned);
  titles(app, lens);
  calculation(app, lens, now);
}

function paintMap(app, { canvas }, values, rows, columns, top, done = null) {
  const side = canvas.clientWidth;
  if (!side) return;
  fit(canvas, side, side, app.ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  context.imageSmoothingEnabled = true;
  context.drawImage(app.photo, 0, 0, full, full);
  if (!values) return;
  const sheet = sheetOf(app, rows, columns);
  const unit = top > 0 ? 127.5 / top : 0;
  for (let k = 0; k < values.length; k++) {
    const level = Math.max(0, Math.min(255, Math.round(127.5 + values[k] * unit)));
    sheet.pixels[k] = done === null || k <= done ? app.overLut[level] : 0x99141020;
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(putSheet(sheet), 0, 0, full, full);
}

function frame(canvas, scene, [top, left, high, wide], rows, columns, pinned) {
  const context = canvas.getContext("2d");
  const [y, x] = [canvas.height / rows, canvas.width / columns];
  const thick = canvas.width / 300;
  for (const [style, width] of [["rgba(0,0,0,0.6)", 4], [AMBER, 2.2]]) {
    context.strokeStyle = style;
    context.lineWidth = width * thick;
    context.strokeRect(left * x, top * y, wide * x, high * y);
  }
  if (!pinned) return;
  context.fillStyle = AMBER;
  context.fillRect(left * x, top * y, (wide * x) / 2, (high * y) / 2);
}

function titles(app, { input, output }) {
  const { scene, bank } = app;
  const channel = `channel ${app.shown + 1}`;
  const colour = scene.planes.length > 1;
  say(input.title, colour ? "The picture" : scene.grey ? "Grey values" : `Input, ${channel}`);
  say(output.title, scene.grey ? `Kernel ${app.shown + 1} on them` : `Output, ${channel}`);
  const range = (top, rows, columns) => `${rows} × ${columns}, ±${number(top)}`;
  say(input.range, colour ? `${scene.rows} × ${scene.columns} pixels` : range(scene.inTop, scene.rows, scene.columns));
  say(output.range, range(scene.outTop, scene.outRows, scene.outColumns));
  const name = bank.stage < 0 ? bank.label : `Stage ${bank.stage + 1}, block ${bank.block + 1}`;
  app.host.dataset.where = name;
}

function calculation(app, lens, now) {
  const { scene } = app;
  const { size, kernel } = scene;
  const [given, weights, products] = lens.grids;
  const colour = scene.planes.length > 1;
  const table = (app.cellColours ??= parseTable(app.tables.PuOr));
  const flat = (values, top) => (k) => ({ share: top > 0 ? values[k] / top : 0, value: values[k] });
  const part = now.cells.map((cell) => cell.product);
  const most = largest(part);
  const planes = (values, top) => (k) => ({ rgb: [0, 1, 2].map((p) => 127.5 + (127.5 * values(p, k)) / (top || 1)) });
  paintGrid(app, given.canvas, size, table, colour
    ? planes((p, k) => now.cells[k].given[p], scene.inTop) : flat(now.cells.map((cell) => cell.given[0]), scene.inTop),
  (k) => !now.cells[k].inside);
  paintGrid(app, weights.canvas, size, table, colour
    ? planes((p, k) => kernel[p * size * size + k], scene.kernelTop) : flat(kernel, scene.kernelTop));
  paintGrid(app, products.canvas, size, table, flat(part, most));
  say(given.title, `${size} × ${size} around the place`);
  say(weights.title, `kernel, ±${number(scene.kernelTop)}`);
  say(products.title, `products, ±${number(most)}`);
  const bias = scene.grey ? "" : ` ${scene.bias < 0 ? "−" : "+"} bias ${number(Math.abs(scene.bias))}`;
  say(lens.told, `Row ${app.place[0] + 1}, column ${app.place[1] + 1}: the ${size * size * scene.planes.length} products add up to ${number(now.sum)}${bias} =`);
  say(lens.value, number(now.value));
  app.host.dataset.value = String(now.value);
}

/** A grid of cells with their numbers where these can be read. */
function paintGrid(app, canvas, size, table, cellOf, outside = () => false) {
  const side = canvas.clientWidth;
  if (!side) return;
  fit(canvas, side, side, app.ratio);
  const context = canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, side, side);
  const cell = side / size;
  context.font = `${Math.min(11, cell * 0.4)}px system-ui, sans-serif`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  for (let k = 0; k < size * size; k++) {
    const [x, y] = [(k % size) * cell, Math.floor(k / size) * cell];
    const { rgb, share, value } = cellOf(k);
    const colour = rgb ?? table[Math.max(0, Math.min(255, Math.round(127.5 + 127.5 * share)))];
    context.fillStyle = outside(k) ? "#475569" : `rgb(${colour.map(Math.round)})`;
    context.fillRect(x, y, cell - 0.7, cell - 0.7);
    if (rgb || cell < READABLE || outside(k)) continue;
    context.fillStyle = Math.abs(share) > 0.55 ? "#fff" : "#1c1b2e";
    context.fillText(short(value), x + cell / 2, y + cell / 2);
  }
}

/** Two significant digits without the zero before the point. */
function short(value) {
  const size = Math.abs(value);
  if (size < 0.005) return "0";
  const text = size >= 10 ? String(Math.round(size)) : size >= 1 ? size.toFixed(1) : size.toFixed(2).slice(1);
  return (value < 0 ? "−" : "") + text;
}
