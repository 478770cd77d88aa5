// The large picture: pointer and keys on it, and how it is drawn.

import { divergingLut, sequentialLut } from "../../canvas/js/colour.js";
import { el } from "../../canvas/js/dom.js";
import { moved, patchRect } from "../../canvas/js/layout.js";
import { fit } from "../../channels/js/paint.js";
import { drawGrid } from "../../unmask/js/draw.js";
import { mapOf, scaleOf } from "./seen.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function createPicture(app) {
  const canvas = el("canvas.picture", { tabIndex: 0, role: "application" });
  const wait = el("div.wait", { hidden: true }, "computing…");
  const node = el("div.frame", {}, canvas, wait);
  const on = (name, act) => canvas.addEventListener(name, (event) => { if (app.stage) act(event); }, { signal: app.signal });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const hold = (share) => Math.max(0, Math.min(0.99999, share));
    return [hold((event.clientY - box.top) / box.height), hold((event.clientX - box.left) / box.width)];
  };
  on("pointermove", (event) => {
    app.point(at(event));
    if (app.held) app.drag(cellAt(app, app.pointed));
  });
  on("pointerleave", (event) => { if (!app.held && event.pointerType !== "touch") app.point(null); });
  on("pointerdown", (event) => {
    if (event.button) return;
    app.point(at(event));
    if (app.view.mode !== "hand") return;
    canvas.setPointerCapture?.(event.pointerId);
    app.press(cellAt(app, app.pointed));
    event.preventDefault();
  });
  on("pointerup", () => app.release());
  on("pointercancel", () => app.release());
  on("keydown", (event) => keyed(app, event));
  on("blur", () => { if (!app.held) app.point(null); });
  return { node, canvas, wait };
}

const cellAt = ({ stage }, [v, u]) => Math.floor(v * stage.map.cells) * stage.map.cells + Math.floor(u * stage.map.cells);

function keyed(app, event) {
  const { cells } = app.stage.map;
  const map = app.view.mode === "map" ? mapOf(app) : { rows: cells, columns: cells };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (MOVES[event.key]) {
    const from = app.pointed ?? [0.5, 0.5];
    const at = moved(Math.floor(from[0] * map.rows) * map.columns + Math.floor(from[1] * map.columns), map, MOVES[event.key]);
    app.point([(Math.floor(at / map.columns) + 0.5) / map.rows, ((at % map.columns) + 0.5) / map.columns]);
  } else if (event.key === "[" || event.key === "]") app.slide(Math.max(0, Math.min(app.last, app.view.step + (event.key === "]" ? 1 : -1))));
  else if (event.key === " ") app.play();
  else if (event.key === "z") app.undo();
  else if (event.key === "Enter" && app.view.mode === "hand" && app.pointed) {
    app.press(cellAt(app, app.pointed));
    app.release();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

export function paintPicture(app, seen) {
  const { canvas } = app.picture;
  const side = canvas.clientWidth;
  if (!side || !app.photo) return;
  const ratio = globalThis.devicePixelRatio || 1;
  fit(canvas, side, side, ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(app.photo, 0, 0, full, full);
  const { cells } = app.stage.map;
  if (!seen.erased || app.view.over) overlay(app, context, full);
  if (seen.erased) cover(app, context, full, seen.erased);
  if (app.view.mode === "hand") drawGrid({ context, side: full, ratio }, { rows: cells, columns: cells });
  if (app.pointed) mark(app, context, full, ratio);
}

/** The map, see-through where it says little. */
function overlay(app, context, full) {
  const map = mapOf(app);
  const { signed } = app.stage.map;
  const { top } = scaleOf(app);
  const key = `${app.stage.id} ${map === app.stage.own} ${app.view.opacity} ${top}`;
  if (app.sheets?.key !== key) app.sheets = { key, canvas: sheet(app.tables, map, signed, top, app.view.opacity) };
  context.imageSmoothingEnabled = app.view.smooth;
  context.drawImage(app.sheets.canvas, 0, 0, full, full);
  context.imageSmoothingEnabled = true;
}

/** A canvas with one pixel a value. Without an opacity its colours hide what is below. */
export function sheet(tables, { values, rows, columns }, signed, top, opacity = null) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const lut = signed ? divergingLut(tables.PuOr, opacity ?? 1) : sequentialLut(tables.magma, opacity ?? 1);
  for (let k = 0; k < values.length; k++) {
    const share = top > 0 ? values[k] / top : 0;
    const level = Math.round(signed ? 127.5 + 127.5 * share : 255 * share);
    pixels[k] = lut[Math.max(0, Math.min(255, level))];
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Erased cells, from the picture of what fills them. */
function cover({ stage, filled }, context, full, erased) {
  const { cells } = stage.map;
  context.save();
  context.beginPath();
  erased.forEach((on, cell) => {
    if (!on) return;
    const r = patchRect({ x: 0, y: 0, w: full, h: full }, Math.floor(cell / cells), cell % cells, cells, cells);
    context.rect(r.x, r.y, r.w, r.h);
  });
  context.clip();
  context.drawImage(filled, 0, 0, full, full);
  context.restore();
}

function mark(app, context, full, ratio) {
  const { cells } = app.stage.map;
  const brush = app.view.mode === "hand" ? Number(app.view.brush) : 1;
  const map = app.view.mode === "map" ? mapOf(app) : { rows: cells, columns: cells };
  const back = Math.floor((brush - 1) / 2);
  const row = Math.floor(app.pointed[0] * map.rows) - back;
  const column = Math.floor(app.pointed[1] * map.columns) - back;
  const [top, left] = [Math.max(0, row), Math.max(0, column)];
  const [bottom, right] = [Math.min(map.rows, row + brush), Math.min(map.columns, column + brush)];
  const unit = full / map.columns;
  for (const [style, width] of [["rgba(9,10,18,.75)", 4], ["#ffb224", 2]]) {
    context.strokeStyle = style;
    context.lineWidth = width * ratio;
    context.strokeRect(left * unit, top * unit, (right - left) * unit, (bottom - top) * unit);
  }
}
