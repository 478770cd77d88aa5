// Step “Lens”: the head read after every layer, of its own token and of every patch.

import { gradient, parseTable, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { percent } from "../../canvas/js/words.js";
import { floats } from "../../cutter/js/wire.js";
import { createChart, paintChart } from "./chart.js";
import { createFacts, shares, showFacts } from "./facts.js";
import { createLayers } from "./layers.js";
import { createPanel, mark, paintPanel, placeName } from "./panel.js";
import { createTarget, showTarget } from "./target.js";

const COLOURS = [1, 2, 3, 4, 5, 6, 7]; // of Okabe and Ito's: all but black
const OTHER = [148, 150, 160];
const LINE_COLOURS = ["#7c6cf0", "#8c564b", "#d3436e", "#6d8c54", "#8fbc00", "#b5838d"]; // of classes that no patch is read as; none grey
const LINES = 5;
const WORDS = {
  class: "The class token, and each patch, through the last norm and the head. The head was trained on the class token after the last layer only.",
  "compact class": "The class token, and each patch, through the last norm and the head. Blocks normalise the stream between attention and MLP, so what early layers wrote does not reach the head as it is.",
  average: "The mean of the patches is normalised, then read. A patch is read as if it were that mean: the head never saw a single patch.",
  pooled: "Each patch is normalised and read; the answer after a layer is their mean by the pooling’s weights. Blocks normalise the stream between attention and MLP, so early layers speak another language than the last.",
  windows: "Each patch is normalised and read; the answer is their plain mean. The head fits the width of the last stage, so earlier stages cannot be read.",
};

export const lensView = {
  name: "lens",
  memory: () => kept("heads-lens", {}),
  remembered: ["depth", "mode", "unit", "pinned"],
  fresh: () => ({ depth: null, mode: "labels", unit: "share", place: null, pinned: null, only: null }),
  question: () => ({}),
  receive(app, header, parts) {
    const [depths, places, classes] = [header.depths.length, header.rows * header.columns, header.labels.length];
    app.lut ??= sequentialLut(app.tables.magma, 0.9);
    app.store = {
      depths, places, classes, reader: floats(parts.reader), shares: floats(parts.shares), maps: floats(parts.maps),
      best: new Uint16Array(parts.best.slice().buffer),
    };
    if (app.other) Object.assign(app, { place: null, only: null });
    app.depth = app.depth === null || app.depth >= depths ? depths - 1 : app.depth;
    app.sure = Array.from({ length: depths }, (_, k) => shares(app.store.reader, k * classes, classes));
    app.palette = paletteOf(app);
    app.followed = followed(app);
  },
  build,
  suggest(app, { depth, ...wanted }) {
    if (depth !== undefined) app.depth = Math.min(app.store.depths - 1, depth < 0 ? app.store.depths + depth : depth);
    Object.assign(app, wanted, { only: null, place: null });
    app.schedule();
  },
  draw,
};

/** Colours for the classes that patches are read as most often, the last layer counting most. */
function paletteOf({ store, tables }) {
  const { depths, places, best } = store;
  const often = new Map();
  const step = best.length / (depths * places);
  for (let depth = 0; depth < depths; depth++) {
    for (let p = 0; p < places; p++) {
      const label = best[(depth * places + p) * step];
      often.set(label, (often.get(label) ?? 0) + (depth === depths - 1 ? 3 : 1));
    }
  }
  const set = parseTable(tables.okabe_ito);
  const ranked = [...often].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return new Map(ranked.slice(0, COLOURS.length).map(([label], k) => [label, set[COLOURS[k]]]));
}

/** Classes of the chart: the first of the last layer, and the first of every layer. */
function followed({ sure }) {
  const order = (row) => row.map((_, k) => k).sort((a, b) => row[b] - row[a] || a - b);
  const last = order(sure.at(-1));
  const found = [...last.slice(0, 3), ...[...sure].reverse().map((row) => order(row)[0]), ...last.slice(3)];
  return [...new Set(found)].slice(0, LINES);
}

function build(app) {
  const names = () => app.header.depths.map((name) => (name === "embedding" ? "the embedding" : name));
  app.picker = createTarget(app);
  app.layers = createLayers(app, names, (depth) => app.change({ depth }));
  app.modeOf = segmented("Picture", [
    ["labels", "Classes", "Every patch in the colour of the class that the head reads of it"],
    ["one", "One class", "The share of the chosen class, patch by patch"],
  ], (mode) => app.change({ mode }), app.signal);
  app.unitOf = segmented("Chart", [
    ["share", "Shares", "Softmax of the logits: all classes together make the whole"],
    ["logit", "Logits", "Scores less their mean over all classes"],
  ], (unit) => app.change({ unit }), app.signal);
  app.panel = createPanel(app, "The picture with the class that is read of each patch. Arrow keys move, [ and ] change the layer.",
    () => [app.header.rows, app.header.columns], {
      point: (place) => app.change({ place }),
      press: (place) => app.change({ pinned: app.pinned === place ? null : place }),
      hop: (by) => app.change({ depth: Math.max(0, Math.min(app.store.depths - 1, app.depth + by)) }),
    });
  app.legend = el("div.legend.classes");
  app.chart = createChart(app, (depth) => { app.layers.stop(); app.change({ depth }); });
  app.key = el("div.legend.classes");
  app.facts = createFacts(3);
  app.story = el("p.story");
  app.how = el("p.note-line");
  app.ramp = el("i.bar");
  app.ramp.style.background = gradient(app.tables.magma);
  app.most = el("span");
  return el("div.heads-board", {},
    el("div.top-row", {}, app.picker.node),
    el("div.sides", {},
      el("div.left", {}, app.panel.canvas, app.layers.node, el("div.row", {}, app.modeOf.node), app.legend),
      el("div.right", {}, app.facts.node, el("div.row.between", {}, el("b", {}, "The answer, layer by layer"), app.unitOf.node),
        app.chart.canvas, app.key, app.story, app.how)));
}

function draw(app) {
  const { header, store } = app;
  showTarget(app, app.picker, store.reader.subarray((store.depths - 1) * store.classes));
  app.layers.set(app.depth, store.depths);
  app.modeOf.set(app.mode);
  app.unitOf.set(app.unit);
  paintPatches(app);
  paintLines(app);
  tellPatch(app);
  const agree = counted(app).get(answerOf(app)) ?? 0;
  const early = app.depth < store.depths - 1;
  say(app.story, `After ${depthName(app)} it reads “${header.labels[firstOf(app, app.depth)]}”, ${percent(Math.max(...app.sure[app.depth]))}. `
    + `${agree} of ${store.places} patches are read as the final answer, “${header.labels[answerOf(app)]}”.`
    + (early ? " The head was not trained on this layer: read it as a hint." : ""));
  say(app.how, WORDS[header.how]);
  Object.assign(app.host.dataset, {
    kind: "lens", depth: String(app.depth), mode: app.mode, unit: app.unit,
    reads: header.labels[firstOf(app, app.depth)], label: header.labels[app.target.label],
  });
}

const firstOf = (app, depth) => app.sure[depth].indexOf(Math.max(...app.sure[depth]));
const answerOf = (app) => firstOf(app, app.store.depths - 1);
const depthName = (app) => (app.header.depths[app.depth] === "embedding" ? "the embedding" : app.header.depths[app.depth]);
const bestAt = ({ store, depth, header }, place) => store.best[(depth * store.places + place) * header.count];

function counted(app) {
  const counts = new Map();
  for (let p = 0; p < app.store.places; p++) counts.set(bestAt(app, p), (counts.get(bestAt(app, p)) ?? 0) + 1);
  return counts;
}

/** Shares of one class in all patches of this layer; null if its map was not sent. */
function mapOf({ header, store, depth }, label) {
  const at = header.mapped.indexOf(label);
  if (at < 0) return null;
  const from = (depth * header.mapped.length + at) * store.places;
  return store.maps.subarray(from, from + store.places);
}

function paintPatches(app) {
  const { store, header } = app;
  const grid = [header.rows, header.columns];
  const over = (context, side) => {
    mark(context, grid, app.pinned, side, "#fff", 2);
    mark(context, grid, app.place, side);
  };
  const map = app.mode === "one" ? mapOf(app, app.target.label) : null;
  if (app.mode === "one") {
    const top = map ? Math.max(...map) : 0;
    paintPanel(app, app.panel, map && ((pixels) => map.forEach((share, k) => { pixels[k] = app.lut[Math.round((255 * share) / (top || 1))]; })), over);
    say(app.most, percent(top));
    const words = map ? `share of “${header.labels[app.target.label]}” in a patch’s reading, up to the largest of this layer`
      : "maps of this class were not sent: choose one of the classes of the chart";
    const shown = `one|${app.target.label}|${app.most.textContent}|${Boolean(map)}`;
    if (app.legend.dataset.shown !== shown) {
      app.legend.dataset.shown = shown;
      app.legend.replaceChildren(el("span.range", {}, el("span", {}, "0"), app.ramp, app.most), el("span.unit", {}, words));
    }
    return;
  }
  paintPanel(app, app.panel, (pixels) => {
    for (let p = 0; p < store.places; p++) {
      const label = bestAt(app, p);
      const [r, g, b] = app.palette.get(label) ?? OTHER;
      const lit = app.only === null || app.only === label || (app.only === -1 && !app.palette.has(label));
      // The surer a patch is read, the fuller its colour.
      const sure = store.shares[(app.depth * store.places + p) * header.count];
      const alpha = lit ? 0.42 + 0.46 * Math.min(1, 2 * sure) : 0.1;
      pixels[p] = ((Math.round(255 * alpha) << 24) | (b << 16) | (g << 8) | r) >>> 0;
    }
  }, over);
  labelLegend(app);
}

function labelLegend(app) {
  const counts = counted(app);
  const named = [...app.palette].map(([label, rgb]) => [label, rgb, counts.get(label) ?? 0]);
  const rest = app.store.places - named.reduce((sum, [, , count]) => sum + count, 0);
  const rows = [...named.filter(([, , count]) => count).sort((a, b) => b[2] - a[2]), ...(rest ? [[-1, OTHER, rest]] : [])];
  const shown = JSON.stringify(["labels", rows]);
  if (app.legend.dataset.shown === shown) return;
  app.legend.dataset.shown = shown;
  app.legend.replaceChildren(...rows.map(([label, rgb, count]) => {
    const swatch = el("i.swatch");
    swatch.style.background = `rgb(${rgb})`;
    const node = el("button.class-key", { type: "button", title: "Show these patches only, while you point here" },
      swatch, label < 0 ? "other classes" : app.header.labels[label], el("b", {}, String(count)));
    const only = (value) => () => app.change({ only: value });
    node.addEventListener("pointerenter", only(label), { signal: app.signal });
    node.addEventListener("pointerleave", only(null), { signal: app.signal });
    node.addEventListener("focus", only(label), { signal: app.signal });
    node.addEventListener("blur", only(null), { signal: app.signal });
    return node;
  }), el("span.unit", {}, "patches · fuller colour: read more surely"));
}

function lineColour(app, label, k) {
  const own = app.palette.get(label);
  if (own) return `rgb(${own})`;
  return LINE_COLOURS[k];
}

function paintLines(app) {
  const { store, header } = app;
  const labels = [...new Set([app.target.label, ...app.followed])].slice(0, LINES + 1);
  const rows = app.unit === "share" ? app.sure : app.sure.map((_, depth) => centred(store, depth));
  const lines = labels.map((label, k) => ({
    values: rows.map((row) => row[label]), colour: lineColour(app, label, k), width: label === app.target.label ? 3.5 : 2,
  }));
  const values = lines.flatMap((line) => line.values);
  const [low, high] = app.unit === "share" ? [0, Math.max(0.02, ...values)] : [Math.min(0, ...values), Math.max(...values)];
  paintChart(app, app.chart, { ticks: header.ticks, title: header.ticks[0] === "0" ? "after layer, 0: the embedding" : "after layer", lines, at: app.depth, low, high, unit: app.unit });
  const texts = labels.map((label, k) => [header.labels[label], lines[k].colour, app.unit === "share" ? percent(rows[app.depth][label]) : rows[app.depth][label].toFixed(2)]);
  const shown = JSON.stringify(texts);
  if (app.key.dataset.shown !== shown) {
    app.key.dataset.shown = shown;
    app.key.replaceChildren(...texts.map(([name, colour, value]) => {
      const swatch = el("i.swatch");
      swatch.style.background = colour;
      return el("span.class-key", {}, swatch, name, el("b", {}, value));
    }));
  }
  app.chart.canvas.setAttribute("aria-label", `After ${depthName(app)}: ${texts.map(([name, , value]) => `${name} ${value}`).join(", ")}`);
}

function centred({ reader, classes }, depth) {
  const row = reader.subarray(depth * classes, (depth + 1) * classes);
  const mean = row.reduce((sum, value) => sum + value, 0) / classes;
  return Array.from(row, (value) => value - mean);
}

function tellPatch(app) {
  const { header, store } = app;
  const place = app.place ?? app.pinned ?? sharpest(app);
  const three = Array.from({ length: Math.min(3, header.count) }, (_, k) => {
    const at = (app.depth * store.places + place) * header.count + k;
    return [header.labels[store.best[at]], percent(store.shares[at]), ["first", "second", "third"][k]];
  });
  const note = app.place === null && app.pinned === null ? "the surest patch" : `after ${depthName(app)}`;
  showFacts(app.facts, placeName(place, header.columns), note, three.map(([name, share, rank]) => [rank, share, name]));
}

/** The patch that is read most surely: what the read-out begins with. */
function sharpest({ store, depth, header }) {
  let best = 0;
  const sure = (place) => store.shares[(depth * store.places + place) * header.count];
  for (let p = 1; p < store.places; p++) if (sure(p) > sure(best)) best = p;
  return best;
}
