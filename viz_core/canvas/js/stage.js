// The picture with its overlays: one canvas, any number of panels, sharp at any pixel ratio.

import { panels as placePanels, patchRect } from "./layout.js";

export const QUERY = "#ffb224";
export const KEY = "#2dd4bf";
const SHADE = "rgba(9,10,18,.75)";
const GAP = 8;

/** A panel: its picture and a grid-sized pixel buffer that is scaled over it. */
export function createPanel(picture, rows, columns, label = "") {
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = rows;
  const context = small.getContext("2d");
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  return { picture, rows, columns, label, small, context, image, pixels, marks: [] };
}

export function createStage(canvas) {
  const base = document.createElement("canvas");
  return { canvas, context: canvas.getContext("2d"), base, rects: [], key: "", font: "sans-serif" };
}

/** Lays the panels out in `width` CSS pixels; redraws the still layer only when it changed. */
export function fit(stage, panels, width, { ratio, grid, perRow }) {
  const aspect = panels[0].picture.width / panels[0].picture.height;
  const wide = Math.round(width * ratio);
  const { rects, height } = placePanels(panels.length, wide, aspect, GAP * ratio, perRow);
  const names = panels.map((panel) => `${panel.picture.serial}/${panel.rows}x${panel.columns}`);
  const key = [wide, ratio, grid, perRow, ...names].join();
  if (key === stage.key) return;
  stage.key = key;
  stage.rects = rects;
  stage.ratio = ratio;
  for (const canvas of [stage.canvas, stage.base]) {
    canvas.width = wide;
    canvas.height = Math.round(height);
  }
  stage.canvas.style.aspectRatio = `${wide} / ${Math.round(height)}`;
  const context = stage.base.getContext("2d");
  context.imageSmoothingQuality = "high";
  panels.forEach((panel, k) => {
    const r = rects[k];
    context.drawImage(panel.picture.bitmap, r.x, r.y, r.w, r.h);
    if (grid) drawGrid(context, r, panel, ratio);
  });
}

function drawGrid(context, rect, { rows, columns }, ratio) {
  context.beginPath();
  for (let k = 1; k < columns; k++) {
    const x = Math.round(rect.x + (k / columns) * rect.w) + 0.5;
    context.moveTo(x, rect.y);
    context.lineTo(x, rect.y + rect.h);
  }
  for (let k = 1; k < rows; k++) {
    const y = Math.round(rect.y + (k / rows) * rect.h) + 0.5;
    context.moveTo(rect.x, y);
    context.lineTo(rect.x + rect.w, y);
  }
  context.lineWidth = Math.max(1, ratio / 2);
  context.strokeStyle = "rgba(255,255,255,.13)";
  context.stroke();
}

/** One frame: the still layer, each panel's overlay, its marks. */
export function draw(stage, panels, smooth) {
  const { context } = stage;
  context.globalCompositeOperation = "copy";
  context.drawImage(stage.base, 0, 0);
  context.globalCompositeOperation = "source-over";
  panels.forEach((panel, k) => {
    const r = stage.rects[k];
    panel.context.putImageData(panel.image, 0, 0);
    context.imageSmoothingEnabled = smooth;
    context.drawImage(panel.small, r.x, r.y, r.w, r.h);
    if (panel.decorate) panel.decorate(context, r, stage.ratio);
    for (const mark of panel.marks) drawMark(stage, panel, r, mark);
    if (panel.label) drawLabel(stage, r, panel.label);
  });
}

function drawMark({ context, ratio }, panel, rect, { patch, kind, grid = panel }) {
  if (patch < 0) return;
  const row = Math.floor(patch / grid.columns);
  const column = patch % grid.columns;
  const r = patchRect(rect, row, column, grid.rows, grid.columns);
  if (kind === "pin") return drawCorner(context, r, ratio);
  const colour = { query: QUERY, key: KEY, probe: "#ffffff" }[kind];
  outline(context, r, ratio, SHADE, 4);
  outline(context, r, ratio, colour, 2);
}

function outline(context, r, ratio, colour, width) {
  const w = width * ratio;
  context.lineWidth = w;
  context.strokeStyle = colour;
  const inset = ratio;
  context.strokeRect(r.x + inset, r.y + inset, r.w - 2 * inset, r.h - 2 * inset);
}

function drawCorner(context, r, ratio) {
  outline(context, r, ratio, SHADE, 4);
  outline(context, r, ratio, QUERY, 2);
  const side = Math.max(8 * ratio, r.w * 0.38);
  context.fillStyle = QUERY;
  context.beginPath();
  context.moveTo(r.x, r.y);
  context.lineTo(r.x + side, r.y);
  context.lineTo(r.x, r.y + side);
  context.fill();
}

function drawLabel({ context, ratio, font }, rect, text) {
  context.font = `600 ${12 * ratio}px ${font}`;
  const pad = 6 * ratio;
  const width = Math.min(rect.w, context.measureText(text).width + 2 * pad);
  context.fillStyle = "rgba(9,10,18,.72)";
  context.beginPath();
  context.roundRect(rect.x + pad, rect.y + pad, width, 21 * ratio, 5 * ratio);
  context.fill();
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(text, rect.x + 2 * pad, rect.y + pad + 11 * ratio, rect.w - 4 * pad);
}

/** A slate hatch over one patch: masked, closed. */
export function hatch(context, r, ratio) {
  context.fillStyle = "rgba(71,85,105,.88)";
  context.fillRect(r.x, r.y, r.w, r.h);
  context.save();
  context.beginPath();
  context.rect(r.x, r.y, r.w, r.h);
  context.clip();
  context.strokeStyle = "rgba(148,163,184,.55)";
  context.lineWidth = ratio;
  context.beginPath();
  for (let at = -r.h; at < r.w; at += 6 * ratio) {
    context.moveTo(r.x + at, r.y + r.h);
    context.lineTo(r.x + at + r.h, r.y);
  }
  context.stroke();
  context.restore();
}

let serial = 0;

/** Decodes an encoded picture. */
export async function decode(bytes, { width, height }) {
  const type = bytes[0] === 0x89 ? "image/png" : "image/jpeg";
  const bitmap = await createImageBitmap(new Blob([bytes], { type }));
  return { bitmap, width, height, serial: ++serial };
}
