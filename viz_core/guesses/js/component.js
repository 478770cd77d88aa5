// Step “Guesses”: one picture under many masks at once; mean, spread, and every guess of a patch.

import { gradient, opaqueLut } from "../../canvas/js/colour.js";
import { el, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { mounted } from "../../cutter/js/wire.js";
import { axes, figures, percent, scale, steps, svg } from "../../labs/js/chart.js";
import { hatch } from "../../ratios/js/sheet.js";
import { correlation, summarise } from "./stats.js";

const BIG = { truth: "The picture", mean: "Mean guess", spread: "Spread of the guesses" };
const ZOOM = 44;
const ENOUGH = 8; // masks, for a word about agreement

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, state: kept("mae-guesses", { count: 32, patch: -1, wall: "pasted" }) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  host.classList.add("guesses");
  const watch = new ResizeObserver(app.schedule);
  return {
    show({ header, parts }) {
      if (header.id !== app.model?.id) {
        app.model = header;
        app.parts = parts;
        app.done = "";
        app.top = 0;
        build(app);
      }
      watch.observe(host);
      draw(app);
    },
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { model, signal, parts } = app;
  app.lut = opaqueLut(app.tables.magma);
  app.thumbs = Array.from({ length: model.count }, (_, k) => thumb(app, k));
  app.big = Object.fromEntries(Object.keys(BIG).map((id) => [id, panel(app, id)]));
  app.count = slider("Masks drawn", { min: 2, max: model.count, step: 1 }, (n) => `${n} masks`, (count) => app.set({ count }), signal);
  app.count.node.title = "Mean and spread are taken over this many random masks";
  app.walls = segmented("The wall shows", [["pasted", "Filled in", "Visible patches as they are, hidden ones as guessed"], ["raw", "Raw", "What the decoder gives for every patch"], ["mask", "What it saw", "The visible patches alone"]], (wall) => app.set({ wall }), signal);
  app.title = el("strong.title");
  app.place = el("span.note");
  app.strip = el("canvas.strip", { role: "img" });
  app.facts = el("p.facts-line");
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  const ramp = el("span.bar", { style: `background:${gradient(app.tables.magma)}` });
  app.high = el("span");
  const legend = el("div.legend", {}, el("span.range", {}, "0", ramp, app.high),
    "standard deviation over the masks that hid it, % of the full range, scaled to the largest of all masks; blank: hidden fewer than twice");
  app.wall = el("div.wall", {}, ...app.thumbs.map((one) => one.node));
  app.host.replaceChildren(
    el("div.card.bigs", {}, el("div.three", {}, ...Object.values(app.big).map((one) => one.node)), legend, row("masks", app.count.node)),
    el("div.card.patch", {}, el("div.who", {}, el("i.dot"), app.title, app.place), app.strip, app.facts, app.chart, app.verdict),
    el("div.card.all", {}, el("div.row", {}, el("span.label", {}, "wall"), app.walls.node), app.wall));
  app.raw = Object.fromEntries(["truth", "guesses", "masks"].map((name) => [name, parts[name]]));
}

function panel(app, id) {
  const canvas = el("canvas", { width: app.model.side, height: app.model.side, tabIndex: id === "spread" ? 0 : -1, role: "img", "aria-label": `${BIG[id]}: arrows move the patch` });
  listen(app, canvas);
  return { canvas, node: el("figure.big", {}, canvas, el("figcaption", {}, BIG[id])) };
}

function thumb(app, index) {
  const canvas = el("canvas", { width: app.model.side, height: app.model.side, title: `Mask ${index + 1}` });
  listen(app, canvas);
  return { canvas, node: el("div.thumb", {}, canvas) };
}

function listen(app, canvas) {
  const { grid } = app.model;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = (value, size) => Math.max(0, Math.min(grid - 1, Math.floor((grid * value) / size)));
    app.set({ patch: place(event.clientY - box.top, box.height) * grid + place(event.clientX - box.left, box.width) });
  };
  canvas.addEventListener("pointermove", at, { signal: app.signal });
  canvas.addEventListener("pointerdown", at, { signal: app.signal });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid, ArrowDown: grid }[event.key];
    const next = app.state.patch + (step ?? 0);
    if (!step || next < 0 || next >= grid * grid) return;
    event.preventDefault();
    app.set({ patch: next });
  }, { signal: app.signal });
}

