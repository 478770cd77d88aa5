// Two squares of tiles: every place's similarity to all places, and the first kernels.

import { gradient, opaqueLut } from "../../canvas/js/colour.js";
import { el, say, segmented } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { rowOf } from "../../tiles/js/measure.js";
import { createMap, hatchAll, paintMap } from "../../tiles/js/paint.js";
import { ONE } from "../../tiles/js/wire.js";

const GAP = 2;
const SPARE = 0.06; // of a tile, where tiles are large

/** `count` tiles side by side in `side` pixels, all equally large. */
export function tileLayout(side, count, ratio) {
  const gap = Math.round(Math.max(GAP * ratio, (SPARE * side) / count));
  const step = (side + gap) / count;
  return { size: Math.floor(step - gap), step, at: (k) => Math.round(k * step) };
}

const shell = (app, title, table, low, high, unit, words) => {
  const canvas = el("canvas.tiled", { role: "img" });
  const chosen = el("i.chosen");
  const bar = el("i.bar");
  bar.style.background = table;
  const part = { canvas, chosen, note: el("p.note-line"), low: el("span", {}, low), high: el("span", {}, high), unit: el("span.unit", {}, unit) };
  canvas.setAttribute("aria-label", words);
  part.node = [
    el("h4", {}, title),
    el("div.square.wall-box", {}, canvas, chosen),
    el("div.below", {}, el("div.legend", {}, el("span.range", {}, part.low, bar, part.high), part.unit), part.note),
  ];
  return part;
};

/** The tile that a pointer is on, or -1. */
function tileAt(part, event, columns, count) {
  const box = part.canvas.getBoundingClientRect();
  const unit = part.canvas.width / box.width / part.tiles.step;
  const [across, down] = [event.clientX - box.left, event.clientY - box.top].map((at) => Math.floor(at * unit));
  const tile = down * columns + across;
  return across >= 0 && across < columns && down >= 0 && tile < count ? tile : -1;
}

function frameTile(part, tile, columns, ratio) {
  part.chosen.hidden = tile < 0;
  if (tile < 0) return;
  const { at, size } = part.tiles;
  const { style } = part.chosen;
  style.left = `${at(tile % columns) / ratio}px`;
  style.top = `${at(Math.floor(tile / columns)) / ratio}px`;
  style.width = style.height = `${size / ratio}px`;
}

/** Draws the tiles anew if anything about them differs: `draw(k)` paints tile k on `tile`. */
function tiled(app, part, { count, columns, side, draw, kind = "" }) {
  const ratio = window.devicePixelRatio || 1;
  const { canvas } = part;
  const wide = Math.round(app.column * ratio);
  const name = [app.id, app.at, wide, kind].join();
  if (part.name === name) return ratio;
  part.name = name;
  part.tiles = tileLayout(wide, columns, ratio);
  canvas.width = canvas.height = wide;
  const context = canvas.getContext("2d");
  const tile = createMap(document.createElement("canvas"), side, side);
  context.imageSmoothingEnabled = false;
  const { at, size } = part.tiles;
  for (let k = 0; k < count; k++) {
    draw(k, tile);
    context.drawImage(tile.canvas, at(k % columns), at(Math.floor(k / columns)), size, size);
  }
  return ratio;
}

export function createPositions(app) {
  const lut = opaqueLut(app.tables.PuOr);
  const part = shell(app, "Positions", gradient(app.tables.PuOr), "", "", "cosine of two positions",
    "A tile for every token: how similar its position is to every other");
  const move = (event) => {
    if (app.store?.near.length && part.tiles) app.point(tileAt(part, event, app.store.columns, app.store.places));
  };
  part.canvas.addEventListener("pointermove", move, { signal: app.signal });
  part.canvas.addEventListener("pointerdown", move, { signal: app.signal });
  part.canvas.addEventListener("click", (event) => {
    if (part.tiles) app.pin(tileAt(part, event, app.store.columns, app.store.places));
  }, { signal: app.signal });
  const paint = () => {
    const { store, at, state } = app;
    const cosines = store.cosines(at);
    const most = Math.round(store.span * ONE);
    const ratio = tiled(app, part, {
      count: store.places, columns: store.columns, side: store.columns,
      draw: (k, tile) => {
        if (cosines) paintMap(tile, clipped(rowOf(cosines, k, store.places), most), most, lut);
        else hatchAll(tile.context, store.columns, store.rows, 1);
      },
    });
    frameTile(part, state.place, store.columns, ratio);
    const near = store.near[at];
    say(part.low, `−${number(store.span)}`);
    say(part.high, number(store.span));
    say(part.note, near
      ? `Side by side ${number(near[0])} on average, all other pairs ${number(near[1])}.`
      : "This network adds no positions.");
  };
  return Object.assign(part, { paint });
}

