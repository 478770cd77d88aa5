// From offsets to one index: window, row part, column part, index, table and bias, linked.

import { parseTable } from "../../canvas/js/colour.js";
import { el, icon, say, segmented, slider } from "../../canvas/js/dom.js";
import { speak } from "../../canvas/js/readout.js";
import { cellAt, createGrid } from "./grid.js";
import { middle, offsetOf, pairAt, windowOf } from "./numbers.js";
import { paintIndex } from "./indexpaint.js";
import { createApp, createRange, follow, stepped } from "./shared.js";
import { createSum, sayings, tellSum } from "./sum.js";

const STEPS = [
  ["1", "Offset", "Query minus key, in rows and in columns"],
  ["2", "+ (M − 1)", "Nothing is negative any more"],
  ["3", "× (2M − 1)", "Only the row part: it makes room for the columns"],
  ["4", "Sum", "One number for every offset"],
  ["5", "Look up", "That number is a row of the learned table"],
];
const PANELS = [
  ["window", "Window", "Point: key. Click: query."],
  ["rows", "Row part", ""],
  ["columns", "Column part", ""],
  ["index", "Index", "row part + column part"],
  ["table", "Table", "one learned number an offset"],
  ["bias", "Bias", "added to the scores"],
];
const TURN = 420; // ms from one step's numbers to the next
const WALK = 1900; // ms that a step stays while it plays

export function startIndex(host, tables, memory) {
  const app = createApp(host, tables, paint);
  Object.assign(app, { memory, step: 5, shown: 5, mix: 1, all: false });
  app.colours = Object.fromEntries(["PuOr", "viridis"].map((name) => [name, parseTable(tables[name])]));
  build(app);
  return { show: (opened) => show(app, opened), end: () => { remember(app); app.end(); } };
}

function remember(app) {
  const { asked, square, step, pair, all } = app;
  if (square) app.memory.set("index", { asked, M: square.M, step, pair, all });
}

function show(app, opened) {
  const { header } = opened;
  app.header = header;
  app.learned = opened.numbers("table");
  app.size.input.max = String(header.largest);
  const asked = JSON.stringify(header.view);
  const kept = app.memory.get("index");
  if (asked !== app.asked) {
    app.asked = asked;
    const { window: M, step, query, key } = header.view;
    const same = kept?.asked === asked && kept.M <= header.largest;
    resize(app, same ? kept.M : Math.min(M, header.largest));
    const token = ([row, column]) => row * app.square.M + column;
    app.pair = same ? kept.pair : token(query) * app.square.size + token(key);
    app.all = same && kept.all;
    app.step = app.shown = same ? kept.step : step;
    app.mix = 1;
  } else resize(app, Math.min(app.square.M, header.largest));
  app.schedule();
}

function build(app) {
  const { host, signal } = app;
  app.live = el("div.sr", { "aria-live": "polite" });
  app.rail = segmented("Steps", STEPS.map(([value, text, hint], k) => [value, `${k + 1}  ${text}`, hint]),
    (value) => { halt(app); go(app, Number(value)); }, signal);
  app.rail.node.classList.add("rail");
  app.play = el("button.round", { type: "button" }, icon("play"));
  app.play.addEventListener("click", () => (app.playing ? halt(app) : walk(app)), { signal });
  const arrowButton = (text, label, by) => {
    const button = el("button.quiet", { type: "button", title: label, "aria-label": label }, text);
    button.addEventListener("click", () => { halt(app); go(app, app.step + by); }, { signal });
    return button;
  };
  app.back = arrowButton("Back", "Back one step", -1);
  app.next = arrowButton("Next", "Next step", 1);
  app.size = slider("Window size M", { min: 2, max: 7, step: 1 }, (m) => `M = ${m}`, (m) => resize(app, m), signal);
  app.size.node.classList.add("size");
  app.size.node.title = "Tokens along one side of a window";
  app.sum = createSum();
  app.panels = Object.fromEntries(PANELS.map(([name, title, note]) => {
    const grid = createGrid(`${title}. ${note}`);
    const [value, line] = [el("b"), el("span", {}, note)];
    const node = el(`figure.panel.${name}`, {}, el("figcaption", {}, el("strong", {}, title), value, line), grid.canvas);
    node.dataset.panel = name;
    listen(app, name, grid);
    return [name, { grid, node, value, line }];
  }));
  app.foot = el("p.note-line");
  app.range = createRange(app.tables.PuOr, "bias, added to a score");
  const legend = el("div.legend", {},
    el("span.marks", {}, el("i.mark"), "query"), el("span.marks", {}, el("i.mark.key"), "key"),
    el("span.marks", {}, el("i.mark.offset"), "the same offset"),
    app.range.node,
    el("span", {}, "matrices: a row for each query, a column for each key; all counted from 0, as in the code"));
  host.className = "saccade relative";
  host.replaceChildren(
    el("div.bar-row", {}, app.play, app.back, app.rail.node, app.next, app.size.node), app.sum.node,
    el("div.six", {}, ...Object.values(app.panels).map(({ node }) => node)), legend, app.foot, app.live,
  );
  host.addEventListener("keydown", (event) => {
    const by = { "[": -1, "]": 1 }[event.key];
    if (by) go(app, app.step + by);
    else if (event.key === " " && event.target.tagName === "CANVAS") {
      if (app.playing) halt(app);
      else walk(app);
      event.preventDefault();
    }
  }, { signal });
}

