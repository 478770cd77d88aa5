// Thumbnails of heads: the strip of one layer, and the wall of all layers by heads.

import { wallGrid } from "./layout.js";
import { SQUARE } from "./rollout.js";

const GAP = 2;

/** Paints the thumbnail of one head into `pixels` at `at`; every thumbnail has its own scale. */
function thumbnail(store, layer, head, token, byKey, lut, pixels, at, stride) {
  const { scale, levels } = store.blocks[layer];
  const n = store.tokens;
  const { skip, columns } = store;
  const start = head * n;
  let top = 0;
  if (byKey) {
    for (let i = skip; i < n; i++) {
      const value = SQUARE[levels[(start + i) * n + token]] * scale[start + i];
      if (value > top) top = value;
    }
    const unit = top > 0 ? 255 / top : 0;
    for (let i = skip, at0 = at, c = 0; i < n; i++) {
      const value = SQUARE[levels[(start + i) * n + token]] * scale[start + i];
      pixels[at0 + c] = lut[(value * unit + 0.5) | 0];
      if (++c === columns) { c = 0; at0 += stride; }
    }
    return;
  }
  const row = (start + token) * n;
  for (let j = skip; j < n; j++) if (levels[row + j] > top) top = levels[row + j];
  const unit = top > 0 ? 255 / SQUARE[top] : 0;
  for (let j = skip, at0 = at, c = 0; j < n; j++) {
    pixels[at0 + c] = lut[(SQUARE[levels[row + j]] * unit + 0.5) | 0];
    if (++c === columns) { c = 0; at0 += stride; }
  }
}

/** A canvas that holds `layers` x heads thumbnails at one pixel a patch. */
export function createWall(store, layers, canvas = document.createElement("canvas")) {
  const grid = wallGrid(layers.length, store.heads, store.rows, store.columns, GAP);
  canvas.width = grid.width;
  canvas.height = grid.height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(grid.width, grid.height);
  return { store, layers, grid, canvas, context, image, pixels: new Uint32Array(image.data.buffer) };
}

/** All thumbnails for one token, with a single putImageData. */
export function drawWall(wall, token, byKey, lut) {
  const { store, grid } = wall;
  wall.layers.forEach((layer, k) => {
    if (!store.blocks[layer]) return;
    for (let head = 0; head < store.heads; head++) {
      const [x, y] = grid.cell(k, head);
      const at = y * grid.width + x;
      thumbnail(store, layer, head, token, byKey, lut, wall.pixels, at, grid.width);
    }
  });
  wall.context.putImageData(wall.image, 0, 0);
}
