// A picture with a map over it, and the place under the pointer.

import { el } from "../../canvas/js/dom.js";
import { fit, putSheet, sheetOf } from "../../channels/js/paint.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
export const QUERY = "#ffb224";
export const KEY = "#2dd4bf";

/** `grid()` gives [rows, columns]; `acts` may have point(place or null), press, drag, release, hop. */
export function createPanel(app, label, grid, acts) {
  const canvas = el("canvas.picture", { tabIndex: 0, role: "application", "aria-label": label });
  const panel = { canvas, grid, place: null };
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const [rows, columns] = grid();
    const inside = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return inside((event.clientY - box.top) / box.height, rows) * columns + inside((event.clientX - box.left) / box.width, columns);
  };
  on("pointermove", (event) => {
    panel.place = under(event);
    if (event.buttons && acts.drag) acts.drag(panel.place);
    else acts.point(panel.place);
  });
  on("pointerleave", (event) => { if (event.pointerType !== "touch") acts.point(null); });
  on("pointerdown", (event) => {
    panel.place = under(event);
    if (acts.drag) canvas.setPointerCapture?.(event.pointerId);
    (acts.press ?? acts.point)(panel.place);
  });
  on("pointerup", () => acts.release?.());
  on("pointercancel", () => acts.release?.());
  on("keydown", (event) => {
    const move = MOVES[event.key];
    const hop = { "[": -1, "]": 1, "{": -1, "}": 1 }[event.key];
    if (move) {
      const [rows, columns] = grid();
      const at = panel.place ?? 0;
      const row = Math.max(0, Math.min(rows - 1, Math.floor(at / columns) + move[0]));
      const column = Math.max(0, Math.min(columns - 1, (at % columns) + move[1]));
      panel.place = row * columns + column;
      acts.point(panel.place);
    } else if (hop && acts.hop) acts.hop(hop);
    else if ((event.key === "Enter" || event.key === "p") && acts.press && panel.place !== null) {
      acts.press(panel.place);
      acts.release?.();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return panel;
}

/** Draws the photo, the map that `fill(pixels)` makes (null for none), then what `over` adds. */
export function paintPanel(app, panel, fill, over) {
  const { canvas } = panel;
  const side = canvas.clientWidth;
  if (!side || !app.photo) return;
  fit(canvas, side, side, app.ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(app.photo, 0, 0, full, full);
  if (fill) {
    const [rows, columns] = panel.grid();
    const sheet = sheetOf(app, rows, columns);
    sheet.pixels.fill(0);
    fill(sheet.pixels);
    context.imageSmoothingEnabled = false;
    context.drawImage(putSheet(sheet), 0, 0, full, full);
  }
  over?.(context, full);
}

/** A crisp outline around a place. */
export function mark(context, [rows, columns], place, side, colour = QUERY, thick = 2.5) {
  if (place === null || place >= rows * columns) return;
  const [high, wide] = [side / rows, side / columns];
  const [x, y] = [(place % columns) * wide, Math.floor(place / columns) * high];
  for (const [style, width] of [["rgba(0,0,0,0.65)", thick + 2], [colour, thick]]) {
    context.strokeStyle = style;
    context.lineWidth = (width * side) / 480;
    context.strokeRect(x, y, wide, high);
  }
}

export const placeName = (place, columns) => `Row ${Math.floor(place / columns) + 1}, column ${(place % columns) + 1}`;
