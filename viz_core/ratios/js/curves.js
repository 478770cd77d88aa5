// The chart of “Why 75 %”, and what it says at the pointer.

import { axes, figures, polyline, scale, steps, svg } from "../../labs/js/chart.js";

const THIN = "\u2009";

export const METRICS = {
  psnr: { name: "PSNR", unit: `${THIN}dB`, axis: "PSNR over the hidden patches, dB: higher is better", up: true, help: "Peak signal to noise ratio in decibels: −10 log₁₀ of the mean squared error; 3 dB are half the error" },
  mse: { name: "Error", unit: "", axis: "mean squared error over the hidden patches, pixels in [0, 1]: lower is better", up: false, help: "Mean squared error on pixels from 0 to 1, hidden patches only: what the network was trained on" },
  ssim: { name: "SSIM", unit: "", axis: "structural similarity over the hidden patches, 1 at most: higher is better", up: true, help: "Structural similarity: 1 if brightness, contrast and structure agree" },
};
const GUESS = new Set(["network", "leak"]);

/** Scores at the pointer as text, the best method, and one sentence. */
export function told(model, { metric, at }) {
  const { up, unit } = METRICS[metric];
  const score = (id) => model.scores[metric][id][at];
  const better = (a, b) => (up ? score(a) > score(b) : score(a) < score(b));
  const rivals = model.methods.map((one) => one.id).filter((id) => !GUESS.has(id));
  const rival = rivals.reduce((best, id) => (better(id, best) ? id : best));
  const best = better("network", rival) ? "network" : rival;
  const values = Object.fromEntries(model.methods.map(({ id }) => [id, figures(score(id)) + unit]));
  const name = model.methods.find((one) => one.id === rival).name;
  const [winner, loser] = best === "network" ? ["the network", `the best interpolation (${name})`] : [name, "the network"];
  const [worse, least] = [Math.max, Math.min].map((pick) => pick(score("network"), score(rival)));
  const lead = metric === "mse" ? `makes ${figures(worse / least)} times less error than`
    : `is ${figures(worse - least)}${unit} better than`;
  return { values, best, sentence: `With ${Math.round(100 * model.ratios[at])}${THIN}% hidden, ${winner} ${lead} ${loser}.` };
}

export function drawCurves(root, model, state) {
  const width = Math.max(240, root.parentElement.clientWidth - 30);
  const height = Math.min(330, Math.max(240, width * 0.62));
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  const box = { left: 40, right: width - 14, top: 28, bottom: height - 42 };
  const rows = model.scores[state.metric];
  const shown = model.methods.filter(({ id }) => id !== "leak" || state.leak);
  const values = shown.flatMap(({ id }) => rows[id]);
  const { from, to, ticks } = range(values, state.metric);
  const x = scale({ from: 0, to: 100, start: box.left, end: box.right });
  const y = scale({ from, to, start: box.bottom, end: box.top });
  root.xs = x;
  root.replaceChildren();
  axes(root, x, y, box, { x: [0, 25, 50, 75, 100].map((k) => [k, `${k}`]), y: ticks.map((k) => [k, figures(k)]) },
    { x: "hidden patches, % of all", y: width < 420 ? METRICS[state.metric].axis.split(":")[0] : METRICS[state.metric].axis });
  const at = model.ratios.map((ratio) => x.at(100 * ratio));
  root.append(between(model, state, at, y));
  for (const { id, colour } of shown) {
    const strong = id === "network" || state.over === id;
    root.append(polyline(rows[id].map((value, k) => [at[k], y.at(value)]), {
      stroke: colour, "stroke-width": strong ? 3.2 : 1.8, opacity: state.over && !strong ? 0.35 : 1,
      "stroke-linejoin": "round", ...(id === "leak" ? { "stroke-dasharray": "2 4" } : {}),
    }));
  }
  root.append(svg("line", { x1: at[state.at], x2: at[state.at], y1: box.top, y2: box.bottom, class: "now" }));
  for (const { id, colour } of shown) {
    root.append(svg("circle", { cx: at[state.at], cy: y.at(rows[id][state.at]), r: id === "network" ? 6 : 4, fill: colour, class: "here" }));
  }
  root.setAttribute("aria-label", `Scores of ${shown.length} methods against the hidden share; ${Math.round(100 * model.ratios[state.at])} % marked`);
}

function range(values, metric) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (metric === "psnr") {
    const from = Math.floor(low / 2) * 2;
    const to = Math.ceil((high + 0.2) / 2) * 2;
    const every = to - from > 14 ? 4 : 2;
    return { from, to, ticks: Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, k) => from + every * k) };
  }
  const to = 1.06 * high;
  return { from: Math.min(0, low), to, ticks: steps(to) };
}

/** The gap between the network and the best interpolation: violet where the network wins. */
function between(model, { metric }, at, y) {
  const rows = model.scores[metric];
  const { up } = METRICS[metric];
  const others = model.methods.filter(({ id }) => !GUESS.has(id)).map(({ id }) => rows[id]);
  const best = at.map((_, k) => (up ? Math.max : Math.min)(...others.map((row) => row[k])));
  const group = svg("g");
  for (let k = 0; k + 1 < at.length; k++) {
    const ends = [k, k + 1].map((i) => [at[i], rows.network[i], best[i]]);
    const gain = (up ? 1 : -1) * (ends[0][1] - ends[0][2] + ends[1][1] - ends[1][2]);
    const corners = [[ends[0][0], ends[0][1]], [ends[1][0], ends[1][1]], [ends[1][0], ends[1][2]], [ends[0][0], ends[0][2]]];
    group.append(svg("path", {
      d: `${corners.map(([px, value], i) => `${i ? "L" : "M"}${px.toFixed(1)} ${y.at(value).toFixed(1)}`).join("")}Z`,
      class: gain > 0 ? "gain" : "loss",
    }));
  }
  return group;
}
