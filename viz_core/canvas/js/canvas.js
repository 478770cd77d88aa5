// One canvas: takes frames, listens to pointer and keys, draws at most once a frame.

import { FrameError, innerFrames, layersOf, openFrame, pictureOf } from "./frame.js";
import { opaqueLut, sequentialLut } from "./colour.js";
import { action } from "./keys.js";
import { addLayers, createStore } from "./lookup.js";
import { middleOf, moved, patchAt, pointAt } from "./layout.js";
import { createStage, decode, draw, fit } from "./stage.js";
import { el } from "./dom.js";
import { addBlocks, createWindowed } from "./windowed.js";
import { modeFor } from "./modes.js";
import { saveView } from "./exports.js";
import { startPlayer } from "./player.js";

export const VIEW = {
  layer: 0, head: 0, reading: "single", direction: "row", residual: 0.5,
  opacity: 0.85, map: "magma", smooth: false, grid: true, rolled: false,
};

/** Builds a canvas inside `host`. Hooks: commit(state), moved(view). Tables: name -> hex. */
export function createCanvas(host, tables, hooks = {}) {
  const ends = new AbortController();
  const app = {
    host, tables, hooks, signal: ends.signal, view: { ...VIEW }, pins: [], point: null, prefix: -1,
    shift: false, playing: false, panels: [], stores: [], pictures: [], labels: [], mode: "lookup",
    frames: [], asked: "", serial: 0, pending: 0, late: 0,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  app.stage = createStage(el("canvas.picture", { tabIndex: 0, role: "application" }));
  app.stage.canvas.setAttribute("aria-roledescription", "attention under the pointer");
  app.live = el("div.sr", { "aria-live": "polite" });
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => paint(app)); };
  app.change = (part, how = {}) => change(app, part, how);
  app.commit = () => hooks.commit?.(stateOf(app));
  app.pickHead = (head) => { app.change({ head, reading: "single" }); app.commit(); };
  app.pointPrefix = (token) => { app.prefix = token; app.point = null; app.schedule(); };
  app.pin = (patch) => pin(app, patch);
  app.clear = () => obey(app, { name: "clear" });
  app.save = (kind) => saveView(app, kind);
  app.play = startPlayer(app);
  listen(app);
  const watch = new ResizeObserver(() => {
    measure(app);
    app.schedule();
  });
  app.watch = watch;
  return {
    app,
    show: (bytes) => show(app, bytes).catch((problem) => fail(app, problem)),
    feed: (bytes) => { try { feed(app, bytes); } catch (problem) { fail(app, problem); } },
    destroy: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      cancelAnimationFrame(app.late);
      clearTimeout(app.speaking);
      clearTimeout(app.telling);
      for (const picture of app.pictures) picture.bitmap.close();
      host.replaceChildren();
    },
  };
}

const skipOf = (app) => app.stores[0]?.skip ?? 0;

/** What Python learns on a commit; pins are token indices there. */
export const stateOf = ({ pins, mask, view, stores: [store] }) => ({
  pins: pins.map((patch) => patch + (store?.skip ?? 0)),
  mask: mask ? [...mask].flatMap((on, patch) => (on ? [patch] : [])) : [],
  layer: view.layer, head: view.head, reading: view.reading, direction: view.direction,
  residual: view.residual,
});

async function show(app, bytes) {
  const serial = ++app.serial;
  const mount = openFrame(bytes);
  const { mode, ...view } = mount.header.view;
  const raw = innerFrames(mount)[0];
  const outer = openFrame(raw);
  const parts = outer.header.kind === "compare" ? innerFrames(outer).map(openFrame) : [outer];
  const asked = JSON.stringify(view); // without the mode: another mode keeps what was set
  if (app.shownId === outer.header.id && asked === app.asked && mode === app.mode) return;
  const pictures = await Promise.all(parts.map((p) => decode(pictureOf(p), p.header.picture)));
  if (serial !== app.serial || app.signal.aborted) return;
  for (const picture of app.pictures) picture.bitmap.close();
  const isNew = app.shownId !== outer.header.id || app.mode !== mode;
  Object.assign(app, { pictures, mode, parts, labels: outer.header.labels ?? [] });
  if (isNew) {
    app.frames = [raw];
    app.stores = KNOWN.has(parts[0].header.kind) ? parts.map(storeFor) : [];
  }
  takeIn(app, parts);
  if (asked !== app.asked) applyView(app, view);
  app.asked = asked;
  app.panels = [];
  app.stage.key = "";
  if (isNew) build(app, outer.header);
  app.shownId = outer.header.id;
  app.change({});
  hooks(app, "ready");
}

