// The board: the picture, the wall of all similarity maps, and every kind under one pointer.

import { divergingLut, opaqueLut } from "../../canvas/js/colour.js";
import { el, kept, segmented } from "../../canvas/js/dom.js";
import { moved, patchAt, pointAt } from "../../canvas/js/layout.js";
import { action, wrap } from "../../canvas/js/keys.js";
import { createReadout } from "../../canvas/js/readout.js";
import { createPanel, createStage, decode, draw, fit } from "../../canvas/js/stage.js";
import { createMap, hatchAll, paintMap, paintWall } from "./paint.js";
import { ramp } from "./ramp.js";
import { rowOf } from "./measure.js";
import { tell } from "./tell.js";
import { kindsOf, ONE } from "./wire.js";

const STEP_SECONDS = 0.09;

export function createBoard(host, tables, commit) {
  const ends = new AbortController();
  const app = {
    host, commit, signal: ends.signal, kind: 0, common: 1, query: 0, key: -1, pin: -1,
    id: "", asked: "", pending: 0, serial: 0, wallName: "",
  };
  const held = kept("board", {});
  Object.assign(app, held);
  app.over = divergingLut(tables.PuOr, 0.92);
  app.lut = opaqueLut(tables.PuOr);
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => paint(app)); };
  build(app);
  listen(app);
  const watch = new ResizeObserver(() => { app.wallName = ""; app.schedule(); });
  watch.observe(host);
  return {
    show: (frame) => show(app, frame).catch((problem) => console.error(problem)),
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      clearInterval(app.playing);
      clearTimeout(app.speaking);
      const { kind, common, query, asked, rows, columns } = app;
      Object.assign(held, { kind, common, query, asked, rows, columns });
      app.bitmap?.bitmap.close();
    },
  };
}

function build(app) {
  app.stage = createStage(el("canvas.picture", { tabIndex: 0, role: "application" }));
  app.stage.canvas.setAttribute("aria-roledescription", "similarity of positions under the pointer");
  app.wall = el("canvas.tiles-canvas");
  app.chosen = el("i.chosen");
  app.wallBox = el("div.wall-box", {}, app.wall, app.chosen);
  app.cards = el("div.kinds", { role: "group", "aria-label": "Kind of positions" });
  app.readout = createReadout();
  app.live = el("div.sr", { "aria-live": "polite" });
  app.shared = segmented("Shared part", [
    ["1", "Shared part out", "Takes out what all positions have in common: it cannot say where a patch is"],
    ["0", "As it is", "The cosine of the vectors as the network adds them, as in the paper"],
  ], (value) => choose(app, { common: Number(value) }), app.signal);
  app.play = el("button.quiet", { type: "button", title: "Walk through the patches in their order" }, "Walk");
  app.play.addEventListener("click", () => walk(app), { signal: app.signal });
  app.caption = el("span.caption");
  app.host.className = "saccade";
  app.host.dataset.mode = "board";
  const picture = el("div.left", {}, app.stage.canvas);
  const wall = el("div.middle", {}, app.wallBox);
  const legend = el("div.legend", {}, ramp(app.lut, "−1 opposite", "1 the same"), app.caption);
  const controls = el("div.tools", {}, app.shared.node, app.play);
  app.host.replaceChildren(
    el("div.board", {}, picture, wall, app.cards), el("div.strip", {}, legend, controls), app.readout.node, app.live,
  );
}

async function show(app, frame) {
  const { header } = frame;
  const serial = ++app.serial;
  if (header.id !== app.id) {
    const { picture, kinds } = kindsOf(frame);
    const bitmap = await decode(picture, header.picture);
    if (serial !== app.serial || app.signal.aborted) return bitmap.bitmap.close();
    app.bitmap?.bitmap.close();
    const [rows, columns] = header.grid;
    const resized = app.rows !== rows || app.columns !== columns;
    Object.assign(app, { id: header.id, bitmap, kinds, rows, columns, size: rows * columns });
    app.panel = createPanel(bitmap, rows, columns);
    app.stage.key = app.wallName = "";
    fillCards(app);
    if (resized) app.asked = "";
  }
  const asked = JSON.stringify(header.view);
  if (asked !== app.asked) open(app, header.view);
  app.asked = asked;
  app.schedule();
}

/** Show what Python asks for: a kind, a place in shares of the grid, with or without the shared part. */
function open(app, view) {
  const at = app.kinds.findIndex((kind) => kind.name === view.kind);
  app.kind = Math.max(0, at);
  app.common = view.centred ? 1 : 0;
  app.query = patchAt({ u: view.place[1], v: view.place[0] }, app);
  app.pin = app.key = -1;
  app.wallName = "";
}

function fillCards(app) {
  app.small = app.kinds.map((kind, k) => {
    const canvas = el("canvas", { "aria-hidden": "true" });
    const values = [el("span.value"), el("span.value")];
    const words = el("span.words", {}, el("b", {}, kind.label), ...values);
    const node = el("button.kind", { type: "button", title: kind.note }, canvas, words);
    node.dataset.kind = kind.name;
    node.addEventListener("click", () => choose(app, { kind: k }), { signal: app.signal });
    return { ...createMap(canvas, app.rows, app.columns), node, values };
  });
  app.cards.replaceChildren(...app.small.map((card) => card.node));
}

function choose(app, part) {
  Object.assign(app, part);
  app.wallName = "";
  app.schedule();
}

const lineOf = (app, kind) => {
  const cosines = app.kinds[kind].cosines;
  return cosines && rowOf(cosines[app.common], app.query, app.size);
};

