// Mode `matrix`: the n x n matrix beside the picture; pointing at either lights the other.

import { el } from "./dom.js";
import { readInto } from "./lookup.js";
import { middleOf } from "./layout.js";
import { KEY, QUERY } from "./stage.js";

/** The attention mode with the whole matrix beside the picture. */
export function matrixMode(base) {
  return {
    ...base,
    build: (app) => build(app, base),
    update: (app) => update(app, base),
    beside,
  };
}

function build(app, base) {
  if (app.view.reading === "rollout") app.view.reading = "mean";
  app.view.direction = "row";
  base.build(app);
  const n = app.stores[0].tokens;
  const canvas = el("canvas.thumbs", { role: "img" });
  canvas.setAttribute("aria-label", "Attention matrix: a row is a query, a column is a key");
  const small = Object.assign(document.createElement("canvas"), { width: n, height: n });
  const context = small.getContext("2d");
  const image = context.createImageData(n, n);
  const pixels = new Uint32Array(image.data.buffer);
  app.matrix = { canvas, small, context, image, pixels, n, key: "", cell: null };
  const node = el("div.wall.square", {},
    el("div.corner"), el("div.axis.top.key", {}, "Key: looked at"),
    el("div.axis.left.query", {}, "Query: looks"),
    el("div.wall-canvas", {}, canvas),
    el("p.hint", {}, `${n} × ${n} tokens, each row scaled to its largest. Point at a cell.`));
  app.side.remove();
  app.host.append(node, app.readout.node, app.controls.node);
  const { signal } = app;
  canvas.addEventListener("pointermove", (event) => pointCell(app, event), { signal });
  canvas.addEventListener("pointerleave", () => {
    app.matrix.cell = null;
    app.point = null;
    app.prefix = -1;
    app.schedule();
  }, { signal });
  const watch = new ResizeObserver(() => app.schedule());
  watch.observe(canvas);
  signal.addEventListener("abort", () => watch.disconnect());
}

function pointCell(app, event) {
  const { canvas, n } = app.matrix;
  const query = Math.min(n - 1, Math.floor((event.offsetY / canvas.clientHeight) * n));
  const key = Math.min(n - 1, Math.floor((event.offsetX / canvas.clientWidth) * n));
  const [store] = app.stores;
  app.matrix.cell = { query, key };
  app.prefix = query < store.skip ? query : -1;
  app.point = query < store.skip ? null : { panel: 0, ...middleOf(query - store.skip, store) };
  app.schedule();
}

function update(app, base) {
  base.update(app);
  const { cell } = app.matrix;
  const [panel] = app.panels;
  panel.chosen = Boolean(cell) && cell.query === panel.token;
  if (!panel.chosen) return;
  panel.best = cell.key;
  panel.marks = panel.marks.map((mark) =>
    mark.kind === "key" ? { patch: cell.key - panel.store.skip, kind: "key" } : mark);
}

function beside(app) {
  fillMatrix(app);
  drawMatrix(app);
}

/** The whole matrix, drawn again only when layer, head or colours change. */
function fillMatrix(app) {
  const { matrix, shown } = app;
  const [store] = app.stores;
  const key = [store.id, shown.layer, shown.head, shown.reading, app.lutName].join();
  if (key === matrix.key) return;
  matrix.key = key;
  const row = new Float64Array(store.tokens);
  for (let query = 0; query < store.tokens; query++) {
    readInto(store, { ...shown, direction: "row" }, query, row);
    const unit = 255 / (row.reduce((a, b) => Math.max(a, b), 0) || 1);
    const at = query * store.tokens;
    for (let j = 0; j < row.length; j++) matrix.pixels[at + j] = app.thumbLut[(row[j] * unit + 0.5) | 0];
  }
  matrix.context.putImageData(matrix.image, 0, 0);
}

function drawMatrix(app) {
  const { canvas, small, n, cell } = app.matrix;
  const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = side < n;
  context.drawImage(small, 0, 0, side, side);
  const [panel] = app.panels;
  const step = side / n;
  const band = Math.max(2, step);
  context.lineWidth = Math.max(1.5, window.devicePixelRatio || 1);
  context.strokeStyle = QUERY;
  context.strokeRect(0.5, panel.token * step - 1, side - 1, band + 2);
  context.strokeStyle = KEY;
  const key = cell ? cell.key : panel.best;
  context.strokeRect(key * step - 1, 0.5, band + 2, side - 1);
}
