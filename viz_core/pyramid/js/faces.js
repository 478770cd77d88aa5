// What is painted on the maps: the picture, the network's pixels, colours and lengths of vectors.

import { parseTable } from "../../canvas/js/colour.js";

/** A small canvas of `grid` x `grid` pixels from bytes: three a pixel, or one through a table. */
export function painted(bytes, grid, table) {
  const image = new ImageData(grid, grid);
  const colours = table && parseTable(table);
  for (let k = 0; k < grid * grid; k++) {
    const rgb = colours ? colours[bytes[k]] : bytes.subarray(3 * k, 3 * k + 3);
    image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * k);
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = grid;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** Everything that may be painted, made once for a message. */
export function facesOf({ header, parts }, photo, tables) {
  const { stages, side } = header;
  return {
    photo,
    pixels: painted(parts.pixels, side),
    colours: stages.map((stage, k) => painted(parts[`colours${k}`], stage.grid)),
    lengths: stages.map((stage, k) => painted(parts[`lengths${k}`], stage.grid, tables.viridis)),
    merged: header.tops.map((_, k) => painted(parts[`after${k}`], stages[k + 1].grid)),
  };
}

/** What a stage's face shows. */
export function faceOf(faces, shown, stage) {
  return shown === "picture" ? faces.photo : faces[shown][stage];
}
