// One picture as a network sees it while it learns: where it looks, and what it says. The last
// moment is now; the ones before it can be played again.

import { gradient, paintValues, sequentialLut } from "../../canvas/js/colour.js";
import { el, icon, say, slider } from "../../canvas/js/dom.js";
import { bitmapOf, mounted } from "../../cutter/js/wire.js";

const HOLD = 700; // milliseconds a moment when played
const GLIDE = 450; // milliseconds from one moment to the next
const OPACITY = 0.86;
const THIN = "\u2009";

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
// A map that is nearly even must look even: colours reach at least to so many times the even share.
const HEADROOM = 3;
const topOf = (weights) => Math.max(HEADROOM / weights.length, ...weights);
const percent = (share) => {
  const value = 100 * share;
  return `${value >= 99.95 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2)}${THIN}%`;
};

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, lut: sequentialLut(tables.magma, OPACITY), serial: 0, at: null, over: -1 };
  app.schedule = () => { app.pending ||= requestAnimationFrame((now) => { app.pending = 0; draw(app, now); }); };
  host.classList.add("watch");
  const watch = new ResizeObserver(app.schedule);
  watch.observe(host);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      const bitmap = await bitmapOf(parts.picture);
      if (serial !== app.serial || app.signal.aborted) return bitmap.close();
      app.picture?.close();
      app.picture = bitmap;
      const other = app.model?.classes.join() !== header.classes.join();
      const fewer = app.model && app.model.moments.length > header.moments.length;
      app.model = header;
      if (other) build(app);
      if (fewer) app.at = null;
      aim(app);
    },
    end() {
      ends.abort();
      clearTimeout(app.timer);
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.picture?.close();
      host.replaceChildren();
    },
  };
}

/** The moment that is shown; null in `at` follows what is newest. */
const shown = (app) => Math.min(app.at ?? Infinity, app.model.moments.length - 1);

/** Glide from what is on the screen to the moment that is to be shown. */
function aim(app) {
  const target = app.model.moments[shown(app)];
  const same = app.drawn && app.drawn.weights.length === target.weights.length
    && app.drawn.probabilities.length === target.probabilities.length;
  app.from = same && !still() ? app.drawn : target;
  app.target = target;
  app.since = performance.now();
  app.schedule();
}

function go(app, at) {
  app.at = at >= app.model.moments.length - 1 ? null : at;
  aim(app);
}

function play(app) {
  const last = app.model.moments.length - 1;
  app.playing = true;
  if (shown(app) >= last) go(app, 0);
  const next = () => {
    if (!app.playing) return;
    if (shown(app) >= app.model.moments.length - 1) return stop(app);
    go(app, shown(app) + 1);
    app.timer = setTimeout(next, HOLD);
  };
  app.timer = setTimeout(next, HOLD);
  app.schedule();
}

function stop(app) {
  app.playing = false;
  clearTimeout(app.timer);
  app.schedule();
}

function build(app) {
  const { model, signal, tables } = app;
  app.canvas = el("canvas.picture", { role: "img", tabIndex: 0 });
  app.badge = el("span.badge");
  app.note = el("p.readout", { "aria-live": "off" });
  app.play = el("button.round", { type: "button" });
  app.play.addEventListener("click", () => (app.playing ? stop(app) : play(app)), { signal });
  app.slider = slider("Moment of the training", { min: 0, max: 1, step: 1 },
    (at) => app.model.moments[Math.min(at, app.model.moments.length - 1)].when,
    (at) => { stop(app); go(app, at); }, signal);
  app.slider.node.title = "Saved moments; the last one is now";
  app.top = el("span");
  const ramp = el("i.bar", { style: `background:${gradient(tables.magma)}` });
  app.of = el("span");
  app.bars = model.classes.map((name) => {
    const bar = el("i");
    const value = el("span.value");
    return { bar, value, node: el("div.class", { title: name }, el("span.name", {}, name), el("div.track", {}, bar), value) };
  });
  app.move = el("div.row.move", {}, app.play, app.slider.node);
  app.host.replaceChildren(
    el("div.seen", {}, el("div.frame", {}, app.canvas, app.badge),
      el("div.legend", {}, el("span.range", {}, el("span", {}, "0"), ramp, app.top), app.of)),
    el("div.says", {}, el("p.caption", {}, "What it says"), ...app.bars.map(({ node }) => node), app.note, app.move));
  const over = (event) => {
    const box = app.canvas.getBoundingClientRect();
    const [rows, columns] = app.model.grid;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    app.over = row >= 0 && row < rows && column >= 0 && column < columns ? row * columns + column : -1;
    app.schedule();
  };
  app.canvas.addEventListener("pointermove", over, { signal });
  app.canvas.addEventListener("pointerdown", over, { signal });
  app.canvas.addEventListener("pointerleave", () => { app.over = -1; app.schedule(); }, { signal });
  app.canvas.addEventListener("keydown", (event) => keys(app, event), { signal });
}

