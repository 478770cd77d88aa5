// The board: panels of all networks under one pointer, depth, channel, pictures, and the chart.

import { gradient, parseTable, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { bitmapOf } from "../../cutter/js/wire.js";
import { createChart, growthOf, paintChart } from "./chart.js";
import { blockOf, createPanel, paintPanel } from "./panel.js";
import { CAME, fieldOf } from "./store.js";

const COLOURS = [6, 2, 3, 7]; // of the categorical set, for the networks beside the page's own
const WALK = 700; // milliseconds a place of the walk before anybody moved the pointer
const REMEMBERED = ["depth", "channel", "mode", "average", "smooth", "at", "pinned", "asked"];

export function startBoard(host, tables, send) {
  const ends = new AbortController();
  const app = {
    host, tables, send, signal: ends.signal, panels: [], photos: new Map(), serial: 0, pending: 0, asked: 0,
    depth: null, channel: 0, mode: "all", average: false, smooth: false, at: null, pinned: null,
    lut: sequentialLut(tables.magma, 0.9),
  };
  app.memory = kept("convnext-field", {});
  Object.assign(app, app.memory);
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app)); };
  addMoves(app);
  globalThis.addEventListener(CAME, app.schedule, { signal: app.signal });
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      const photos = new Map();
      for (const [name, part] of Object.entries(opened.parts)) {
        if (name.startsWith("picture")) photos.set(name, await bitmapOf(part));
      }
      if (serial !== app.serial || app.signal.aborted) return;
      app.photos = photos;
      receive(app, opened.header);
      if (!app.node?.isConnected) {
        watch.observe(host);
        if (!app.still) app.walking = setInterval(() => walk(app), WALK);
      }
      build(app, opened.header);
      measure(app);
      app.schedule();
      if (app.pressed) reveal(app.node);
      if (app.pressed || !complete(app) || !(app.average || grown(app))) app.ask();
      app.pressed = false;
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      clearInterval(app.walking);
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

/** A button below the stage set its view: brings the stage back into sight. */
function reveal(node) {
  if (node.getBoundingClientRect().top < 0) node.scrollIntoView({ block: "start" });
}

function receive(app, header) {
  const fresh = app.header?.id_of !== header.id_of;
  Object.assign(app, { header, id: header.id_of, steps: header.steps, places: header.places });
  app.depth ??= header.opening;
  app.at ??= [Math.floor(header.places / 2), Math.floor(header.places / 2)];
  app.still = matchMedia("(prefers-reduced-motion: reduce)").matches || Boolean(app.pinned);
  if (fresh) Object.assign(app, { average: header.average, wanted: null });
  const { serial, ...view } = header.view;
  if (serial && serial !== app.asked) {
    Object.assign(app, view, { asked: serial });
    if (view.at) app.pinned = view.at;
    stop(app);
    app.pressed = true;
  }
  app.host.dataset.loading = "false";
}

function addMoves(app) {
  const place = ([down, right]) => [down, right].map((share) =>
    Math.max(0, Math.min(app.places - 1, Math.floor(share * app.places))));
  const change = (values) => { Object.assign(app, values); app.schedule(); };
  app.change = change;
  app.point = (shares) => { stop(app); change({ at: place(shares) }); };
  app.pin = (shares) => {
    const to = place(shares);
    const same = app.pinned?.join() === to.join();
    stop(app);
    change({ at: to, pinned: same ? null : to });
  };
  app.leave = () => { if (app.pinned) change({ at: app.pinned }); };
  app.step = (by) => {
    stop(app);
    const to = app.at.map((k, axis) => Math.max(0, Math.min(app.places - 1, k + by[axis])));
    change({ at: to, pinned: app.pinned && to });
  };
  app.deepen = (by) => app.setDepth(Math.max(1, Math.min(app.steps, app.depth + by)));
  app.setDepth = (depth) => {
    if (depth === app.depth) return;
    change({ depth });
    if (!complete(app)) app.ask();
  };
  // Dragging over many depths asks once, for the last of them.
  app.ask = () => {
    clearTimeout(app.asking);
    app.asking = setTimeout(() => {
      const channel = app.mode === "one" ? app.channel : app.mode;
      const wanted = JSON.stringify({ depth: app.depth, channel, average: app.average, known: app.id });
      if (wanted === app.wanted) return;
      app.wanted = wanted;
      app.send("asked", JSON.parse(wanted));
    }, 180);
  };
}

const complete = (app) => app.panels.every((panel) => {
  const { index } = blockOf(panel, app.depth);
  return fieldOf(app.id, panel.network.name, index, 0) !== null;
});

const grown = (app) => app.panels.every((panel) => growthOf(app, panel).every((value) => value !== null));

function stop(app) {
  clearInterval(app.walking);
  app.still = true;
}

/** Until somebody moves the pointer the place walks along the middle row. */
function walk(app) {
  if (!app.header) return;
  app.beat = (app.beat ?? 2) + 1;
  const last = app.places - 1;
  const at = app.beat % (2 * last);
  app.change({ at: [Math.floor(app.places / 2), at <= last ? at : 2 * last - at] });
}

