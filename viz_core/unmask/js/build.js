// What stands on the page: controls, two big pictures, small ones, the score and a patch up close.

import { el, icon, popover, segmented, slider } from "../../canvas/js/dom.js";

export const STRATEGIES = [
  ["random", "Random", "Patches drawn by lot, as the paper does"],
  ["block", "Block", "Whole rectangles at a time"],
  ["grid", "Grid", "An even pattern: at 75 % one patch of every four stays"],
  ["hand", "By hand", "Your own mask: drag over the picture"],
];
const TOOLS = [
  ["brush", "1", "Brush of one patch"],
  ["wide", "2", "Brush of 2 × 2 patches"],
  ["wider", "3", "Brush of 3 × 3 patches"],
  ["box", "Box", "Drag a rectangle to hide, or to show what is hidden"],
  ["keep", "Keep only", "Drag a rectangle: everything else is hidden"],
];
export const VIEWS = [
  ["masked", "What it sees"],
  ["painted", "Painted back"],
  ["fill", "Interpolated"],
  ["raw", "Raw output"],
  ["error", "Error"],
  ["closer", "Who is closer"],
  ["truth", "Original"],
];

export function build(app) {
  const { host, signal } = app;
  app.live = el("div.sr", { "aria-live": "polite" });
  const left = panel(app, "masked", "What the encoder sees");
  const right = panel(app, "result", "Painted back");
  app.panels = { masked: left, result: right };
  app.wiper = el("div.wipe", { tabIndex: 0, role: "slider", "aria-valuemin": 0, "aria-valuemax": 100, title: "Drag to compare" }, el("i"));
  app.note = el("span.tag", { hidden: true });
  right.frame.append(app.wiper, app.note);
  app.tools = tools(app);
  app.legend = el("div.legend");
  left.node.append(app.tools.node);
  right.node.append(app.legend);
  app.strip = el("div.strip", { role: "group", "aria-label": "Views" });
  app.score = el("section.score", { "aria-label": "Score" });
  app.patch = patchCard();
  const main = el("div.pair", {}, left.node, right.node, app.strip);
  host.replaceChildren(controls(app), el("div.board", {}, main, el("div.aside", {}, app.score, app.patch.node)), app.live);
  app.views = new Map();
}

function panel(app, name, title) {
  const heading = el("strong", {}, title);
  const count = el("b");
  const canvas = el("canvas.map", { tabIndex: 0, role: "application", "aria-label": title });
  const frame = el("div.frame", {}, canvas);
  const node = el(`figure.panel.${name}`, {}, el("figcaption", {}, heading, count), frame);
  return { node, canvas, frame, heading, count };
}

function controls(app) {
  const { signal } = app;
  app.strategies = segmented("Mask", STRATEGIES, (strategy) => app.choose({ strategy }), signal);
  app.ratio = slider("Hidden", { min: 0, max: 95, step: 5 }, (value) => `${value}\u2009%`, (value) => app.slide(value), signal);
  app.ratio.input.title = "Share of hidden patches";
  app.ratio.input.addEventListener("change", () => app.settle(), { signal });
  app.play = button(app, "round", "Play", () => app.sweep(), "Sweeps the ratio from 0 to 95 %");
  app.play.replaceChildren(icon("play"));
  app.again = button(app, "quiet", "Again", () => app.choose({ seed: app.view.seed + 1 }), "Draws another mask");
  app.beside = el("select", { title: "What fills the same holes without a network", "aria-label": "Beside the network" });
  app.beside.addEventListener("change", () => app.choose({ baseline: app.beside.value }), { signal });
  app.full = el("input", { type: "checkbox" });
  app.full.addEventListener("change", () => app.choose({ full: app.full.checked }), { signal });
  const sharp = el("label.toggle", { title: "Shows visible patches from your picture, not as the network gets them" }, app.full, el("i"), "Visible patches in full resolution");
  const save = button(app, "choice", "", () => app.save(), "");
  save.append(el("b", {}, "PNG"), "masked, painted, beside it, original");
  app.more = popover("More", "tune", [sharp, save, keys()], signal);
  return el("section.controls.top", {},
    app.strategies.node,
    el("div.ratio", {}, app.play, el("span.label", {}, "Hidden"), app.ratio.node, app.again),
    el("label.beside", {}, el("span.label", {}, "Beside it"), app.beside), app.more.node);
}

const KEYS = [["← ↑ → ↓", "move"], ["Enter", "hide or show"], ["[ ]", "ratio"], ["Z", "undo"], ["O", "original, while held"], ["Space", "sweep the ratio"]];
const keys = () => el("div.keys", {}, ...KEYS.flatMap(([key, what]) => [el("kbd", {}, key), el("span", {}, what)]));

export function button(app, kind, text, act, title) {
  const node = el(`button.${kind}`, { type: "button", title, "aria-label": title ? `${text}: ${title}` : text }, text);
  node.addEventListener("click", act, { signal: app.signal });
  return node;
}

function tools(app) {
  const chosen = segmented("Brush", TOOLS, (tool) => app.choose({ tool }), app.signal);
  const undo = button(app, "quiet", "Undo", () => app.undo(), "");
  const act = (text, kind, title) => button(app, "quiet", text, () => app.edit(kind), title);
  const node = el("div.tools", {}, el("div.row", {}, el("span.label", {}, "Brush"), chosen.node),
    el("div.acts", {}, undo, act("Invert", "invert", "Hides what is visible and shows what is hidden"),
      act("Hide all", "hide", ""), act("Show all", "show", "")));
  return { node, set: chosen.set, undo };
}

const TILES = [["truth", "True"], ["network", "Network"], ["fill", "Beside"], ["difference", "Network − true"]];

function patchCard() {
  const title = el("strong.title");
  const state = el("span.note");
  const tiles = Object.fromEntries(TILES.map(([name, text]) => {
    const canvas = el("canvas");
    const label = el("span", {}, text);
    return [name, { canvas, label, node: el("figure", {}, canvas, el("figcaption", {}, label)) }];
  }));
  const line = el("p");
  const scale = el("div.legend");
  const node = el("section.readout.patch", { "aria-label": "Read-out" },
    el("div.who", {}, el("i.dot"), title, state),
    el("div.tiles", {}, ...Object.values(tiles).map((tile) => tile.node)), line, scale);
  return { node, title, state, tiles, line, scale };
}

/** The small pictures; each can be pointed at for a moment, or clicked to stay. */
export function offerViews(app, names) {
  if (app.offered === names.join()) return;
  app.offered = names.join();
  app.views = new Map(names.map((name) => {
    const canvas = el("canvas");
    const title = el("b", {}, VIEWS.find(([known]) => known === name)[1]);
    const note = el("span");
    const node = el("button.view", { type: "button" }, canvas, title, note);
    const on = (type, handle) => node.addEventListener(type, handle, { signal: app.signal });
    node.dataset.view = name;
    on("click", () => { app.peek = null; app.choose({ shown: name }); });
    on("pointerenter", (event) => { if (event.pointerType === "mouse") app.look(name); });
    on("pointerleave", () => app.look(null));
    return [name, { node, canvas, title, note }];
  }));
  app.strip.replaceChildren(...[...app.views.values()].map(({ node }) => node));
}
