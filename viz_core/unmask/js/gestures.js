// Pointer, touch and keyboard on the two big pictures, and the handle between them.

import { moved } from "../../canvas/js/layout.js";
import { dragged } from "./brush.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function listenTo(app) {
  for (const { canvas } of Object.values(app.panels)) listenPanel(app, canvas);
  listenWipe(app);
}

function patchUnder(app, canvas, event) {
  const box = canvas.getBoundingClientRect();
  const { rows, columns } = app.grid;
  const hold = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  const row = hold((event.clientY - box.top) / box.height, rows);
  return row * columns + hold((event.clientX - box.left) / box.width, columns);
}

function listenPanel(app, canvas) {
  const on = (type, handle) => canvas.addEventListener(type, (event) => {
    if (app.stage) handle(event);
  }, { signal: app.signal });
  on("pointermove", (event) => {
    const patch = patchUnder(app, canvas, event);
    if (app.held) drag(app, patch);
    else if (event.pointerType === "mouse") app.point(patch);
  });
  on("pointerdown", (event) => {
    if (event.button) return;
    const patch = patchUnder(app, canvas, event);
    app.stop();
    app.pinned = patch;
    app.point(event.pointerType === "mouse" ? patch : null);
    // A finger that scrolls the page must not hide patches: it paints by hand only.
    if (event.pointerType !== "mouse" && app.view.strategy !== "hand") return;
    canvas.setPointerCapture?.(event.pointerId);
    press(app, patch);
  });
  on("pointerup", () => release(app));
  on("pointercancel", () => release(app));
  on("pointerleave", () => { if (!app.held) app.point(null); });
  on("keydown", (event) => keyed(app, event));
  on("keyup", (event) => { if (event.key.toLowerCase() === "o") app.look(null); });
  on("blur", () => app.look(null));
}

function press(app, patch) {
  const mask = app.mask();
  if (!mask) return;
  app.held = { mask: mask.slice(), from: patch, last: patch, on: 1 - mask[patch], draft: null };
  drag(app, patch);
}

function drag(app, patch) {
  const { held } = app;
  held.draft = dragged(app.view.tool, app.grid, held, patch);
  held.last = patch;
  app.over = patch;
  app.stream();
  app.schedule();
}

function release(app) {
  const { held } = app;
  if (!held) return;
  app.held = null;
  app.take(held.draft, held.mask);
}

function keyed(app, event) {
  if (event.ctrlKey && event.key === "z") app.undo();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (ARROWS[event.key]) {
    app.pinned = moved(app.pinned ?? 0, app.grid, ARROWS[event.key]);
    app.point(null);
  } else if (event.key === "Enter" || event.key === "p") toggle(app);
  else if (event.key === "[" || event.key === "]") {
    app.slide(Math.max(0, Math.min(95, app.percent() + (event.key === "]" ? 5 : -5))));
    app.settle();
  } else if (event.key === "z") app.undo();
  else if (event.key === "o" || event.key === "O") app.look("truth");
  else if (event.key === " ") app.sweep();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function toggle(app) {
  const [mask, patch] = [app.mask(), app.pinned ?? 0];
  if (!mask) return;
  const tool = ["box", "keep"].includes(app.view.tool) ? "brush" : app.view.tool;
  app.take(dragged(tool, app.grid, { mask, from: patch, last: patch, on: 1 - mask[patch], draft: null }, patch), mask);
}

function listenWipe(app) {
  const { wiper, signal } = app;
  const on = (type, handle) => wiper.addEventListener(type, handle, { signal });
  const set = (share) => {
    app.view.wipe = Math.max(0, Math.min(1, share));
    app.schedule();
  };
  on("pointerdown", (event) => {
    wiper.setPointerCapture(event.pointerId);
    app.wiping = true;
    event.preventDefault();
    event.stopPropagation();
  });
  on("pointermove", (event) => {
    if (!app.wiping) return;
    const box = app.panels.result.canvas.getBoundingClientRect();
    set((event.clientX - box.left) / box.width);
  });
  for (const type of ["pointerup", "pointercancel"]) on(type, () => { app.wiping = false; });
  on("keydown", ({ key }) => {
    const step = { ArrowLeft: -0.05, ArrowRight: 0.05, Home: -1, End: 1 }[key];
    if (step) set(app.view.wipe + step);
  });
}
