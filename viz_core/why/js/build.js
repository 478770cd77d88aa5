// What stands on the page: the method, the picture, its read-out, the answer, the curves.

import { el, icon, popover, row, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { createReadout } from "../../canvas/js/readout.js";
import { createAnswer } from "./answer.js";
import { createCharts } from "./chart.js";
import { createPicture } from "./picture.js";

const MODES = [
  ["map", "Map", "The map over the picture"],
  ["erase", "Erase", "The cells that count most are erased"],
  ["keep", "Keep only", "Nothing but the cells that count most is kept"],
  ["hand", "By hand", "Paint over what you want to erase, or to keep"],
];
const BRUSHES = [["1", "1", "One cell"], ["2", "2", "2 × 2 cells"], ["3", "3", "3 × 3 cells"]];
const KEYS = [["← ↑ → ↓", "move"], ["[ ]", "erase less, more"], ["Space", "play"], ["Enter", "paint"], ["Z", "undo"]];

export function build(app) {
  app.live = el("div.sr", { "aria-live": "polite" });
  app.method = method(app);
  app.picture = createPicture(app);
  app.legend = el("div.legend");
  app.readout = createReadout();
  app.answer = createAnswer(app);
  app.charts = createCharts(app);
  const board = el("div.board", {},
    el("div.main", {}, app.picture.node, app.legend, under(app)),
    el("div.side", {}, app.readout.node, app.answer.node, app.charts.node));
  app.host.replaceChildren(app.method.node, board, app.live);
}

function method(app) {
  const select = el("select.methods", { "aria-label": "Method", title: "How to ask why" });
  select.addEventListener("change", () => app.ask({ method: select.value }), { signal: app.signal });
  const answers = el("p.answers");
  const misleads = el("p.misleads");
  const cost = el("span.cost");
  const alone = el("p.alone", { hidden: !app.alone }, "Without the app: another method, class or filling, and painting by hand, need the network.");
  select.disabled = app.alone;
  const node = el("section.method", {}, el("label.pick", {}, el("span.label", {}, "Method"), select, cost),
    el("div.says", {}, answers, misleads, alone));
  return { node, select, answers, misleads, cost };
}

function under(app) {
  const { signal } = app;
  app.modes = segmented("Show", MODES, (mode) => app.choose(mode), signal);
  app.modes.buttons.at(-1).disabled = app.alone;
  app.start = el("button.round", { type: "button", "aria-label": "Play: erases more and more", title: "Erases more and more" }, icon("play"));
  app.start.addEventListener("click", () => app.play(), { signal });
  app.slider = slider("Top share of the cells", { min: 0, max: 1, step: 1 }, (step) => app.percentText(step), (step) => app.slide(step), signal);
  app.slider.input.title = "How many of the cells that count most";
  app.word = el("span.label");
  app.filling = el("select.filling", { title: "What stands where something is erased", "aria-label": "Filled with" });
  app.filling.disabled = app.alone;
  app.filling.addEventListener("change", () => app.ask({ baseline: app.filling.value }), { signal });
  const walk = el("div.walk", {}, app.start, app.word, app.slider.node);
  return el("div.under", {}, el("div.modes", {}, app.modes.node, more(app)), walk, brush(app));
}

function brush(app) {
  const { signal } = app;
  app.brushes = segmented("Brush", BRUSHES, (size) => app.set({ brush: size }), signal);
  app.doing = segmented("What the brush does", [
    ["erase", "erases", "What you paint is erased"], ["keep", "keeps", "Only what you paint is kept"],
  ], (what) => app.turn(what === "keep"), signal);
  const act = (text, title, handle) => {
    const node = el("button.quiet", { type: "button", title }, text);
    node.addEventListener("click", handle, { signal });
    return node;
  };
  app.undoing = act("Undo", "Takes the last stroke back", () => app.undo());
  app.clearing = act("Clear", "Brings the whole picture back", () => app.clear());
  app.brush = el("div.brush", { hidden: true }, el("span.label", {}, "Brush"), app.brushes.node, app.doing.node, app.undoing, app.clearing);
  return app.brush;
}

function more(app) {
  const { signal } = app;
  app.resolution = segmented("Resolution", [
    ["own", "Own", "At the method's own resolution"], ["cells", "Cells", "On the cells that are erased"],
  ], (which) => app.set({ cells: which === "cells" }), signal);
  app.resolutionRow = row("Detail", app.resolution.node);
  app.opacity = slider("Opacity", { min: 0.2, max: 1, step: 0.05 }, (value) => `${Math.round(100 * value)}\u2009%`, (opacity) => app.set({ opacity }), signal);
  app.smooth = toggle("Smooth between values", (smooth) => app.set({ smooth }), signal);
  app.all = toggle("Scale to the largest pixel", (all) => app.set({ all }), signal);
  app.over = toggle("Map over the erased picture", (over) => app.set({ over }), signal);
  const filled = el("label.row", {}, el("span.label", {}, "Filled with"), app.filling);
  const keys = el("div.keys", {}, ...KEYS.flatMap(([key, what]) => [el("kbd", {}, key), el("span", {}, what)]));
  return popover("View", "tune", [app.resolutionRow, filled, row("Opacity", app.opacity.node), app.smooth.node, app.all.node, app.over.node, keys], signal).node;
}
