// A grid of numbers on a canvas: cells in colour, numbers where they fit, headers, marks.

import { el } from "../../canvas/js/dom.js";

export const QUERY = "#ffb224";
export const KEY = "#2dd4bf";
const SHADE = "rgba(9,10,18,.85)";
const HEADER = 18; // CSS pixels of the strip with the numbers of rows and columns
const FIT = 0.86; // share of a cell that its text may fill
const SMALLEST = 7.5; // CSS pixels of text that can still be read

export function createGrid(label, { header = true } = {}) {
  const canvas = el("canvas.cells", { tabIndex: 0, role: "application", "aria-label": label });
  const small = document.createElement("canvas");
  const still = document.createElement("canvas");
  return { canvas, context: canvas.getContext("2d"), small, still, header, key: "", rows: 1, columns: 1 };
}

/**
 * Draws a grid. `key` names all that the still layer depends on; `colour(k)` is [r, g, b], `text(k)` a
 * string; `heads` are the words of columns and rows; `lit` the cells that stay bright (all if null).
 * `marks`: {cell | row | column, colour, width}.
 */
export function drawGrid(grid, told) {
  const { canvas, context, still } = grid;
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(canvas.clientWidth * ratio));
  if (!canvas.clientWidth) return;
  Object.assign(grid, { rows: told.rows, columns: told.columns, ratio });
  grid.margin = grid.header ? Math.round(HEADER * ratio) : 0;
  grid.cell = (wide - grid.margin) / told.columns;
  const tall = grid.margin + Math.round(grid.cell * told.rows);
  const key = `${wide} ${ratio} ${told.rows} ${told.columns} ${told.key}`;
  if (key !== grid.key) {
    grid.key = key;
    for (const one of [canvas, still]) Object.assign(one, { width: wide, height: tall });
    drawStill(grid, told);
  }
  context.clearRect(0, 0, wide, tall);
  context.drawImage(still, 0, 0);
  if (told.lit) dim(grid, told.lit);
  for (const mark of told.marks ?? []) drawMark(grid, mark);
  told.after?.(context, grid);
}

/** Box of a cell in pixels. */
export function boxOf({ margin, cell, columns }, k) {
  const [row, column] = [Math.floor(k / columns), k % columns];
  const [x, y] = [margin + Math.round(column * cell), margin + Math.round(row * cell)];
  return {
    x, y, w: margin + Math.round((column + 1) * cell) - x, h: margin + Math.round((row + 1) * cell) - y,
  };
}

/** The cell under a pointer, or null on the headers. */
export function cellAt(grid, event) {
  const { margin, cell, rows, columns, ratio } = grid;
  const column = Math.floor((event.offsetX * ratio - margin) / cell);
  const row = Math.floor((event.offsetY * ratio - margin) / cell);
  return row < 0 || column < 0 || row >= rows || column >= columns ? null : row * columns + column;
}

function drawStill(grid, { rows, columns, colour, text, heads, font, ink }) {
  const { small, still, cell, margin, ratio } = grid;
  const colours = Array.from({ length: rows * columns }, (_, k) => colour(k));
  Object.assign(small, { width: columns, height: rows });
  const flat = small.getContext("2d");
  const image = flat.createImageData(columns, rows);
  colours.forEach((rgb, k) => image.data.set([...rgb, 255], 4 * k));
  flat.putImageData(image, 0, 0);
  const context = still.getContext("2d");
  context.clearRect(0, 0, still.width, still.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, margin, margin, still.width - margin, still.height - margin);
  if (cell >= 9 * ratio) {
    context.fillStyle = "rgba(9,10,18,.28)";
    const line = Math.max(1, Math.round(ratio / 2));
    for (let k = 1; k < columns; k++) context.fillRect(margin + Math.round(k * cell), margin, line, still.height);
    for (let k = 1; k < rows; k++) context.fillRect(margin, margin + Math.round(k * cell), still.width, line);
  }
  context.textAlign = "center";
  context.textBaseline = "middle";
  if (text) writeAll(context, grid, colours, text, font);
  if (heads && margin) writeHeads(context, grid, heads, font, ink);
}

