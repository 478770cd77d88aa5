// Pointer, touch and keyboard on the board. They only call app.act with a step.

import { SIDE, placeAt, rectOf } from "./slate.js";
import { UNITS } from "./steps.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const TOOLS = { 1: "swap", 2: "turn", 3: "erase", 4: "shift" };

export const KEYS = [
  ["← ↑ → ↓", "move the frame, or shift the picture"],
  ["Enter", "lift and drop, turn, or erase"],
  ["Shift + arrow", "shift by a whole patch"],
  ["1 2 3 4", "swap, turn, erase, shift"],
  ["U", "undo"],
  ["Escape", "put a lifted piece down"],
];

export function listenTo(app) {
  const { canvas, signal } = app;
  const on = (type, handle) => canvas.addEventListener(type, handle, { signal });
  on("pointerdown", (event) => press(app, event));
  on("pointermove", (event) => move(app, event));
  on("pointerup", (event) => release(app, event));
  on("pointercancel", () => drop(app));
  on("pointerleave", () => { if (!app.held) hover(app, -1); });
  on("blur", () => { if (app.held?.byKey) drop(app); });
  on("keydown", (event) => key(app, event));
}

function pointOf(app, event) {
  const box = app.canvas.getBoundingClientRect();
  return { u: (event.clientX - box.left) / box.width, v: (event.clientY - box.top) / box.height };
}

const inside = ({ u, v }) => u >= 0 && u < 1 && v >= 0 && v < 1;

function hover(app, place) {
  if (place === app.hover) return;
  app.hover = place;
  app.draw();
}

function press(app, event) {
  if (!app.slate || event.button) return;
  app.finishOpening();
  app.motion = null;
  const at = pointOf(app, event);
  if (!inside(at)) return;
  app.canvas.setPointerCapture?.(event.pointerId);
  const place = placeAt(app.side, at.u, at.v);
  hover(app, place);
  if (app.tool === "turn") return app.act({ kind: "turn", side: app.side, places: [place], quarters: 1 });
  if (app.tool === "erase") {
    app.held = { kind: "erase", restore: app.erased(place), places: [place], last: at };
  } else if (app.tool === "shift") {
    app.held = { kind: "shift", from: at, down: 0, right: 0 };
  } else {
    const { x, y } = rectOf(app.side, place);
    app.held = { kind: "swap", one: place, grip: { x: at.u * SIDE - x, y: at.v * SIDE - y } };
  }
  app.draw();
}

function move(app, event) {
  const at = pointOf(app, event);
  const { held } = app;
  hover(app, inside(at) ? placeAt(app.side, at.u, at.v) : -1);
  if (!held || held.byKey) return;
  if (held.kind === "swap") {
    held.x = at.u * SIDE - held.grip.x;
    held.y = at.v * SIDE - held.grip.y;
  } else if (held.kind === "erase") {
    stroke(app, held, at);
  } else {
    held.down = units(at.v - held.from.v);
    held.right = units(at.u - held.from.u);
    app.controls.status(shiftWords(held));
  }
  app.draw();
}

const units = (share) => Math.max(-UNITS, Math.min(UNITS, Math.round(share * UNITS)));

/** Every piece on the way since the last event, so that fast strokes leave no gaps. */
function stroke(app, held, at) {
  const count = 1 + Math.ceil(Math.hypot(at.u - held.last.u, at.v - held.last.v) * app.side * 3);
  for (let k = 1; k <= count; k++) {
    const u = held.last.u + ((at.u - held.last.u) * k) / count;
    const v = held.last.v + ((at.v - held.last.v) * k) / count;
    const place = inside({ u, v }) ? placeAt(app.side, u, v) : -1;
    if (place >= 0 && !held.places.includes(place)) held.places.push(place);
  }
  held.last = at;
}

function release(app, event) {
  const { held } = app;
  if (!held || held.byKey) return;
  move(app, event);
  app.held = null;
  if (held.kind === "erase") {
    const kind = held.restore ? "restore" : "erase";
    app.act({ kind, side: app.side, places: held.places }, { shown: true });
  } else if (held.kind === "shift") {
    if (held.down || held.right) app.act(shiftStep(app, held.down, held.right), { shown: true });
  } else if (app.hover >= 0 && app.hover !== held.one) {
    app.act(swapStep(app, held.one, app.hover), held.x === undefined ? null : { piece: held.one, x: held.x, y: held.y });
  }
  app.draw();
}

function drop(app) {
  app.held = null;
  app.draw();
}

const swapStep = (app, one, other) => ({ kind: "swap", side: app.side, one, other });
const shiftStep = (app, down, right) => ({ kind: "shift", down, right, edge: app.edge });

export function shiftWords({ down, right }) {
  const parts = [];
  if (right) parts.push(`${Math.abs(right)} px ${right > 0 ? "right" : "left"}`);
  if (down) parts.push(`${Math.abs(down)} px ${down > 0 ? "down" : "up"}`);
  return parts.join(", ") || "not moved";
}

function key(app, event) {
  if (!app.slate || event.altKey) return;
  const known = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (known !== "z") return;
    app.undo();
  } else if (ARROWS[event.key]) step(app, ARROWS[event.key], event.shiftKey);
  else if (TOOLS[event.key]) app.controls.pick(TOOLS[event.key]);
  else if (event.key === "Enter" || event.key === " ") use(app);
  else if (known === "u") app.undo();
  else if (event.key === "Escape" && app.held) drop(app);
  else return;
  event.preventDefault();
}

function step(app, [down, right], far) {
  if (app.tool === "shift") {
    const by = far ? 4 : 1;
    app.act(shiftStep(app, down * by, right * by), { shown: true });
    return app.announce(`Shifted ${shiftWords({ down: down * by, right: right * by })}.`);
  }
  const { side } = app;
  const now = app.hover < 0 ? Math.floor(side / 2) * (side + 1) : app.hover;
  const row = Math.max(0, Math.min(side - 1, Math.floor(now / side) + down));
  const column = Math.max(0, Math.min(side - 1, (now % side) + right));
  hover(app, row * side + column);
  app.announce(`Row ${row + 1}, column ${column + 1}${app.erased(app.hover) ? ", erased" : ""}`);
}

function use(app) {
  const { hover: place, side, held } = app;
  if (place < 0 || app.tool === "shift") return;
  if (app.tool === "turn") app.act({ kind: "turn", side, places: [place], quarters: 1 });
  else if (app.tool === "erase") app.act({ kind: app.erased(place) ? "restore" : "erase", side, places: [place] }, { shown: true });
  else if (!held) {
    app.held = { kind: "swap", one: place, byKey: true };
    app.announce("Lifted: choose a place and press Enter.");
  } else {
    app.held = null;
    if (held.one !== place) app.act(swapStep(app, held.one, place));
  }
  app.draw();
}
