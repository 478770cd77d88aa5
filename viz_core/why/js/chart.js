// Deletion and insertion: the target's share while cells go or come, under the slider's marker.

import { fit } from "../../channels/js/paint.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { curves } from "./seen.js";

const LEFT = 38;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 18;
const CHARTS = [
  ["deletion", "Deletion", "the lower, the better", "erase"],
  ["insertion", "Insertion", "the higher, the better", "keep"],
];
const NAMES = { own: "this map", random: "random", centre: "middle first" };

export function createCharts(app) {
  const charts = CHARTS.map(([name, title, hint, mode]) => chart(app, name, title, hint, mode));
  const unit = el("p.unit-line");
  const legend = el("div.legend.lines", {}, el("span", {}, el("i.line.own"), NAMES.own),
    el("span", {}, el("i.line.random"), "random, mean and range"), el("span", {}, el("i.line.centre"), NAMES.centre));
  const node = el("section.charts", {}, el("div.two", {}, ...charts.map((one) => one.node)), legend, unit);
  return { node, charts, unit };
}

function chart(app, name, title, hint, mode) {
  const canvas = el("canvas.curve", { role: "img" });
  const auc = el("b.auc");
  const beside = el("span.beside");
  const node = el("figure.chart", { title: `${title}: ${hint}. Click a place on it.` },
    el("figcaption", {}, el("strong", {}, title), auc), canvas, el("div.foot", {}, beside));
  const choose = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    app.stop();
    app.set({ mode, step: stepAt(app, share) });
  };
  canvas.addEventListener("pointerdown", (event) => { if (app.stage && curves(app)) choose(event); }, { signal: app.signal });
  canvas.addEventListener("pointermove", (event) => { if (event.buttons && app.stage && curves(app)) choose(event); }, { signal: app.signal });
  return { name, title, hint, mode, node, canvas, auc, beside };
}

function stepAt(app, share) {
  const { counts } = curves(app);
  const cells = Math.max(0, Math.min(1, share)) * counts.at(-1);
  return counts.reduce((best, count, k) => (Math.abs(count - cells) < Math.abs(counts[best] - cells) ? k : best), 0);
}

export function paintCharts(app, seen) {
  const known = curves(app);
  const style = getComputedStyle(app.host);
  const inks = { accent: style.getPropertyValue("--accent"), text: style.getPropertyValue("--text"), line: style.getPropertyValue("--line") };
  for (const one of app.charts.charts) {
    one.node.dataset.on = String(app.view.mode === one.mode);
    const lines = known?.walks[one.name].lines ?? [];
    draw(app, one.canvas, known, lines, inks, app.view.mode === one.mode ? seen.step : null);
    tell(one, lines);
  }
  say(app.charts.unit, known ? `Area under ${known.unit}, over the share of cells, from 0 to 1.` : "The curves are being measured…");
}

function tell(one, lines) {
  const own = lines.find(({ name }) => name === "own");
  say(one.auc, own ? number(own.auc) : "…");
  one.node.dataset.auc = own?.auc ?? "";
  const others = lines.filter(({ name }) => name !== "own").map(({ name, auc }) => `${NAMES[name]} ${number(auc)}`);
  say(one.beside, others.length ? others.join(", ") : one.hint);
  one.canvas.setAttribute("aria-label", own ? `${one.title}: area ${number(own.auc)}; ${others.join(", ")}` : one.title);
}

/** The largest share of both charts, rounded up, so that they can be compared. */
function topOf(known) {
  if (!known) return 1;
  const lines = Object.values(known.walks).flatMap((walk) => walk.lines);
  const most = Math.max(...lines.flatMap(({ shares, high }) => high ?? shares));
  return [0.1, 0.2, 0.4, 0.6, 0.8].find((top) => most <= top) ?? 1;
}

function draw(app, canvas, known, lines, inks, step) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const most = topOf(known);
  if (!width) return;
  const ratio = globalThis.devicePixelRatio || 1;
  fit(canvas, width, height, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = (share) => LEFT + share * (width - LEFT - RIGHT);
  const y = (share) => height - BOTTOM - (share / most) * (height - BOTTOM - TOP);
  axes(context, x, y, inks, most);
  if (!known) return;
  const at = known.counts.map((count) => x(count / known.counts.at(-1)));
  for (const line of lines.slice().reverse()) plot(context, line, at, y, inks);
  if (step === null || !lines.length) return;
  const own = lines.find(({ name }) => name === "own");
  context.strokeStyle = inks.accent;
  context.globalAlpha = 0.5;
  context.beginPath();
  context.moveTo(at[step], y(0));
  context.lineTo(at[step], y(most));
  context.stroke();
  context.globalAlpha = 1;
  context.fillStyle = inks.accent;
  context.beginPath();
  context.arc(at[step], y(own.shares[step]), 4.5, 0, 7);
  context.fill();
}

function axes(context, x, y, { text, line }, most) {
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = text;
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const share of [0, most / 2, most]) {
    context.beginPath();
    context.moveTo(x(0), Math.round(y(share)) + 0.5);
    context.lineTo(x(1), Math.round(y(share)) + 0.5);
    context.stroke();
    context.globalAlpha = 0.66;
    context.fillText(`${Math.round(100 * share)}\u2009%`, x(0) - 5, y(share));
    context.globalAlpha = 1;
  }
  context.globalAlpha = 0.66;
  context.textBaseline = "alphabetic";
  for (const [share, align] of [[0, "left"], [0.5, "center"], [1, "right"]]) {
    context.textAlign = align;
    context.fillText(share === 1 ? "all cells" : share ? "half" : "none", x(share), y(0) + 14);
  }
  context.globalAlpha = 1;
}

function plot(context, { name, shares, low, high }, at, y, { accent, text }) {
  context.strokeStyle = name === "own" ? accent : text;
  context.lineJoin = "round";
  if (low) {
    context.fillStyle = text;
    context.globalAlpha = 0.13;
    context.beginPath();
    at.forEach((place, k) => context.lineTo(place, y(high[k])));
    for (let k = at.length - 1; k >= 0; k--) context.lineTo(at[k], y(low[k]));
    context.fill();
  }
  context.globalAlpha = name === "own" ? 1 : 0.55;
  context.lineWidth = name === "own" ? 2.5 : 1.5;
  context.setLineDash(name === "centre" ? [2, 3] : []);
  context.beginPath();
  at.forEach((place, k) => context.lineTo(place, y(shares[k])));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
