// One frame: which pictures are known, which patches come out of the hatch, what is drawn where.

import { drawGrid, fitted, outline, surface, VIEWS, wiped } from "./draw.js";
import { TOOLS } from "./brush.js";
import { offerViews } from "./build.js";
import { lookup, NETWORK, patchErrors, runName, worstPatch } from "./store.js";
import { tell } from "./tell.js";

const REVEAL = 280; // ms a patch takes to come out of the hatch
const SPREAD = 420; // ms until the last one begins

export function paint(app) {
  if (!app.stage || !app.view || !app.host.isConnected || app.signal.aborted) return;
  const mask = app.mask();
  if (!mask) return;
  const now = performance.now();
  const slim = app.host.dataset.width === "slim";
  app.ground = getComputedStyle(app.host).getPropertyValue("--st-background-color") || "#fff";
  app.base = app.view.full && app.picture ? app.picture : app.truthSurface;
  const seen = (app.seen = look(app, mask, now));
  const { baseline } = app.view;
  const names = ["masked", "painted", "fill", "raw", "error", "closer", "truth"].filter((name) => {
    return (slim || name !== "masked") && (baseline !== "none" || !["fill", "closer"].includes(name));
  });
  offerViews(app, names);
  const chosen = app.peek ?? app.view.shown;
  app.viewed = names.includes(chosen) ? chosen : "painted";
  app.wiped = app.view.wipe ?? (slim ? 0.5 : 0);
  app.under = slim ? "masked" : "truth";
  drawBig(app, seen);
  drawSmall(app, seen);
  tell(app, seen);
  if (seen.moving) app.schedule();
}

/** What is known for this mask, and what is shown until it is. */
function look(app, mask, now) {
  const { view, store, grid, truth } = app;
  const editing = Boolean(app.held?.draft ?? app.grown);
  const byHand = editing || view.strategy === "hand";
  const run = editing ? app.asking ?? "" : runName({ ...view, hand: app.hand });
  const entry = lookup(store, run, byHand ? 0 : view.slot);
  const ready = (made) => {
    made.surface ??= surface(made.picture, grid.size);
    made.errors ??= patchErrors(truth, made.picture, grid.size, grid.columns);
    return made;
  };
  if (entry?.[NETWORK]) app.shown = ready(entry[NETWORK]);
  const wanted = entry?.[view.baseline];
  if (wanted) app.fill = { baseline: view.baseline, made: ready(wanted) };
  const { shown } = app;
  const fill = app.fill?.baseline === view.baseline ? app.fill.made : null;
  const fresh = freshen(app, mask, shown, now);
  return {
    mask, shown, fill, now, moving: fresh,
    current: !editing && shown && shown === entry?.[NETWORK] ? shown : null,
    currentFill: !editing && fill && fill === wanted ? fill : null,
    errors: shown?.errors, fillErrors: fill?.errors,
    age: (patch) => (now - app.born[patch]) / REVEAL,
    fillAge: (patch) => (fill?.mask[patch] ? 1 : -1),
    worst: worstPatch(mask, shown?.errors),
  };
}

/** Notes when each hidden patch was painted; true while some are still coming out of the hatch. */
function freshen(app, mask, shown, now) {
  const { born } = app;
  let moving = false;
  mask.forEach((on, patch) => {
    if (!on) born[patch] = -Infinity;
    else if (!shown?.mask[patch]) born[patch] = Infinity;
    else if (born[patch] === Infinity) {
      born[patch] = app.still ? -Infinity : now + ((patch * 7919) % mask.length) / mask.length * SPREAD * Math.min(1, waiting(mask, born) / 60);
    }
    if (Number.isFinite(born[patch]) && now - born[patch] < REVEAL) moving = true;
  });
  return moving;
}

const waiting = (mask, born) => mask.reduce((sum, on, patch) => sum + (on && born[patch] === Infinity), 0);

/** The small pictures show what is known without its coming out, and only when that changed. */
function drawSmall(app, seen) {
  const { shown, fill, mask } = seen;
  const [first] = app.views.values();
  const marks = app.held?.draft ? app.smallKey?.[0] : mask.join("");
  const key = [marks, shown, fill, app.base, app.ground, app.views, first.canvas.clientWidth, devicePixelRatio];
  if (app.smallKey && key.every((part, k) => part === app.smallKey[k])) return;
  app.smallKey = key;
  const still = { ...seen, age: (patch) => (shown?.mask[patch] ? 1 : -1) };
  for (const [name, { canvas }] of app.views) VIEWS[name](fitted(canvas), app, still);
}

function drawBig(app, seen) {
  const { panels, grid } = app;
  const brush = TOOLS[app.view.tool].width ?? 1;
  for (const [name, { canvas }] of Object.entries(panels)) {
    if (!canvas.clientWidth) continue;
    const pen = fitted(canvas);
    if (name === "masked") VIEWS.masked(pen, app, seen);
    else {
      wiped(pen, app.wiped, (p) => VIEWS[app.viewed](p, app, seen), (p) => VIEWS[app.under](p, app, seen));
      drawLine(pen, app.wiped);
    }
    if (name === "masked" || app.view.strategy === "hand") drawGrid(pen, grid);
    const patch = app.over ?? app.pinned ?? seen.worst;
    if (patch >= 0) outline(pen, grid, patch, app.over === null ? 1 : brush);
  }
  const box = panels.result.canvas;
  app.wiper.style.left = `${app.wiped * box.clientWidth}px`;
}

function drawLine({ context, side, ratio }, share) {
  if (share <= 0 || share >= 1) return;
  const x = Math.round(share * side);
  context.fillStyle = "rgba(9,10,18,.5)";
  context.fillRect(x - 2 * ratio, 0, 4 * ratio, side);
  context.fillStyle = "#fff";
  context.fillRect(x - ratio, 0, 2 * ratio, side);
}