/** Numbers in all cells, in the size that the longest of them allows, or in none. */
function writeAll(context, grid, colours, text, font) {
  const { cell, ratio } = grid;
  const words = colours.map((_, k) => text(k));
  const longest = words.reduce((a, b) => (b.length > a.length ? b : a), "");
  context.font = `500 100px ${font}`;
  const size = Math.min((FIT * cell * 100) / context.measureText(longest).width, 0.6 * cell, 15 * ratio);
  if (size < SMALLEST * ratio) return;
  context.font = `500 ${size}px ${font}`;
  colours.forEach(([r, g, b], k) => {
    const box = boxOf(grid, k);
    context.fillStyle = 0.3 * r + 0.59 * g + 0.11 * b > 135 ? "#14131f" : "#fff";
    context.fillText(words[k], box.x + box.w / 2, box.y + box.h / 2 + size * 0.05);
  });
}

function writeHeads(context, { cell, margin, ratio, rows, columns }, heads, font, ink) {
  const size = Math.min(11 * ratio, 0.72 * cell);
  if (size < SMALLEST * ratio) return;
  context.font = `500 ${size}px ${font}`;
  context.fillStyle = ink;
  context.globalAlpha = 0.66;
  for (let k = 0; k < columns; k++) context.fillText(heads.columns(k), margin + (k + 0.5) * cell, margin * 0.48);
  for (let k = 0; k < rows; k++) context.fillText(heads.rows(k), margin * 0.48, margin + (k + 0.5) * cell);
  context.globalAlpha = 1;
}

function dim(grid, lit) {
  const { context, still, margin } = grid;
  context.fillStyle = "rgba(9,10,18,.66)";
  context.fillRect(margin, margin, still.width - margin, still.height - margin);
  for (const k of lit) {
    const { x, y, w, h } = boxOf(grid, k);
    context.drawImage(still, x, y, w, h, x, y, w, h);
  }
}

function drawMark(grid, { cell, row, column, colour, width = 2 }) {
  const { context, margin, ratio, columns, still } = grid;
  if (cell !== undefined) {
    if (cell === null || cell < 0) return;
    const box = boxOf(grid, cell);
    const grow = Math.max(0, 5 * ratio - box.w) / 2; // tiny cells get a frame that can be seen
    outline(context, { x: box.x - grow, y: box.y - grow, w: box.w + 2 * grow, h: box.h + 2 * grow }, colour, width * ratio, ratio);
    return;
  }
  const box = boxOf(grid, row === undefined ? column : row * columns);
  const line = Math.max(1, Math.round(1.25 * ratio));
  context.fillStyle = colour;
  if (row === undefined) {
    context.fillRect(box.x, margin - 4 * ratio, box.w, 4 * ratio);
    for (const x of [box.x, box.x + box.w - line]) context.fillRect(x, margin, line, still.height);
  } else {
    context.fillRect(margin - 4 * ratio, box.y, 4 * ratio, box.h);
    for (const y of [box.y, box.y + box.h - line]) context.fillRect(margin, y, still.width, line);
  }
}

export function outline(context, r, colour, width, ratio) {
  const out = width / 2;
  for (const [stroke, wide] of [[SHADE, width + 2 * ratio], [colour, width]]) {
    context.strokeStyle = stroke;
    context.lineWidth = wide;
    context.strokeRect(r.x - out + width, r.y - out + width, r.w - width, r.h - width);
  }
}

/** An arrow between the middles of two cells, stopping short of both. */
export function arrow(grid, from, to, colour, width) {
  const { context, ratio } = grid;
  if (from === to) return;
  const [a, b] = [boxOf(grid, from), boxOf(grid, to)];
  const [x0, y0, x1, y1] = [a.x + a.w / 2, a.y + a.h / 2, b.x + b.w / 2, b.y + b.h / 2];
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [short, head] = [Math.min(0.3 * length, a.w * 0.3), Math.min(9 * ratio * (width / 2.5), 0.4 * length)];
  const [sx, sy, ex, ey] = [x0 + ux * short, y0 + uy * short, x1 - ux * short, y1 - uy * short];
  for (const [stroke, wide] of [[SHADE, width + 2], [colour, width]]) {
    Object.assign(context, { strokeStyle: stroke, lineWidth: wide * ratio, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(sx, sy);
    context.lineTo(ex, ey);
    context.moveTo(ex - head * (ux - uy * 0.6), ey - head * (uy + ux * 0.6));
    context.lineTo(ex, ey);
    context.lineTo(ex - head * (ux + uy * 0.6), ey - head * (uy - ux * 0.6));
    context.stroke();
  }
}