function draw(app) {
  const { host, model, state, raw } = app;
  if (!model || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const { side, grid } = model;
  const count = Math.min(state.count, model.count);
  const facts = { guesses: raw.guesses, masks: raw.masks, truth: raw.truth, side, grid };
  if (!app.top) app.top = summarise({ ...facts, count: model.count }).sd.reduce((most, value) => Math.max(most, value), 1);
  if (app.done !== `${count}`) {
    app.found = summarise({ ...facts, count });
    app.done = `${count}`;
  }
  if (state.patch < 0 || state.patch >= grid * grid) state.patch = app.found.spread.indexOf(Math.max(...app.found.spread));
  app.count.set(count);
  app.walls.set(state.wall);
  say(app.high, percent(app.top / 255));
  bigs(app);
  wall(app, count);
  patch(app, count);
  scatter(app);
  Object.assign(host.dataset, { count: String(count), patch: String(state.patch), wall: state.wall, spread: (app.found.spread[state.patch] / 255).toFixed(5), seen: String(app.found.counts[state.patch]) });
}

function paint(canvas, pixel, side) {
  const image = new ImageData(side, side);
  const words = new Uint32Array(image.data.buffer);
  for (let k = 0; k < words.length; k++) words[k] = pixel(k);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side);
  context.putImageData(image, 0, 0);
  return context;
}

const word = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

function bigs(app) {
  const { found, raw, model: { side, grid }, lut, state } = app;
  const patchOf = (k) => Math.floor(Math.floor(k / side) / (side / grid)) * grid + Math.floor((k % side) / (side / grid));
  const pixel = {
    truth: (k) => word(raw.truth[3 * k], raw.truth[3 * k + 1], raw.truth[3 * k + 2]),
    mean: (k) => (found.counts[patchOf(k)] ? word(...[0, 1, 2].map((c) => Math.round(found.mean[3 * k + c]))) : 0),
    spread: (k) => (found.counts[patchOf(k)] > 1 ? lut[Math.min(255, Math.round((255 * found.sd[k]) / app.top))] : 0),
  };
  for (const [id, { canvas }] of Object.entries(app.big)) mark(paint(canvas, pixel[id], side), state.patch, side, grid, 1);
}

function mark(context, patch, side, grid, wide) {
  const size = side / grid;
  const [x, y] = [(patch % grid) * size, Math.floor(patch / grid) * size];
  context.lineWidth = wide;
  context.strokeStyle = "#1c1b2e";
  context.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1);
  context.strokeStyle = "#ffb224";
  context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
}

function wall(app, count) {
  const { raw, model: { side, grid }, state } = app;
  const cells = grid * grid;
  const size = side / grid;
  app.thumbs.forEach(({ canvas, node }, k) => {
    node.hidden = k >= count;
    if (node.hidden) return;
    if (canvas.drawn !== state.wall) {
      canvas.drawn = state.wall;
      const shift = 3 * k * side * side;
      const image = new Uint32Array(side * side);
      for (let at = 0; at < image.length; at++) {
        const p = Math.floor(Math.floor(at / side) / size) * grid + Math.floor((at % side) / size);
        const guessed = state.wall === "raw" || (state.wall === "pasted" && raw.masks[k * cells + p]);
        const from = guessed ? raw.guesses : raw.truth;
        const i = 3 * at + (guessed ? shift : 0);
        image[at] = word(from[i], from[i + 1], from[i + 2]);
      }
      canvas.kept = image;
    }
    const context = paint(canvas, (at) => canvas.kept[at], side);
    if (state.wall === "mask") hatch(context, side, grid, (p) => raw.masks[k * cells + p]);
    mark(context, state.patch, side, grid, 2);
  });
}

