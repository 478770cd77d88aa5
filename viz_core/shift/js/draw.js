// Paints maps of tokens: regions over the picture, pieces under way, what is lit and closed.

import { KEY, QUERY, hatch } from "../../canvas/js/stage.js";
import { REGION_COLOURS, boxes, moved, pieces } from "./cut.js";

const NIGHT = "rgba(9,10,18,.6)";
const SHADE = "rgba(9,10,18,.8)";

/** Fits a canvas to its CSS width; a cell is a token. Returns {context, cell, ratio}. */
export function fitted(canvas, rows, columns) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = Math.round((width * rows) / columns);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, cell: width / columns, ratio };
}

/** Whole pixels of a box of tokens, so that lines are crisp. */
export function pixelsOf([row, column, rows, columns], cell) {
  const [x, y] = [Math.round(column * cell), Math.round(row * cell)];
  return { x, y, w: Math.round((column + columns) * cell) - x, h: Math.round((row + rows) * cell) - y };
}

/** What is filled up below and to the right of a map, in the slate hatch. */
export function drawFilled({ context, cell, ratio }, { rows, columns, padded }) {
  const [down, right] = [padded[0] - rows, padded[1] - columns];
  if (right) hatch(context, pixelsOf([0, columns, padded[0], right], cell), ratio);
  if (down) hatch(context, pixelsOf([rows, 0, down, columns], cell), ratio);
}

/**
 * The picture with its regions where they really are. `labels`: what shares a border; `hue`: index
 * of a token's colour; `text`: what is written on a region; `lit`: label that stays bright.
 */
export function drawRegions(pen, cut, picture, { labels, hue, text, lit, font }) {
  const { context, cell, ratio } = pen;
  const whole = pixelsOf([0, 0, cut.rows, cut.columns], cell);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, whole.w, whole.h);
  const asked = lit !== null && lit !== undefined;
  for (let token = 0; token < cut.size; token++) {
    const r = tokenBox(cut, token, cell);
    const on = !asked || labels[token] === lit;
    if (!on) fill(context, r, NIGHT);
    fill(context, r, `rgba(${REGION_COLOURS[hue[token] % 9]},${asked ? 0.2 : 0.46})`);
  }
  drawGrid(pen, cut);
  for (const found of boxes(cut, labels)) {
    const on = !asked || labels[found.token] === lit;
    const r = pixelsOf(found.box, cell);
    if (found.whole) outline(context, r, asked && on ? KEY : "rgba(255,255,255,.92)", (on ? 2.5 : 1) * ratio, ratio);
    const label = text(found.token);
    if (found.whole && label) write(context, r, label, { ratio, font, faint: !on, corner: asked && on });
  }
}

function fill(context, r, colour) {
  context.fillStyle = colour;
  context.fillRect(r.x, r.y, r.w, r.h);
}

export const tokenBox = ({ columns }, token, cell) =>
  pixelsOf([Math.floor(token / columns), token % columns, 1, 1], cell);

function drawGrid({ context, cell, ratio }, { rows, columns }) {
  context.beginPath();
  for (let k = 1; k < columns; k++) line(context, Math.round(k * cell) + 0.5, 0, 0, Math.round(rows * cell));
  for (let k = 1; k < rows; k++) line(context, 0, Math.round(k * cell) + 0.5, Math.round(columns * cell), 0);
  context.lineWidth = Math.max(1, ratio / 2);
  context.strokeStyle = "rgba(255,255,255,.2)";
  context.stroke();
}

function line(context, x, y, right, down) {
  context.moveTo(x, y);
  context.lineTo(x + right, y + down);
}

export function outline(context, r, colour, width, ratio) {
  const inset = width / 2;
  for (const [stroke, wide] of [[SHADE, width + 2 * ratio], [colour, width]]) {
    context.strokeStyle = stroke;
    context.lineWidth = wide;
    context.strokeRect(r.x + inset, r.y + inset, r.w - 2 * inset, r.h - 2 * inset);
  }
}

