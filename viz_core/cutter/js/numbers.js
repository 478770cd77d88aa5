// The numbers of patches and tokens, and the columns of colour that stand for them.

import { parseTable } from "../../canvas/js/colour.js";

const MOST_ROWS = 24; // numbers of a token that its column in the sequence shows

/** Pixel bytes of one patch, channel after channel, each row by row: the order of viz_core.patches.cut. */
export function pixelsOf({ side, pixels }, patch, index) {
  const grid = side / patch;
  const top = Math.floor(index / grid) * patch;
  const left = (index % grid) * patch;
  const numbers = new Uint8Array(3 * patch * patch);
  let at = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < patch; row++) {
      for (let column = 0; column < patch; column++) {
        numbers[at++] = pixels[3 * ((top + row) * side + left + column) + channel];
      }
    }
  }
  return numbers;
}

/** Every k-th number, so that a column is never longer than can be seen. */
export const rowsShown = (length) => Math.min(MOST_ROWS, length);

/** One pixel column a token: an atlas that is scaled when drawn. */
export function barcodes(model, patch, embedded) {
  const grid = model.side / patch;
  const count = grid * grid;
  const prefix = model.prefix.length;
  const length = embedded ? model.width : 3 * patch * patch;
  const rows = rowsShown(length);
  const lut = parseTable(model.tables[embedded ? "PuOr" : "viridis"]);
  const image = new ImageData(prefix + count, rows);
  for (let token = 0; token < prefix + count; token++) {
    if (!embedded && token < prefix) continue;
    const raw = embedded ? null : pixelsOf(model, patch, token - prefix);
    for (let row = 0; row < rows; row++) {
      const k = Math.floor((row * length) / rows);
      const level = embedded ? model.tokens[token * length + k] + 128 : raw[k];
      image.data.set(lut[level], 4 * (row * image.width + token));
      image.data[4 * (row * image.width + token) + 3] = 255;
    }
  }
  const atlas = document.createElement("canvas");
  atlas.width = image.width;
  atlas.height = rows;
  atlas.getContext("2d").putImageData(image, 0, 0);
  return atlas;
}

/** Mean colour of every patch as ABGR words, for sequences of very many tokens. */
export function meanColours({ side, pixels }, patch) {
  const grid = side / patch;
  const sums = new Float64Array(3 * grid * grid);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const cell = 3 * (Math.floor(y / patch) * grid + Math.floor(x / patch));
      for (let c = 0; c < 3; c++) sums[cell + c] += pixels[3 * (y * side + x) + c];
    }
  }
  const area = patch * patch;
  return Uint32Array.from({ length: grid * grid }, (_, k) => {
    const [r, g, b] = [0, 1, 2].map((c) => Math.round(sums[3 * k + c] / area));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** The input as a canvas of its own pixels. */
export function pixelCanvas({ side, pixels }) {
  const image = new ImageData(side, side);
  for (let k = 0; k < side * side; k++) {
    image.data.set([pixels[3 * k], pixels[3 * k + 1], pixels[3 * k + 2], 255], 4 * k);
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
