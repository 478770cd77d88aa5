// Step “Pyramid” of the Swin page: the stages on the picture, and how patches merge between them.

import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { gradient } from "../../canvas/js/colour.js";
import { number } from "../../canvas/js/words.js";
import { bitmapOf, mounted } from "../../cutter/js/wire.js";
import { facesOf } from "./faces.js";
import { alignFacts, createFacts, showSentence } from "./facts.js";
import { addFilm, createMerging, prepareFilm, showMerging, sizeFilm } from "./merging.js";
import { mapsOf, placed, related, under } from "./panels.js";
import { paintLinks, paintStill } from "./slabs.js";

const SHOWN = [
  ["colours", "Features", "The first three principal components of the tokens as red, green and blue"],
  ["lengths", "Length", "The length of each token's vector"],
  ["picture", "Picture", "The photo itself, cut as the stage cuts it"],
];
const REST = [0.42, 0.56]; // row and column, as shares of the picture, of the first token shown
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export const streamlit = (tables) => mounted((host) => start(host, tables));

function start(host, tables) {
  const ends = new AbortController();
  const app = {
    host, tables, signal: ends.signal, shown: "colours", time: 0, playing: false, pending: 0, serial: 0, asked: 0, rest: REST,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  app.canvas = el("canvas.picture.pyramid", { tabIndex: 0, role: "application" });
  app.canvas.setAttribute("aria-label",
    "The pyramid: point at a token to see what merged into it. Arrow keys move, [ and ] change the stage, Space plays the merging.");
  app.memory = kept("swin-pyramid", {}); // stays while other steps are on the page
  Object.assign(app, app.memory);
  app.base = document.createElement("canvas");
  app.live = el("div.sr", { "aria-live": "polite" });
  app.sentence = { name: el("b"), text: el("span") };
  app.legend = el("div.legend");
  app.switch = segmented("On the maps", SHOWN, (shown) => {
    app.shown = shown;
    prepareFilm(app);
    app.stale = true;
    app.schedule();
  }, app.signal);
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app)); };
  app.choose = (chosen) => choose(app, chosen);
  addFilm(app);
  app.merging = createMerging(app, tables);
  if (app.still && !app.played) app.time = 1;
  listen(app);
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (!(await receive(app, opened, serial))) return;
      if (!app.canvas.isConnected) watch.observe(host);
      build(app);
      measure(app);
      app.schedule();
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      cancelAnimationFrame(app.player);
      app.faces?.photo.close();
      host.replaceChildren();
    },
  };
}

async function receive(app, opened, serial) {
  const { header } = opened;
  if (app.model?.header.id !== header.id) {
    const photo = await bitmapOf(opened.parts.picture);
    if (serial !== app.serial || app.signal.aborted) return false;
    app.faces?.photo.close();
    app.model = opened;
    app.faces = facesOf(opened, photo, app.tables);
    app.maps = mapsOf(header);
    const place = header.stages.map((stage) => stage.grid).join();
    if (app.place !== place) Object.assign(app, { place, from: header.stages.length - 2, chosen: null });
    prepareFilm(app);
    app.stale = true;
  }
  const { view } = header;
  if (view.serial && view.serial !== app.asked) {
    app.asked = view.serial;
    app.shown = view.shown ?? app.shown;
    app.from = Math.min(view.from ?? app.from, header.tops.length - 1);
    if (view.place) Object.assign(app, { rest: view.place, chosen: null });
    prepareFilm(app);
    app.stale = true;
  }
  return true;
}

/** What hangs on the message: the table, and which mergings there are. */
function build(app) {
  const { header } = app.model;
  if (app.built !== header.id) {
    app.facts = createFacts(header);
    app.which = segmented("Merging", header.tops.map((_, k) => [String(k), `Stage ${k + 1} → ${k + 2}`]),
      (value) => app.setFrom(Number(value)), app.signal);
    app.merging.which.replaceChildren(app.which.node);
    app.built = header.id;
    app.host.replaceChildren(
      el("div.top-row", {}, el("p.sentence", {}, app.sentence.name, " ", app.sentence.text), app.switch.node),
      app.canvas, app.live, app.legend, app.facts.node, app.merging.node);
  }
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width || !app.model) return;
  app.host.dataset.width = width >= 680 ? "wide" : "slim";
  app.width = width;
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
  Object.assign(app, placed(app.maps, width));
  app.chosen ??= resting(app);
  const style = getComputedStyle(app.host);
  Object.assign(app, { font: style.fontFamily, text: style.color, stale: true });
  app.canvas.style.height = `${app.height}px`;
  if (app.facts) alignFacts(app.facts, app.panels, app.inRow, width);
  sizeFilm(app);
}

