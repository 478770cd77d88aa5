// One line a network over all doses of a transform: how likely its first answer stays.

import { el, say } from "../../canvas/js/dom.js";
import { axes, draggable, polyline, scale, svg } from "../../labs/js/chart.js";

const HEIGHT = 236;

export function createChart(app) {
  const chart = svg("svg", { role: "img" });
  const title = el("p.chart-title");
  draggable(chart, (x) => {
    if (app.chart.back) app.choose(app.state.chosen, Math.round(app.chart.back(x)));
  }, app.signal);
  const legend = el("p.legend", {}, el("span.marks", {}, el("i.spot"), "the first answer stays"), el("span.marks", {}, el("i.spot.lost"), "another one leads"));
  return { node: el("div.chart", {}, title, chart, legend), chart, title, back: null };
}

export function showChart(app, chosen, lines, dose) {
  const { chart, title } = app.chart;
  say(title, `Share of each network’s first answer, over all doses of ${chosen.title.toLowerCase()}`);
  const width = Math.max(240, app.chart.node.clientWidth);
  for (const [name, value] of Object.entries({ width, height: HEIGHT })) chart.setAttribute(name, value);
  chart.replaceChildren();
  const count = chosen.doses.length;
  const box = { left: 38, right: width - 12, top: 22, bottom: HEIGHT - 40 };
  const x = scale({ from: 0, to: count - 1, start: box.left, end: box.right });
  const y = scale({ from: 0, to: 1, start: box.bottom, end: box.top });
  app.chart.back = x.back;
  const every = Math.ceil(count / Math.max(3, Math.floor((box.right - box.left) / 44)));
  const ticks = chosen.doses.map((text, k) => [k, text]).filter(([k]) => (k - chosen.start) % every === 0);
  axes(chart, x, y, box, { x: ticks, y: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, String(100 * v)]) },
    { x: `${chosen.title.toLowerCase()} (${chosen.unit})`, y: "share of the first answer (%)" });
  chart.append(svg("line", { x1: x.at(dose), x2: x.at(dose), y1: box.top, y2: box.bottom, class: "now" }));
  lines?.forEach((line, k) => {
    const { colour } = app.header.networks[k];
    const points = line.share.map((share, at) => [x.at(at), y.at(share)]);
    chart.append(polyline(points, { stroke: colour, "stroke-width": 2.5, "stroke-linejoin": "round" }));
    points.forEach(([cx, cy], at) => chart.append(svg("circle", {
      cx, cy, r: at === dose ? 6 : 3.2, stroke: colour, "stroke-width": 2, class: line.stays[at] ? "stays" : "lost", fill: line.stays[at] ? colour : "var(--ground)",
    })));
  });
  chart.setAttribute("aria-label", lines
    ? `At ${chosen.doses[dose]} ${chosen.unit}: ${lines.map((line, k) => `${app.header.networks[k].title} ${Math.round(100 * line.share[dose])} %${line.stays[dose] ? "" : ", another answer leads"}`).join("; ")}`
    : "The networks are being asked");
}