const KNOWN = new Set(["attention", "windowed"]);
const storeFor = ({ header }) => (header.kind === "windowed" ? createWindowed(header) : createStore(header));
const takeIn = (app, parts) => app.stores.forEach((store, k) => {
  (store.windowed ? addBlocks : addLayers)(store, layersOf(parts[k]));
});

const hooks = (app, name, value) => app.hooks[name]?.(value);

function applyView(app, { pins, ...view }) {
  for (const [name, value] of Object.entries(view)) {
    if (name in VIEW && value !== null) app.view[name] = value;
  }
  if (pins) app.pins = pins.map((token) => token - skipOf(app)).filter((patch) => patch >= 0);
  app.address = view.address;
  if (view.rest) app.rest = { u: view.rest[0], v: view.rest[1] };
}

/** The other layers of the same frame, whenever they arrive. */
function feed(app, bytes) {
  const outer = openFrame(bytes);
  if (outer.header.id !== app.shownId || app.frames.length > 1) return;
  const parts = outer.header.kind === "compare" ? innerFrames(outer).map(openFrame) : [outer];
  takeIn(app, parts);
  app.frames.push(bytes);
  hooks(app, "complete");
  app.change({});
}

/** The parts of the page for this kind of frame. */
function build(app, header) {
  const mixed = app.stores.some((store) => store.windowed);
  app.kind = modeFor(app.mode, mixed ? "windowed" : app.parts[0].header.kind);
  app.told = false;
  const { rows, columns } = app.stores[0] ?? { rows: header.grid[0], columns: header.grid[1] };
  const most = rows * columns;
  if (app.pins.some((patch) => patch >= most)) app.pins = app.pins.filter((patch) => patch < most);
  app.host.replaceChildren();
  app.host.className = "saccade";
  app.host.dataset.mode = app.mode;
  const { width, height } = app.pictures[0];
  app.host.style.setProperty("--aspect", String(width / height));
  app.wrap = el("div.stage", {}, app.stage.canvas);
  app.host.append(app.wrap, app.live);
  app.kind.build(app);
  app.watch.disconnect();
  app.watch.observe(app.stage.canvas);
  app.watch.observe(app.host);
  measure(app);
  app.stage.font = getComputedStyle(app.host).fontFamily;
}

/** Container queries would do this in CSS, but then every new number asks for its style anew. */
function measure(app) {
  const { clientWidth } = app.host;
  const name = clientWidth >= 720 ? "wide" : clientWidth > 430 ? "narrow" : "slim";
  if (app.host.dataset.width !== name) app.host.dataset.width = name;
  app.width = app.stage.canvas.getBoundingClientRect().width;
}

function fail(app, problem) {
  if (!(problem instanceof FrameError)) console.error(problem);
  const text = problem instanceof FrameError ? problem.message : `The view cannot be drawn: ${problem.message}.`;
  app.shownId = app.asked = "";
  app.host.className = "saccade";
  app.host.replaceChildren(el("p.error", { role: "alert" }, text));
}

function change(app, part, { scrub = false } = {}) {
  Object.assign(app.view, part);
  if (!scrub || "layer" in part) app.controlsStale = true;
  const { tables, view } = app;
  const name = `${view.map}/${view.opacity}`;
  if (app.lutName !== name) {
    app.lut = sequentialLut(tables[view.map], view.opacity);
    app.thumbLut = opaqueLut(tables[view.map]);
    app.lutName = name;
  }
  hooks(app, "moved", view);
  app.schedule();
}

