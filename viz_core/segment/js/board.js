// The board: what is shown, what is pointed at, and what the server is asked for.

import { opaqueLut } from "../../canvas/js/colour.js";
import { el, kept, say } from "../../canvas/js/dom.js";
import { action } from "../../canvas/js/keys.js";
import { moved } from "../../canvas/js/layout.js";
import { bitmapOf } from "../../cutter/js/wire.js";
import { createChart } from "./chart.js";
import { createControls } from "./controls.js";
import { createLegend, createList, createReadout, sentence } from "./panel.js";
import { paintStage } from "./paint.js";
import { settle, shownOf } from "./shown.js";
import { answersOf, CAME, cutsOf, graphKey, stageOf } from "./store.js";

const SHOW = 1100; // milliseconds a region before anybody moved the pointer
const CALM = 260; // milliseconds without a change before the server is asked
const [LOST, AGAIN] = [9000, 3]; // milliseconds without an answer before it is asked again, and how often

export function startBoard(host, tables, send) {
  const ends = new AbortController();
  const app = { host, tables, send, signal: ends.signal, serial: 0, pending: 0, pointed: -1, listed: -1, region: -1 };
  app.opaque = opaqueLut(tables.magma);
  app.state = kept("segment", {});
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app)); };
  app.set = (values) => { stop(app); Object.assign(app.state, values); app.schedule(); };
  app.list = (region) => { stop(app); app.listed = region; app.schedule(); };
  app.pin = (region) => app.set({ pinned: app.state.pinned === region ? -1 : region, keep: "only" });
  build(app);
  globalThis.addEventListener(CAME, app.schedule, { signal: app.signal });
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (app.id !== opened.header.id) {
        const photo = await bitmapOf(opened.parts.picture);
        if (serial !== app.serial || app.signal.aborted) return photo.close();
        app.photo?.close();
        Object.assign(app, { photo, id: opened.header.id, stage: stageOf(opened), fine: null });
        app.controls.open();
        watch.observe(host);
      }
      const { opening, quick, promised, ...view } = opened.header.view;
      Object.assign(app, { opening, quick, promised });
      if (!app.state.way) Object.assign(app.state, opening);
      ask(app, view);
      settle(app);
      measure(app);
      if (app.walking === undefined && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
        app.walking = setInterval(() => walk(app), SHOW);
      }
      frame(app);
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      clearInterval(app.walking);
      clearTimeout(app.asking);
      cancelAnimationFrame(app.pending);
      app.photo?.close();
      host.replaceChildren();
    },
  };
}

/** A suggestion of the page, once. */
function ask(app, view) {
  if (!view.serial || view.serial === app.state.asked) return;
  const { serial, ...rest } = view;
  const { opacity: _, smooth: __, ...fresh } = app.opening;
  app.set({ ...fresh, ...rest, asked: serial });
  if (app.host.getBoundingClientRect().top < 0) app.host.scrollIntoView({ block: "start" });
}

function stop(app) {
  clearInterval(app.walking);
  app.walking = null;
  app.shownOff = -1;
}

/** Until somebody moves the pointer one region after the other is pointed out. */
function walk(app) {
  if (!app.shown?.count) return;
  app.shownOff = ((app.shownOff ?? -1) + 2) % (app.shown.count + 1) - 1;
  app.schedule();
}

function build(app) {
  const { signal } = app;
  app.canvas = el("canvas.picture", { tabIndex: 0, role: "application" });
  app.canvas.setAttribute("aria-label",
    "The picture with its regions. Arrow keys move from place to place, [ and ] change the count, { and } the layer, Enter keeps one region.");
  const on = (name, act) => app.canvas.addEventListener(name, act, { signal });
  const at = (event) => {
    const box = app.canvas.getBoundingClientRect();
    const { rows, columns } = app.shown;
    const held = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return held((event.clientY - box.top) / box.height, rows) * columns + held((event.clientX - box.left) / box.width, columns);
  };
  const point = (event) => { stop(app); app.keyed = false; app.pointed = at(event); app.schedule(); };
  on("pointermove", point);
  on("pointerleave", () => { app.pointed = -1; app.schedule(); });
  on("pointerdown", (event) => { point(event); if (app.shown.labels) app.pin(app.shown.labels[app.pointed]); });
  Object.assign(app, {
    legend: createLegend(app), readout: createReadout(app), controls: createControls(app),
    chart: createChart(app), listing: createList(app), live: el("div.sr", { "aria-live": "polite" }),
  });
  app.board = el("div.segment", {},
    el("div.stage", {}, app.canvas, el("div.under", {}, app.legend.node)), app.live,
    el("div.side", {}, app.readout.node, app.controls.node, app.chart.node, app.controls.foot),
    app.listing.node);
  app.host.replaceChildren(app.board);
  app.host.addEventListener("keydown", (event) => press(app, event), { signal });
}

