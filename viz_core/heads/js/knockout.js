// Step “Knockout”: patches that nobody, or somebody, may no longer read.

import { divergingLut, gradient } from "../../canvas/js/colour.js";
import { el, kept, say, segmented, slider } from "../../canvas/js/dom.js";
import { patchRect } from "../../canvas/js/layout.js";
import { fillLine } from "../../canvas/js/paint.js";
import { hatch } from "../../canvas/js/stage.js";
import { number } from "../../canvas/js/words.js";
import { floats } from "../../cutter/js/wire.js";
import { strip, told } from "./elsewhere.js";
import { createFacts, scoreOf, showFacts, signed, targetName } from "./facts.js";
import { createPanel, mark, paintPanel, placeName, QUERY } from "./panel.js";
import { createTarget, fillGuesses, showTarget } from "./target.js";

const WHO = { class: "the class token", all: "nobody", painted: "the amber patches" };

const MAPPED = "saccade-heads-mapped";
const mapKey = ({ subject, target, first }) => JSON.stringify([subject, target, first]);

/** The map comes after the picture, in a message of its own that draws nothing. */
export const edgesView = {
  name: "edges",
  memory: () => ({}),
  remembered: [],
  fresh: () => ({}),
  question: null,
  receive(app, header, parts) {
    kept("heads-edges", {})[mapKey(header)] = floats(parts.changes);
    globalThis.dispatchEvent(new Event(MAPPED));
  },
  build: () => el("div"),
  suggest() {},
  draw() {},
};

export const knockoutView = {
  name: "knockout",
  memory: () => kept("heads-knockout", {}),
  remembered: ["sources", "readers", "who", "from", "to", "mode", "brush", "first", "painted"],
  fresh: () => ({
    sources: [], readers: [], who: "all", from: 0, to: null, mode: "paint", brush: "sources", first: null, place: null, painted: null,
  }),
  question: (app) => ({ sources: app.sources, readers: app.readers, who: app.who, from: app.from, to: app.to, first: app.first }),
  receive(app, header, parts) {
    const last = header.layers.length - 1;
    app.lut ??= divergingLut(app.tables.PuOr, 0.9);
    app.whole = floats(parts.whole);
    app.first = header.first;
    app.blow = header.blow;
    app.host.dataset.loading = "false";
    if (!header.readers.some(([name]) => name === app.who)) app.who = "all";
    app.to = app.to === null || app.to > last ? last : app.to;
    app.from = Math.min(app.from, app.to);
    // A grid of another size, or the first visit: the patches in the middle of the picture.
    if (app.painted !== header.grid) Object.assign(app, { painted: header.grid, sources: middle(header.grid), readers: [], to: last, from: 0 });
    app.unasked = app.blow === null || JSON.stringify(app.blow.asked.sources) !== JSON.stringify(app.sources);
  },
  build,
  suggest(app, { from, to, region, first, ...wanted }) {
    const last = app.header.layers.length - 1;
    Object.assign(app, wanted);
    if (region) app.sources = regionOf(app.header.grid, region);
    if (from !== undefined) app.from = Math.min(last, from < 0 ? last + 1 + from : from);
    if (to !== undefined) app.to = Math.min(last, to < 0 ? last + 1 + to : to);
    if (first !== undefined) app.first = Math.min(last, first < 0 ? last + 1 + first : first);
    if (!app.header.readers.some(([name]) => name === app.who)) app.who = "all";
    ask(app);
  },
  draw,
};

const middle = (grid) => regionOf(grid, [0.2, 0.2, 0.8, 0.8]);

/** Patches whose middles lie in a rectangle [top, left, bottom, right], in shares of the picture. */
function regionOf(grid, [top, left, bottom, right]) {
  const inside = (k, low, high) => (k + 0.5) / grid >= low && (k + 0.5) / grid <= high;
  return Array.from({ length: grid * grid }, (_, k) => k)
    .filter((k) => inside(Math.floor(k / grid), top, bottom) && inside(k % grid, left, right));
}

function ask(app) {
  app.host.dataset.loading = "true";
  app.unasked = false;
  app.schedule();
  app.tell();
}