/** The chosen patch as it is, and as every mask that hid it made the network guess it. */
function patch(app, count) {
  const { raw, found, strip, model: { side, grid }, state } = app;
  const p = state.patch;
  const size = side / grid;
  const drawn = [];
  for (let k = 0; k < count; k++) if (raw.masks[k * grid * grid + p]) drawn.push(k);
  const wide = Math.max(220, strip.parentElement.clientWidth - 30);
  const across = Math.max(4, Math.floor(wide / (ZOOM * 0.72)));
  const cell = wide / across;
  const rows = Math.ceil((drawn.length + 4) / across);
  const ratio = devicePixelRatio || 1;
  strip.width = Math.round(wide * ratio);
  strip.height = Math.round(rows * cell * ratio);
  strip.style.height = `${rows * cell}px`;
  const context = strip.getContext("2d");
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const small = el("canvas", { width: size, height: size });
  const put = (from, shift, slot, scaled) => {
    const image = new ImageData(size, size);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const i = shift + 3 * ((Math.floor(p / grid) * size + y) * side + (p % grid) * size + x);
        image.data.set([from[i], from[i + 1], from[i + 2], 255], 4 * (y * size + x));
      }
    }
    small.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(small, (slot % across) * cell + 1, Math.floor(slot / across) * cell + 1, cell * scaled - 2, cell * scaled - 2);
  };
  const free = [];
  for (let slot = 0; free.length < drawn.length; slot++) {
    if (slot % across > 1 || Math.floor(slot / across) > 1) free.push(slot);
  }
  put(raw.truth, 0, 0, 2);
  context.strokeStyle = "#ffb224";
  context.lineWidth = 2;
  context.strokeRect(2, 2, 2 * cell - 4, 2 * cell - 4);
  drawn.forEach((k, i) => put(raw.guesses, 3 * k * side * side, free[i], 1));
  say(app.title, `Row ${Math.floor(p / grid) + 1}, column ${(p % grid) + 1}`);
  say(app.place, `hidden by ${drawn.length} of ${count} masks`);
  strip.setAttribute("aria-label", `The patch, and its ${drawn.length} guesses`);
  const rank = [...found.spread].filter((one) => one > found.spread[p]).length + 1;
  say(app.facts, drawn.length > 1
    ? `Large: the patch itself. Small: its ${drawn.length} guesses. They differ by ${percent(found.spread[p] / 255)} (rank ${rank} of ${[...found.counts].filter((one) => one > 1).length}); their mean misses the truth by ${percent(found.error[p] / 255)}.`
    : "Large: the patch itself. Fewer than two of these masks hid it: draw more of them.");
}

function scatter(app) {
  const { chart, found, state, model: { grid } } = app;
  const width = Math.max(220, chart.parentElement.clientWidth - 30);
  const height = 190;
  chart.setAttribute("width", width);
  chart.setAttribute("height", height);
  const box = { left: 34, right: width - 10, top: 26, bottom: height - 40 };
  const to = (list) => Math.max(1, 1.08 * Math.max(...list) / 2.55);
  const x = scale({ from: 0, to: to(found.spread), start: box.left, end: box.right });
  const y = scale({ from: 0, to: to(found.error), start: box.bottom, end: box.top });
  chart.replaceChildren();
  const ticks = (most) => steps(most).map((k) => [k, figures(k)]);
  axes(chart, x, y, box, { x: ticks(to(found.spread)), y: ticks(to(found.error)) }, { x: "spread of the guesses, %", y: "error of their mean, %" });
  for (let p = 0; p < grid * grid; p++) {
    if (found.counts[p] < 2 || p === state.patch) continue;
    chart.append(svg("circle", { cx: x.at(found.spread[p] / 2.55), cy: y.at(found.error[p] / 2.55), r: 3, class: "one" }));
  }
  chart.append(svg("circle", { cx: x.at(found.spread[state.patch] / 2.55), cy: y.at(found.error[state.patch] / 2.55), r: 6, class: "picked" }));
  const r = correlation(found.spread, found.error, found.counts);
  chart.setAttribute("aria-label", `Error against spread of ${grid * grid} patches, correlation ${figures(r)}`);
  const known = [...found.counts].filter((one) => one > 1).length;
  say(app.verdict, state.count < ENOUGH ? `${state.count} masks are too few to say whether agreement means being right.` : Number.isFinite(r) ? `${r > 0.5 ? "Where the guesses agree they are mostly right" : r > 0.2 ? "Agreement is a weak hint of being right" : "Agreement says little about being right here"}: correlation ${figures(r)} over the ${known} patches that two masks or more hid.` : "");
}
