// Step “Norms”: how long every token is after every layer, and which ones stand out.

import { gradient, opaqueLut, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented, slider } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { fit } from "../../channels/js/paint.js";
import { floats } from "../../cutter/js/wire.js";
import { createFacts, showFacts } from "./facts.js";
import { createLayers } from "./layers.js";
import { createPanel, KEY, mark, paintPanel, placeName } from "./panel.js";

const BINS = 48;
const SHOWN = 8; // outliers in the list

export const normsView = {
  name: "norms",
  memory: () => kept("heads-norms", {}),
  remembered: ["depth", "factor", "scale", "what", "pinned"],
  fresh: () => ({ depth: null, factor: 2, scale: "own", what: "norms", place: null, pinned: null }),
  question: null,
  receive(app, header, parts) {
    app.luts ??= { over: sequentialLut(app.tables.viridis, 0.88), bars: opaqueLut(app.tables.viridis) };
    app.depths = depthsOf(header, floats(parts.numbers));
    if (app.other) Object.assign(app, { place: null, pinned: null });
    if (app.depth === null || app.depth >= app.depths.length) app.depth = liveliest(app.depths);
  },
  build,
  suggest(app, { depth, ...wanted }) {
    if (depth !== undefined) app.depth = Math.min(app.depths.length - 1, depth < 0 ? app.depths.length + depth : depth);
    Object.assign(app, wanted, { place: null });
    app.schedule();
  },
  draw,
};

function depthsOf({ depths, prefix }, numbers) {
  let at = 0;
  const take = (count) => numbers.subarray(at, (at += count));
  return depths.map(({ rows, columns, read, lens }) => {
    const places = rows * columns;
    const all = take(prefix.length + places);
    const received = take(prefix.length + places);
    const [says, sure] = [take(places), take(places)];
    const norms = all.subarray(prefix.length);
    const sorted = Float32Array.from(norms).sort();
    const middle = places / 2;
    const median = places % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
    return {
      rows, columns, places, norms, median, low: sorted[0], high: sorted[places - 1],
      ahead: all.subarray(0, prefix.length), aheadReceived: read ? received.subarray(0, prefix.length) : null,
      received: read ? received.subarray(prefix.length) : null, says: lens ? says : null, sure: lens ? sure : null,
    };
  });
}

/** The layer whose longest patch is furthest from its median, the embedding left aside. */
function liveliest(depths) {
  let best = Math.min(1, depths.length - 1);
  depths.forEach((one, k) => { if (k && one.high / one.median > depths[best].high / depths[best].median) best = k; });
  return best;
}

function build(app) {
  const names = () => app.header.names.map((name) => (name === "embedding" ? "the embedding" : name));
  app.layers = createLayers(app, names, (depth) => app.change({ depth }));
  app.whatOf = segmented("Map", [
    ["norms", "Length", "Length of each patch’s vector"],
    ["received", "Attention", "How much attention each patch gets in the layer that reads it: 1 is the even share"],
  ], (what) => app.change({ what }), app.signal);
  app.scaleOf = segmented("Scale", [
    ["own", "This layer", "Colours from the shortest to the longest patch of this layer"],
    ["one", "All layers", "One scale for all layers, from 0 to the longest patch of all"],
  ], (scale) => app.change({ scale }), app.signal);
  app.panel = createPanel(app, "The picture with the length of each patch’s vector. Arrow keys move, [ and ] change the layer.",
    () => [app.depths[app.depth].rows, app.depths[app.depth].columns], {
      point: (place) => app.change({ place }),
      press: (place) => app.change({ pinned: app.pinned === place ? null : place }),
      hop: (by) => app.change({ depth: Math.max(0, Math.min(app.depths.length - 1, app.depth + by)) }),
    });
  [app.low, app.high, app.unit] = [el("span"), el("span"), el("span.unit")];
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.viridis);
  app.facts = createFacts(4);
  app.histogram = el("canvas.lines.short", { role: "img" });
  app.factorOf = slider("Outlier from", { min: 1.1, max: 5, step: 0.1 }, (value) => `${Number(value).toFixed(1)} × median`,
    (factor) => app.change({ factor }), app.signal);
  app.factorOf.node.title = "A patch at least so many times as long as the layer’s median patch is marked";
  app.story = el("p.story");
  app.list = el("div.outliers");
  app.ahead = el("div.legend.classes");
  app.track = el("div.depth-bars", { role: "group", "aria-label": "Longest patch of each layer" });
  return el("div.heads-board", {},
    el("div.sides", {},
      el("div.left", {}, app.panel.canvas, app.layers.node, el("div.row", {}, app.whatOf.node, app.scaleOf.node),
        el("div.legend", {}, el("span.range", {}, app.low, bar, app.high), app.unit)),
      el("div.right", {}, app.facts.node, el("b", {}, "All patches of this layer"), app.histogram, app.ahead,
        el("div.row", {}, el("span.label.wide", {}, "Outlier from"), app.factorOf.node), app.story, app.list,
        el("b", {}, "Longest patch ÷ median, by layer"), app.track)));
}

