// A small line chart on a canvas: lines, a vertical mark, end labels of both axes.

const FRAME = { left: 34, right: 8, top: 8, bottom: 20 };

/**
 * Draws series of {values, colour, width, dots} over 0 … n-1. `y` is [low, high], `mark` {at, colour}
 * a vertical line, `ticks` texts for the two ends of the horizontal axis.
 */
export function plot(canvas, series, { y, mark, ticks, ink }) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = canvas;
  if (!clientWidth) return;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const box = {
    x: FRAME.left, y: FRAME.top,
    w: clientWidth - FRAME.left - FRAME.right, h: clientHeight - FRAME.top - FRAME.bottom,
  };
  const last = series[0].values.length - 1;
  const at = (k) => box.x + (last ? (k / last) * box.w : box.w / 2);
  const up = (value) => box.y + (1 - (value - y[0]) / (y[1] - y[0])) * box.h;
  axes(context, box, up, y, ticks, ink);
  if (mark) {
    context.fillStyle = mark.colour;
    context.fillRect(at(mark.at) - 1, box.y, 2, box.h);
  }
  for (const line of series) drawLine(context, line, at, up);
}

function axes(context, box, up, y, ticks, ink) {
  context.font = `11px ${ink.font}`;
  context.fillStyle = ink.text;
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  for (const value of [y[0], (y[0] + y[1]) / 2, y[1]]) {
    const h = Math.round(up(value)) + 0.5;
    context.beginPath();
    context.moveTo(box.x, h);
    context.lineTo(box.x + box.w, h);
    context.stroke();
    context.fillText(String(Number(value.toFixed(2))).replace("-", "−"), box.x - 6, h);
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillText(ticks[0], box.x, box.y + box.h + 15);
  context.textAlign = "right";
  context.fillText(ticks[1], box.x + box.w, box.y + box.h + 15);
}

function drawLine(context, { values, colour, width = 1.5, dots }, at, up) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.beginPath();
  values.forEach((value, k) => context.lineTo(at(k), up(value)));
  context.stroke();
  for (const k of dots ?? []) {
    context.beginPath();
    context.arc(at(k), up(values[k]), 4, 0, 7);
    context.fill();
  }
}
