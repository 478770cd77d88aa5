// The picture with its regions, with an eigenvector, with weights, or with one region alone.

import { fit, outline, paintRegions, putSheet, sheetOf } from "../../channels/js/paint.js";
import { divergingLut, paintValues, sequentialLut } from "../../canvas/js/colour.js";
import { smoothed } from "./smooth.js";

const OUTSIDE = [9, 10, 18];
const AMBER = "#ffb224";

export function paintStage(app) {
  const { canvas } = app;
  const side = canvas.clientWidth;
  if (!side) return;
  fit(canvas, side, side, app.ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(app.photo, 0, 0, full, full);
  const { shown } = app;
  if (shown.labels) {
    const drawn = fine(app, shown);
    const marked = app.region < 0 ? null : app.region;
    if (app.state.pinned >= 0) alone(app, context, drawn, full);
    else if (shown.map && app.state.heat) values(app, context, shown, full);
    else if (shown.map) veil(app, context, drawn, full);
    else if (shown.vector) vector(app, context, shown, full);
    else regions(app, context, drawn, full, marked);
    outline(context, drawn, drawn.labels, full, app.state.pinned >= 0 || shown.map ? null : marked);
  }
  if (app.keyed && app.pointed >= 0) place(context, shown, app.pointed, full);
}

/** Labels as they are, or on a finer grid with smooth borders, unless it is what the network gets. */
function fine(app, shown) {
  if (!app.state.smooth || app.state.pinned >= 0) return shown;
  if (app.fine?.of !== shown.labels) app.fine = { of: shown.labels, drawn: smoothed(shown.labels, shown) };
  return app.fine.drawn;
}

function put(context, sheet, full, smooth = false) {
  context.imageSmoothingEnabled = smooth;
  context.drawImage(putSheet(sheet), 0, 0, full, full);
}

function regions(app, context, drawn, full, marked) {
  const sheet = sheetOf(app, drawn.rows, drawn.columns);
  paintRegions(drawn.labels, marked, app.state.opacity, sheet.pixels);
  put(context, sheet, full);
}

/** What is left when one region is kept or taken away; the rest is what the network is given there. */
function alone(app, context, drawn, full) {
  const sheet = sheetOf(app, drawn.rows, drawn.columns);
  const [r, g, b] = app.stage.grey;
  const grey = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const only = app.state.keep === "only";
  drawn.labels.forEach((region, k) => { sheet.pixels[k] = (region === app.state.pinned) === only ? 0 : grey; });
  put(context, sheet, full);
}

function veil(app, context, drawn, full) {
  const sheet = sheetOf(app, drawn.rows, drawn.columns);
  const [r, g, b] = OUTSIDE;
  const dark = ((Math.round(255 * app.state.opacity) << 24) | (b << 16) | (g << 8) | r) >>> 0;
  drawn.labels.forEach((inside, k) => { sheet.pixels[k] = inside ? 0 : dark; });
  put(context, sheet, full);
}

function values(app, context, { map, rows, columns }, full) {
  const sheet = sheetOf(app, rows, columns);
  paintValues(map.shares, 0, Math.max(...map.shares), sequentialLut(app.tables.magma, app.state.opacity), sheet.pixels);
  put(context, sheet, full, app.state.smooth);
}

function vector(app, context, { vector: levels, rows, columns }, full) {
  const sheet = sheetOf(app, rows, columns);
  const lut = divergingLut(app.tables.PuOr, app.state.opacity);
  levels.forEach((level, k) => { sheet.pixels[k] = lut[Math.round(127.5 + (127.5 * level) / 127)]; });
  put(context, sheet, full, app.state.smooth);
}

function place(context, { rows, columns }, at, full) {
  const [high, wide] = [full / rows, full / columns];
  for (const [colour, width] of [["rgba(0,0,0,0.6)", 4.5], [AMBER, 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = (width * full) / 480;
    context.strokeRect((at % columns) * wide, Math.floor(at / columns) * high, wide, high);
  }
}

/** A small picture of a map on a button. */
export function paintThumbnail(app, canvas, { shares, entries }, { rows, columns }) {
  fit(canvas, columns, rows, 1);
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  paintValues(shares, 0, Math.max(...shares), app.opaque, pixels);
  for (let k = 0; k < pixels.length; k++) if (entries[k] >= app.state.share - 1e-6) pixels[k] = dimmed(pixels[k]);
  context.putImageData(image, 0, 0);
}

const dimmed = (pixel) => ((pixel & 0xff000000) | ((pixel >>> 2) & 0x3f3f3f)) >>> 0;
