// Drawing on square canvases: the picture as the network sees it, maps over it, windows around.

export const FAMILIES = {
  "ViT-Lite": { colour: "#5b9bd5" },
  CVT: { colour: "#009e73" },
  CCT: { colour: "#d55e00" },
};
const SHADE = "rgba(9,10,18,.75)";

/** A canvas of `side` pixels a side from red, green and blue bytes. */
export function pixelCanvas(pixels, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  for (let k = 0; k < side * side; k++) {
    image.data.set(pixels.subarray(3 * k, 3 * k + 3), 4 * k);
    image.data[4 * k + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** Makes a canvas as sharp as the screen; its side in device pixels. */
export function fitted(canvas) {
  const ratio = Math.min(2.5, globalThis.devicePixelRatio || 1);
  const side = Math.max(1, Math.round(canvas.clientWidth * ratio));
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  return { context: canvas.getContext("2d"), side, ratio };
}

export function drawPicture({ context, side }, picture, { grey = false, smooth = false } = {}) {
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.filter = grey ? "grayscale(1)" : "none";
  context.drawImage(picture, 0, 0, side, side);
  context.filter = "none";
}

/** A map of places over a square part of the canvas; `pixel(k)` gives the colour of place k. */
export function drawCells({ context }, { x, y, w, h }, columns, rows, pixel) {
  const small = new OffscreenCanvas(columns, rows);
  const image = new ImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  for (let k = 0; k < words.length; k++) words[k] = pixel(k);
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, x, y, w, h);
}

/** Darkens everything but a box. */
export function spotlight({ context, side }, { x, y, w, h }, shade) {
  context.fillStyle = `rgba(9,10,18,${shade})`;
  context.beginPath();
  context.rect(0, 0, side, side);
  context.rect(x, y, w, h);
  context.fill("evenodd");
}

export function outline({ context, ratio }, { x, y, w, h }, colour, dashed = false) {
  for (const [tint, width] of [[SHADE, 4], [colour, 2]]) {
    context.setLineDash(dashed && tint === colour ? [5 * ratio, 3 * ratio] : []);
    context.lineWidth = width * ratio;
    context.strokeStyle = tint;
    context.strokeRect(x + ratio, y + ratio, w - 2 * ratio, h - 2 * ratio);
  }
  context.setLineDash([]);
}

/** Thin lines where one token ends and the next begins. */
export function drawGrid({ context, side, ratio }, count) {
  context.beginPath();
  for (let k = 1; k < count; k++) {
    const at = Math.round((k * side) / count) + 0.5;
    context.moveTo(at, 0);
    context.lineTo(at, side);
    context.moveTo(0, at);
    context.lineTo(side, at);
  }
  context.lineWidth = Math.max(1, ratio / 2);
  context.strokeStyle = "rgba(255,255,255,.14)";
  context.stroke();
}

/** The square of place k of a grid, in device pixels. */
export function cell(side, grid, k) {
  const [x, y] = [k % grid, Math.floor(k / grid)].map((at) => Math.round((at * side) / grid));
  const [right, bottom] = [k % grid, Math.floor(k / grid)].map((at) => Math.round(((at + 1) * side) / grid));
  return { x, y, w: right - x, h: bottom - y };
}

/** Calls `point([row, column])` with shares of a square canvas, `point(null)` when it is left. */
export function pointed(canvas, point, signal) {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (value, from, length) => Math.min(0.9999, Math.max(0, (value - from) / length));
    point([share(event.clientY, box.top, box.height), share(event.clientX, box.left, box.width)]);
  };
  canvas.addEventListener("pointermove", at, { signal });
  canvas.addEventListener("pointerdown", at, { signal });
  canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") point(null); }, { signal });
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Calls `step([down, right])` for arrow keys on a canvas. */
export function arrows(canvas, step, signal) {
  canvas.addEventListener("keydown", (event) => {
    const by = ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  }, { signal });
}

export const tokenAt = ([row, column], grid) => Math.floor(row * grid) * grid + Math.floor(column * grid);

/** Middle of the token that lies a step from another place. */
export function stepped([row, column], [down, right], grid) {
  const along = (share, by) => (Math.min(grid - 1, Math.max(0, Math.floor(share * grid) + by)) + 0.5) / grid;
  return [along(row, down), along(column, right)];
}

export const placeName = (token, grid) => `row ${Math.floor(token / grid) + 1}, column ${(token % grid) + 1}`;