/** Arrows on a slider are the slider's own; on the picture they move from place to place. */
function press(app, event) {
  const act = action(event);
  const target = event.composedPath()[0];
  if (!act || !app.shown || target.matches?.("input, button")) return;
  const { shown, state } = app;
  if (act.name === "move") {
    stop(app);
    const from = app.pointed < 0 ? Math.floor(shown.rows / 2) * shown.columns + Math.floor(shown.columns / 2) : app.pointed;
    Object.assign(app, { pointed: moved(from, shown, act.step), keyed: true });
    app.schedule();
  } else if (act.name === "head") app.controls.step(act.step);
  else if (act.name === "layer") app.set({ layer: Math.max(0, Math.min(app.stage.layers.length - 1, state.layer + act.step)), chosen: true });
  else if (act.name === "pin" && app.pointed >= 0 && shown.labels) app.pin(shown.labels[app.pointed]);
  else if (act.name === "clear") app.set({ pinned: -1 });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width) return;
  app.host.dataset.width = width >= 760 ? "wide" : "slim";
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
}

function frame(app) {
  cancelAnimationFrame(app.pending);
  app.pending = 0;
  const { host, stage, state } = app;
  if (!stage || app.signal.aborted || !host.isConnected) return;
  settle(app);
  app.graph = { ...state.graph, keys: state.graph.keys && stage.keys };
  app.cuts = cutsOf(stage.of, app.graph);
  const shown = (app.shown = shownOf(app));
  const { labels } = shown;
  if (labels && state.pinned >= shown.count) state.pinned = -1;
  app.region = !labels ? -1 : app.listed >= 0 ? app.listed : app.pointed >= 0 && app.pointed < labels.length ? labels[app.pointed]
    : state.pinned >= 0 ? state.pinned : app.walking ? app.shownOff ?? -1 : -1;
  app.answers = answersOf(keyOf(app));
  paintStage(app);
  for (const part of [app.legend, app.readout, app.controls, app.chart, app.listing]) part.paint();
  request(app);
  if (app.walking === null) keepAddress(app);
  clearTimeout(app.speaking);
  if (app.walking === null) app.speaking = setTimeout(() => say(app.live, sentence(app)), 500);
  Object.assign(host.dataset, {
    way: state.way, layer: String(state.layer), count: String(shown.count), region: String(app.region),
    pinned: String(state.pinned), answered: String(Boolean(app.answers)), asked: String(state.asked), cuts: String(Boolean(app.cuts)),
  });
}

/** The link to this view; layers count from 0 in it. Browsers limit how often, so not each step. */
function keepAddress(app) {
  clearTimeout(app.telling);
  app.telling = setTimeout(() => {
    if (app.signal.aborted) return;
    const { way, layer, count } = app.state;
    const url = new URL(location.href);
    for (const [name, value] of Object.entries({ way, layer, regions: count })) url.searchParams.set(name, value);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }, 300);
}

/** What the server needs to know to answer for the regions that are shown. */
function questionOf({ stage, state, shown, graph }) {
  const { way } = state;
  const what = way === "attention"
    ? { layer: shown.look, head: shown.head, share: state.share }
    : { layer: state.layer, count: shown.count, ...(way === "cut" ? { graph } : {}) };
  return { of: stage.of, way, ...what };
}

const keyOf = (app) => JSON.stringify(questionOf(app));

/** What is missing: the cuts, or the network's answers; null if nothing is. */
function wanted(app) {
  const { stage, state, shown } = app;
  if (!app.cuts && state.way === "cut") return ["graph", app.graph];
  const answers = stage.names_classes && shown.labels && !app.answers && (app.quick || state.pinned >= 0);
  return answers ? ["asked", { ...questionOf(app), key: keyOf(app) }] : null;
}

/** Asks once nothing has changed for a moment, and again if the question was lost on its way. */
function request(app) {
  clearTimeout(app.asking);
  const want = wanted(app);
  if (!want || globalThis.saccadeOffline) return; // a saved page has nobody to ask
  const [name, value] = want;
  const key = JSON.stringify(want);
  const coming = name === "graph" && graphKey(value) === graphKey(app.promised);
  if (app.sent?.key !== key) app.sent = { key, times: 0, due: performance.now() + (coming ? LOST : CALM) };
  if (app.sent.times > AGAIN) return;
  app.asking = setTimeout(() => {
    const again = app.sent.times++;
    app.sent.due = performance.now() + LOST;
    app.send(name, { ...value, again });
    request(app);
  }, Math.max(0, app.sent.due - performance.now()));
}