/** A number in the middle of a region, in a dark disc that any picture leaves readable. */
function write(context, r, text, { ratio, font, faint, corner }) {
  const size = Math.min((corner ? 13 : 22) * ratio, 0.5 * Math.min(r.w, r.h));
  if (size < 8 * ratio) return;
  context.font = `700 ${size}px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const wide = Math.max(size * 1.5, context.measureText(text).width + size * 0.9);
  if (wide > r.w) return;
  const [x, y] = corner ? [r.x + wide / 2 + 4 * ratio, r.y + size * 0.75 + 4 * ratio] : [r.x + r.w / 2, r.y + r.h / 2];
  context.globalAlpha = faint ? 0.35 : 1;
  context.fillStyle = "rgba(9,10,18,.74)";
  context.beginPath();
  context.roundRect(x - wide / 2, y - size * 0.75, wide, size * 1.5, size * 0.75);
  context.fill();
  context.fillStyle = "#fff";
  context.fillText(text, x, y + size * 0.06);
  context.globalAlpha = 1;
}

/** The pieces of a map on their way through the roll; `sheet` holds the map in place. */
export function drawRoll(pen, cut, sheet, share, font) {
  const { context, cell, ratio } = pen;
  const lift = Math.sin(Math.PI * share);
  for (const { name, box } of pieces(cut)) {
    const [down, right] = moved(cut, box[0], box[1], share);
    const from = pixelsOf(box, cell);
    const to = pixelsOf([box[0] + down, box[1] + right, box[2], box[3]], cell);
    context.save();
    if (name && lift > 0.01) {
      Object.assign(context, { shadowColor: "rgba(0,0,0,.75)", shadowBlur: 22 * ratio * lift, shadowOffsetY: 7 * ratio * lift });
    }
    context.drawImage(sheet, from.x, from.y, from.w, from.h, to.x, to.y, from.w, from.h);
    context.restore();
    if (!name || lift < 0.05) continue;
    context.globalAlpha = Math.min(1, lift * 1.6);
    outline(context, { ...to, w: from.w, h: from.h }, QUERY, 2.5 * ratio, ratio);
    context.globalAlpha = 1;
    strip(context, { ...to, w: from.w, h: from.h }, name, { ratio, font, lift });
  }
}

/** The paper's letters on the strips while they fly. */
function strip(context, r, name, { ratio, font, lift }) {
  const size = Math.min(15 * ratio, 0.7 * Math.min(r.w, r.h));
  context.globalAlpha = Math.min(1, lift * 1.6);
  context.fillStyle = QUERY;
  context.fillRect(r.x, r.y, size * 1.5, size * 1.5);
  context.fillStyle = "#1c1b2e";
  context.font = `800 ${size}px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(name, r.x + size * 0.75, r.y + size * 0.8);
  context.globalAlpha = 1;
}

/** The fixed windows that the rolled map falls into. */
export function drawWindows({ context, cell, ratio }, { window, windows }, share) {
  context.save();
  context.globalAlpha = share;
  for (let k = 0; k < windows[0] * windows[1]; k++) {
    const box = [Math.floor(k / windows[1]) * window, (k % windows[1]) * window, window, window];
    outline(context, pixelsOf(box, cell), "#fff", 3 * ratio, ratio);
  }
  context.restore();

}

/** In the rolled frame: closed keys of the token's window hatched, the open ones framed. */
export function drawOpen({ context, cell, ratio }, cut, token, share) {
  const at = (other) => {
    const [row, column] = [Math.floor(other / cut.columns), other % cut.columns];
    const [down, right] = moved(cut, row, column, share);
    return pixelsOf([row + down, column + right, 1, 1], cell);
  };
  for (let other = 0; other < cut.size; other++) {
    const closed = cut.homes[other] === cut.homes[token] && cut.group[other] !== cut.group[token];
    if (closed) hatch(context, at(other), ratio);
  }
  if (share > 0.98) {
    const [row, column] = [Math.floor(cut.homes[token] / cut.windows[1]), cut.homes[token] % cut.windows[1]];
    outline(context, pixelsOf([row * cut.window, column * cut.window, cut.window, cut.window], cell), "#fff", 3 * ratio, ratio);
  }
  return at(token);
}

export function drawQuery({ context, ratio }, r) {
  outline(context, r, QUERY, 2.5 * ratio, ratio);
}


