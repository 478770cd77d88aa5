// Mode `heads`: the wall of layers x heads for the token under the pointer, beside the picture.

import { el } from "./dom.js";
import { createWall, drawWall } from "./heads.js";
import { clamp, wrap } from "./keys.js";

/** The attention mode with a wall beside the picture. */
export function wallMode(base) {
  return { ...base, build: (app) => build(app, base), beside, key };
}

function build(app, base) {
  base.build(app);
  const [store] = app.stores;
  const layers = Array.from({ length: store.layers }, (_, k) => k);
  const canvas = el("canvas.thumbs", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label", "All heads of all layers. Arrows choose one.");
  app.wall = createWall(store, layers, canvas);
  app.frame = el("i.chosen");
  app.ghost = el("i.chosen.ghost", { hidden: true });
  const rows = layers.map((layer) => el("span", {}, String(layer + 1)));
  const columns = Array.from({ length: store.heads }, (_, k) => el("span", {}, String(k + 1)));
  const sheet = el("div.wall-canvas", {}, canvas, app.frame, app.ghost);
  sheet.style.setProperty("--heads", store.heads);
  sheet.style.setProperty("--layers", store.layers);
  const node = el("div.wall", {},
    el("div.corner"), el("div.axis.top", {}, "Head"), el("div.axis.left", {}, "Layer"),
    el("div.ticks.columns", {}, ...columns), el("div.ticks.rows", {}, ...rows), sheet,
    el("p.hint", {}, "Every thumbnail is scaled to its own largest patch. Click one to choose it."));
  node.style.setProperty("--wall-aspect", app.wall.grid.width / app.wall.grid.height);
  app.side.remove();
  app.host.append(node, app.readout.node, app.controls.node);
  const cellAt = (event) => {
    const unit = app.wall.grid.width / canvas.clientWidth;
    return app.wall.grid.at(event.offsetX * unit, event.offsetY * unit);
  };
  const { signal } = app;
  canvas.addEventListener("pointermove", (event) => placeFrame(app, app.ghost, cellAt(event)), { signal });
  canvas.addEventListener("pointerleave", () => { app.ghost.hidden = true; }, { signal });
  canvas.addEventListener("click", (event) => {
    const cell = cellAt(event);
    if (!cell) return;
    app.change({ layer: cell.layer, head: cell.head, reading: "single" });
    app.commit();
  }, { signal });
}

/** Moves a frame onto the thumbnail of a cell, or hides it. */
export function placeFrame(app, frame, cell) {
  frame.hidden = !cell;
  if (!cell) return;
  const { grid } = app.wall;
  const [x, y] = grid.cell(cell.layer, cell.head);
  const { store } = app.wall;
  frame.style.left = `${(100 * x) / grid.width}%`;
  frame.style.top = `${(100 * y) / grid.height}%`;
  frame.style.width = `${(100 * store.columns) / grid.width}%`;
  frame.style.height = `${(100 * store.rows) / grid.height}%`;
}

function beside(app) {
  const [panel] = app.panels;
  drawWall(app.wall, panel.token, app.shown.direction === "column", app.thumbLut);
  placeFrame(app, app.frame, app.shown.reading === "single" ? app.shown : null);
}

/** On the wall, arrows choose the head and the layer. */
function key(app, { name, step }) {
  const [store] = app.stores;
  if (name === "head") return choose(app, 0, step);
  if (name === "layer") return choose(app, step, 0);
  const onWall = app.wall.canvas.matches(":focus");
  if (!onWall) return false;
  if (name === "move") return choose(app, step[0], step[1]);
  if (name !== "pin") return false;
  app.commit();
  return true;

  function choose(app, down, right) {
    const layer = clamp(app.view.layer + down, 0, store.layers - 1);
    app.change({ layer, head: wrap(app.view.head, right, store.heads), reading: "single" });
    return true;
  }
}