function draw(app) {
  const one = app.depths[app.depth];
  app.layers.set(app.depth, app.depths.length);
  app.scaleOf.set(app.scale);
  app.what = one.received ? app.what : "norms";
  app.whatOf.set(app.what);
  app.whatOf.buttons[1].disabled = !one.received;
  app.whatOf.buttons[1].title = one.received ? "How much attention each patch gets in the layer that reads it: 1 is the even share" : "No layer reads these tokens as they are";
  app.factorOf.set(app.factor);
  app.out = [...one.norms.keys()].filter((k) => one.norms[k] >= app.factor * one.median).sort((a, b) => one.norms[b] - one.norms[a]);
  paintMap(app, one);
  paintHistogram(app, one);
  tellPlace(app, one);
  tellOutliers(app, one);
  tellAhead(app, one);
  paintTrack(app);
  Object.assign(app.host.dataset, { kind: "norms", depth: String(app.depth), outliers: String(app.out.length), factor: String(app.factor), what: app.what, scale: app.scale });
}

function rangeOf(app, one) {
  if (app.what === "received") return [0, Math.max(...one.received)];
  return app.scale === "own" ? [one.low, one.high] : [0, Math.max(...app.depths.map((depth) => depth.high))];
}

function paintMap(app, one) {
  const [low, high] = rangeOf(app, one);
  const values = app.what === "received" ? one.received : one.norms;
  paintPanel(app, app.panel, (pixels) => values.forEach((value, k) => {
    pixels[k] = app.luts.over[Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low || 1))))];
  }), (context, side) => {
    for (const place of app.out) mark(context, [one.rows, one.columns], place, side, "#fff", 2);
    mark(context, [one.rows, one.columns], app.pinned, side, KEY);
    mark(context, [one.rows, one.columns], app.place, side);
  });
  say(app.low, number(low));
  say(app.high, number(high));
  say(app.unit, app.what === "received" ? "attention, × the even share, from 0 to the largest"
    : `length of the vector · ${app.scale === "own" ? "shortest to longest patch of this layer" : "0 to the longest patch of all layers"} · white: outlier`);
}

function paintHistogram(app, one) {
  const canvas = app.histogram;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  fit(canvas, width, height, app.ratio);
  const context = canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const top = Math.max(one.high, app.factor * one.median, ...one.ahead) * 1.04;
  const bins = new Uint32Array(BINS);
  for (const value of one.norms) bins[Math.min(BINS - 1, Math.floor((value / top) * BINS))]++;
  const most = Math.max(...bins);
  const [low, high] = rangeOf({ ...app, what: "norms" }, one);
  const base = height - 18;
  bins.forEach((count, k) => {
    if (!count) return;
    const value = ((k + 0.5) / BINS) * top;
    const level = Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low || 1))));
    const word = app.luts.bars[level];
    context.fillStyle = `rgb(${word & 255},${(word >> 8) & 255},${(word >> 16) & 255})`;
    const tall = Math.max(2, (count / most) * (base - 8));
    context.fillRect((k / BINS) * width, base - tall, width / BINS - 1, tall);
  });
  const line = (value, colour, dash) => {
    context.strokeStyle = colour;
    context.setLineDash(dash);
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo((value / top) * width, 2);
    context.lineTo((value / top) * width, base);
    context.stroke();
    context.setLineDash([]);
  };
  for (const value of one.ahead) line(value, KEY, [2, 3]);
  line(app.factor * one.median, app.text, [5, 4]);
  if (app.place !== null && app.place < one.places) line(one.norms[app.place], "#ffb224", []);
  context.fillStyle = app.quiet;
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillText("0", 0, height - 4);
  context.textAlign = "center";
  context.fillText(`median ${number(one.median)}`, Math.max(46, Math.min(width - 60, (one.median / top) * width)), height - 4);
  context.textAlign = "right";
  context.fillText(number(top), width, height - 4);
  canvas.setAttribute("aria-label", `Lengths of ${one.places} patches from ${number(one.low)} to ${number(one.high)}, median ${number(one.median)}`);
}

