// The stage of “Patches and tokens”: cut a picture, watch it become a sequence of numbers.

import { el, kept, say } from "../../canvas/js/dom.js";
import { createControls, showControls } from "./controls.js";
import { createInspect, showInspect } from "./inspect.js";
import { paintAll, paintMark, rectAt } from "./draw.js";
import { boxes, MOST_DRAWN, patchAt, sequence, tokenAt } from "./layout.js";
import { barcodes, meanColours, pixelCanvas, rowsShown } from "./numbers.js";
import { bitmapOf, mounted, signed } from "./wire.js";
import { scrollToSection, share, tellPatch } from "./share.js";

const START = 0.2;
const SECONDS = 6.5; // from the whole picture to the numbers

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = {
    host, signal: ends.signal, time: START, patch: 0, token: -1, pin: -1, raw: false,
    wantsRaw: false, playing: false, pending: 0, asked: 0, serial: 0, colours: {},
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  const held = kept("cutter", {});
  Object.assign(app, held, { patch: 0 });
  const base = document.createElement("canvas");
  app.canvas = el("canvas.picture.cutter", { tabIndex: 0, role: "application" });
  app.canvas.setAttribute("aria-label",
    "The picture cut into patches, and the sequence of tokens. Arrow keys move the patch, [ and ] change its size, Space plays.");
  app.live = el("div.sr", { "aria-live": "polite" });
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app, base)); };
  app.refresh = () => { app.stale = true; app.schedule(); };
  addActions(app);
  app.controls = createControls(app);
  app.showLegend = () => say(app.controls.legend, legendOf(app));
  app.inspect = createInspect(app);
  listen(app);
  const watch = new ResizeObserver(() => { measure(app); app.refresh(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (!(await receive(app, opened, tables, serial, held))) return;
      if (!app.canvas.isConnected) {
        host.replaceChildren(app.canvas, app.live, app.controls.node, app.inspect.node);
        watch.observe(host);
      }
      measure(app);
      app.refresh();
      playOnce(app);
    },
    end: () => {
      ends.abort();
      const time = app.playing ? 1 : app.time;
      app.stop();
      const { patch, raw, wantsRaw, asked } = app;
      if (app.model) Object.assign(held, { patch, time, raw, wantsRaw, asked, native: app.model.native });
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.photo?.close();
      host.replaceChildren();
    },
  };
}

async function receive(app, { header, parts }, tables, serial, held) {
  const { view } = header;
  const isNew = app.model?.id !== header.id;
  if (isNew) {
    const photo = await bitmapOf(parts.picture);
    if (serial !== app.serial || app.signal.aborted) return false;
    app.photo?.close();
    app.photo = photo;
    const before = app.model ? { native: app.model.native, patch: app.patch } : held;
    app.model = { ...header, tables, pixels: parts.pixels, tokens: signed(parts.tokens) };
    app.names = header.prefix;
    app.prefix = header.prefix.length;
    app.pixels = pixelCanvas(app.model);
    const same = before.native === header.native && header.sizes.includes(before.patch);
    const patch = same ? before.patch : header.native;
    app.patch = 0;
    app.setPatch(patch);
  }
  if (view.serial && view.serial !== app.asked) {
    app.asked = view.serial;
    if (view.scroll) scrollToSection(view.scroll);
    if (view.grid) {
      app.setPatch(header.side / view.grid);
      app.time = START;
      app.glide(view.time ?? 1);
    }
  }
  return true;
}

function addActions(app) {
  app.setPatch = (patch) => {
    if (!app.model.sizes.includes(patch) || patch === app.patch) return;
    app.patch = patch;
    app.grid = app.model.side / patch;
    app.count = app.grid ** 2 + app.prefix;
    const middle = Math.floor(app.grid / 2) * app.grid + Math.floor(app.grid / 2);
    app.token = app.prefix + middle;
    app.pin = -1;
    app.colours.means = meanColours(app.model, patch);
    prepare(app);
    tellPatch(patch);
  };
  app.setDrawn = (value) => { app.raw = value === "pixels"; prepare(app); };
  app.setNumbers = (value) => { app.wantsRaw = value === "raw"; prepare(app); };
  app.setTime = (time) => { app.time = time; app.refresh(); };
  app.stop = () => { app.playing = false; cancelAnimationFrame(app.player); };
  app.play = () => {
    if (app.playing) { app.stop(); app.schedule(); return; }
    app.glide(1, app.time > 0.98 ? 0 : app.time);
  };
  app.glide = (goal, from = app.time) => {
    app.stop();
    if (app.still) return app.setTime(goal);
    app.playing = true;
    const began = performance.now();
    const long = Math.max(1, 1000 * SECONDS * Math.abs(goal - from));
    const step = (now) => {
      const part = Math.min(1, Math.max(0, now - began) / long);
      app.time = from + (goal - from) * part;
      app.refresh();
      if (part < 1) app.player = requestAnimationFrame(step);
      else app.playing = false;
    };
    app.player = requestAnimationFrame(step);
  };
}

/** Everything that depends on size and mode but not on the moment. */
function prepare(app) {
  app.embedded = app.patch === app.model.native && !app.wantsRaw;
  app.atlas = barcodes(app.model, app.patch, app.embedded);
  measure(app);
  app.refresh();
}

