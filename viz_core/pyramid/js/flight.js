// The merging as a film: where everything is at a moment t in [0, 1], and how it is painted.

import { QUERY } from "../../canvas/js/stage.js";

export const SLICE_TINTS = ["#56b4e9", "#e8743b", "#12a87b", "#d889b8"];
export const STOPS = [["map", "Map", 0], ["slices", "Slices", 0.44], ["stack", "Stack", 0.72], ["linear", "Linear", 1]];
const SHADE = "rgba(9,10,18,.8)";
const LAYER = 9; // px between two slices of the stack
const BETWEEN = 16; // px between the slices while they are apart
const TOP = 40;
const CAPTION = 26;

const ease = (x) => (x <= 0 ? 0 : x >= 1 ? 1 : x * x * (3 - 2 * x));
const part = (t, from, to) => ease((t - from) / (to - from));

/** Share of its way that slice k has flown, that the stack has closed, that the layer has worked. */
export const flown = (t, k) => part(t, 0.02 + 0.08 * k, 0.2 + 0.08 * k);
export const stacked = (t, k) => part(t, 0.46 + 0.03 * (3 - k), 0.61 + 0.03 * (3 - k));
export const worked = (t) => part(t, 0.76, 0.98);

/** Rectangles of map, slices, stack and result in `width` px. */
export function scene(width, grid) {
  const slim = width < 680;
  const lean = 3 * LAYER;
  const room = slim ? (width - 28 - BETWEEN) / 2 : (width - 132 - BETWEEN - 2 * lean) / 3;
  const most = Math.min(236, room);
  const cells = most / grid >= 4 ? Math.floor(most / grid) * grid : Math.floor(most);
  const half = cells / 2;
  const step = slim ? 28 : Math.max(44, (width - 3 * cells - BETWEEN - 2 * lean) / 3);
  const map = { x: 1, y: TOP, w: cells, h: cells };
  const left = map.x + cells + step;
  const slots = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([i, j]) => ({
    x: left + j * (half + BETWEEN), y: TOP + i * (half + BETWEEN + 8), w: half, h: half,
  }));
  const below = slim ? TOP + cells + BETWEEN + CAPTION + 44 : TOP + half / 2;
  const third = slim ? 1 : left + cells + BETWEEN + step;
  const stack = { x: third, y: below + lean / 2, w: half, h: half };
  const fourth = slim ? left : third + half + lean + step;
  const result = { x: fourth, y: below + lean / 2, w: half, h: half };
  const bottom = slim ? stack.y + half + CAPTION : TOP + cells + BETWEEN + 8 + CAPTION;
  return { grid, cell: cells / grid, map, slots, stack, result, lean, height: Math.ceil(bottom + 6), slim };
}

/** The merged token under a point of the scene, as {row, column} of the coarse map, or null. */
export function coarseAt({ grid, map, slots, stack, result }, x, y) {
  const within = (r) => x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
  const half = grid / 2;
  for (const r of [map, ...slots, stack, result]) {
    if (!within(r)) continue;
    return { row: Math.floor(((y - r.y) / r.h) * half), column: Math.floor(((x - r.x) / r.w) * half) };
  }
  return null;
}

const between = (a, b, share) => ({ x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share, w: a.w, h: a.h });

/** Where slice k lies in the stack: the first in front. */
const inStack = ({ stack }, k) => ({ ...stack, x: stack.x + k * LAYER, y: stack.y - k * LAYER });

export function paintFilm(context, app) {
  const { film: s, time, ratio, filmWidth } = app;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, filmWidth, s.height);
  paintMap(context, app);
  for (let k = 3; k >= 0; k--) paintSlice(context, app, k);
  for (let k = 3; k >= 0; k--) paintLayer(context, app, k, time);
  paintResult(context, app, time);
  paintWords(context, app);
}

