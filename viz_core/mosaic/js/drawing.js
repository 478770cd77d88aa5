// One frame of the board.

import { hatch } from "../../canvas/js/stage.js";
import { begin, drawMotion } from "./motion.js";
import { SIDE, coarse, drawShifted, rectOf } from "./slate.js";
import { GRID, UNITS } from "./steps.js";

const QUERY = "#ffb224";
const KEY = "#2dd4bf";
const SHADE = "rgba(9,10,18,.75)";

export function beginMotionOf(app, step, lifted = null) {
  app.motion = app.still.matches ? null : begin(app.slate.flat, step, performance.now(), lifted);
}

/** Draws; true while something moves. */
export function drawBoard(app, now) {
  const { canvas, context } = app;
  const width = app.stage.clientWidth;
  if (!width) return false;
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const wide = Math.round(width * ratio);
  if (canvas.width !== wide) canvas.width = canvas.height = wide;
  const scale = wide / SIDE;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.imageSmoothingQuality = "high";
  const moving = drawPicture(app, now);
  const line = ratio / scale;
  drawGrid(context, GRID, line * 0.6, "rgba(255,255,255,.16)");
  if (app.tool !== "shift" && app.side !== GRID) drawGrid(context, app.side, line * 1.2, "rgba(255,255,255,.5)");
  drawMarks(app, line);
  return moving;
}

function drawPicture(app, now) {
  const { context, slate, held } = app;
  if (app.motion) {
    if (drawMotion(context, app.motion, slate.flat, now)) return true;
    app.motion = null;
  }
  if (held?.kind === "shift") {
    drawShifted(context, slate.flat, { ...held, edge: app.edge }, SIDE / UNITS);
  } else if (app.coarse) {
    context.imageSmoothingEnabled = false;
    context.drawImage(coarse(slate, app.small), 0, 0, SIDE, SIDE);
    context.imageSmoothingEnabled = true;
  } else {
    context.drawImage(slate.flat, 0, 0);
  }
  return false;
}

function drawGrid(context, side, width, colour) {
  context.beginPath();
  for (let k = 1; k < side; k++) {
    const at = (k * SIDE) / side;
    context.moveTo(at, 0);
    context.lineTo(at, SIDE);
    context.moveTo(0, at);
    context.lineTo(SIDE, at);
  }
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function drawMarks(app, line) {
  const { context, held, side } = app;
  if (held?.kind === "erase") {
    for (const place of held.places) {
      const r = rectOf(side, place);
      if (held.restore) context.drawImage(app.slate.content, r.x, r.y, r.edge, r.edge, r.x, r.y, r.edge, r.edge);
      else hatch(context, { x: r.x, y: r.y, w: r.edge, h: r.edge }, line);
    }
  }
  if (held?.kind === "swap") return drawLifted(app, line);
  if (app.hover >= 0 && app.tool !== "shift" && !app.motion) outline(context, rectOf(side, app.hover), line, QUERY);
}

function drawLifted({ context, held, side, hover, slate, still }, line) {
  const from = rectOf(side, held.one);
  context.fillStyle = "rgba(15,16,28,.6)";
  context.fillRect(from.x, from.y, from.edge, from.edge);
  outline(context, from, line, QUERY, true);
  if (hover >= 0 && hover !== held.one) outline(context, rectOf(side, hover), line, KEY);
  if (held.x === undefined) return;
  const grown = still.matches ? 0 : from.edge * 0.05;
  context.save();
  context.shadowColor = "rgba(0,0,0,.55)";
  context.shadowBlur = 26;
  context.shadowOffsetY = 8;
  context.drawImage(slate.flat, from.x, from.y, from.edge, from.edge,
    held.x - grown, held.y - grown, from.edge + 2 * grown, from.edge + 2 * grown);
  context.restore();
  const r = { x: held.x - grown, y: held.y - grown, edge: from.edge + 2 * grown };
  outline(context, r, line, QUERY);
}

function outline(context, { x, y, edge }, line, colour, dashed = false) {
  context.save();
  context.lineWidth = line * 4;
  context.strokeStyle = SHADE;
  const inset = line;
  context.strokeRect(x + inset, y + inset, edge - 2 * inset, edge - 2 * inset);
  if (dashed) context.setLineDash([line * 5, line * 4]);
  context.lineWidth = line * 2;
  context.strokeStyle = colour;
  context.strokeRect(x + inset, y + inset, edge - 2 * inset, edge - 2 * inset);
  context.restore();
}