function paint(app) {
  app.pending = 0;
  if (!app.panel || app.signal.aborted) return;
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth } = app.host;
  const name = clientWidth >= 900 ? "wide" : clientWidth > 560 ? "narrow" : "slim";
  if (app.host.dataset.width !== name) app.host.dataset.width = name;
  paintPicture(app, ratio);
  paintCards(app);
  paintTiles(app, ratio);
  tell(app);
  app.shared.set(String(app.common));
}

function paintPicture(app, ratio) {
  const { panel } = app;
  const line = lineOf(app, app.kind);
  panel.decorate = line ? null : (context, r) => hatchAll(context, r.w, r.h, ratio, 0.8);
  if (line) paintMap({ context: panel.context, image: panel.image, pixels: panel.pixels }, line, ONE, app.over);
  else panel.pixels.fill(0);
  panel.marks = [{ patch: app.query, kind: app.pin < 0 ? "query" : "pin" }];
  if (app.key >= 0 && app.key !== app.query) panel.marks.push({ patch: app.key, kind: "key" });
  fit(app.stage, [panel], app.stage.canvas.getBoundingClientRect().width, { ratio, grid: true, perRow: 1 });
  draw(app.stage, [panel], false);
}

function paintCards(app) {
  app.small.forEach((card, k) => {
    const line = lineOf(app, k);
    if (line) paintMap(card, line, ONE, app.lut);
    else card.context.clearRect(0, 0, app.columns, app.rows);
    card.node.classList.toggle("empty", !line);
    card.node.setAttribute("aria-pressed", String(k === app.kind));
  });
}

function paintTiles(app, ratio) {
  const side = Math.round(app.wallBox.clientWidth * ratio);
  const name = [app.id, app.kind, app.common, side].join();
  if (side && app.wallName !== name) {
    app.wallName = name;
    const cosines = app.kinds[app.kind].cosines?.[app.common];
    app.tiles = paintWall(app.wall, cosines, app, side, ratio, app.lut);
    app.unit = ratio;
  }
  if (!app.tiles) return;
  const { across, down } = app.tiles;
  const { style } = app.chosen;
  style.left = `${across.at(app.query % app.columns) / app.unit}px`;
  style.top = `${down.at(Math.floor(app.query / app.columns)) / app.unit}px`;
  style.width = `${across.size / app.unit}px`;
  style.height = `${down.size / app.unit}px`;
}

/** Without a pin the pointer moves the position; with one it asks how similar this patch is. */
function point(app, patch) {
  const part = app.pin < 0 ? { query: patch, key: -1 } : { key: patch };
  if (Object.entries(part).every(([name, value]) => app[name] === value)) return;
  Object.assign(app, part);
  app.schedule();
}

/** A tile is the position; the place inside it is the patch that it is compared with. */
function pointWall(app, event) {
  if (!app.tiles) return;
  const x = event.offsetX * app.unit;
  const y = event.offsetY * app.unit;
  const { across, down } = app.tiles;
  const column = Math.min(app.columns - 1, Math.max(0, Math.floor(x / across.step)));
  const row = Math.min(app.rows - 1, Math.max(0, Math.floor(y / down.step)));
  const u = Math.min(0.999, (x - across.at(column)) / across.size);
  const v = Math.min(0.999, (y - down.at(row)) / down.size);
  app.key = patchAt({ u: Math.max(0, u), v: Math.max(0, v) }, app);
  if (app.pin < 0) app.query = row * app.columns + column;
  app.schedule();
}

function pin(app, patch) {
  const off = app.pin === patch;
  app.pin = off ? -1 : patch;
  app.query = patch;
  app.key = -1;
  app.schedule();
  app.commit({ pin: app.pin });
}

function listen(app) {
  const { canvas } = app.stage;
  const on = (node, type, act) => node.addEventListener(type, act, { signal: app.signal });
  const here = (event) => {
    const unit = canvas.width / canvas.getBoundingClientRect().width;
    const at = app.panel && pointAt(app.stage.rects, event.offsetX * unit, event.offsetY * unit);
    return at ? patchAt(at, app) : -1;
  };
  const move = (event) => { const patch = here(event); if (patch >= 0) { walk(app, false); point(app, patch); } };
  on(canvas, "pointermove", move);
  on(canvas, "pointerdown", move);
  on(canvas, "click", (event) => { const patch = here(event); if (patch >= 0) pin(app, patch); });
  const wall = (event) => { walk(app, false); pointWall(app, event); };
  on(app.wall, "pointermove", wall);
  on(app.wall, "pointerdown", wall);
  on(app.wall, "click", () => pin(app, app.query));
  for (const node of [canvas, app.wall]) {
    on(node, "pointerleave", () => { app.key = -1; app.schedule(); });
  }
  on(app.host, "keydown", (event) => press(app, event));
}

function press(app, event) {
  const act = action(event);
  const target = event.composedPath()[0];
  if (!act || !app.panel || (target.matches?.("button") && [" ", "Enter"].includes(event.key))) return;
  const { name, step } = act;
  if (name === "move") point(app, moved(app.pin < 0 || app.key < 0 ? app.query : app.key, app, step));
  else if (name === "head") choose(app, { kind: wrap(app.kind, step, app.kinds.length) });
  else if (name === "pin") pin(app, app.pin < 0 ? app.query : app.pin);
  else if (name === "play") walk(app);
  else if (name === "clear") { walk(app, false); if (app.pin >= 0) pin(app, app.pin); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Walks through the patches in the order in which the network reads them. */
function walk(app, on = !app.playing) {
  if (Boolean(app.playing) === on) return;
  clearInterval(app.playing);
  app.playing = null;
  app.play.textContent = on ? "Stop" : "Walk";
  if (!on) return;
  app.pin = app.key = -1;
  app.playing = setInterval(() => point(app, (app.query + 1) % app.size), 1000 * STEP_SECONDS);
}