function build(app, header) {
  const key = header.networks.map((network) => network.name).join();
  if (app.built === key && app.node.isConnected) {
    header.networks.forEach((network, k) => { app.panels[k].network = network; });
    return;
  }
  app.built = key;
  const colours = parseTable(app.tables.okabe_ito);
  app.panels = header.networks.map((network, k) => createPanel(app, network, k ? `rgb(${colours[COLOURS[(k - 1) % 4]]})` : "#7c6cf0"));
  app.chart = createChart(app);
  const controls = createControls(app, header);
  app.controls = controls;
  app.live = el("div.sr", { "aria-live": "polite" });
  app.node = el("div.field", {},
    el("div.row.depth", {}, el("span.label", {}, "Depth"), controls.depth.node),
    el("div.panels", {}, ...app.panels.map((panel) => panel.node)),
    legend(app),
    el("div.lower", {},
      el("div.controls", {},
        el("div.row", {}, el("span.label", {}, "Channels"), controls.mode.node),
        controls.one,
        el("div.row", {}, el("span.label", {}, "Pictures"), controls.average.node),
        el("div.row", {}, el("span.label", {}, "Pixels"), controls.smooth.node),
        controls.story),
      app.chart.node),
    app.live);
  app.host.replaceChildren(app.node);
}

function createControls(app, header) {
  const asks = (values) => { app.change(values); app.ask(); };
  const depth = slider("Depth", { min: 1, max: app.steps, step: 1 },
    (value) => `${Math.round((100 * value) / app.steps)}\u2009% of the blocks`, (value) => app.setDepth(value), app.signal);
  const mode = segmented("Channels", [
    ["all", "All, summed", "The sum of the unit’s channels"],
    ["strongest", "Strongest here", "The channel that lies most above its own mean at the place"],
    ["one", "One", "A channel by its number; in different networks it has nothing in common but that"],
  ], (value) => asks({ mode: value }), app.signal);
  const channel = slider("Channel", { min: 0, max: 1, step: 1 },
    (value) => `channel ${value + 1}`, (value) => asks({ channel: value }), app.signal);
  const average = segmented("Pictures", [
    ["this", "This one", "The field on this picture"],
    ["mean", `Mean of ${header.pictures}`, `The mean of ${header.pictures} gallery pictures; each counts the same`],
  ], (value) => asks({ average: value === "mean" }), app.signal);
  const smooth = toggle("Smooth", (on) => app.change({ smooth: on }), app.signal);
  const one = el("div.row", {}, el("span.label", {}, ""), channel.node);
  return { depth, mode, channel, average, smooth, one, story: el("p.story") };
}

function legend(app) {
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.magma);
  const mark = (kind, text) => el("span.marks", {}, el(`i.mark.${kind}`), el("span", {}, text));
  return el("div.legend", {},
    el("span.range", {}, el("span", {}, "0"), bar, el("span", {}, "largest")),
    el("span.unit", {}, "|gradient| of a pixel, on a square-root scale, each map to its own largest"),
    mark("query", "the place"), mark("key", "could reach it"), mark("circle", "holds half"), mark("circle.wide", "holds 90\u2009%"));
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width || !app.node) return;
  app.host.dataset.width = width >= 720 ? "wide" : "slim";
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
  const style = getComputedStyle(app.host);
  app.accent = style.getPropertyValue("--accent").trim() || "#5b4bdb";
  app.line = style.getPropertyValue("--line").trim() || "#e2e1ee";
  app.quiet = `color-mix(in srgb, ${style.color} 66%, transparent)`;
}

function frame(app) {
  app.pending = 0;
  if (!app.header || app.signal.aborted || !app.node?.isConnected) return;
  app.place = app.at[0] * app.places + app.at[1];
  for (const panel of app.panels) paintPanel(app, panel);
  paintChart(app, app.chart);
  const { controls } = app;
  controls.depth.set(app.depth);
  controls.mode.set(app.mode);
  controls.average.set(app.average ? "mean" : "this");
  controls.smooth.set(app.smooth);
  controls.one.hidden = app.mode !== "one";
  controls.channel.input.max = Math.min(...app.panels.map((panel) => blockOf(panel, app.depth).channels)) - 1;
  controls.channel.set(Math.min(app.channel, Number(controls.channel.input.max)));
  story(app);
  for (const name of REMEMBERED) app.memory[name] = app[name];
  Object.assign(app.host.dataset, { depth: app.depth, place: app.at.join(), complete: String(complete(app)) });
}

/** The one sentence that says what the first panel shows. */
function story(app) {
  const [panel] = app.panels;
  const block = blockOf(panel, app.depth);
  const found = fieldOf(app.id, panel.network.name, block.index, app.place);
  if (!found) {
    say(app.controls.story, "Measuring this place…");
    return;
  }
  const [top, bottom] = block.outline[app.at[0]];
  const [left, right] = block.outline[app.at[1]];
  const area = (right - left) * (bottom - top);
  const circle = Math.min(1, (Math.PI * found.half ** 2) / area);
  const text = `${panel.network.title}: ${area.toLocaleString("en")} pixels could change this value; half of the gradient comes from a circle of ${number(found.half)} pixels around it, ${percent(circle)} of their area.`;
  say(app.controls.story, text);
  clearTimeout(app.speaking);
  if (app.still) app.speaking = setTimeout(() => say(app.live, text), 500);
}