function paintMap(context, { film: s, source, time }) {
  draw(context, source, s.map, 0, 0, 1, 1);
  const tint = 0.12 + 0.3 * (1 - part(time, 0.4, 0.6));
  for (let row = 0; row < s.grid; row++) {
    for (let column = 0; column < s.grid; column++) {
      context.fillStyle = SLICE_TINTS[(column % 2) * 2 + (row % 2)];
      context.globalAlpha = tint;
      context.fillRect(s.map.x + column * s.cell, s.map.y + row * s.cell, s.cell, s.cell);
    }
  }
  context.globalAlpha = 1;
  lines(context, s.map, s.grid, "rgba(255,255,255,.22)");
}

function draw(context, source, r, x, y, w, h) {
  context.imageSmoothingEnabled = source.width > 400;
  context.drawImage(source, x * source.width, y * source.height, w * source.width, h * source.height, r.x, r.y, r.w, r.h);
  context.imageSmoothingEnabled = true;
}

function lines(context, r, count, colour) {
  if (r.w / count < 4) return;
  context.strokeStyle = colour;
  context.lineWidth = 0.7;
  context.beginPath();
  for (let k = 1; k < count; k++) {
    context.moveTo(r.x + (k * r.w) / count, r.y);
    context.lineTo(r.x + (k * r.w) / count, r.y + r.h);
    context.moveTo(r.x, r.y + (k * r.h) / count);
    context.lineTo(r.x + r.w, r.y + (k * r.h) / count);
  }
  context.stroke();
}

/** Every second token in each direction, flying from the map to its own small map. */
function paintSlice(context, app, k) {
  const { film: s, time, source, sliced, text } = app;
  const share = flown(time, k);
  context.strokeStyle = text;
  context.globalAlpha = 0.18;
  context.lineWidth = 1;
  context.strokeRect(s.slots[k].x, s.slots[k].y, s.slots[k].w, s.slots[k].h);
  context.globalAlpha = 1;
  if (share <= 0) return;
  if (share >= 1) return paintSheet(context, s, sliced[k], s.slots[k], k);
  const [i, j] = [k % 2, k >> 1];
  const half = s.grid / 2;
  for (let row = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      const [y, x] = [2 * row + i, 2 * column + j];
      const from = { x: s.map.x + x * s.cell, y: s.map.y + y * s.cell, w: s.cell, h: s.cell };
      const to = { x: s.slots[k].x + column * s.cell, y: s.slots[k].y + row * s.cell };
      const r = between(from, to, share);
      draw(context, source, r, x / s.grid, y / s.grid, 1 / s.grid, 1 / s.grid);
      context.fillStyle = SLICE_TINTS[k];
      context.globalAlpha = 0.35;
      context.fillRect(r.x, r.y, r.w, r.h);
      context.globalAlpha = 1;
    }
  }
}

function paintSheet(context, s, image, r, k) {
  context.imageSmoothingEnabled = false;
  context.drawImage(image, r.x, r.y, r.w, r.h);
  context.imageSmoothingEnabled = true;
  context.fillStyle = SLICE_TINTS[k];
  context.globalAlpha = 0.16;
  context.fillRect(r.x, r.y, r.w, r.h);
  context.globalAlpha = 1;
  lines(context, r, s.grid / 2, "rgba(255,255,255,.22)");
  context.strokeStyle = SLICE_TINTS[k];
  context.lineWidth = 2.5;
  context.strokeRect(r.x, r.y, r.w, r.h);
}

/** A slice on its way to the stack, and there. */
function paintLayer(context, { film: s, sliced }, k, time) {
  const share = stacked(time, k);
  if (share <= 0) return;
  paintSheet(context, s, sliced[k], between(s.slots[k], inStack(s, k), share), k);
}

