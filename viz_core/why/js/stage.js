// The stage: what a person can do on it, and when it is drawn.

import { bitmapOf } from "../../cutter/js/wire.js";
import { kept } from "../../canvas/js/dom.js";
import { surface } from "../../unmask/js/draw.js";
import { build } from "./build.js";
import { handActions } from "./hand.js";
import { paint } from "./paint.js";
import { countsOf } from "./seen.js";
import { CAME, stageOf } from "./store.js";

const BEAT = 110; // ms a step stays while Play runs
const FRESH = { mode: "map", step: 0, cells: false, smooth: false, opacity: 0.85, all: false, over: false, brush: "2", keep: false };

export function startStage(host, tables, send) {
  const ends = new AbortController();
  const app = {
    host, tables, ends, signal: ends.signal, stage: null, photo: null, pointed: null, playing: 0, pending: 0,
    stamp: 0, serial: 0, waiting: false, view: kept("why", { ...FRESH }), mask: null, history: [],
    // A page that was taken along has no server: what only that could answer is switched off.
    alone: !document.querySelector("[data-testid='stApp']"),
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  if (app.alone && app.view.mode === "hand") app.view.mode = "map";
  host.classList.add("why");
  app.schedule = () => {
    app.pending ||= requestAnimationFrame(() => { app.pending = 0; if (app.stage && host.isConnected) paint(app); });
  };
  app.set = (part) => { Object.assign(app.view, part); app.schedule(); };
  app.tell = (name, value) => send(name, { ...value, stamp: ++app.stamp, from: app.stage.ask });
  app.ask = (part) => ask(app, part);
  app.slide = (step) => slide(app, step);
  app.choose = (mode) => choose(app, mode);
  app.play = () => play(app);
  app.stop = () => stop(app);
  app.point = (place) => { app.pointed = place; app.schedule(); };
  handActions(app);
  build(app);
  app.watch = new ResizeObserver(() => {
    host.dataset.width = host.clientWidth > 720 ? "wide" : "slim";
    app.schedule();
  });
  app.watch.observe(host);
  globalThis.addEventListener(CAME, app.schedule, { signal: app.signal });
  return { show: (opened) => show(app, opened), end: () => end(app) };
}

/** Another method or class. */
function ask(app, part) {
  stop(app);
  app.waiting = true;
  app.method.of = null; // what is offered is marked anew, by what is shown
  app.tell("asked", part);
  app.schedule();
}

function end(app) {
  app.ends.abort();
  app.watch.disconnect();
  stop(app);
  cancelAnimationFrame(app.pending);
  clearTimeout(app.speaking);
  app.photo?.close?.();
}

async function show(app, opened) {
  const { header, parts } = opened;
  const before = app.stage;
  const other = header.ask !== before?.ask;
  if (other || header.id !== before.id) {
    app.stage = stageOf(opened);
    app.filled = surface(app.stage.filling, app.stage.map.size);
    app.sheets = null;
    if (before?.of !== header.of) app.fresh();
  }
  // An answer came, even if it is the stage of before: the server says which question it heard.
  app.waiting = false;
  asked(app, header.view);
  if (!app.photo || before?.crop !== header.crop) {
    const photo = await bitmapOf(parts.picture);
    if (app.signal.aborted) return photo.close();
    app.photo?.close?.();
    app.photo = photo;
  }
  app.schedule();
}

/** A suggestion is shown once, by its serial; what was set here stays otherwise. */
function asked(app, { serial = 0, percent, heard, ...view }) {
  if (!serial || serial === app.serial) return;
  stop(app);
  app.serial = serial;
  app.wanted = percent ?? null;
  Object.assign(app.view, view);
}

function slide(app, step) {
  stop(app);
  if (app.view.mode === "map" || app.view.mode === "hand") app.view.mode = "erase";
  app.set({ step });
}

function choose(app, mode) {
  stop(app);
  const { view } = app;
  const counts = countsOf(app);
  // An erased picture without anything erased would look as if nothing happened.
  if ((mode === "erase" || mode === "keep") && !view.step) {
    view.step = counts.findIndex((count) => count >= 0.2 * app.stage.order.length);
  }
  app.set({ mode });
}

function stop(app) {
  clearInterval(app.playing);
  app.playing = 0;
}

/** Walks through all steps, from the first or from where one stands. */
function play(app) {
  if (app.playing) {
    stop(app);
    return app.schedule();
  }
  const last = countsOf(app).length - 1;
  if (app.view.mode !== "keep") app.view.mode = "erase";
  if (app.view.step >= last) app.view.step = 0;
  app.playing = setInterval(() => {
    app.view.step = Math.min(last, app.view.step + 1);
    if (app.view.step === last) stop(app);
    app.schedule();
  }, BEAT);
  return app.schedule();
}