function build(app) {
  app.picker = createTarget(app);
  globalThis.addEventListener(MAPPED, app.schedule, { signal: app.signal });
  app.panel = createPanel(app, "The picture to paint on. Arrow keys move, Enter paints a patch.", () => [app.header.grid, app.header.grid], {
    point: (place) => app.change({ place }),
    press: (place) => press(app, place),
    drag: (place) => drag(app, place),
    release: () => release(app),
  });
  app.modeOf = segmented("Picture", [
    ["paint", "Paint", "Choose patches that may not be read, by click or drag"],
    ["map", "Every patch", "What the answer loses when nobody may read this one patch"],
  ], (mode) => app.change({ mode }), app.signal);
  app.brushOf = segmented("Brush", [
    ["sources", "Not read", "Paint patches that may not be read"], ["readers", "Readers", "Paint patches that may not read them"],
  ], (brush) => app.change({ brush, mode: "paint" }), app.signal);
  app.whoRow = el("div.row", {}, el("span.label", {}, "Readers"));
  app.brushRow = el("div.row", {}, el("span.label", {}, "Brush"), app.brushOf.node);
  const act = (text, hint, make) => {
    const button = el("button.quiet", { type: "button", title: hint }, text);
    button.addEventListener("click", () => { app[app.brush] = make(app[app.brush]); ask(app); }, { signal: app.signal });
    return button;
  };
  const all = () => Array.from({ length: app.header.grid ** 2 }, (_, k) => k);
  app.fromOf = slider("First layer", { min: 0, max: 1, step: 1 }, (k) => `from ${app.header.layers[k] ?? ""}`, (from) => range(app, { from, to: Math.max(from, app.to) }), app.signal);
  app.toOf = slider("Last layer", { min: 0, max: 1, step: 1 }, (k) => `to ${app.header.layers[k] ?? ""}`, (to) => range(app, { to, from: Math.min(to, app.from) }), app.signal);
  app.firstOf = slider("Map from layer", { min: 0, max: 1, step: 1 }, (k) => `from ${app.header.layers[k] ?? ""}`, (first) => { app.change({ first }); later(app); }, app.signal);
  app.facts = createFacts(3);
  app.strip = el("div.versus-strip", { role: "img" });
  [app.least, app.nought, app.most] = [el("span"), el("span.nought", {}, "0"), el("span")];
  app.elsewhere = el("span");
  app.scale = el("div.versus-scale", {},
    app.strip, el("div.versus-ends", {}, app.least, app.nought, app.most),
    el("span.marks", {}, el("i.versus-key.own"), "your patches", app.elsewhere, el("i.versus-key.zero"), "no change"));
  app.story = el("p.story");
  app.guesses = el("div.guesses");
  [app.low, app.high, app.unit] = [el("span"), el("span"), el("span.unit")];
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  app.range = el("span.range", {}, app.low, bar, app.high);
  app.paintKey = el("span.marks", {}, el("i.mark.hidden"), "not read", el("i.mark"), "may not read it");
  app.paintControls = el("div.controls", {},
    app.whoRow, app.brushRow,
    el("div.row", {}, el("span.label", {}, "Layers"), app.fromOf.node), el("div.row", {}, el("span.label"), app.toOf.node),
    el("div.row", {}, el("span.label", {}, "All"),
      act("Clear", "No patch", () => []), act("Invert", "Painted ones are open and the others painted", (some) => all().filter((k) => !some.includes(k)))));
  app.mapControls = el("div.controls", {}, el("div.row", {}, el("span.label", {}, "Closed"), app.firstOf.node));
  return el("div.heads-board", {},
    el("div.top-row", {}, app.picker.node),
    el("div.sides", {},
      el("div.left", {}, app.panel.canvas, el("div.legend", {}, app.range, app.paintKey, app.unit)),
      el("div.right", {}, app.modeOf.node, app.facts.node, app.scale, app.story, app.guesses, app.paintControls, app.mapControls)));
}

function press(app, place) {
  if (app.mode === "map") return app.change({ place });
  const some = app[app.brush];
  app.stroke = { on: !some.includes(place), last: place };
  stroke(app, place);
}

function drag(app, place) {
  if (app.stroke) stroke(app, place);
  else app.change({ place });
}

function stroke(app, place) {
  const { grid } = app.header;
  const mask = new Uint8Array(grid * grid);
  for (const k of app[app.brush]) mask[k] = 1;
  fillLine(mask, grid, app.stroke.last, place, app.stroke.on ? 1 : 0);
  app.stroke.last = place;
  app.change({ place, [app.brush]: [...mask.keys()].filter((k) => mask[k]) });
}

function release(app) {
  if (!app.stroke) return;
  app.stroke = null;
  ask(app);
}

function range(app, values) {
  app.change(values);
  later(app);
}

/** A slider that is dragged asks once it rests. */
function later(app) {
  clearTimeout(app.asking);
  app.asking = setTimeout(() => { if (!app.signal.aborted) ask(app); }, 160);
}

