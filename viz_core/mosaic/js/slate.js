// The broken picture on a canvas: every step of steps.js carried out at full resolution.

import { UNITS, orderOf } from "./steps.js";

// 14 patches of 56 pixels, or 56 units of 14: every step lands on whole pixels.
export const SIDE = 784;

function blank() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  return canvas;
}

/** `content` is the picture, `holes` lies over it, `flat` is both; `whole` never changes. */
export function createSlate(bitmap, mean) {
  const whole = blank();
  whole.getContext("2d").drawImage(bitmap, 0, 0, SIDE, SIDE);
  const slate = { whole, content: blank(), holes: blank(), flat: blank(), spare: blank(), mean };
  wipe(slate);
  return slate;
}

export function wipe(slate) {
  slate.content.getContext("2d").drawImage(slate.whole, 0, 0);
  slate.holes.getContext("2d").clearRect(0, 0, SIDE, SIDE);
  flatten(slate);
}

export function replay(slate, steps) {
  wipe(slate);
  for (const step of steps) apply(slate, step);
}

export const rectOf = (side, place) => {
  const edge = SIDE / side;
  return { x: (place % side) * edge, y: Math.floor(place / side) * edge, edge };
};

export function apply(slate, step) {
  if (step.kind === "erase" || step.kind === "restore" || step.kind === "holes") {
    const context = slate.holes.getContext("2d");
    if (step.kind === "holes") context.clearRect(0, 0, SIDE, SIDE);
    for (const place of step.places) {
      const { x, y, edge } = rectOf(step.side, place);
      if (step.kind === "restore") context.clearRect(x, y, edge, edge);
      else hole(context, x, y, edge, slate.mean);
    }
  } else {
    for (const layer of [slate.content, slate.holes]) moveLayer(layer, slate.spare, step);
  }
  flatten(slate);
}

/** What an erased piece looks like: the mean colour, hatched so that it is not taken for grey. */
export function hole(context, x, y, edge, mean) {
  context.save();
  context.beginPath();
  context.rect(x, y, edge, edge);
  context.clip();
  context.fillStyle = mean;
  context.fillRect(x, y, edge, edge);
  context.strokeStyle = "rgba(30,41,59,.32)";
  context.lineWidth = 2;
  context.beginPath();
  for (let at = -edge; at < edge; at += 14) {
    context.moveTo(x + at, y + edge);
    context.lineTo(x + at + edge, y);
  }
  context.stroke();
  context.restore();
}

function moveLayer(layer, spare, step) {
  const from = spare.getContext("2d");
  from.globalCompositeOperation = "copy";
  from.drawImage(layer, 0, 0);
  const context = layer.getContext("2d");
  if (step.kind === "shift") {
    context.clearRect(0, 0, SIDE, SIDE);
    drawShifted(context, spare, step, SIDE / UNITS);
  } else if (step.kind === "turn") {
    for (const place of step.places) turnPiece(context, spare, rectOf(step.side, place), step.quarters * 90);
  } else {
    const order = orderOf(step);
    const side = Math.sqrt(order.length);
    order.forEach((piece, place) => {
      if (piece === place) return;
      const a = rectOf(side, piece);
      const b = rectOf(side, place);
      context.clearRect(b.x, b.y, b.edge, b.edge);
      context.drawImage(spare, a.x, a.y, a.edge, a.edge, b.x, b.y, b.edge, b.edge);
    });
  }
}

/** A piece turned about its middle; at whole quarters it fills its place again. */
export function turnPiece(context, from, { x, y, edge }, degrees) {
  context.save();
  context.beginPath();
  context.rect(x, y, edge, edge);
  context.clip();
  context.clearRect(x, y, edge, edge);
  context.translate(x + edge / 2, y + edge / 2);
  const exact = (value) => Math.round(value * 1e9) / 1e9;
  const c = exact(Math.cos((degrees * Math.PI) / 180));
  const s = exact(Math.sin((degrees * Math.PI) / 180));
  context.transform(c, s, -s, c, 0, 0);
  context.drawImage(from, x, y, edge, edge, -edge / 2, -edge / 2, edge, edge);
  context.restore();
}

/** The picture moved by `unit` pixels a unit; what comes in is its other side or a mirror. */
export function drawShifted(context, from, { down, right, edge }, unit) {
  const wide = from.width;
  const dx = right * unit;
  const dy = down * unit;
  for (const row of [-1, 0, 1]) {
    for (const column of [-1, 0, 1]) {
      const flipX = edge === "mirror" && column ? -1 : 1;
      const flipY = edge === "mirror" && row ? -1 : 1;
      context.save();
      context.translate(dx + column * wide + (flipX < 0 ? wide : 0), dy + row * wide + (flipY < 0 ? wide : 0));
      context.scale(flipX, flipY);
      context.drawImage(from, 0, 0);
      context.restore();
    }
  }
}

function flatten(slate) {
  const context = slate.flat.getContext("2d");
  context.drawImage(slate.content, 0, 0);
  context.drawImage(slate.holes, 0, 0);
}

/** Whether the middle of a piece is erased. */
export function isHole(slate, side, place) {
  const { x, y, edge } = rectOf(side, place);
  return slate.holes.getContext("2d").getImageData(x + edge / 2, y + edge / 2, 1, 1).data[3] > 0;
}

/** The pixels that a network gets: 56 along one side, drawn large. */
export function coarse(slate, small) {
  small.width = small.height = UNITS;
  const context = small.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(slate.flat, 0, 0, UNITS, UNITS);
  return small;
}

export const placeAt = (side, u, v) => Math.min(side - 1, Math.floor(v * side)) * side + Math.min(side - 1, Math.floor(u * side));