function keys(app, event) {
  const [rows, columns] = app.model.grid;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
  if (event.key === " ") app.playing ? stop(app) : play(app);
  else if (step) {
    const next = app.over < 0 ? 0 : app.over + step;
    if (next >= 0 && next < rows * columns) app.over = next;
  } else return;
  event.preventDefault();
  app.schedule();
}

function between(from, to, share) {
  const mix = (a, b) => a.map((value, k) => value + (b[k] - value) * share);
  return { weights: mix(from.weights, to.weights), probabilities: mix(from.probabilities, to.probabilities) };
}

function draw(app, now) {
  const { host, model } = app;
  if (!model || !app.target || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 520 ? "wide" : "slim";
  const done = Math.min(1, Math.max(0, (now - app.since) / GLIDE));
  const share = done * (2 - done);
  app.drawn = share < 1 ? between(app.from, app.target, share) : app.target;
  map(app);
  bars(app);
  words(app);
  if (share < 1) app.schedule();
}

function map(app) {
  const { canvas, model: { grid: [rows, columns] }, drawn } = app;
  const side = Math.round(canvas.clientWidth * Math.min(devicePixelRatio, 2)) || 448;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = true;
  context.drawImage(app.picture, 0, 0, side, side);
  const small = (app.small ??= document.createElement("canvas"));
  if (small.width !== columns || small.height !== rows) Object.assign(small, { width: columns, height: rows });
  const pen = small.getContext("2d");
  const image = pen.createImageData(columns, rows);
  paintValues(drawn.weights, 0, topOf(drawn.weights), app.lut, new Uint32Array(image.data.buffer));
  pen.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, side, side);
  if (app.over < 0) return;
  const [w, h] = [side / columns, side / rows];
  context.lineWidth = Math.max(2, side / 200);
  context.strokeStyle = "#fff";
  context.strokeRect((app.over % columns) * w, Math.floor(app.over / columns) * h, w, h);
}

function bars(app) {
  const best = app.drawn.probabilities.indexOf(Math.max(...app.drawn.probabilities));
  app.bars.forEach(({ bar, value, node }, k) => {
    const share = app.drawn.probabilities[k];
    bar.style.width = `${100 * share}%`;
    say(value, percent(share));
    node.classList.toggle("best", k === best);
  });
}

function words(app) {
  const { host, model, target } = app;
  const [at, last] = [shown(app), model.moments.length - 1];
  say(app.top, percent(topOf(target.weights)));
  say(app.of, `of ${model.of}; all places alike: ${percent(1 / target.weights.length)}`);
  say(app.badge, at === last ? model.badge : target.when);
  app.badge.hidden = !app.badge.textContent;
  const [, columns] = model.grid;
  say(app.note, app.over < 0
    ? "Move over the picture to read a place."
    : `Row ${Math.floor(app.over / columns) + 1}, column ${(app.over % columns) + 1}: ${percent(target.weights[app.over])} of ${model.of}.`);
  app.move.hidden = last < 1;
  app.slider.input.max = Math.max(1, last);
  app.slider.set(at);
  app.play.replaceChildren(icon(app.playing ? "pause" : "play"));
  app.play.title = app.playing ? "Pause" : "Play the training so far";
  app.play.setAttribute("aria-label", app.play.title);
  const best = target.probabilities.indexOf(Math.max(...target.probabilities));
  app.canvas.setAttribute("aria-label", `Where the network looks, ${target.when}. It says ${model.classes[best]}, ${percent(target.probabilities[best])}.`);
  Object.assign(host.dataset, { at: String(at), moments: String(last + 1), live: String(model.live), says: model.classes[best], when: target.when });
}
