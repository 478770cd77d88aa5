// Maps into pixels: one channel, colours, likeness and regions, over the picture or as a thumbnail.

import { divergingLut, opaqueLut, sequentialLut } from "../../canvas/js/colour.js";
import { topOf } from "./store.js";

// Krzywinski's twelve colours for colour blindness, in an order that keeps neighbours apart.
export const REGION_COLOURS = [
  [0, 141, 249], [255, 195, 59], [159, 1, 98], [0, 252, 207], [226, 1, 52], [132, 0, 205],
  [255, 178, 253], [0, 159, 129], [255, 110, 58], [0, 194, 249], [164, 1, 34], [255, 90, 175],
];

export const tableOf = (place) => (place.signed ? "PuOr" : "magma");

/** Colours for the picture (see-through) and for thumbnails (opaque), kept until opacity changes. */
export function lutsOf(app) {
  const key = app.opacity.toFixed(2);
  if (app.luts?.key !== key) {
    const { tables, opacity } = app;
    app.luts = {
      key,
      over: { magma: sequentialLut(tables.magma, opacity), PuOr: divergingLut(tables.PuOr, opacity) },
      opaque: { magma: opaqueLut(tables.magma), PuOr: opaqueLut(tables.PuOr) },
    };
  }
  return app.luts;
}

/** What the largest colour stands for. */
export const scaleOf = (app, place, channel) => (app.scale === "one" ? place.shared : topOf(place, channel));

/** A channel into `pixels` from `at`, rows `stride` apart. */
export function paintChannel(place, channel, top, lut, pixels, at = 0, stride = place.columns) {
  const { levels, tokens, rows, columns, low, high, signed } = place;
  const shades = new Uint32Array(256);
  const unit = (high[channel] - low[channel]) / 255;
  for (let level = 0; level < 256; level++) {
    const share = top > 0 ? (low[channel] + unit * level) / top : 0;
    const colour = signed ? 127.5 + 127.5 * share : 255 * share;
    shades[level] = lut[Math.max(0, Math.min(255, Math.round(colour)))];
  }
  let from = channel * tokens;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) pixels[at + row * stride + column] = shades[levels[from++]];
  }
}

export function paintColours({ rgb, tokens }, opacity, pixels) {
  const alpha = Math.round(255 * opacity) << 24;
  for (let t = 0; t < tokens; t++) {
    pixels[t] = (alpha | (rgb[3 * t + 2] << 16) | (rgb[3 * t + 1] << 8) | rgb[3 * t]) >>> 0;
  }
}

/** One of the three components as a map: which of red, green and blue. */
export function paintComponent({ rgb, tokens }, which, lut, pixels) {
  for (let t = 0; t < tokens; t++) pixels[t] = lut[rgb[3 * t + which]];
}

export function paintLikeness(values, lut, pixels) {
  for (let t = 0; t < values.length; t++) pixels[t] = lut[Math.round(127.5 + 127.5 * Math.max(-1, Math.min(1, values[t])))];
}

/** Regions; one that is pointed at keeps its colour while the others fade. */
export function paintRegions(labels, marked, opacity, pixels) {
  for (let t = 0; t < labels.length; t++) {
    const [r, g, b] = REGION_COLOURS[labels[t] % REGION_COLOURS.length];
    const share = marked === null || marked === labels[t] ? 0.75 : 0.12;
    pixels[t] = ((Math.round(255 * opacity * share) << 24) | (b << 16) | (g << 8) | r) >>> 0;
  }
}

/** A small canvas with the pixels of a map, made once for each size. */
export function sheetOf(app, rows, columns) {
  const key = `${rows}x${columns}`;
  app.sheets ??= new Map();
  if (!app.sheets.has(key)) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: columns, height: rows });
    const context = canvas.getContext("2d");
    const image = context.createImageData(columns, rows);
    app.sheets.set(key, { canvas, context, image, pixels: new Uint32Array(image.data.buffer) });
  }
  return app.sheets.get(key);
}

export function putSheet({ context, image, canvas }) {
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Borders between regions, as lines along the edges of tokens. */
export function outline(context, { rows, columns }, labels, side, marked) {
  const [high, wide] = [side / rows, side / columns];
  context.beginPath();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const own = labels[row * columns + column];
      if (column + 1 < columns && labels[row * columns + column + 1] !== own) {
        context.moveTo((column + 1) * wide, row * high);
        context.lineTo((column + 1) * wide, (row + 1) * high);
      }
      if (row + 1 < rows && labels[(row + 1) * columns + column] !== own) {
        context.moveTo(column * wide, (row + 1) * high);
        context.lineTo((column + 1) * wide, (row + 1) * high);
      }
    }
  }
  context.lineCap = "round";
  for (const [style, width] of [["rgba(0,0,0,0.55)", 3.5], [marked === null ? "#fff" : "rgba(255,255,255,0.75)", 1.5]]) {
    context.strokeStyle = style;
    context.lineWidth = (width * side) / 480;
    context.stroke();
  }
}

/** A canvas at the screen's own resolution. True if its size changed. */
export function fit(canvas, width, height, ratio) {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width === wide && canvas.height === high) return false;
  Object.assign(canvas, { width: wide, height: high });
  return true;
}
