// The chart: both formulas over the tokens of the map, straight guides, and measured times.

import { axes, counted, polyline, power, scale, svg } from "../../labs/js/chart.js";
import { KINDS, SIDES, work } from "./count.js";

const TICKS = [4, 7, 14, 28, 56, 112];
const GUIDES = { window: [1, "slope 1"], global: [2, "slope 2"] };
const SAMPLES = 60;

export function drawCurves(root, state, clock) {
  const width = Math.max(240, root.parentElement.clientWidth - 30);
  const height = Math.min(460, Math.max(300, width * 0.66));
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  const box = { left: 44, right: width - (clock ? 54 : 16), top: 28, bottom: height - 42 };
  const at = (side) => work("window", { ...state, side }).total;
  const [low, high] = [at(SIDES[0]) * 0.5, work("global", { ...state, side: SIDES[1] }).total * 6];
  const x = scale({ from: SIDES[0] ** 2 * 0.85, to: SIDES[1] ** 2 * 1.2, start: box.left, end: box.right, log: true });
  const y = scale({ from: low, to: high, start: box.bottom, end: box.top, log: true });
  root.xs = x;
  root.replaceChildren();
  const powers = Array.from({ length: Math.floor(Math.log10(high)) - Math.ceil(Math.log10(low)) + 1 }, (_, k) => Math.ceil(Math.log10(low)) + k);
  axes(root, x, y, box, {
    x: TICKS.map((side) => [side * side, `${side}²`]),
    y: powers.map((k) => [10 ** k, counted(10 ** k).replace(/\.0+(?=\u2009)/, "")]),
  }, { x: "tokens of the map, h × w (logarithmic)", y: "multiply-adds of one layer (logarithmic)" });
  for (const [kind, [slope, text]] of Object.entries(GUIDES)) guide(root, x, y, state, kind, slope, text);
  const sides = Array.from({ length: SAMPLES }, (_, k) => SIDES[0] * (SIDES[1] / SIDES[0]) ** (k / (SAMPLES - 1)));
  if (state.window > SIDES[0]) sides.push(state.window);
  sides.sort((a, b) => a - b);
  for (const [kind, { colour }] of Object.entries(KINDS)) {
    const points = sides.map((side) => [x.at(side * side), y.at(work(kind, { ...state, side }).total)]);
    root.append(polyline(points, { stroke: colour, "stroke-width": 3 }));
  }
  const now = x.at(state.side ** 2);
  root.append(svg("line", { x1: now, x2: now, y1: box.top, y2: box.bottom, class: "now" }));
  for (const [kind, { colour }] of Object.entries(KINDS)) {
    root.append(svg("circle", { cx: now, cy: y.at(work(kind, state).total), r: 6, fill: colour, class: "here" }));
  }
  if (clock) drawClock(root, x, y, box, clock, [low, high]);
  root.setAttribute("aria-label", `Multiply-adds of one layer against the tokens of the map, ${state.side} × ${state.side} marked`);
}

function guide(root, x, y, state, kind, slope, text) {
  const [from, to] = [24, SIDES[1]];
  const end = 1.9 * work(kind, { ...state, side: to }).total;
  const begin = end * (from / to) ** (2 * slope);
  root.append(
    polyline([[x.at(from * from), y.at(begin)], [x.at(to * to), y.at(end)]], { class: "guide" }),
    svg("text", { x: x.at(to * to) - 8, y: y.at(end) - 5, "text-anchor": "end" }, text),
  );
}

/** Diamonds on an axis of milliseconds that stands where the median speed joins it to the other. */
function drawClock(root, x, y, box, { rate, points }, [low, high]) {
  const speed = rate / 1000; // multiply-adds a millisecond
  for (let k = Math.ceil(Math.log10(low / speed)); 10 ** k <= high / speed; k++) {
    const at = y.at(10 ** k * speed);
    root.append(svg("text", { x: box.right + 8, y: at + 4 }, Math.abs(k) < 3 ? String(10 ** k).slice(0, 5) : power(k)));
  }
  root.append(svg("text", { x: box.right + 46, y: box.top - 9, "text-anchor": "end", class: "axis-title" }, "measured, ms"));
  for (const [kind, side, ms] of points) {
    const [cx, cy] = [x.at(side * side), y.at(ms * speed)];
    const mark = svg("path", { d: `M${cx} ${cy - 7}L${cx + 7} ${cy}L${cx} ${cy + 7}L${cx - 7} ${cy}Z`, class: "measured", stroke: KINDS[kind].colour });
    mark.append(svg("title", {}, `${KINDS[kind].name}, ${side} × ${side} tokens: ${Number(ms.toPrecision(3))} ms`));
    root.append(mark);
  }
}
