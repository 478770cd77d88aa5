// The big pictures, the small ones and the enlarged patch, on canvases that fit the screen.

import { parseTable } from "../../canvas/js/colour.js";
import { patchRect } from "../../canvas/js/layout.js";

export const TOP = 0.3; // root mean squared error of the last colour, white is 1
export const CLOSER = 0.08; // difference of two such errors of the strongest colour
const SLATE = "rgb(71,85,105)";
const LINES = "rgba(148,163,184,.55)";
const QUERY = "#ffb224";

export const palette = (tables) => ({ error: parseTable(tables.magma), signed: parseTable(tables.PuOr) });
const rgb = ([r, g, b]) => `rgb(${r},${g},${b})`;
const colourOf = (table, share) => table[Math.round(255 * Math.max(0, Math.min(1, share)))];
export const errorColour = (colours, mse) => rgb(colourOf(colours.error, Math.sqrt(mse) / TOP));
export const signedColour = (colours, value, top) => rgb(colourOf(colours.signed, 0.5 + value / top / 2));

/** A canvas of the network's resolution from its pixels. */
export function surface(pixels, size) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  const image = context.createImageData(size, size);
  for (let k = 0, at = 0; k < image.data.length; k += 4, at += 3) {
    image.data[k] = pixels[at];
    image.data[k + 1] = pixels[at + 1];
    image.data[k + 2] = pixels[at + 2];
    image.data[k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The same without colour, for what stands behind a map. */
export function greyed(pixels) {
  const out = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    out.fill(Math.round(0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2]), at, at + 3);
  }
  return out;
}

/** Makes the backing as sharp as the screen; {context, side, ratio}. */
export function fitted(canvas, ratio = window.devicePixelRatio || 1) {
  const side = Math.max(1, Math.round(canvas.clientWidth * ratio));
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  return { context, side, ratio };
}

const boxOf = ({ side }, { rows, columns }, patch) =>
  patchRect({ x: 0, y: 0, w: side, h: side }, Math.floor(patch / columns), patch % columns, rows, columns);

