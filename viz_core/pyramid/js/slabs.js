// Paints the pyramid: every map as a slab as deep as it has channels, and what lies on one token.

import { KEY, QUERY } from "../../canvas/js/stage.js";
import { faceOf } from "./faces.js";
import { boxOf, LEAN, related } from "./panels.js";

const SHADE = "rgba(9,10,18,.8)";
const SIDES = { pixels: "#64748b", stage: "#8b7cf6", peer: "#64748b" };

/** The still layer: slabs, faces, grids and names. */
export function paintStill(context, app) {
  const { width, height, ratio, panels } = app;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  for (const panel of panels) {
    paintSlab(context, panel);
    paintFace(context, panel, app);
    paintGrid(context, panel, ratio);
    paintName(context, panel, app);
  }
  const last = panels.at(-1);
  if (!app.inRow) return;
  context.fillStyle = app.text;
  context.globalAlpha = 0.18;
  context.fillRect(last.x - 24, 8, 1, height - 16);
  context.globalAlpha = 1;
}

function paintSlab(context, { kind, x, y, side, depth }) {
  const lean = LEAN * depth;
  const tint = SIDES[kind];
  polygon(context, [[x, y], [x + lean, y - lean], [x + side + lean, y - lean], [x + side, y]], tint, 0.62);
  polygon(context, [[x + side, y], [x + side + lean, y - lean], [x + side + lean, y + side - lean], [x + side, y + side]], tint, 0.38);
  const sheets = Math.min(8, Math.floor(depth / 4));
  context.strokeStyle = "rgba(255,255,255,.28)";
  context.lineWidth = 1;
  context.beginPath();
  for (let k = 1; k <= sheets; k++) {
    const at = (lean * k) / (sheets + 1);
    context.moveTo(x + at, y - at);
    context.lineTo(x + side + at, y - at);
    context.lineTo(x + side + at, y + side - at);
  }
  context.stroke();
}

function polygon(context, points, colour, alpha) {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.fill();
  context.globalAlpha = 1;
}

function paintFace(context, { kind, stage, x, y, side }, { faces, shown }) {
  const face = kind === "stage" ? faceOf(faces, shown, stage) : kind === "pixels" ? faces.pixels : faces.photo;
  context.imageSmoothingEnabled = face === faces.photo;
  context.imageSmoothingQuality = "high";
  context.drawImage(face, x, y, side, side);
  context.imageSmoothingEnabled = true;
}

function paintGrid(context, { kind, x, y, side, grid, window }, ratio) {
  if (kind === "pixels") return;
  const cell = side / grid;
  const every = (step, colour, wide) => {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.beginPath();
    for (let k = step; k < grid; k += step) {
      const at = Math.round(k * cell * ratio) / ratio;
      context.moveTo(x + at, y);
      context.lineTo(x + at, y + side);
      context.moveTo(x, y + at);
      context.lineTo(x + side, y + at);
    }
    context.stroke();
  };
  if (cell >= 3) every(1, `rgba(255,255,255,${cell > 8 ? 0.34 : 0.2})`, 1 / ratio);
  if (window && window < grid) {
    every(window, SHADE, 3);
    every(window, "rgba(255,255,255,.9)", 1.25);
  }
}

function paintName(context, { name, grid, width, kind, x, y, depth, side }, { text, font }) {
  const top = y - LEAN * depth;
  context.fillStyle = text;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.font = `650 14px ${font}`;
  const short = kind === "peer" ? name.split(" ")[0] : name;
  context.fillText(short, x + LEAN * depth, top - 24, side);
  context.globalAlpha = 0.72;
  context.font = `12.5px ${font}`;
  context.fillText(`${grid} × ${grid} × ${width}`, x + LEAN * depth, top - 8, side + 24);
  context.globalAlpha = 1;
}

/** What lies on the chosen token: beams from finer to coarser, outlines, and everything else dimmed. */
export function paintLinks(context, app) {
  const { panels, chosen, ratio, inRow } = app;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const from = panels[chosen.panel];
  const blocks = panels.map((panel) => related(from, chosen, panel));
  const boxes = panels.map((panel, k) => boxOf(panel, blocks[k]));
  const chain = panels.filter((panel) => panel.kind !== "peer").map((panel) => panel.index);
  const last = from.kind === "peer" ? 0 : Math.max(...chain);
  panels.forEach((panel, k) => veil(context, panel, boxes[k]));
  if (inRow) {
    for (let k = 0; k < last; k++) beam(context, boxes[k], boxes[k + 1], k < chosen.panel);
  }
  panels.forEach((panel, k) => {
    const mine = k === chosen.panel;
    const merged = panel.kind !== "peer" && from.kind !== "peer" && k < chosen.panel;
    outline(context, boxes[k], mine ? QUERY : merged ? KEY : "#fff", mine ? 3 : 2);
    if (merged && panel.kind === "stage") cross(context, panel, blocks[k]);
  });
}

/** Night over a face, except for one box. */
function veil(context, { x, y, side }, box) {
  context.fillStyle = "rgba(9,10,18,.34)";
  context.beginPath();
  context.rect(x, y, side, side);
  context.rect(box.x, box.y, box.w, box.h);
  context.fill("evenodd");
}

function beam(context, from, to, merging) {
  const light = context.createLinearGradient(from.x + from.w, 0, to.x, 0);
  const rgb = merging ? "45,212,191" : "255,255,255";
  light.addColorStop(0, `rgba(${rgb},${merging ? 0.2 : 0.08})`);
  light.addColorStop(1, `rgba(${rgb},${merging ? 0.5 : 0.16})`);
  const points = [[from.x + from.w, from.y], [to.x, to.y], [to.x, to.y + to.h], [from.x + from.w, from.y + from.h]];
  polygon(context, points, light, 1);
  context.strokeStyle = `rgba(${rgb},${merging ? 0.8 : 0.35})`;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(...points[0]);
  context.lineTo(...points[1]);
  context.moveTo(...points[3]);
  context.lineTo(...points[2]);
  context.stroke();
}

function outline(context, { x, y, w, h }, colour, wide) {
  for (const [stroke, width] of [[SHADE, wide + 2], [colour, wide]]) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.strokeRect(x, y, w, h);
  }
}

/** The tokens of a block one by one, where they are large enough to be seen. */
function cross(context, panel, block) {
  const cell = panel.side / panel.grid;
  if (cell < 5) return;
  const box = boxOf(panel, block);
  context.strokeStyle = KEY;
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.beginPath();
  for (let k = 1; k < block.columns; k++) {
    context.moveTo(box.x + k * cell, box.y);
    context.lineTo(box.x + k * cell, box.y + box.h);
  }
  for (let k = 1; k < block.rows; k++) {
    context.moveTo(box.x, box.y + k * cell);
    context.lineTo(box.x + box.w, box.y + k * cell);
  }
  context.stroke();
  context.globalAlpha = 1;
}
