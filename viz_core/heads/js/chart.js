// Lines over an ordered axis; click or drag to choose a point of it.

import { el } from "../../canvas/js/dom.js";
import { fit } from "../../channels/js/paint.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [46, 12, 10, 24];

/** `choose(index)` is called while one drags. */
export function createChart(app, choose) {
  const canvas = el("canvas.lines", { role: "img" });
  const chart = { canvas, count: 1 };
  const act = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    choose(Math.max(0, Math.min(chart.count - 1, Math.round(share * (chart.count - 1)))));
  };
  canvas.addEventListener("pointerdown", act, { signal: app.signal });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) act(event); }, { signal: app.signal });
  return chart;
}

/** Round steps between two numbers: three to six of them. */
export function steps(low, high) {
  const span = high - low || 1;
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((k) => k * power >= raw) * power;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9 * span; value += step) found.push(Math.abs(value) < 1e-12 ? 0 : value);
  return found;
}

/** {ticks, title: of the axis, lines: [{values, colour, width, dash}], band: [[index, low, high], ...], at, low, high, unit}. */
export function paintChart(app, chart, { ticks, title, lines, band, at, low, high, unit }) {
  const { canvas } = chart;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  chart.count = ticks.length;
  fit(canvas, width, height, app.ratio);
  const context = canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = (k) => LEFT + (ticks.length > 1 ? k / (ticks.length - 1) : 0.5) * (width - LEFT - RIGHT);
  const bottom = BOTTOM + (title ? 16 : 0);
  const y = (value) => height - bottom - ((value - low) / (high - low || 1)) * (height - bottom - TOP);
  context.font = "12px system-ui, sans-serif";
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of steps(low, high)) {
    context.strokeStyle = value === 0 && low < 0 ? app.quiet : app.line;
    context.beginPath();
    context.moveTo(LEFT, y(value));
    context.lineTo(width - RIGHT, y(value));
    context.stroke();
    context.fillStyle = app.quiet;
    context.fillText(unit === "share" ? `${round(100 * value)}\u2009%` : round(value), LEFT - 6, y(value));
  }
  context.textAlign = "center";
  const every = Math.ceil(ticks.length / Math.max(2, Math.floor((width - LEFT) / 34)));
  ticks.forEach((tick, k) => { if (k % every === 0) context.fillText(tick, x(k), height - bottom + 15); });
  if (title) context.fillText(title, (LEFT + width - RIGHT) / 2, height - 8);
  context.fillStyle = app.accent;
  context.globalAlpha = 0.2;
  context.fillRect(x(at) - 7, TOP - 6, 14, height - bottom - TOP + 10);
  context.globalAlpha = 1;
  if (band) area(context, band, x, y, app.quiet);
  for (const line of lines) curve(context, line, x, y, at);
}

const round = (value) => String(Number(value.toPrecision(6))).replace("-", "−");

function area(context, band, x, y, colour) {
  context.beginPath();
  band.forEach(([at, low], k) => (k ? context.lineTo(x(at), y(low)) : context.moveTo(x(at), y(low))));
  for (const [at, , high] of [...band].reverse()) context.lineTo(x(at), y(high));
  context.closePath();
  context.globalAlpha = 0.22;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
}

function curve(context, { values, colour, width = 2.5, dash = [] }, x, y, at) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.beginPath();
  values.forEach((value, k) => (k ? context.lineTo(x(k), y(value)) : context.moveTo(x(k), y(value))));
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.arc(x(at), y(values[at]), width + 1.5, 0, 7);
  context.fill();
}
