// The wall: every channel of a map as a small picture, sorted; point to preview, click to keep.

import { el } from "../../canvas/js/dom.js";
import { fit, lutsOf, paintChannel, scaleOf, tableOf } from "./paint.js";
import { sorted, tokenAt } from "./store.js";

const GAP = 4;
const BAR = 3; // height of the bar below each map: what the wall is sorted by
const LARGEST = 76;
const SMALLEST = 30;

export function createWall(app) {
  const canvas = el("canvas.thumbs", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label", "All channels of this map. Arrow keys move from channel to channel.");
  const chosen = el("div.chosen");
  const ghost = el("div.chosen.ghost");
  const board = el("div.board", {}, canvas, chosen, ghost);
  const node = el("div.wall-scroll", {}, board);
  const wall = { node, canvas, chosen, ghost, board, order: [], atlas: document.createElement("canvas") };
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return under(wall, event.clientX - box.left, event.clientY - box.top);
  };
  on("pointermove", (event) => { if (event.pointerType !== "touch") app.preview(at(event)); });
  on("pointerleave", () => app.preview(null));
  on("click", (event) => { const channel = at(event); if (channel !== null) app.pick(channel); });
  on("keydown", (event) => {
    if (!press(app, wall, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return wall;
}

function under({ columns, size, order }, x, y) {
  const [column, row] = [Math.floor(x / (size + GAP)), Math.floor(y / (size + BAR + GAP))];
  if (!(column >= 0 && column < columns)) return null;
  return order[row * columns + column] ?? null;
}

function press(app, wall, key) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wall.columns, ArrowDown: wall.columns }[key];
  if (step) {
    const to = wall.order.indexOf(app.channel) + step;
    if (wall.order[to] !== undefined) app.pick(wall.order[to]);
  } else if (key === "[" || key === "]") app.hop(key === "]" ? 1 : -1);
  else return false;
  return true;
}

/** Sizes, order and colours; called when any of them changed. */
export function layWall(app, wall) {
  const width = wall.node.clientWidth - 8;
  if (width <= 0) return;
  const { place } = app;
  const found = sorted(place, app.sort, app.label, tokenAt(place, app.pointed ?? app.pinned));
  Object.assign(wall, found, sizes(place.channels, width, app.wallHeight));
  const rows = Math.ceil(place.channels / wall.columns);
  wall.high = rows * (wall.size + BAR + GAP);
  wall.canvas.style.height = `${wall.high}px`;
  wall.canvas.style.width = `${width}px`;
  fit(wall.canvas, width, wall.high, app.ratio);
  paintAtlas(app, wall, place);
  const context = wall.canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, width, wall.high);
  context.imageSmoothingEnabled = false;
  wall.order.forEach((channel, k) => draw(app, wall, context, place, channel, k));
}

/** The largest maps of which all fit into the height; never smaller than can be told apart. */
function sizes(count, width, height) {
  for (let size = LARGEST; size > SMALLEST; size--) {
    const columns = Math.floor((width + GAP) / (size + GAP));
    if (Math.ceil(count / columns) * (size + BAR + GAP) <= height) return { size, columns };
  }
  return { size: SMALLEST, columns: Math.floor((width + GAP) / (SMALLEST + GAP)) };
}

/** All channels as they come into one canvas: drawn again only if map or scale changed. */
function paintAtlas(app, wall, place) {
  const key = `${app.store.header.id} ${place.index} ${app.scale}`;
  if (wall.painted === key) return;
  wall.painted = key;
  const { rows, columns, channels } = place;
  const across = Math.ceil(Math.sqrt(channels));
  const [wide, high] = [across * columns, Math.ceil(channels / across) * rows];
  Object.assign(wall.atlas, { width: wide, height: high });
  const context = wall.atlas.getContext("2d");
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const lut = lutsOf(app).opaque[tableOf(place)];
  for (let c = 0; c < channels; c++) {
    const at = Math.floor(c / across) * rows * wide + (c % across) * columns;
    paintChannel(place, c, scaleOf(app, place, c), lut, pixels, at, wide);
  }
  context.putImageData(image, 0, 0);
  wall.across = across;
}

function draw(app, wall, context, place, channel, k) {
  const { size, columns, across, atlas, by } = wall;
  const [x, y] = [(k % columns) * (size + GAP), Math.floor(k / columns) * (size + BAR + GAP)];
  context.drawImage(atlas, (channel % across) * place.columns, Math.floor(channel / across) * place.rows,
    place.columns, place.rows, x, y, size, size);
  if (!by) return;
  const most = Math.max(Math.abs(by[wall.order[0]]), Math.abs(by[wall.order.at(-1)]), 1e-12);
  context.fillStyle = by[channel] < 0 ? "#ffb224" : app.accent;
  context.fillRect(x, y + size + 1, Math.max(0.5, (size * Math.abs(by[channel])) / most), BAR - 1);
}

/** The outlines of the kept and the previewed channel. */
export function markWall(app, wall) {
  place(wall, wall.chosen, app.channel);
  place(wall, wall.ghost, app.hovered);
}

function place({ order, columns, size }, node, channel) {
  const k = channel === null ? -1 : order.indexOf(channel);
  node.hidden = k < 0;
  if (k < 0) return;
  Object.assign(node.style, {
    left: `${(k % columns) * (size + GAP)}px`,
    top: `${Math.floor(k / columns) * (size + BAR + GAP)}px`,
    width: `${size}px`, height: `${size}px`,
  });
}

/** Brings the kept channel into sight, inside the wall only. */
export function revealChosen(app, { node, order, columns, size }) {
  const row = Math.floor(order.indexOf(app.channel) / columns);
  const [top, high] = [row * (size + BAR + GAP), size + BAR + GAP];
  if (top < node.scrollTop) node.scrollTop = top;
  else if (top + high > node.scrollTop + node.clientHeight) node.scrollTop = top + high - node.clientHeight;
}