/** The stack goes through the linear layer: half as deep, and other numbers. */
function paintResult(context, { film: s, after, text }, time) {
  const share = worked(time);
  context.strokeStyle = text;
  context.globalAlpha = 0.18;
  context.strokeRect(s.result.x, s.result.y, s.result.w, s.result.h);
  context.globalAlpha = 1;
  if (share <= 0) return;
  const r = between(s.stack, s.result, share);
  const deep = LAYER * (3 - 1.5 * share);
  context.globalAlpha = share;
  context.fillStyle = "#8b7cf6";
  for (const points of [
    [[r.x, r.y], [r.x + deep, r.y - deep], [r.x + r.w + deep, r.y - deep], [r.x + r.w, r.y]],
    [[r.x + r.w, r.y], [r.x + r.w + deep, r.y - deep], [r.x + r.w + deep, r.y + r.h - deep], [r.x + r.w, r.y + r.h]],
  ]) {
    context.beginPath();
    points.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.fill();
    context.fillStyle = "#6d5fd6";
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(after, r.x, r.y, r.w, r.h);
  context.imageSmoothingEnabled = true;
  lines(context, r, s.grid / 2, "rgba(255,255,255,.3)");
  context.globalAlpha = 1;
}

function paintWords(context, { film: s, time, text, font, transition: { width, grid } }) {
  const half = grid / 2;
  context.fillStyle = text;
  context.textAlign = "left";
  const say = (words, x, y, { alpha = 0.75, weight = 400, size = 12.5, tint = text, align = "left", most } = {}) => {
    context.font = `${weight} ${size}px ${font}`;
    context.globalAlpha = alpha;
    context.fillStyle = tint;
    context.textAlign = align;
    context.fillText(words, x, y, most);
    context.globalAlpha = 1;
  };
  const shown = (share) => 0.3 + 0.6 * share;
  say(`x: ${grid} × ${grid} × ${width}`, s.map.x, s.map.y - 10, { alpha: 0.9, weight: 600, most: s.map.w });
  ["x[0::2, 0::2]", "x[1::2, 0::2]", "x[0::2, 1::2]", "x[1::2, 1::2]"].forEach((words, k) => {
    say(words, s.slots[k].x, s.slots[k].y - 7, { alpha: shown(flown(time, k)), weight: 600, size: 11.5, most: s.slots[k].w });
  });
  const at = s.stack.y - s.lean - 10;
  say(`${half} × ${half} × ${4 * width}`, s.stack.x, at, { alpha: shown(stacked(time, 0)), weight: 600 });
  say(`${half} × ${half} × ${2 * width}`, s.result.x, at, { alpha: shown(worked(time)), weight: 600 });
  const under = (r) => r.y + r.h + 18;
  say("four maps of half the size", s.slots[0].x, under(s.slots[1]), { most: s.map.w });
  say("one behind the other: 4C", s.stack.x, under(s.stack), { most: s.map.w });
  say("linear layer: 4C → 2C", s.result.x, under(s.result), { most: s.map.w });
  say("every second token, four times", s.map.x, under(s.map), { most: s.map.w });
}

/** The chosen square of 2 x 2 tokens wherever it is at this moment. */
export function paintChosen(context, { film: s, time, merge }) {
  const { row, column } = merge;
  const small = (r) => ({ x: r.x + column * s.cell, y: r.y + row * s.cell, w: s.cell, h: s.cell });
  for (let k = 0; k < 4; k++) {
    const from = { x: s.map.x + (2 * column + (k >> 1)) * s.cell, y: s.map.y + (2 * row + (k % 2)) * s.cell, w: s.cell, h: s.cell };
    mark(context, from, SLICE_TINTS[k], 1.5);
    const share = flown(time, k);
    if (share > 0) mark(context, between(from, small(s.slots[k]), share), QUERY, 2);
    if (stacked(time, k) > 0) mark(context, between(small(s.slots[k]), small(inStack(s, k)), stacked(time, k)), QUERY, 2);
  }
  mark(context, { x: s.map.x + 2 * column * s.cell, y: s.map.y + 2 * row * s.cell, w: 2 * s.cell, h: 2 * s.cell }, QUERY, 2.5);
  if (worked(time) > 0) mark(context, between(small(s.stack), small(s.result), worked(time)), QUERY, 2.5);
}

function mark(context, { x, y, w, h }, colour, wide) {
  for (const [stroke, width] of [[SHADE, wide + 1.5], [colour, wide]]) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.strokeRect(x, y, w, h);
  }
}
