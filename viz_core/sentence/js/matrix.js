// The attention matrix of the chosen layer and head: a row looks, a column is looked at.

import { opaqueLut } from "../../canvas/js/colour.js";
import { el } from "../../canvas/js/dom.js";
import { closedAt, matrixOf } from "./store.js";

const QUERY = "#ffb224";
const KEY = "#2dd4bf";
const LARGEST_CELL = 52;
const LARGEST = 290;

export function createMatrix(app) {
  const canvas = el("canvas.cells", { role: "img", tabIndex: 0 });
  const hint = el("p.hint");
  const node = el("section.matrix", {},
    el("div.axis.top.key", {}, "token that is looked at →"),
    el("div.axis.left.query", {}, "← token that looks"), canvas, hint);
  const matrix = { node, canvas, hint, values: null, small: document.createElement("canvas") };
  const { signal } = app;
  const cell = (event) => {
    const n = app.store.count;
    const at = (offset, size) => Math.max(0, Math.min(n - 1, Math.floor((offset / size) * n)));
    return { kind: "cell", query: at(event.offsetY, canvas.clientHeight), key: at(event.offsetX, canvas.clientWidth) };
  };
  canvas.addEventListener("pointermove", (event) => app.point(cell(event)), { signal });
  canvas.addEventListener("pointerleave", () => app.point(null), { signal });
  canvas.addEventListener("click", (event) => app.pin(cell(event)), { signal });
  canvas.addEventListener("blur", () => app.point(null), { signal });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const from = app.hover?.kind === "cell" ? app.hover : { query: 0, key: 0 };
    const clip = (k) => Math.max(0, Math.min(app.store.count - 1, k));
    app.point({ kind: "cell", query: clip(from.query + step[0]), key: clip(from.key + step[1]) });
  }, { signal });
  return matrix;
}

/** The values anew: another sentence, layer, head or mask. */
export function fillMatrix(app, matrix) {
  const { store } = app;
  const n = store.count;
  matrix.values = matrixOf(store, app.view);
  matrix.lut ??= opaqueLut(app.tables.magma);
  const small = Object.assign(matrix.small, { width: n, height: n });
  const context = small.getContext("2d");
  const image = context.createImageData(n, n);
  const pixels = new Uint32Array(image.data.buffer);
  for (let query = 0; query < n; query++) {
    const row = matrix.values.subarray(query * n, query * n + n);
    const unit = 255 / (Math.max(...row) || 1);
    for (let key = 0; key < n; key++) {
      pixels[query * n + key] = closedAt(store, app.view, query, key) ? 0 : matrix.lut[(row[key] * unit + 0.5) | 0];
    }
  }
  context.putImageData(image, 0, 0);
  matrix.hint.textContent = `${n} × ${n} tokens; every row adds up to 100\u2009% and is scaled to its largest`;
  const head = app.view.head === "mean" ? "mean of the heads" : `head ${app.view.head + 1}`;
  matrix.canvas.setAttribute("aria-label", `Attention of layer ${app.view.layer + 1}, ${head}: ${n} × ${n} tokens`);
}

/** Rows in amber and columns in teal over the cells. */
export function drawMatrix(app, matrix, { queries, keys }) {
  const { canvas } = matrix;
  const n = app.store.count;
  const room = app.host.clientWidth - 24;
  const side = Math.min(room, n * LARGEST_CELL, LARGEST);
  if (side <= 0) return;
  const ratio = window.devicePixelRatio || 1;
  const pixels = Math.round(side * ratio);
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  canvas.style.width = canvas.style.height = `${side}px`;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, pixels, pixels);
  context.imageSmoothingEnabled = false;
  hatch(context, pixels, ratio);
  context.drawImage(matrix.small, 0, 0, pixels, pixels);
  const step = pixels / n;
  const band = (from, to, colour, across) => {
    context.strokeStyle = colour;
    context.lineWidth = 2 * ratio;
    const [start, length] = [from * step, (to - from + 1) * step];
    context.strokeRect(...(across ? [1, start, pixels - 2, length] : [start, 1, length, pixels - 2]));
  };
  for (const [from, to] of runs(keys)) band(from, to, KEY, false);
  for (const [from, to] of runs(queries)) band(from, to, QUERY, true);
}

/** Closed cells are clear in the picture of values and let this through. */
function hatch(context, pixels, ratio) {
  context.fillStyle = "#475569";
  context.fillRect(0, 0, pixels, pixels);
  context.strokeStyle = "#94a3b8";
  context.lineWidth = ratio;
  context.beginPath();
  for (let at = -pixels; at < pixels; at += 5 * ratio) {
    context.moveTo(at, pixels);
    context.lineTo(at + pixels, 0);
  }
  context.stroke();
}

/** [2, 3, 4, 7] -> [[2, 4], [7, 7]]. */
function runs(tokens) {
  const found = [];
  for (const token of [...tokens].sort((a, b) => a - b)) {
    if (found.length && found.at(-1)[1] === token - 1) found.at(-1)[1] = token;
    else found.push([token, token]);
  }
  return found;
}