function draw(app) {
  const { header } = app;
  const last = header.layers.length - 1;
  if (app.unasked && app.sources.length && !app.stroke) ask(app);
  if (app.built !== header.subject) {
    app.built = header.subject;
    app.whoOf = segmented("Readers", header.readers.map(([name, title]) => [name, title, `Kept from reading: ${name === "all" ? "every token but the patch itself" : WHO[name]}`]),
      (who) => { app.change({ who, brush: who === "painted" ? "readers" : "sources" }); ask(app); }, app.signal);
    app.whoRow.replaceChildren(el("span.label", {}, "Readers"), app.whoOf.node);
  }
  const { label, against } = app.target;
  app.changes = kept("heads-edges", {})[mapKey({ subject: header.subject, target: [label, against], first: app.first })] ?? null;
  showTarget(app, app.picker, app.whole);
  for (const [one, value] of [[app.fromOf, app.from], [app.toOf, app.to], [app.firstOf, app.first]]) {
    one.input.max = last;
    one.set(value);
  }
  app.whoOf.set(app.who);
  app.modeOf.set(app.mode);
  app.brushOf.set(app.brush);
  app.brushRow.hidden = app.who !== "painted";
  app.paintControls.hidden = app.mode !== "paint";
  app.mapControls.hidden = app.mode !== "map";
  app.paintKey.hidden = app.mode !== "paint";
  app.range.hidden = app.mode !== "map" || !app.changes;
  (app.mode === "map" ? drawMap : drawPaint)(app);
  Object.assign(app.host.dataset, {
    kind: "knockout", mode: app.mode, sources: String(app.sources.length), who: app.who, from: String(app.from), to: String(app.to),
    first: String(app.first), mapped: String(Boolean(app.changes)), change: app.blow ? String(app.blow.change) : "", label: header.labels[app.target.label],
  });
}

function drawPaint(app) {
  const { header, blow } = app;
  const { grid, labels } = header;
  const rect = (place, side) => patchRect({ x: 0, y: 0, w: side, h: side }, Math.floor(place / grid), place % grid, grid, grid);
  paintPanel(app, app.panel, null, (context, side) => {
    for (const place of app.sources) hatch(context, rect(place, side), app.ratio);
    if (app.who === "painted") for (const place of app.readers) mark(context, [grid, grid], place, side, QUERY, 2);
    mark(context, [grid, grid], app.place, side, "#fff", 2);
  });
  say(app.unit, "click or drag to paint, again to open");
  const name = targetName(labels, app.target);
  app.scale.hidden = !blow;
  if (!blow) {
    showFacts(app.facts, "Nothing is closed", "", [["Painted", String(app.sources.length), "patches"], ["Change of the answer", "–", name], ["Elsewhere", "–", "the same shape"]]);
    say(app.story, app.sources.length ? (app.who === "painted" && !app.readers.length ? "Choose the brush “Readers” and paint who may not read the hatched patches." : "")
      : "Paint patches that may not be read.");
    fillGuesses(app.guesses, header.guesses, null);
    return;
  }
  const { change, elsewhere, asked } = blow;
  const mean = elsewhere.reduce((sum, value) => sum + value, 0) / elsewhere.length;
  const others = elsewhere.length
    ? [signed(mean), `mean of ${elsewhere.length} places, ${signed(Math.min(...elsewhere))} to ${signed(Math.max(...elsewhere))}`]
    : ["–", "no other place"];
  showFacts(app.facts, `${asked.sources.length} of ${grid * grid} patches closed`, app.host.dataset.loading === "true" ? "computing" : "", [
    ["Change of the answer", signed(change), `logits of ${name}`],
    ["Same shape elsewhere", ...others],
    ["Whole picture", number(scoreOf(app.whole, 0, app.target)), "logits"],
  ]);
  strip(app, blow);
  say(app.story, `${told(change, elsewhere)} It says now:`);
  fillGuesses(app.guesses, blow.guesses, header.guesses);
}

function drawMap(app) {
  const { header, changes } = app;
  const { grid, labels, layers } = header;
  app.scale.hidden = true;
  app.guesses.replaceChildren();
  delete app.guesses.dataset.shown;
  if (!changes) {
    paintPanel(app, app.panel, null);
    showFacts(app.facts, "Not here yet", "", []);
    say(app.unit, "");
    say(app.story, "It is being measured, or waits for the button below.");
    return;
  }
  const top = Math.max(1e-9, ...changes.map(Math.abs));
  paintPanel(app, app.panel, (pixels) => changes.forEach((value, k) => {
    pixels[k] = app.lut[Math.max(0, Math.min(255, Math.round(127.5 + (127.5 * value) / top)))];
  }), (context, side) => mark(context, [grid, grid], app.place, side));
  say(app.low, signed(-top));
  say(app.high, signed(top));
  const name = targetName(labels, app.target);
  say(app.unit, `change of the logit of ${name} · orange: the answer needs it, purple: without it the answer rises`);
  const worst = changes.indexOf(Math.min(...changes));
  const place = app.place ?? worst;
  const sum = changes.reduce((total, value) => total + value, 0);
  showFacts(app.facts, placeName(place, grid), app.place === null ? "the most needed patch" : "", [
    ["The answer", signed(changes[place]), `logits of ${name}`],
    ["Most needed", signed(changes[worst]), placeName(worst, grid).toLowerCase()],
    ["All added up", signed(sum), "logits, one at a time"],
  ]);
  const helping = changes.filter((value) => value < 0).length;
  say(app.story, `From ${layers[app.first]} on nobody may read the patch, except itself: ${helping} of ${grid * grid} help the answer. Before that everything is read as always.`);
}