function tellPlace(app, one) {
  const longest = one.norms.indexOf(Math.max(...one.norms));
  const asked = app.place ?? app.pinned ?? longest;
  const place = Math.min(asked, one.places - 1);
  const read = one.says ? ["Lens reads", percent(one.sure[place]), app.header.labels[one.says[place]]] : ["Lens reads", "–", app.header.labels.length ? "not at this width" : "names no classes"];
  const got = one.received ? ["Attention it gets", `${number(one.received[place])} ×`, "the even share"] : ["Attention it gets", "–", "no layer reads it as it is"];
  showFacts(app.facts, placeName(place, one.columns), app.place === null && app.pinned === null ? "the longest patch" : "", [
    ["Length", number(one.norms[place]), `after ${app.header.names[app.depth]}`],
    ["Of the median", `${number(one.norms[place] / one.median)} ×`, one.norms[place] >= app.factor * one.median ? "an outlier" : ""], got, read,
  ]);
}

function tellOutliers(app, one) {
  const count = app.out.length;
  const most = one.high / one.median;
  say(app.story, count
    ? `${count} of ${one.places} patches ${count === 1 ? "is" : "are"} at least ${app.factor.toFixed(1)} × as long as the median patch. Length alone makes no register: see what they hold and who reads them.`
    : `No patch is ${app.factor.toFixed(1)} × as long as the median patch; the longest reaches ${number(most)} ×. Lower the mark to see the longest ones.`);
  const shown = JSON.stringify([app.header.id, app.depth, app.out.slice(0, SHOWN)]);
  if (app.list.dataset.shown === shown) return;
  app.list.dataset.shown = shown;
  app.list.replaceChildren(...app.out.slice(0, SHOWN).map((place) => {
    const says = one.says ? ` · “${app.header.labels[one.says[place]]}”` : "";
    const got = one.received ? ` · gets ${number(one.received[place])} ×` : "";
    const node = el("button.class-key", { type: "button" }, placeName(place, one.columns), el("b", {}, number(one.norms[place])), `${got}${says}`);
    node.addEventListener("pointerenter", () => app.change({ place }), { signal: app.signal });
    node.addEventListener("pointerleave", () => app.change({ place: null }), { signal: app.signal });
    node.addEventListener("click", () => app.change({ pinned: place }), { signal: app.signal });
    return node;
  }), ...(count > SHOWN ? [el("span.unit", {}, `and ${count - SHOWN} more`)] : []));
}

/** Class token and registers have no place on the picture: their lengths stand beside the patches'. */
function tellAhead(app, one) {
  const texts = app.header.prefix.map((name, k) => [name, number(one.ahead[k]), one.aheadReceived ? `gets ${number(one.aheadReceived[k])} ×` : ""]);
  const shown = JSON.stringify(texts);
  if (app.ahead.dataset.shown === shown) return;
  app.ahead.dataset.shown = shown;
  app.ahead.replaceChildren(...texts.map(([name, norm, got]) => el("span.class-key", {}, el("i.swatch.ahead"), name, el("b", {}, norm), got)));
}

function paintTrack(app) {
  const ratios = app.depths.map((one) => one.high / one.median);
  const top = Math.max(app.factor, ...ratios);
  const shown = JSON.stringify([app.header.id, app.depth, app.factor]);
  if (app.track.dataset.shown === shown) return;
  app.track.dataset.shown = shown;
  app.track.replaceChildren(...ratios.map((ratio, k) => {
    const bar = el("i");
    bar.style.height = `${Math.max(3, (46 * ratio) / top)}px`;
    const node = el("button.depth-bar", { type: "button", title: `${app.header.names[k]}: ${number(ratio)} ×` }, el("span", {}, ratio.toFixed(1)), bar, el("b", {}, app.header.ticks[k]));
    node.setAttribute("aria-pressed", String(k === app.depth));
    node.dataset.out = String(ratio >= app.factor);
    node.addEventListener("click", () => { app.layers.stop(); app.change({ depth: k }); }, { signal: app.signal });
    return node;
  }));
}
