// One panel: the picture, the field of one place over it, its outline, and its numbers.

import { fit, putSheet, sheetOf } from "../../channels/js/paint.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { fieldOf } from "./store.js";

const THIN = "\u2009";
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const AMBER = "#ffb224";
const TEAL = "#2dd4bf";

export function createPanel(app, network, colour) {
  const canvas = el("canvas.picture", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label",
    `Field of ${network.title} on the picture. Arrow keys move the place, [ and ] change the depth.`);
  const swatch = el("i.swatch");
  swatch.style.background = colour;
  const where = el("span.where");
  const cells = ["Half within", "90" + THIN + "% within", "Could reach"].map((label) => {
    const value = el("b");
    return { value, node: el("span.number", {}, value, el("span", {}, label)) };
  });
  const node = el("figure.panel", {},
    el("figcaption", {}, swatch, el("b", {}, network.title), where), canvas,
    el("div.numbers", {}, ...cells.map((cell) => cell.node)));
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
  };
  on("pointermove", (event) => app.point(at(event)));
  on("pointerdown", (event) => app.pin(at(event)));
  on("pointerleave", () => app.leave());
  on("keydown", (event) => {
    if (MOVES[event.key]) app.step(MOVES[event.key]);
    else if (event.key === "[" || event.key === "]") app.deepen(event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { node, canvas, network, colour, where, cells };
}

/** The block that a network has reached at the board's depth. */
export function blockOf({ network }, depth) {
  const index = network.steps[depth - 1];
  return { index, ...network.blocks[index], channels: network.channels[index] };
}

export function paintPanel(app, panel) {
  const side = panel.canvas.clientWidth;
  if (!side) return;
  fit(panel.canvas, side, side, app.ratio);
  const context = panel.canvas.getContext("2d");
  const full = panel.canvas.width;
  const block = blockOf(panel, app.depth);
  const field = shown(app, panel, block);
  context.imageSmoothingEnabled = true;
  context.drawImage(app.photos.get(panel.network.picture), 0, 0, full, full);
  if (field) {
    const sheet = sheetOf(app, field.cells, field.cells);
    for (let k = 0; k < field.levels.length; k++) sheet.pixels[k] = app.lut[field.levels[k]];
    context.imageSmoothingEnabled = app.smooth;
    context.drawImage(putSheet(sheet), 0, 0, full, full);
  } else {
    context.fillStyle = "rgba(10,8,20,0.45)";
    context.fillRect(0, 0, full, full);
  }
  marks(app, panel, block, field, context, full);
  tell(app, panel, block, field);
}

/** The field of the place, or of the one beside it in the row that is measured first. */
function shown(app, { network }, { index }) {
  return fieldOf(app.id, network.name, index, app.place);
}

function marks(app, { network }, block, field, context, full) {
  const unit = full / network.pixels;
  const [row, column] = app.at;
  const [top, bottom] = block.outline[row];
  const [left, right] = block.outline[column];
  const thick = full / 300;
  const stroke = (colour, width, dash, draw) => {
    for (const [style, more] of [["rgba(0,0,0,0.55)", 1.6], [colour, 0]]) {
      context.strokeStyle = style;
      context.lineWidth = (width + more) * thick;
      context.setLineDash(dash.map((length) => length * thick));
      context.beginPath();
      draw();
      context.stroke();
    }
    context.setLineDash([]);
  };
  const inset = 1.2 * thick;
  stroke(TEAL, 1.8, [], () => context.rect(left * unit + inset, top * unit + inset,
    (right - left) * unit - 2 * inset, (bottom - top) * unit - 2 * inset));
  const cell = full / block.side;
  // Around the middle of the field, which need not be that of the value's share of the picture.
  const [down, middle] = [block.centres[row] * unit, block.centres[column] * unit];
  const [y, x] = [down - cell / 2, middle - cell / 2];
  if (field) {
    for (const [radius, dash] of [[field.half, []], [field.most, [5, 4]]]) {
      stroke("#fff", 1.4, dash, () => context.arc(middle, down, Math.max(radius * unit, 1), 0, 7));
    }
  }
  stroke(AMBER, 2.2, [], () => context.rect(x, y, cell, cell));
  if (app.pinned) {
    context.fillStyle = AMBER;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + Math.max(cell / 2, 8 * thick), y);
    context.lineTo(x, y + Math.max(cell / 2, 8 * thick));
    context.fill();
  }
}

function tell(app, { network, where, cells }, block, field) {
  const stages = network.blocks.some((one) => one.stage);
  const name = stages ? `stage ${block.stage + 1}, block ${block.block + 1}` : `layer ${block.block + 1}`;
  say(where, `${name} · ${block.side} × ${block.side}`);
  const reach = block.theory === null ? reached(block, network, app) : `${block.theory}${THIN}px`;
  const told = field ? [`${number(field.half)}${THIN}px`, `${number(field.most)}${THIN}px`, reach] : ["…", "…", reach];
  cells.forEach((cell, k) => say(cell.value, told[k]));
  cells[2].node.title = block.theory === null
    ? "Side of the theoretical field at this place" : "Side of the theoretical field if the picture had no border";
}

function reached(block, network, app) {
  const [top, bottom] = block.outline[app.at[0]];
  const [left, right] = block.outline[app.at[1]];
  if (bottom - top === network.pixels && right - left === network.pixels) return "all";
  return `${right - left} × ${bottom - top}${THIN}px`;
}
