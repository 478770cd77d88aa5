// The chart of “Cost”: encoder and decoder stacked over the hidden share, and measured times.

import { axes, counted, figures, polyline, scale, steps, svg } from "../../labs/js/chart.js";

export const COLOURS = { encoder: "#8b7cf6", decoder: "#20b2a6", carrying: "#f0a030" };

export function drawCosts(root, model, net, ratio) {
  const width = Math.max(240, root.parentElement.clientWidth - 30);
  const height = Math.min(290, Math.max(220, width * 0.55));
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  const { clock } = net;
  const now = Math.round(20 * ratio);
  const box = { left: 52, right: width - (clock ? 48 : 14), top: 28, bottom: height - 42 };
  const whole = net.carrying[0] + net.carrying[1];
  const highest = Math.max(whole, ...(clock?.points ?? []).map((point) => point.total * clock.rate));
  const x = scale({ from: 0, to: 95, start: box.left, end: box.right });
  const y = scale({ from: 0, to: 1.06 * highest, start: box.bottom, end: box.top });
  root.xs = x;
  root.replaceChildren();
  axes(root, x, y, box, { x: [0, 25, 50, 75, 95].map((k) => [k, String(k)]), y: steps(1.06 * highest).map((k) => [k, k ? counted(k).replace(/\.0+(?=\u2009)/, "") : "0"]) },
    { x: "hidden patches, % of all", y: "multiply-adds (MACs) of one pass" });
  const at = net.encoder.map((_, k) => x.at(5 * k));
  const area = (low, high, part) => {
    const edge = [...at.map((px, k) => [px, y.at(high(k))]), ...at.map((px, k) => [px, y.at(low(k))]).reverse()];
    const d = `${edge.map(([px, py], k) => `${k ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("")}Z`;
    return svg("path", { d, fill: COLOURS[part], class: "area" });
  };
  root.append(
    area(() => 0, (k) => net.decoder[k], "decoder"),
    area((k) => net.decoder[k], (k) => net.decoder[k] + net.encoder[k], "encoder"),
    polyline(at.map((px) => [px, y.at(whole)]), { stroke: COLOURS.carrying, "stroke-width": 2.5, "stroke-dasharray": "3 5" }),
    svg("line", { x1: x.at(100 * ratio), x2: x.at(100 * ratio), y1: box.top, y2: box.bottom, class: "now" }),
    svg("circle", { cx: x.at(100 * ratio), cy: y.at(net.decoder[now] + net.encoder[now]), r: 6, fill: COLOURS.encoder, class: "here" }),
  );
  if (clock) drawClock(root, x, y, box, clock, highest);
  root.setAttribute("aria-label", `Multiply-adds of encoder and decoder against the hidden share, ${Math.round(100 * ratio)} % marked`);
}

/** Diamonds on an axis of milliseconds; the median speed joins it to that of multiply-adds. */
function drawClock(root, x, y, box, clock, highest) {
  for (const ms of steps((1.06 * highest) / clock.rate)) {
    root.append(svg("text", { x: box.right + 8, y: y.at(ms * clock.rate) + 4 }, figures(ms)));
  }
  root.append(svg("text", { x: box.right + 44, y: box.top - 9, "text-anchor": "end", class: "axis-title" }, "ms"));
  for (const { ratio, total, decoder } of clock.points) {
    for (const [part, ms] of [["decoder", decoder], ["encoder", total]]) {
      const [cx, cy] = [x.at(100 * ratio), y.at(ms * clock.rate)];
      const mark = svg("path", { d: `M${cx} ${cy - 7}L${cx + 7} ${cy}L${cx} ${cy + 7}L${cx - 7} ${cy}Z`, class: "measured", stroke: COLOURS[part] });
      mark.append(svg("title", {}, `${Math.round(100 * ratio)} % hidden: ${part === "decoder" ? "decoder" : "encoder and decoder"} ${figures(ms)} ms`));
      root.append(mark);
    }
  }
}