function resting({ model, panels, rest }) {
  const panel = model.header.stages.length;
  const { grid } = panels[panel];
  return { panel, row: Math.floor(rest[0] * grid), column: Math.floor(rest[1] * grid) };
}

function choose(app, chosen) {
  const { panel, row, column } = app.chosen;
  if (chosen.panel === panel && chosen.row === row && chosen.column === column) return;
  app.chosen = chosen;
  app.schedule();
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => say(app.live, showSentence(app.sentence, app)), 400);
}

function frame(app) {
  app.pending = 0;
  if (!app.width || app.signal.aborted) return;
  const [wide, high] = [Math.round(app.width * app.ratio), Math.round(app.height * app.ratio)];
  for (const canvas of [app.base, app.canvas]) {
    if (canvas.width !== wide || canvas.height !== high) {
      Object.assign(canvas, { width: wide, height: high });
      app.stale = true;
    }
  }
  if (app.stale) {
    paintStill(app.base.getContext("2d"), app);
    showLegend(app);
    app.switch.set(app.shown);
  }
  app.which.set(String(app.from));
  const context = app.canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, wide, high);
  context.drawImage(app.base, 0, 0);
  paintLinks(context, app);
  showSentence(app.sentence, app);
  const { row, column } = related(app.panels[app.chosen.panel], app.chosen, app.panels[app.from + 2]);
  app.merge = { row, column };
  showMerging(app.merging, app);
  app.stale = false;
  const { shown, place, from, chosen, time, played, asked, rest } = app;
  Object.assign(app.memory, { shown, place, from, chosen, time, played, asked, rest });
  Object.assign(app.host.dataset, {
    panel: app.chosen.panel, row: app.chosen.row, column: app.chosen.column, shown: app.shown,
    time: app.time.toFixed(2), playing: app.playing, from: app.from, merge: `${row},${column}`,
  });
}

function showLegend({ legend, shown, model: { header }, tables }) {
  const marks = [["", "the token"], [".key", "what merged into it"], [".window", "where it goes, and the windows"]]
    .map(([kind, text]) => el("span.marks", {}, el(`i.mark${kind}`), text));
  const held = header.stages.map((stage) => number(100 * stage.held)).join(", ");
  const ranges = header.stages.map(({ lengths: [low, high] }) => `${number(low)} to ${number(high)}`).join(", ");
  const words = {
    colours: `Colours: three principal components of each stage's tokens; they hold ${held} % of its variance.`,
    lengths: `Length of the vectors, each stage from its shortest to its longest: ${ranges}.`,
    picture: "The photo is sharper than what the network gets: that is on the left.",
  };
  const ramp = shown === "lengths" ? [el("i.bar", { style: `background:${gradient(tables.viridis)}` })] : [];
  legend.replaceChildren(...marks, ...ramp, el("span", {}, words[shown]));
}

function listen(app) {
  const on = (name, act) => app.canvas.addEventListener(name, act, { signal: app.signal });
  const at = (event) => {
    const box = app.canvas.getBoundingClientRect();
    return under(app.panels, event.clientX - box.left, event.clientY - box.top);
  };
  on("pointermove", (event) => { const found = at(event); if (found) app.choose(found); });
  on("pointerdown", (event) => {
    const found = at(event);
    if (!found) return;
    app.choose(found);
    const { kind, stage } = app.panels[found.panel];
    if (kind === "stage" && stage > 0 && stage - 1 !== app.from) app.setFrom(stage - 1);
  });
  on("keydown", (event) => {
    if (!press(app, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function press(app, key) {
  const { chosen, panels } = app;
  const { grid } = panels[chosen.panel];
  if (MOVES[key]) {
    const clamp = (at) => Math.min(grid - 1, Math.max(0, at));
    app.choose({ ...chosen, row: clamp(chosen.row + MOVES[key][0]), column: clamp(chosen.column + MOVES[key][1]) });
  } else if (key === "[" || key === "]") {
    const panel = chosen.panel + (key === "]" ? 1 : -1);
    if (panel < 0 || panel >= panels.length) return true;
    const { row, column } = related(panels[chosen.panel], chosen, panels[panel]);
    app.choose({ panel, row, column });
  } else if (key === " ") app.play();
  else return false;
  return true;
}
