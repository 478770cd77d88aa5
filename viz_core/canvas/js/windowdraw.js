// Windows on the picture: their cuts, the outline of one, what is outside and what is closed.

import { EDGE, NONE, cutsOf, edgesOf } from "./windowed.js";

/** Overlay pixel of a token that the shown one cannot reach: dark, mostly opaque. */
export const SHADED = 0x9e120a09; // ABGR

/** Colours of the tokens of one window; what is outside is shaded, what is closed stays clear. */
export function paintWindow(lens, token, values, top, lut, pixels) {
  pixels.fill(SHADED);
  const at = lens.place[token];
  const start = at - (at % lens.slots);
  const unit = top > 0 ? 255 / top : 0;
  for (let s = start; s < start + lens.slots; s++) {
    const here = lens.token[s];
    if (here === NONE) continue;
    const closed = lens.region[s] !== lens.region[at];
    pixels[here] = closed ? 0 : lut[(values[here] * unit + 0.5) | 0];
  }
}

/** Lines between all windows of a block. */
function drawCuts(lens, context, rect, ratio) {
  const edge = (at, size, from, length) => from + Math.round((at / size) * length);
  context.beginPath();
  for (const cut of cutsOf(lens.columns, lens)) {
    const x = edge(cut, lens.columns, rect.x, rect.w);
    context.moveTo(x, rect.y);
    context.lineTo(x, rect.y + rect.h);
  }
  for (const cut of cutsOf(lens.rows, lens)) {
    const y = edge(cut, lens.rows, rect.y, rect.h);
    context.moveTo(rect.x, y);
    context.lineTo(rect.x + rect.w, y);
  }
  context.lineWidth = 1.25 * ratio;
  context.strokeStyle = "rgba(255,255,255,.4)";
  context.stroke();
}

/** All windows of a block, what is closed to the shown token, the outline of its window. */
export function drawWindow(lens, token, context, rect, ratio) {
  drawCuts(lens, context, rect, ratio);
  drawClosed(lens, token, context, rect, ratio);
  const edges = edgesOf(lens, Math.floor(lens.place[token] / lens.slots));
  stroke(EDGE.seam, "rgba(9,10,18,.8)", 4, []);
  stroke(EDGE.seam, "#fff", 2.25, [3, 4]);
  context.lineCap = "square";
  stroke(EDGE.border, "rgba(9,10,18,.8)", 5, []);
  stroke(EDGE.border, "#fff", 2.25, []);
  context.lineCap = "butt";
  stroke(EDGE.fence, "#cbd5e1", 1.5, [3, 4]);
  context.setLineDash([]);

  function stroke(kind, colour, width, dash) {
    const inset = 1.5 * ratio;
    const x = (at) => hold(rect.x + Math.round((at / lens.columns) * rect.w), rect.x, rect.w, inset);
    const y = (at) => hold(rect.y + Math.round((at / lens.rows) * rect.h), rect.y, rect.h, inset);
    context.beginPath();
    for (const [x0, y0, x1, y1, which] of edges) {
      if (which !== kind) continue;
      context.moveTo(x(x0), y(y0));
      context.lineTo(x(x1), y(y1));
    }
    context.setLineDash(dash.map((length) => length * ratio));
    context.lineWidth = width * ratio;
    context.strokeStyle = colour;
    context.stroke();
  }
}

const hold = (at, from, length, inset) => Math.max(from + inset, Math.min(from + length - inset, at));

function drawClosed(lens, token, context, rect, ratio) {
  const at = lens.place[token];
  const start = at - (at % lens.slots);
  context.fillStyle = slate(context, ratio);
  for (let s = start; s < start + lens.slots; s++) {
    const here = lens.token[s];
    if (here === NONE || lens.region[s] === lens.region[at]) continue;
    const row = Math.floor(here / lens.columns);
    const column = here % lens.columns;
    const x = Math.round(rect.x + (column / lens.columns) * rect.w);
    const y = Math.round(rect.y + (row / lens.rows) * rect.h);
    const right = Math.round(rect.x + ((column + 1) / lens.columns) * rect.w);
    const below = Math.round(rect.y + ((row + 1) / lens.rows) * rect.h);
    context.fillRect(x, y, right - x, below - y);
  }
}

const patterns = new Map();

/** Slate hatch as a fill: what is closed. */
function slate(context, ratio) {
  if (patterns.has(ratio)) return patterns.get(ratio);
  const side = Math.round(7 * ratio);
  const tile = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = tile.getContext("2d");
  pen.fillStyle = "rgba(71,85,105,.8)";
  pen.fillRect(0, 0, side, side);
  pen.strokeStyle = "rgba(176,190,208,.85)";
  pen.lineWidth = 1.2 * ratio;
  pen.beginPath();
  for (const from of [-side, 0, side]) {
    pen.moveTo(from, side);
    pen.lineTo(from + side, 0);
  }
  pen.stroke();
  const made = context.createPattern(tile, "repeat");
  patterns.set(ratio, made);
  return made;
}

/**
 * The drawn stage, moved up and left by a share of the shift and continued from the other side:
 * what the network works on. `share` 1 is the rolled map, 0 the picture.
 */
export function rollStage(stage, lens, share) {
  if (!share || !lens.shift) return;
  const { canvas, context } = stage;
  stage.spare ??= document.createElement("canvas");
  const { spare } = stage;
  if (spare.width !== canvas.width || spare.height !== canvas.height) {
    Object.assign(spare, { width: canvas.width, height: canvas.height });
  }
  const pen = spare.getContext("2d");
  pen.globalCompositeOperation = "copy";
  pen.drawImage(canvas, 0, 0);
  const x = Math.round((share * lens.shift * canvas.width) / lens.columns);
  const y = Math.round((share * lens.shift * canvas.height) / lens.rows);
  for (const left of [-x, canvas.width - x]) {
    for (const top of [-y, canvas.height - y]) context.drawImage(spare, left, top);
  }
}