/** Another window size; the pair keeps its offset if it can. */
function resize(app, M) {
  const old = app.square;
  app.square = windowOf(M);
  app.table = middle(app.learned, app.header.window, M);
  app.size.set(M);
  if (old && old.M !== M && app.pair !== undefined) {
    const keep = (at) => [Math.floor(at / old.M), at % old.M].map((one) => Math.min(one, M - 1));
    const token = ([row, column]) => row * M + column;
    const [query, key] = [Math.floor(app.pair / old.size), app.pair % old.size].map((at) => token(keep(at)));
    app.pair = query * app.square.size + key;
    app.all = false;
  }
  app.schedule();
}

function go(app, step) {
  const next = Math.max(1, Math.min(STEPS.length, step));
  if (next === app.step) return;
  app.shown = app.step;
  app.step = next;
  app.mix = app.still ? 1 : 0;
  app.began = performance.now();
  turn(app);
}

function turn(app) {
  if (app.signal.aborted) return;
  app.mix = app.still ? 1 : Math.min(1, (performance.now() - app.began) / TURN);
  app.schedule();
  if (app.mix < 1) requestAnimationFrame(() => turn(app));
}

function walk(app) {
  go(app, app.step === STEPS.length ? 1 : app.step + 1);
  const on = () => {
    if (app.step === STEPS.length) return halt(app);
    go(app, app.step + 1);
    app.playing = setTimeout(on, WALK);
  };
  app.playing = setTimeout(on, WALK);
  app.schedule();
}

function halt(app) {
  clearTimeout(app.playing);
  app.playing = 0;
  app.schedule();
}

function listen(app, name, grid) {
  const pick = (cell, event) => {
    const { square } = app;
    const [query, key] = [Math.floor(app.pair / square.size), app.pair % square.size];
    if (name === "window") {
      if (event.type === "pointerdown" || event.shiftKey) choose(app, cell * square.size + key);
      else choose(app, query * square.size + cell);
    } else if (name === "table") choose(app, pairAt(square, cell, query), true);
    else choose(app, cell);
  };
  follow(app, grid.canvas, {
    at: (event) => cellAt(grid, event),
    pick,
    step: (by, event) => {
      const { square } = app;
      const [query, key] = [Math.floor(app.pair / square.size), app.pair % square.size];
      const from = { window: event.shiftKey ? query : key, table: square.index[app.pair] }[name] ?? app.pair;
      pick(stepped(from, by, grid.rows, grid.columns), { type: "key", shiftKey: event.shiftKey });
    },
  });
}

function choose(app, pair, all = false) {
  if (pair === app.pair && all === app.all) return;
  Object.assign(app, { pair, all });
  app.schedule();
  speak(app, sayings(app).spoken);
}

function paint(app) {
  if (!app.square || app.pair === undefined) return;
  paintIndex(app);
  tellSum(app);
  tellControls(app);
}

function tellControls(app) {
  app.rail.set(String(app.step));
  app.back.disabled = app.step === 1;
  app.next.disabled = app.step === STEPS.length;
  const label = app.playing ? "Stop" : app.step === STEPS.length ? "Walk through the steps" : "Go on";
  if (app.play.title !== label) {
    app.play.title = label;
    app.play.setAttribute("aria-label", label);
    app.play.replaceChildren(icon(app.playing ? "pause" : "play"));
  }
  say(app.foot, app.header.from);
  const [down, right] = offsetOf(app.square, app.square.index[app.pair]);
  Object.assign(app.host.dataset, {
    step: app.step, index: app.square.index[app.pair], offset: `${down},${right}`, all: app.all,
    pairs: app.square.pairs[app.square.index[app.pair]].length,
  });
}
