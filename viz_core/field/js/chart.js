// How the fields grow: the radius that holds 90 % of the gradient, against depth.

import { fit } from "../../channels/js/paint.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { radiusOf } from "./store.js";

const LEFT = 40;
const BOTTOM = 22;
const TOP = 8;

export function createChart(app) {
  const canvas = el("canvas.growth", { role: "img" });
  const note = el("p.note-line");
  const node = el("div.chart", {}, el("div.chart-title", {}, "Radius that holds 90\u2009%, by depth"), canvas, note);
  const choose = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - 10);
    app.setDepth(Math.max(1, Math.min(app.steps, Math.round(share * (app.steps - 1)) + 1)));
  };
  canvas.addEventListener("pointerdown", choose, { signal: app.signal });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) choose(event); }, { signal: app.signal });
  return { node, canvas, note };
}

/** Radii of a panel for every depth, as percentages of the picture's side; null where unknown. */
export function growthOf(app, { network }) {
  return network.steps.map((index) => {
    const radius = radiusOf(app.id, network.name, index, app.places, "most");
    return radius === null ? null : (100 * radius) / network.pixels;
  });
}

export function paintChart(app, { canvas, note }) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  fit(canvas, width, height, app.ratio);
  const context = canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const lines = app.panels.map((panel) => growthOf(app, panel));
  const known = lines.flat().filter((value) => value !== null);
  const most = Math.max(20, Math.ceil(Math.max(0, ...known) / 20) * 20);
  const x = (step) => LEFT + ((step - 1) / (app.steps - 1)) * (width - LEFT - 10);
  const y = (value) => height - BOTTOM - (value / most) * (height - BOTTOM - TOP);
  axes(app, context, x, y, most, width, height);
  lines.forEach((line, k) => curve(context, line, x, y, app.panels[k].colour));
  const all = lines.every((line) => line.every((value) => value !== null));
  say(note, all ? "Median over the seven places of the middle row. Click a depth."
    : app.average ? "All depths are measured on one picture only: choose “This one”." : "More depths are being measured…");
  const told = app.panels.map((panel, k) => `${panel.network.title} ${number(lines[k][app.depth - 1] ?? NaN)} %`);
  canvas.setAttribute("aria-label", `At depth ${app.depth} of ${app.steps}: ${told.join(", ")} of the picture's side`);
}

function axes(app, context, x, y, most, width, height) {
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = app.quiet;
  context.strokeStyle = app.line;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (let value = 0; value <= most; value += 20) {
    context.beginPath();
    context.moveTo(LEFT, y(value));
    context.lineTo(width - 10, y(value));
    context.stroke();
    context.fillText(`${value}\u2009%`, LEFT - 6, y(value));
  }
  context.textAlign = "center";
  for (let step = 1; step <= app.steps; step++) context.fillText(String(step), x(step), height - 8);
  context.fillStyle = app.accent;
  context.globalAlpha = 0.16;
  context.fillRect(x(app.depth) - 9, TOP - 4, 18, height - BOTTOM - TOP + 8);
  context.globalAlpha = 1;
}

function curve(context, line, x, y, colour) {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  context.beginPath();
  let down = false;
  line.forEach((value, k) => {
    if (value === null) {
      down = false;
      return;
    }
    if (down) context.lineTo(x(k + 1), y(value));
    else context.moveTo(x(k + 1), y(value));
    down = true;
  });
  context.stroke();
  line.forEach((value, k) => {
    if (value === null) return;
    context.beginPath();
    context.arc(x(k + 1), y(value), 3.5, 0, 7);
    context.fill();
  });
}
