// Mode `heads` for attention in windows: every head of every block, each as its own window.

import { el } from "./dom.js";
import { clamp, wrap } from "./keys.js";
import { patchAt, wallGrid } from "./layout.js";
import { placeFrame } from "./wall.js";
import { paintSlots } from "./windowcontrols.js";
import { restingPlace } from "./windowview.js";

const GAP = 1;

/** The window mode with a wall of windows beside the picture. */
export function windowWallMode(base) {
  return { ...base, build: (app) => build(app, base), beside: (app) => beside(app, base), key: (app, act) => key(app, act, base) };
}

function build(app, base) {
  base.build(app);
  const [store] = app.stores;
  const side = store.lenses.reduce((most, lens) => Math.max(most, lens.window), 0);
  const grid = wallGrid(store.layers, store.heads, side, side, GAP);
  const canvas = el("canvas.thumbs", { tabIndex: 0, role: "application", width: grid.width, height: grid.height });
  canvas.setAttribute("aria-label", "All heads of all blocks. Arrows choose one.");
  const context = canvas.getContext("2d");
  const image = context.createImageData(grid.width, grid.height);
  const held = store.lenses.map((lens) => new Float64Array(lens.slots));
  const pixels = new Uint32Array(image.data.buffer);
  app.wall = { store: { rows: side, columns: side }, grid, canvas, context, image, pixels, held };
  app.frame = el("i.chosen");
  app.ghost = el("i.chosen.ghost", { hidden: true });
  const rows = store.lenses.map((lens) => el(lens.block ? "span.later" : "span", {}, `${lens.stage + 1}.${lens.block + 1}`));
  const every = store.heads > 12 ? 4 : 1;
  const columns = Array.from({ length: store.heads }, (_, k) => el("span", {}, (k + 1) % every && k ? "" : String(k + 1)));
  const node = el("div.wall.inside", {},
    el("div.corner"), el("div.axis.top", {}, "Head"), el("div.axis.left", {}, "Stage . block"),
    el("div.ticks.columns", {}, ...columns), el("div.ticks.rows", {}, ...rows),
    el("div.wall-canvas", {}, canvas, app.frame, app.ghost),
    el("p.hint", {}, "Each thumbnail is the window of the patch under the pointer in that block, "
      + "scaled to its largest; slate is closed. Later stages have more heads. Click one."));
  node.style.setProperty("--wall-aspect", grid.width / grid.height);
  app.side.remove();
  app.host.append(node, app.readout.node, app.controls.node);
  listen(app, canvas);
}

function listen(app, canvas) {
  const [store] = app.stores;
  const { signal } = app;
  const cellAt = (event) => {
    const unit = app.wall.grid.width / canvas.clientWidth;
    const cell = app.wall.grid.at(event.offsetX * unit, event.offsetY * unit);
    return cell && cell.head < store.lenses[cell.layer].heads ? cell : null;
  };
  canvas.addEventListener("pointermove", (event) => placeFrame(app, app.ghost, cellAt(event)), { signal });
  canvas.addEventListener("pointerleave", () => { app.ghost.hidden = true; }, { signal });
  canvas.addEventListener("click", (event) => {
    const cell = cellAt(event);
    if (!cell) return;
    app.change({ layer: cell.layer, head: cell.head, reading: "single" });
    app.commit();
  }, { signal });
}

function beside(app, base) {
  base.beside(app);
  const { wall, shown } = app;
  const [store] = app.stores;
  const at = app.point ?? restingPlace(app);
  for (const lens of store.lenses) {
    if (!lens.levels) continue;
    const token = patchAt(at, lens);
    for (let head = 0; head < lens.heads; head++) {
      const [x, y] = wall.grid.cell(lens.layer, head);
      const from = y * wall.grid.width + x;
      paintSlots(lens, shown, head, token, wall.held[lens.layer], app.thumbLut, wall.pixels, from, wall.grid.width);
    }
  }
  wall.context.putImageData(wall.image, 0, 0);
  placeFrame(app, app.frame, shown.reading === "single" ? shown : null);
}

/** On the wall, arrows choose the head and the block. */
function key(app, act, base) {
  if (!app.wall.canvas.matches(":focus")) return base.key(app, act);
  if (act.name === "move") return choose(app, act.step);
  if (act.name !== "pin") return base.key(app, act);
  app.commit();
  return true;
}

function choose(app, [down, right]) {
  const [store] = app.stores;
  const layer = clamp(app.view.layer + down, 0, store.layers - 1);
  const { heads } = store.lenses[layer];
  const head = wrap(Math.min(app.view.head, heads - 1), right, heads);
  app.change({ layer, head, reading: "single" });
  return true;
}
