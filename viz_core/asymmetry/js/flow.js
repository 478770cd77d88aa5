// One pass drawn to scale: a patch is a square everywhere, a block is as high as it is wide in
// numbers. `time` from 0 to 1 follows the tokens; at 1 everything stands.

import { hatch } from "../../ratios/js/sheet.js";
import { COLOURS } from "./costs.js";

const ACROSS = 10; // tokens in a row of the packed sequence
const GAP = 26;
const LABEL = 40;
const CLASS = "#ffb224";

/** Places of the six stations; on a phone they stand in two rows. */
export function layout(width, model, net) {
  const slim = width < 700;
  const gap = slim ? 16 : GAP;
  const packed = ACROSS / model.grid;
  const blocks = net.depth + net.decoder_depth;
  const room = slim ? 0.3 * width : 0.25 * width;
  const slab = Math.min(26, room / (slim ? Math.max(net.depth, net.decoder_depth) : blocks));
  const side = Math.min(slim ? 150 : 190, slim
    ? (width - 2 * gap - Math.max(net.depth * slab + 0, 0)) / (1 + packed)
    : (width - 5 * gap - blocks * slab) / (3 + packed));
  const tall = side * Math.max(1, Math.ceil((model.total + 1) / ACROSS) / model.grid);
  const widths = [side, packed * side, net.depth * slab, side, net.decoder_depth * slab, side];
  const rows = slim ? [[0, 1, 2], [3, 4, 5]] : [[0, 1, 2, 3, 4, 5]];
  const places = [];
  let top = 0;
  for (const row of rows) {
    const high = row.includes(1) ? tall : side;
    const used = row.reduce((sum, k) => sum + widths[k], 0);
    const space = Math.min(3 * gap, (width - used) / (row.length - 1));
    let left = Math.max(0, (width - used - space * (row.length - 1)) / 2);
    for (const k of row) {
      places[k] = { x: left, y: top + (k === 1 ? 0 : (high - side) / 2), w: widths[k], middle: top + high / 2 };
      left += widths[k] + space;
    }
    top += high + LABEL + (slim ? 10 : 0);
  }
  return { places, side, slab, tall, height: top, cell: side / model.grid, slim };
}

export function drawFlow(canvas, scene) {
  const { model, net } = scene;
  const width = canvas.parentElement.clientWidth - 30;
  const plan = layout(width, model, net);
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(plan.height * ratio);
  canvas.style.height = `${plan.height}px`;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const draw = { ...scene, ...plan, context, ink: style.color, quiet: style.borderTopColor };
  const order = Array.from({ length: model.total }, (_, k) => k).filter((k) => model.ranks[k] < scene.visible);
  arrows(draw);
  picture(draw);
  sequence(draw, order);
  blocks(draw, 2, net.depth, net.width, "encoder", reached(scene.time, 0.3, 0.5));
  joined(draw);
  blocks(draw, 4, net.decoder_depth, net.decoder_width, "decoder", reached(scene.time, 0.68, 0.85));
  painted(draw);
  if (scene.time < 0.68) travellers(draw, order);
  labels(draw);
}