function hatchPattern({ context, ratio }) {
  const tile = document.createElement("canvas");
  const width = Math.max(5, Math.round(6 * ratio));
  tile.width = tile.height = width;
  const pen = tile.getContext("2d");
  pen.fillStyle = SLATE;
  pen.fillRect(0, 0, width, width);
  pen.strokeStyle = LINES;
  pen.lineWidth = ratio;
  pen.beginPath();
  for (const from of [-width, 0, width]) {
    pen.moveTo(from - 1, width + 1);
    pen.lineTo(from + width + 1, -1);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

function fillPatch(pen, grid, style, patch, alpha = 1) {
  const r = boxOf(pen, grid, patch);
  pen.context.globalAlpha = alpha;
  pen.context.fillStyle = style;
  pen.context.fillRect(r.x, r.y, r.w, r.h);
  pen.context.globalAlpha = 1;
}

const whole = ({ context, side }, source) => context.drawImage(source, 0, 0, side, side);

/** Draws the patches that are `wanted` from another picture, as it were pasted. */
function paste(pen, grid, source, wanted) {
  const { context, side } = pen;
  context.save();
  context.beginPath();
  for (let patch = 0; patch < grid.rows * grid.columns; patch++) {
    if (!wanted(patch)) continue;
    const r = boxOf(pen, grid, patch);
    context.rect(r.x, r.y, r.w, r.h);
  }
  context.clip();
  context.drawImage(source, 0, 0, side, side);
  context.restore();
}

/** What the encoder sees: hidden patches under the slate hatch. */
function masked(pen, app, { mask }) {
  whole(pen, app.base);
  const hatched = hatchPattern(pen);
  mask.forEach((on, patch) => { if (on) fillPatch(pen, app.grid, hatched, patch); });
}

/** Hidden patches from another picture; what is fresh comes out of the hatch. */
function painted(pen, app, { mask, age }, source) {
  whole(pen, app.base);
  if (source) paste(pen, app.grid, source, (patch) => mask[patch] && age(patch) >= 0);
  const hatched = hatchPattern(pen);
  mask.forEach((on, patch) => {
    const left = source ? 1 - Math.max(0, age(patch)) : 1;
    if (on && left > 0) fillPatch(pen, app.grid, hatched, patch, left);
  });
}

function overlaid(pen, app, { mask, age }, colour) {
  pen.context.fillStyle = app.ground;
  pen.context.fillRect(0, 0, pen.side, pen.side);
  pen.context.globalAlpha = 0.28;
  whole(pen, app.grey);
  pen.context.globalAlpha = 1;
  const hatched = hatchPattern(pen);
  mask.forEach((on, patch) => {
    if (on) fillPatch(pen, app.grid, colour && age(patch) >= 0 ? colour(patch) : hatched, patch);
  });
}

const both = ({ mask, age, fillAge }) => ({ mask, age: (patch) => Math.min(age(patch), fillAge(patch)) });

/** Each view draws itself on {context, side}; `seen` is from `look` in paint.js. */
export const VIEWS = {
  masked,
  painted: (pen, app, seen) => painted(pen, app, seen, seen.shown?.surface),
  raw: (pen, app, seen) => (seen.shown ? whole(pen, seen.shown.surface) : masked(pen, app, seen)),
  fill: (pen, app, seen) => painted(pen, app, { mask: seen.mask, age: seen.fillAge }, seen.fill?.surface),
  error: (pen, app, seen) => overlaid(pen, app, seen, seen.errors && ((p) => errorColour(app.colours, seen.errors[p]))),
  closer: (pen, app, seen) => overlaid(pen, app, both(seen), seen.errors && seen.fillErrors && ((p) => {
    return signedColour(app.colours, Math.sqrt(seen.fillErrors[p]) - Math.sqrt(seen.errors[p]), CLOSER);
  })),
  truth: (pen, app) => whole(pen, app.base),
};

/** A thin grid, so that the patches can be aimed at. */
export function drawGrid({ context, side, ratio }, { rows, columns }) {
  context.beginPath();
  for (let k = 1; k < columns; k++) {
    const x = Math.round((k / columns) * side) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, side);
  }
  for (let k = 1; k < rows; k++) {
    const y = Math.round((k / rows) * side) + 0.5;
    context.moveTo(0, y);
    context.lineTo(side, y);
  }
  context.lineWidth = Math.max(1, ratio / 2);
  context.strokeStyle = "rgba(255,255,255,.13)";
  context.stroke();
}

/** A crisp amber outline around a patch, or around the square of a brush. */
export function outline(pen, grid, patch, width = 1) {
  const { context, ratio } = pen;
  const back = Math.floor((width - 1) / 2);
  const [row, column] = [Math.floor(patch / grid.columns) - back, (patch % grid.columns) - back];
  const first = boxOf(pen, grid, Math.max(0, row) * grid.columns + Math.max(0, column));
  const last = boxOf(pen, grid, Math.min(grid.rows - 1, row + width - 1) * grid.columns + Math.min(grid.columns - 1, column + width - 1));
  for (const [style, line] of [["rgba(9,10,18,.75)", 4], [QUERY, 2]]) {
    context.lineWidth = line * ratio;
    context.strokeStyle = style;
    context.strokeRect(first.x + ratio, first.y + ratio, last.x + last.w - first.x - 2 * ratio, last.y + last.h - first.y - 2 * ratio);
  }
}

/** Left of `share` the picture `under` shows instead. */
export function wiped(pen, share, paint, under) {
  if (share <= 0) return paint(pen);
  paint(pen);
  const { context, side } = pen;
  context.save();
  context.beginPath();
  context.rect(0, 0, Math.round(share * side), side);
  context.clip();
  under(pen);
  context.restore();
}

/** One patch of some pixels, enlarged without smoothing; null shows the hatch. */
export function enlarge(canvas, pixels, { size, columns }, patch) {
  const pen = fitted(canvas);
  if (!pixels) {
    pen.context.fillStyle = hatchPattern(pen);
    return pen.context.fillRect(0, 0, pen.side, pen.side);
  }
  const side = size / columns;
  const [top, left] = [Math.floor(patch / columns) * side, (patch % columns) * side];
  const cell = pen.side / side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      pen.context.fillStyle = pixels((top + y) * size + left + x);
      pen.context.fillRect(Math.floor(x * cell), Math.floor(y * cell), Math.ceil(cell), Math.ceil(cell));
    }
  }
}

export const pixelColour = (pixels) => (at) => rgb([pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]]);

/** Mean difference of the three colours, painted minus true. */
export const difference = (colours, truth, picture) => (at) => {
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += picture[3 * at + c] - truth[3 * at + c];
  return signedColour(colours, sum / 765, TOP);
};
