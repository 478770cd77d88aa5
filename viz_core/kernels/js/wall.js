// The wall: every kernel of a bank as a small picture; point to try one, click to keep it.

import { opaqueLut } from "../../canvas/js/colour.js";
import { el } from "../../canvas/js/dom.js";
import { fit } from "../../channels/js/paint.js";
import { kernelOf } from "./store.js";

const GAP = 5;
const LARGEST = 72;
const SMALLEST = 24;

/** A kernel into pixels: signed colours, or the colour itself for three planes. */
export function paintKernel(bank, channel, top, lut, pixels, from, stride) {
  const { planes, size } = bank;
  const weights = kernelOf(bank, channel);
  const level = (value) => Math.max(0, Math.min(255, Math.round(127.5 + (top > 0 ? (127.5 * value) / top : 0))));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const k = row * size + column;
      pixels[from + row * stride + column] = planes === 1 ? lut[level(weights[k])]
        : (0xff000000 | (level(weights[2 * size * size + k]) << 16) | (level(weights[size * size + k]) << 8) | level(weights[k])) >>> 0;
    }
  }
}

export const topOf = (app, bank, channel) => (app.scale === "one" ? bank.shared : bank.tops[channel]);

/** All kernels of a bank side by side on one small canvas, `across` in a row. */
export function atlasOf(app, bank, count = bank.channels) {
  app.signedLut ??= opaqueLut(app.tables.PuOr);
  const across = Math.ceil(Math.sqrt(count));
  const { size } = bank;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: across * size, height: Math.ceil(count / across) * size });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let c = 0; c < count; c++) {
    const from = Math.floor(c / across) * size * canvas.width + (c % across) * size;
    paintKernel(bank, c, topOf(app, bank, c), app.signedLut, pixels, from, canvas.width);
  }
  context.putImageData(image, 0, 0);
  return { canvas, across };
}

export function createWall(app) {
  const canvas = el("canvas.thumbs", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label", "All kernels of this block. Arrow keys move from kernel to kernel, [ and ] change the block.");
  const chosen = el("div.chosen");
  const ghost = el("div.chosen.ghost");
  const node = el("div.wall-scroll", {}, el("div.board", {}, canvas, chosen, ghost));
  const wall = { node, canvas, chosen, ghost, columns: 1, size: LARGEST };
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const pitch = wall.size + GAP;
    const [column, row] = [Math.floor((event.clientX - box.left) / pitch), Math.floor((event.clientY - box.top) / pitch)];
    const channel = row * wall.columns + column;
    return column >= 0 && column < wall.columns && channel >= 0 && channel < app.bank.channels ? channel : null;
  };
  on("pointermove", (event) => { if (event.pointerType !== "touch") app.preview(under(event)); });
  on("pointerleave", () => app.preview(null));
  on("click", (event) => { const channel = under(event); if (channel !== null) app.pick(channel); });
  on("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wall.columns, ArrowDown: wall.columns }[event.key];
    if (by) app.pick(Math.max(0, Math.min(app.bank.channels - 1, app.channel + by)));
    else if (event.key === "[" || event.key === "]") app.hop(event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return wall;
}

export function layWall(app, wall) {
  const width = wall.node.clientWidth - 8;
  if (width <= 0) return;
  const { bank } = app;
  const key = [app.store.header.id, bank.index, app.scale, width, app.ratio, app.wallHeight].join();
  if (wall.key !== key) {
    wall.key = key;
    size(wall, bank.channels, width, app.wallHeight);
    const high = Math.ceil(bank.channels / wall.columns) * (wall.size + GAP);
    Object.assign(wall.canvas.style, { width: `${width}px`, height: `${high}px` });
    fit(wall.canvas, width, high, app.ratio);
    const { canvas, across } = atlasOf(app, bank);
    const context = wall.canvas.getContext("2d");
    context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
    context.clearRect(0, 0, width, high);
    context.imageSmoothingEnabled = false;
    for (let c = 0; c < bank.channels; c++) {
      const [x, y] = [(c % wall.columns) * (wall.size + GAP), Math.floor(c / wall.columns) * (wall.size + GAP)];
      context.drawImage(canvas, (c % across) * bank.size, Math.floor(c / across) * bank.size, bank.size, bank.size, x, y, wall.size, wall.size);
    }
  }
  outline(wall, wall.chosen, app.channel);
  outline(wall, wall.ghost, app.hovered);
}

/** The largest kernels of which all fit into the height, as wide together as the wall. */
function size(wall, count, width, height) {
  const least = Math.ceil((width + GAP) / (LARGEST + GAP));
  for (wall.columns = least; ; wall.columns++) {
    wall.size = Math.floor((width + GAP) / wall.columns) - GAP;
    if (wall.size <= SMALLEST || Math.ceil(count / wall.columns) * (wall.size + GAP) <= height) return;
  }
}

function outline(wall, node, channel) {
  node.hidden = channel === null;
  if (channel === null) return;
  Object.assign(node.style, {
    left: `${(channel % wall.columns) * (wall.size + GAP)}px`,
    top: `${Math.floor(channel / wall.columns) * (wall.size + GAP)}px`,
    width: `${wall.size}px`, height: `${wall.size}px`,
  });
}
