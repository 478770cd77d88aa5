// The road as a chart: a station's height is the paper's accuracy, its area the paper's GFLOPs.

import { axes, polyline, scale, svg } from "../../labs/js/chart.js";

const HIGH = { wide: 214, slim: 200 };
const RANGE = [75.4, 82.5];
const TICKS = [76, 78, 80, 82].map((value) => [value, String(value)]);

export function drawChart(root, app) {
  const { stations, at, host } = app;
  const width = host.clientWidth;
  const slim = width < 680;
  const height = slim ? HIGH.slim : HIGH.wide;
  const box = { left: 34, right: width - (slim ? 12 : 26), top: 20, bottom: height - (slim ? 16 : 40) };
  const inset = slim ? 10 : 26;
  const x = scale({ from: 0, to: stations.length - 1, start: box.left + inset, end: box.right - inset });
  const y = scale({ from: RANGE[0], to: RANGE[1], start: box.bottom, end: box.top });
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  root.setAttribute("aria-label", "Top-1 accuracy of every station, as the paper measured it");
  root.replaceChildren();
  axes(root, x, y, box, { x: [], y: TICKS }, { x: "", y: "paper's top-1, % of ImageNet-1K" });
  swin(root, app.message.swin, y, box);
  const point = (station) => [x.at(station.index), y.at(station.top1)];
  root.append(polyline(stations.filter((one) => one.kept).map(point), { class: "road" }));
  const seen = stations.filter((one) => one.kept && one.index <= at).map(point);
  if (seen.length > 1) root.append(polyline(seen, { class: "road gone-by" }));
  for (const station of stations) {
    if (!station.kept) root.append(polyline([point(stations[station.before]), point(station)], { class: "branch" }));
  }
  for (const station of stations) bubble(root, station, point(station), y, { on: station.index === at, unit: slim ? 3.4 : 4.4 });
  value(root, stations[at], point(stations[at]), y, width);
  if (!slim) stations.forEach((station) => label(root, station, x, box, station.index === at));
  root.xs = x;
}

function swin(root, { top1 }, y, box) {
  const at = y.at(top1);
  root.append(
    svg("line", { class: "swin", x1: box.left, x2: box.right, y1: at, y2: at }),
    svg("text", { class: "swin-name", x: box.left + 8, y: at - 5 }, `Swin-T, ${top1.toFixed(1)}\u2009%`),
  );
}

function bubble(root, station, [cx, cy], y, { on, unit }) {
  const radius = unit * Math.sqrt(station.gflops);
  if (station.std) {
    const [low, high] = [y.at(station.top1 - station.std), y.at(station.top1 + station.std)];
    root.append(svg("line", { class: "spread", x1: cx, x2: cx, y1: low, y2: high }));
  }
  root.append(svg("circle", { class: `station${station.kept ? "" : " side"}${on ? " on" : ""}`, cx, cy, r: radius, "data-at": station.index }));
}

/** The accuracy of the chosen station, clear of the line of Swin-T and of the border. */
function value(root, station, [cx, cy], y, width) {
  const above = cy - 16;
  const below = station.top1 > 81.7 || Math.abs(y.at(81.3) - above + 5) < 13;
  const x = Math.max(52, Math.min(width - 24, cx));
  root.append(svg("text", { class: "value", x, y: below ? cy + 26 : above, "text-anchor": "middle" }, station.top1.toFixed(station.std ? 2 : 1)));
}

function label(root, station, x, box, on) {
  const words = station.short.includes(" ") && station.short.length > 7 ? station.short.split(/ (?=[^×]*$)/) : [station.short];
  const text = svg("text", { class: `name${on ? " on" : ""}${station.kept ? "" : " side"}`, y: box.bottom + 18, "text-anchor": "middle", "data-at": station.index });
  words.forEach((word, i) => text.append(svg("tspan", { x: x.at(station.index), dy: i ? 14 : 0 }, word)));
  root.append(text);
}

/** Index of the station at a pixel. */
export function stationAt(root, pixel, count) {
  return Math.max(0, Math.min(count - 1, Math.round(root.xs.back(pixel))));
}