function paint(app) {
  app.pending = 0;
  if (!app.kind || !app.width || app.signal.aborted) return;
  app.kind.update(app);
  const { view, stage, panels } = app;
  const ratio = window.devicePixelRatio || 1;
  const perRow = app.width < 480 ? Math.min(2, panels.length) : Math.min(4, panels.length);
  fit(stage, panels, app.width, { ratio, grid: view.grid, perRow });
  draw(stage, panels, view.smooth);
  app.kind.beside?.(app);
  if (app.told) app.late ||= requestAnimationFrame(() => tell(app));
  else tell(app);
  hooks(app, "painted");
}

/**
 * The words follow one frame after the map: new text beside a new picture makes a machine
 * without GPU redraw most of the screen, which made one hover in twenty miss its frame.
 */
function tell(app) {
  app.late = 0;
  if (app.signal.aborted || !app.panels.length) return;
  app.told = true;
  app.kind.tell(app);
  if (app.controlsStale) app.controls?.sync();
  app.controlsStale = false;
}

function pin(app, patch) {
  const { pins } = app;
  if (pins.includes(patch)) app.pins = pins.filter((other) => other !== patch);
  else app.pins = app.mode === "lookup" ? [...pins.slice(0, 1), patch] : [patch];
  app.schedule();
  app.commit();
}

function listen(app) {
  const { canvas } = app.stage;
  const on = (node, type, act) => node.addEventListener(type, act, { signal: app.signal });
  const here = (event) => {
    const unit = canvas.width / app.width;
    const at = pointAt(app.stage.rects, event.offsetX * unit, event.offsetY * unit);
    return app.kind?.warp ? app.kind.warp(app, at) : at;
  };
  const point = (event) => {
    const at = here(event);
    if (!at || !app.kind) return;
    const same = app.point?.panel === at.panel && samePatches(app.panels, app.point, at);
    app.point = at;
    if (same && app.shift === event.shiftKey) return;
    app.prefix = -1;
    setShift(app, event.shiftKey);
    app.kind.drag?.(app, event);
    app.schedule();
  };
  on(canvas, "pointermove", point);
  on(canvas, "pointerdown", (event) => { point(event); app.kind?.press?.(app, event); });
  on(canvas, "pointerup", (event) => app.kind?.release?.(app, event));
  on(canvas, "pointercancel", (event) => app.kind?.release?.(app, event));
  on(canvas, "pointerleave", (event) => {
    if (event.pointerType === "touch") return;
    app.point = null;
    setShift(app, false);
    app.schedule();
  });
  on(canvas, "click", () => { if (app.point) app.kind?.click?.(app, patchAt(app.point, app.panels[0])); });
  on(app.host, "keydown", (event) => press(app, event));
  on(app.host, "keyup", (event) => { if (event.key === "Shift") setShift(app, false); });
}

function samePatches(panels, a, b) {
  for (const panel of panels) if (patchAt(a, panel) !== patchAt(b, panel)) return false;
  return true;
}

function setShift(app, on) {
  if (app.shift === on) return;
  app.shift = on;
  app.controlsStale = true;
  app.schedule();
}

function press(app, event) {
  const target = event.composedPath()[0];
  if (event.key === "Shift" && app.point) setShift(app, true);
  const act = action(event);
  const typing = target.matches?.("button, input") && [" ", "Enter"].includes(event.key);
  const sliding = target.matches?.("input") && act?.name === "move";
  if (!act || typing || sliding || !app.kind) return;
  event.preventDefault();
  event.stopPropagation();
  if (!app.kind.key?.(app, act)) obey(app, act);
}

/** Moves the pointed patch by keyboard. */
function step(app, by) {
  const [panel] = app.panels;
  const from = app.point ? patchAt(app.point, panel) : app.pins[0] ?? Math.floor((panel.rows * panel.columns + panel.columns) / 2);
  app.point = { panel: 0, ...middleOf(app.point ? moved(from, panel, by) : from, panel) };
  app.prefix = -1;
  app.schedule();
}

function obey(app, { name, step: by }) {
  if (name === "move") step(app, by);
  else if (name === "play") app.play();
  else if (name === "help") app.controls?.help?.open(!app.controls.help.isOpen());
  else if (name === "pin" && app.point) app.kind.click?.(app, patchAt(app.point, app.panels[0]));
  else if (name === "clear") {
    app.point = null;
    app.play(false);
    app.schedule();
    if (!app.pins.length) return;
    app.pins = [];
    app.commit();
  }
}