function legendOf({ model, grid, patch, raw, embedded, prefix }) {
  const length = embedded ? model.width : 3 * patch * patch;
  const rows = rowsShown(length);
  const some = rows < length ? `${rows} of its ${length.toLocaleString("en")}` : `its ${length}`;
  const what = embedded ? "embedding" : "pixel";
  const column = grid * grid + prefix > MOST_DRAWN
    ? "Too many tokens to draw their numbers."
    : `Under each token: ${some} ${what} numbers.`;
  return raw ? column : `${column} The photo is sharper than the ${model.side} × ${model.side} px the network gets.`;
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width || !app.model) return;
  app.host.dataset.width = width >= 680 ? "wide" : "slim";
  app.width = width;
  const { picture, sequence: box, height } = boxes(width);
  Object.assign(app, { picture, height, ratio: Math.min(2.5, window.devicePixelRatio || 1) });
  app.line = sequence(box, app.count);
  app.canvas.style.height = `${height}px`;
  app.source = app.raw ? app.pixels : scaled(app, Math.round(picture.side * app.ratio));
  const style = getComputedStyle(app.host);
  app.font = style.fontFamily;
  app.colours.text = style.color;
}

/** The photo at the size it is drawn: scaling it once is cheaper than in every frame. */
function scaled(app, side) {
  const { small, photo } = app;
  if (small?.width === side && small.of === photo) return small;
  const canvas = el("canvas", { width: side, height: side });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, side, side);
  canvas.of = photo;
  app.small = canvas;
  return canvas;
}

/** The story runs once by itself; where it will not, its end is what one sees first. */
function playOnce(app) {
  const shared = share();
  if (app.began) return;
  app.began = true;
  if (shared.played || app.still) return app.setTime(app.native ? app.time : 1);
  shared.played = true;
  setTimeout(() => { if (app.time === START && !app.playing) app.glide(1); }, 900);
}

function frame(app, base) {
  app.pending = 0;
  if (!app.width || app.signal.aborted) return;
  const wide = Math.round(app.width * app.ratio);
  const high = Math.round(app.height * app.ratio);
  for (const canvas of [base, app.canvas]) {
    if (canvas.width !== wide || canvas.height !== high) {
      Object.assign(canvas, { width: wide, height: high });
      app.stale = true;
    }
  }
  if (app.stale) paintAll(app, base.getContext("2d"));
  const context = app.canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "copy";
  context.drawImage(base, 0, 0);
  context.globalCompositeOperation = "source-over";
  const token = app.token >= 0 ? app.token : app.pin;
  paintMark(app, context, token, token === app.pin);
  if (app.pin >= 0 && app.pin !== token) paintMark(app, context, app.pin, true);
  const inspected = [app.model.id, app.patch, app.embedded, token].join();
  if (inspected !== app.inspected) showInspect(app.inspect, token);
  app.inspected = inspected;
  if (app.stale) {
    showControls(app.controls, app);
    app.showLegend();
  }
  app.stale = false;
  Object.assign(app.host.dataset, {
    patch: app.patch, tokens: app.count, token, time: app.time.toFixed(2),
    playing: app.playing, numbers: app.embedded ? "embedding" : "pixels",
  });
}

function tokenUnder(app, { clientX, clientY }) {
  const box = app.canvas.getBoundingClientRect();
  const [x, y] = [clientX - box.left, clientY - box.top];
  const patch = patchAt(app.picture, app.grid, x, y);
  if (patch >= 0) return patch + app.prefix;
  const token = tokenAt(app.line, x, y);
  return token >= 0 && rectAt(app, token).share > 0.5 ? token : -1;
}

function point(app, token) {
  if (token < 0 || token === app.token) return;
  app.token = token;
  app.schedule();
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => {
    say(app.live, `${app.inspect.title.textContent}, ${app.inspect.note.textContent}`);
  }, 350);
}

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function listen(app) {
  const { canvas, signal } = app;
  const on = (name, act) => canvas.addEventListener(name, act, { signal });
  on("pointermove", (event) => point(app, tokenUnder(app, event)));
  on("pointerdown", (event) => {
    const token = tokenUnder(app, event);
    if (token < 0) return;
    point(app, token);
    if (event.pointerType === "mouse") app.pin = app.pin === token ? -1 : token;
    app.schedule();
  });
  on("pointerleave", () => { if (app.pin >= 0) point(app, app.pin); });
  on("keydown", (event) => {
    const { key } = event;
    const index = app.token - app.prefix;
    if (key === " ") app.play();
    else if (key === "[" || key === "]") {
      const { sizes } = app.model;
      app.setPatch(sizes[sizes.indexOf(app.patch) + (key === "]" ? 1 : -1)]);
    } else if (key === "p" || key === "P") { app.pin = app.token; app.schedule(); }
    else if (key in MOVES) {
      const [down, right] = MOVES[key];
      const row = Math.floor(Math.max(0, index) / app.grid) + down;
      const column = (Math.max(0, index) % app.grid) + right;
      if (row >= 0 && row < app.grid && column >= 0 && column < app.grid) {
        point(app, app.prefix + row * app.grid + column);
      }
    } else return;
    event.preventDefault();
  });
}
