// One window of the picture under the bias of one query.

import { hatch } from "../../canvas/js/stage.js";
import { fitted, pixelsOf, tokenBox } from "../../shift/js/draw.js";
import { KEY, outline, QUERY } from "./grid.js";

const NIGHT = "rgba(9,10,18,.62)";

/** The token of the map under the pointer. */
export function tokenUnder(canvas, cut, event) {
  const row = Math.floor((event.offsetY / canvas.clientHeight) * cut.rows);
  const column = Math.floor((event.offsetX / canvas.clientWidth) * cut.columns);
  const inside = row >= 0 && column >= 0 && row < cut.rows && column < cut.columns;
  return inside ? row * cut.columns + column : null;
}

/** `value(place)` is the bias of a key of the window, -1 to 1; `key` the place of the teal one. */
export function drawWindow(canvas, { picture, cut, token, key, lut, value }) {
  if (!canvas.clientWidth) return;
  const { context, cell, ratio } = fitted(canvas, cut.rows, cut.columns);
  const whole = pixelsOf([0, 0, cut.rows, cut.columns], cell);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, whole.w, whole.h);
  const home = cut.homes[token];
  let teal = null;
  for (let other = 0; other < cut.size; other++) {
    const box = tokenBox(cut, other, cell);
    if (cut.homes[other] !== home) {
      context.fillStyle = NIGHT;
      context.fillRect(box.x, box.y, box.w, box.h);
      continue;
    }
    if (cut.group[other] !== cut.group[token]) {
      hatch(context, box, ratio);
      continue;
    }
    const at = Math.max(0, Math.min(255, Math.round(127.5 + 127.5 * value(cut.inside[other]))));
    const word = lut[at];
    context.fillStyle = `rgba(${word & 255},${(word >> 8) & 255},${(word >> 16) & 255},${(word >>> 24) / 255})`;
    context.fillRect(box.x, box.y, box.w, box.h);
    if (cut.inside[other] === key) teal = other;
  }
  border(context, cut, home, cell, ratio);
  if (teal !== null && teal !== token) outline(context, tokenBox(cut, teal, cell), KEY, 2 * ratio, ratio);
  outline(context, tokenBox(cut, token, cell), QUERY, 2 * ratio, ratio);
}

/** A line around what belongs to the window, wherever its pieces are. */
function border(context, cut, home, cell, ratio) {
  context.fillStyle = "rgba(255,255,255,.9)";
  const thick = Math.max(1, Math.round(1.5 * ratio));
  const mine = (row, column) =>
    row >= 0 && column >= 0 && row < cut.rows && column < cut.columns && cut.homes[row * cut.columns + column] === home;
  for (let row = 0; row < cut.rows; row++) {
    for (let column = 0; column < cut.columns; column++) {
      if (!mine(row, column)) continue;
      const { x, y, w, h } = tokenBox(cut, row * cut.columns + column, cell);
      if (!mine(row - 1, column)) context.fillRect(x, y, w, thick);
      if (!mine(row + 1, column)) context.fillRect(x, y + h - thick, w, thick);
      if (!mine(row, column - 1)) context.fillRect(x, y, thick, h);
      if (!mine(row, column + 1)) context.fillRect(x + w - thick, y, thick, h);
    }
  }
}
