// Similarities into pixels: small maps, the wall of all of them, the hatch where nothing is.

import { paintSigned, paintValues } from "../../canvas/js/colour.js";
import { ONE } from "./wire.js";
import { rowOf, wallLayout } from "./measure.js";

/** A canvas of one pixel a patch that CSS scales up. */
export function createMap(canvas, rows, columns) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  return { canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
}

export function paintMap(map, values, top, lut) {
  paintSigned(values, 0, top, lut, map.pixels);
  map.context.putImageData(map.image, 0, 0);
}

/** Values from 0 to `top`. */
export function paintShares(map, values, top, lut) {
  paintValues(values, 0, top, lut, map.pixels);
  map.context.putImageData(map.image, 0, 0);
}

export function paintColours(map, bytes) {
  for (let k = 0; k < map.pixels.length; k++) {
    map.image.data.set([bytes[3 * k], bytes[3 * k + 1], bytes[3 * k + 2], 255], 4 * k);
  }
  map.context.putImageData(map.image, 0, 0);
}

/** Every position's map as a tile at its own place. Returns where the tiles stand. */
export function paintWall(canvas, cosines, { rows, columns }, side, ratio, lut) {
  const across = wallLayout(side, columns, columns, ratio);
  const down = wallLayout(Math.round(side * (rows / columns)), rows, rows, ratio);
  canvas.width = side;
  canvas.height = down.at(rows - 1) + down.size;
  const context = canvas.getContext("2d");
  if (!cosines) {
    hatchAll(context, canvas.width, canvas.height, ratio);
    return { across, down };
  }
  const tile = createMap(document.createElement("canvas"), rows, columns);
  context.imageSmoothingEnabled = across.size % columns !== 0;
  for (let q = 0; q < rows * columns; q++) {
    paintMap(tile, rowOf(cosines, q, rows * columns), ONE, lut);
    const x = across.at(q % columns);
    const y = down.at(Math.floor(q / columns));
    context.drawImage(tile.canvas, x, y, across.size, down.size);
  }
  return { across, down };
}

/** A slate hatch: there is nothing here. */
export function hatchAll(context, width, height, ratio, share = 1) {
  context.save();
  context.globalAlpha = share;
  context.fillStyle = "rgba(71,85,105,.55)";
  context.fillRect(0, 0, width, height);
  context.strokeStyle = "rgba(148,163,184,.7)";
  context.lineWidth = ratio;
  context.beginPath();
  for (let at = -height; at < width; at += 8 * ratio) {
    context.moveTo(at, height);
    context.lineTo(at + height, 0);
  }
  context.stroke();
  context.restore();
}
