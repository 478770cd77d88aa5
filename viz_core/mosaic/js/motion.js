// How a step looks while it happens: pieces glide, turn or fade.

import { orderOf } from "./steps.js";
import { rectOf, turnPiece } from "./slate.js";

const LENGTH = { order: 520, swap: 240, turn: 200 };
const ease = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2);

/** A motion from a copy of the picture as it was; `lifted` says where a dragged piece starts. */
export function begin(flat, step, now, lifted = null) {
  const before = document.createElement("canvas");
  before.width = before.height = flat.width;
  before.getContext("2d").drawImage(flat, 0, 0);
  return { before, step, started: now, ms: LENGTH[step.kind] ?? 180, lifted };
}

/** Draws a motion in slate pixels; returns false when it is over. */
export function drawMotion(context, { before, step, started, ms, lifted }, flat, now) {
  const share = ease(Math.min(1, Math.max(0, (now - started) / ms)));
  const order = orderOf(step);
  if (order) glide(context, before, flat, order, share, lifted);
  else if (step.kind === "turn") {
    context.drawImage(flat, 0, 0);
    for (const place of step.places) turnPiece(context, before, rectOf(step.side, place), step.quarters * 90 * share);
  } else {
    context.drawImage(before, 0, 0);
    context.globalAlpha = share;
    context.drawImage(flat, 0, 0);
    context.globalAlpha = 1;
  }
  return now - started < ms;
}

function glide(context, before, flat, order, share, lifted) {
  const side = Math.sqrt(order.length);
  context.drawImage(flat, 0, 0);
  const moving = order.map((piece, place) => [piece, place]).filter(([piece, place]) => piece !== place);
  context.fillStyle = "rgba(15,16,28,.55)";
  for (const [, place] of moving) {
    const { x, y, edge } = rectOf(side, place);
    context.fillRect(x, y, edge, edge);
  }
  for (const [piece, place] of moving) {
    const from = rectOf(side, piece);
    const to = rectOf(side, place);
    const start = lifted && lifted.piece === piece ? lifted : from;
    const x = start.x + (to.x - start.x) * share;
    const y = start.y + (to.y - start.y) * share;
    context.drawImage(before, from.x, from.y, from.edge, from.edge, x, y, to.edge, to.edge);
  }
}