const clipped = (values, most) => values.map((value) => Math.max(-most, Math.min(most, value)));

export function createFilters(app) {
  const part = shell(app, "First filters", "linear-gradient(to right,#000,#808080,#fff)", "", "", "", "The kernels of the first layer");
  const { signal } = app;
  const kind = segmented("What of the filters is shown", [
    ["kernels", "Kernels", "The kernels themselves, which begin as random numbers"],
    ["change", "Added", "What training added: the kernels less what they began as"],
    ["components", "Components", "Principal components of the kernels: what they have in common, the strongest first"],
  ], (filters) => app.set({ filters }), signal);
  part.node.at(-1).prepend(kind.node);
  const here = (event) => (part.tiles ? tileAt(part, event, part.columns, part.count) : -1);
  part.canvas.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") app.over(here(event)); }, { signal });
  part.canvas.addEventListener("pointerleave", () => app.over(-1), { signal });
  part.canvas.addEventListener("click", (event) => {
    const tile = here(event);
    if (app.state.filters !== "components") app.set({ kernel: app.state.kernel === tile ? -1 : tile });
  }, { signal });
  const paint = () => {
    const { store, at, state } = app;
    const { values, most, limit, count } = store.filters(at, state.filters);
    part.columns = Math.ceil(Math.sqrt(count));
    part.count = count;
    kind.set(state.filters);
    const ratio = tiled(app, part, {
      count, columns: part.columns, side: store.side, kind: state.filters,
      draw: (k, tile) => paintKernel(tile, values, k * store.side * store.side, most),
    });
    const own = state.filters === "components";
    frameTile(part, own ? app.hovered : app.kernel(), part.columns, ratio);
    say(part.low, own ? "−" : `−${number(limit)}`);
    say(part.high, own ? "+" : number(limit));
    say(part.unit, own ? "each scaled to its largest; grey is 0" : `${state.filters === "change" ? "change of a weight" : "weight"}; grey is 0`);
    say(part.note, own ? ofComponent(store, at, app.hovered) : ofKernels(store, state));
  };
  return Object.assign(part, { paint });
}

function ofKernels(store, { kernel }) {
  const shape = `${store.kernels} kernels of ${store.side} × ${store.side}`;
  return kernel < 0 ? `${shape}. Point at one and see its answer.` : `${shape}. Kernel ${kernel + 1} stays; click it to let go.`;
}

function ofComponent(store, at, component) {
  if (component >= 0 && component < store.components) {
    return `Component ${component + 1}: ${percent(store.spread(at, component))} of the kernels’ variance.`;
  }
  let three = 0;
  for (let k = 0; k < Math.min(3, store.components); k++) three += store.spread(at, k);
  return `The first three hold ${percent(three)} of the kernels’ variance.`;
}

function paintKernel(tile, values, from, most) {
  const byte = (p, colour) => {
    const share = Math.max(-1, Math.min(1, values[3 * (from + p) + colour] / most));
    return Math.round(127.5 + 127.5 * share);
  };
  for (let p = 0; p < tile.pixels.length; p++) {
    tile.pixels[p] = ((255 << 24) | (byte(p, 2) << 16) | (byte(p, 1) << 8) | byte(p, 0)) >>> 0;
  }
  tile.context.putImageData(tile.image, 0, 0);
}