/** 0 before `from`, 1 after `to`, smooth between. */
function reached(time, from, to) {
  const share = Math.max(0, Math.min(1, (time - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

function piece({ context, pictures, model, cell }, patch, x, y) {
  const part = pictures[0].width / model.grid;
  context.drawImage(pictures[0], (patch % model.grid) * part, Math.floor(patch / model.grid) * part, part, part, x + 0.5, y + 0.5, cell - 1, cell - 1);
}

function picture(draw) {
  const { context, places: [at], side, model, visible, pictures } = draw;
  context.save();
  context.translate(at.x, at.y);
  context.drawImage(pictures[0], 0, 0, side, side);
  hatch(context, side, model.grid, (patch) => model.ranks[patch] >= visible);
  context.restore();
}

const slot = ({ places, cell }, index) => [places[1].x + (index % ACROSS) * cell, places[1].y + Math.floor(index / ACROSS) * cell];

/** Class token first, then the visible patches: what the encoder gets. */
function sequence(draw, order) {
  const { context, places, cell, time, tall } = draw;
  const rows = Math.ceil((order.length + 1) / ACROSS);
  draw.lift = (tall - rows * cell) / 2;
  context.save();
  context.translate(0, draw.lift);
  context.globalAlpha = time < 1 ? reached(time, 0.22, 0.27) : 1;
  order.forEach((patch, k) => piece(draw, patch, ...slot(draw, k + 1)));
  context.fillStyle = CLASS;
  context.fillRect(places[1].x + 0.5, places[1].y + 0.5, cell - 1, cell - 1);
  context.restore();
}

/** Slabs as high as the tokens are wide: 160 beside 96, or 1024 beside 512. */
function blocks({ context, places, side, slab, net }, station, depth, numbers, part, lit) {
  const at = places[station];
  const high = (side * 1.1 * numbers) / Math.max(net.width, net.decoder_width);
  for (let k = 0; k < depth; k++) {
    const on = Math.max(0, Math.min(1, lit * (depth + 1) - k));
    context.globalAlpha = 0.3 + 0.6 * on;
    context.fillStyle = COLOURS[part];
    context.beginPath();
    context.roundRect(at.x + k * slab + 1, at.middle - high / 2, Math.max(2, slab - 2), high, Math.min(4, slab / 3));
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Every position again: what the encoder made of the visible ones, mask tokens elsewhere. */
function joined(draw) {
  const { context, places, side, cell, model, visible, time } = draw;
  const at = places[3];
  context.save();
  context.translate(at.x, at.y);
  context.globalAlpha = time < 1 ? reached(time, 0.55, 0.66) : 1;
  context.fillStyle = COLOURS.encoder;
  for (let k = 0; k < model.total; k++) {
    if (model.ranks[k] < visible) context.fillRect((k % model.grid) * cell + 0.5, Math.floor(k / model.grid) * cell + 0.5, cell - 1, cell - 1);
  }
  hatch(context, side, model.grid, (patch) => model.ranks[patch] >= visible);
  context.fillStyle = CLASS;
  context.fillRect(0.5, -cell - 3, cell - 1, cell - 1);
  context.restore();
}

function painted({ context, places, side, pictures, at, model, time }) {
  const place = places[5];
  const { side: stored } = model;
  context.save();
  context.globalAlpha = time < 1 ? reached(time, 0.85, 1) : 1;
  context.drawImage(pictures[1], 0, at * stored, stored, stored, place.x, place.y, side, side);
  context.restore();
}

/** Patches on their way: picture, sequence, through the encoder, back to where they were. */
function travellers(draw, order) {
  const { context, places, cell, model, time, lift, side } = draw;
  const [from, , encoder, to] = places;
  const packed = reached(time, 0.05, 0.25);
  const through = reached(time, 0.3, 0.48);
  const back = reached(time, 0.48, 0.62);
  const mix = (a, b, share) => a + (b - a) * share;
  order.forEach((patch, k) => {
    const [column, line] = [patch % model.grid, Math.floor(patch / model.grid)];
    const [sx, sy] = slot(draw, k + 1);
    let [x, y] = [mix(from.x + column * cell, sx, packed), mix(from.y + line * cell, sy + lift, packed)];
    const lane = encoder.middle - 0.45 * side + (0.9 * side * k) / Math.max(1, order.length - 1);
    [x, y] = [mix(x, encoder.x + encoder.w / 2, through), mix(y, lane, through)];
    [x, y] = [mix(x, to.x + column * cell, back), mix(y, to.y + line * cell, back)];
    if (through < 0.5) piece(draw, patch, x, y);
    else {
      context.fillStyle = COLOURS.encoder;
      context.fillRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
    }
  });
}

function arrows({ context, places, quiet, slim }) {
  context.strokeStyle = quiet;
  context.lineWidth = 1.5;
  for (let k = 0; k + 1 < places.length; k++) {
    if (slim && k === 2) continue;
    const [a, b] = [places[k].x + places[k].w + 4, places[k + 1].x - 4];
    const y = places[k].middle;
    context.beginPath();
    context.moveTo(a, y);
    context.lineTo(b, y);
    context.lineTo(b - 4, y - 4);
    context.moveTo(b, y);
    context.lineTo(b - 4, y + 4);
    context.stroke();
  }
}

function labels({ context, places, model, visible, net, ink, side, tall, slim }) {
  const words = [
    ["picture", `${model.total} patches`],
    ["the encoder gets", `${visible} + class token`],
    ["encoder", `${net.depth} blocks, ${net.width} wide`],
    [`+ ${model.total - visible} mask tokens`, `${model.total + 1} tokens`],
    ["decoder", `${net.decoder_depth} blocks, ${net.decoder_width} wide`],
    ["pixels", net === model.nets[0] ? "hidden ones pasted" : `as ${model.nets[0].title} paints`],
  ];
  const font = getComputedStyle(context.canvas).fontFamily;
  context.fillStyle = ink;
  context.textAlign = "center";
  words.forEach(([name, size], k) => {
    const at = places[k];
    const upper = slim && k > 2;
    const y = at.middle + (upper ? side : tall) / 2 + 16;
    const x = Math.max(48, Math.min(at.x + at.w / 2, context.canvas.clientWidth - 48));
    context.font = `600 13px ${font}`;
    context.fillText(name, x, y);
    context.font = `12px ${font}`;
    context.globalAlpha = 0.7;
    context.fillText(size, x, y + 16);
    context.globalAlpha = 1;
  });
}
