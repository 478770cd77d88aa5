// Way, layer, count or share, head, and what is seldom changed in two popovers.

import { el, popover, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { paintThumbnail } from "./paint.js";
import { layered } from "./shown.js";

const WAYS = [
  ["clusters", "Clusters", "k-means on the layer’s tokens"],
  ["cut", "Cut", "Normalised cut of the graph of tokens"],
  ["attention", "Attention", "The places that hold most of what is read"],
  ["colours", "Colours", "The control: k-means on mean colours alone, no network"],
];
const THIN = "\u2009";

export function createControls(app) {
  const { signal } = app;
  const way = segmented("Way", WAYS, (value) => app.set({ way: value, pinned: -1 }), signal);
  const layer = slider("Layer", { min: 1, max: 2, step: 1 },
    (value) => app.stage?.layers[value - 1].name ?? "", (value) => app.set({ layer: value - 1, chosen: true }), signal);
  const count = slider("Regions", { min: 2, max: 12, step: 1 }, (value) => String(value), (value) => app.set({ count: value }), signal);
  const share = slider("Share held", { min: 5, max: 95, step: 1 },
    (value) => `${value}${THIN}%`, (value) => app.set({ share: value / 100 }), signal);
  const vector = segmented("Show", [
    ["-1", "Regions"], ["0", "Vector 2", "The eigenvector of the first cut"], ["1", "3"], ["2", "4"], ["3", "5"],
  ], (value) => app.set({ vector: Number(value), pinned: -1 }), signal);
  const heat = segmented("Show", [["mask", "Mask"], ["heat", "Weights"]], (value) => app.set({ heat: value === "heat", pinned: -1 }), signal);
  const heads = el("div.heads");
  const why = el("p.note-line");
  const line = (label, ...parts) => el("div.row", {}, el("span.label", {}, label), ...parts);
  const rows = {
    way: line("Way", way.node), layer: line("Layer", layer.node), count: line("Regions", count.node),
    vector: line("Show", vector.node), share: line("Holds", share.node), heat: line("Show", heat.node),
    heads: line("Heads", heads), why,
  };
  const graph = createGraph(app);
  const looks = createLooks(app);
  const foot = el("div.foot", {}, graph.node, looks.node);
  let drawn = null;
  const open = () => { layer.input.max = String(app.stage.layers.length); drawn = null; };
  const paint = () => {
    const { state, shown, stage } = app;
    const [attention, cut] = [state.way === "attention", state.way === "cut"];
    way.set(state.way);
    layer.set(state.layer + 1);
    rows.layer.classList.toggle("off", !layered(app));
    layer.input.disabled = !layered(app);
    const most = shown.table?.counts.at(-1);
    if (most) count.input.max = String(most);
    count.set(shown.count || 2);
    share.set(Math.round(100 * state.share));
    vector.set(String(state.vector));
    heat.set(state.heat ? "heat" : "mask");
    rows.count.hidden = attention || !shown.count;
    rows.vector.hidden = !cut || !shown.count;
    rows.share.hidden = rows.heat.hidden = !shown.map;
    rows.heads.hidden = !shown.map || shown.maps.length < 2;
    say(why, attention ? reading(stage) : state.way === "colours" ? "No network here: this is what colours alone give." : "");
    why.hidden = !why.textContent;
    graph.node.hidden = !cut;
    graph.paint();
    looks.paint();
    if (rows.heads.hidden) return;
    const key = `${app.id} ${shown.look} ${state.share}`;
    if (drawn !== key) fillHeads(app, heads);
    drawn = key;
    [...heads.children].forEach((one, k) => one.setAttribute("aria-pressed", String(k === state.head)));
  };
  const step = (by) => {
    const { shown, state } = app;
    if (shown.map) app.set({ head: (state.head + by + shown.maps.length) % shown.maps.length });
    else if (shown.count) app.set({ count: Math.max(2, Math.min(shown.table.counts.at(-1), shown.count + by)) });
  };
  return { node: el("div.controls", {}, ...Object.values(rows)), foot, paint, open, step };
}

/** What the shares are of, in one line. */
function reading(stage) {
  switch (stage.reads) {
    case "class token": return "What the class token takes from each place, head by head.";
    case "sequence pooling": return "No class token here: these are the weights by which sequence pooling reads the last layer.";
    case "window rollout": return "No class token here: rollout follows the windows of all blocks back from what the head reads.";
    case "mean of all tokens": return "No class token here: what all places together take from each.";
    default: return "";
  }
}

function fillHeads(app, node) {
  const { names, maps } = app.shown;
  node.replaceChildren(...maps.map((map, k) => {
    const canvas = el("canvas");
    const button = el("button.head", { type: "button", title: names[k] === "mean" ? "Mean of the heads" : `Head ${names[k]}` },
      canvas, names[k]);
    button.addEventListener("click", () => app.set({ head: k }), { signal: app.signal });
    paintThumbnail(app, canvas, map, app.shown);
    return button;
  }));
}

/** How tokens become a graph: the server cuts anew, once the slider rests. */
function createGraph(app) {
  const { signal } = app;
  const change = (part) => app.set({ graph: { ...app.state.graph, ...part }, pinned: -1 });
  const threshold = slider("Threshold", { min: -0.5, max: 0.9, step: 0.05 },
    (value) => `cosine ≥ ${Number(value).toFixed(2).replace("-", "−")}`, (value) => change({ threshold: Math.round(100 * value) / 100 }), signal);
  const keys = segmented("Compare", [["tokens", "Tokens", "What leaves the block"], ["keys", "Keys", "What its attention compares, as in TokenCut"]],
    (value) => change({ keys: value === "keys" }), signal);
  const centred = toggle("Less what all share", (on) => change({ centred: on }), signal);
  const line = (label, part) => el("div.row", {}, el("span.label", {}, label), part);
  const keyRow = line("Compare", keys.node);
  const { node } = popover("Graph", "tune", [
    line("Link if", threshold.node), keyRow, centred.node,
    el("p.note-line", {}, "Two places are linked with weight 1 where the cosine of their vectors reaches the threshold, else with 0.00001. Each change cuts all layers anew."),
  ], signal);
  const paint = () => {
    threshold.set(app.state.graph.threshold);
    keys.set(app.state.graph.keys ? "keys" : "tokens");
    centred.set(app.state.graph.centred);
    keyRow.hidden = !app.stage.keys;
  };
  return { node, paint };
}

function createLooks(app) {
  const opacity = slider("Opacity", { min: 10, max: 100, step: 5 }, (value) => `${value}${THIN}%`,
    (value) => app.set({ opacity: value / 100 }), app.signal);
  const smooth = toggle("Smooth borders", (on) => app.set({ smooth: on }), app.signal);
  const { node } = popover("Look", "tune", [
    el("div.row", {}, el("span.label", {}, "Opacity"), opacity.node), smooth.node,
    el("p.note-line", {}, "Blocks are what the network has: one vector a place. Smooth borders are drawn between them."),
  ], app.signal);
  return { node, paint: () => { opacity.set(Math.round(100 * app.state.opacity)); smooth.set(app.state.smooth); } };
}
