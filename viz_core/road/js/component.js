// Step “Road” of the ConvNeXt page: from ResNet-50 to ConvNeXt-T, station by station.

import { el, icon, kept, say, segmented, slider } from "../../canvas/js/dom.js";
import { FLOW_STYLE, flow, kindsLegend, widest } from "../../blocks/js/flow.js";
import { createCard, showCard } from "./card.js";
import { drawChart, stationAt } from "./chart.js";
import { VIEWS, opening, pair, readStations, sentence, viewName } from "./stations.js";
import { drawStrip } from "./strip.js";

const STAY = 1600; // ms at each station while it plays
const FIRST = 6; // the inverted bottleneck: where the block turns inside out

export function streamlit() {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    let instance = instances.get(parentElement);
    if (!instance) {
      instance = start(parentElement.querySelector(".saccade"), setTriggerValue);
      instances.set(parentElement, instance);
    }
    instance.show(JSON.parse(new TextDecoder().decode(data)));
    return () => {
      instance.end();
      instances.delete(parentElement);
    };
  };
}

function start(host, tell) {
  const ends = new AbortController();
  const memory = kept("convnext-road", { asked: 0, at: FIRST, stage: 2, view: "block" });
  const app = {
    host, signal: ends.signal, pending: 0, timer: 0, memory, ...memory,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  host.classList.add("road-host");
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app, part); app.schedule(); };
  app.go = (at) => {
    if (at === app.at) return;
    app.at = at;
    app.view = opening(app.stations[at]);
    app.schedule();
  };
  app.measure = () => tell("measure", app.station.key);
  app.play = (on = !app.timer) => play(app, on);
  const watch = new ResizeObserver(app.schedule);
  return {
    show(message) {
      app.message = message;
      app.stations = readStations(message);
      const { view } = message;
      if (view.serial && view.serial !== app.asked) {
        app.asked = view.serial;
        app.play(false);
        app.go(Math.max(0, app.stations.findIndex((station) => station.key === view.station)));
        if (view.stage) app.stage = view.stage;
      }
      if (!app.chart) build(app);
      watch.observe(host);
      draw(app);
    },
    end() {
      ends.abort();
      clearInterval(app.timer);
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { signal, host, stations } = app;
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  app.chart.setAttribute("class", "chart");
  scrub(app);
  app.scrubber = slider("Station", { min: 0, max: stations.length - 1, step: 1 }, (at) => `${at + 1} of ${stations.length}`, (at) => {
    app.play(false);
    app.go(at);
  }, signal);
  app.player = el("button.round", { type: "button", title: "Walk the road" }, icon("play"));
  app.player.addEventListener("click", () => app.play(), { signal });
  app.card = createCard(app);
  app.views = segmented("Part of the network", VIEWS, (view) => app.set({ view }), signal);
  app.strip = el("div.strip", { role: "group", "aria-label": "The network: choose a stage" });
  app.changed = el("p.caption");
  app.columns = el("div.columns");
  const legend = el("div.legend", {}, ...kindsLegend(["conv", "depthwise", "pointwise", "norm", "activation"]),
    el("span.marks.fresh-mark", {}, "changed on the way here"), el("span", {}, "Width of a slab: channels, one scale for both columns."));
  app.live = el("div.sr", { "aria-live": "polite" });
  host.replaceChildren(el("style", {}, FLOW_STYLE),
    el("div.road-map", {}, app.chart, el("div.scrub", {}, app.player, app.scrubber.node),
      el("div.legend", {}, el("span.marks.bubble", {}, "a station; area: GFLOPs"), el("span.marks.bubble.aside", {}, "tried and left"), el("span.marks.swin-mark", {}, "Swin-T"),
        el("span", {}, `Accuracies are the paper's, not measured here: ${app.message.source}.`))),
    app.card.node,
    el("div.detail", {}, app.strip, el("div.detail-head", {}, app.views.node, app.changed), app.columns, legend), app.live);
}

function scrub(app) {
  const { chart, signal } = app;
  const at = (event) => stationAt(chart, event.clientX - chart.getBoundingClientRect().left, app.stations.length);
  const on = (name, act) => chart.addEventListener(name, act, { signal });
  on("pointerdown", (event) => {
    app.play(false);
    chart.setPointerCapture(event.pointerId);
    app.go(at(event));
  });
  on("pointermove", (event) => { if (chart.hasPointerCapture(event.pointerId)) app.go(at(event)); });
}

function play(app, on) {
  clearInterval(app.timer);
  app.timer = 0;
  const next = () => app.go((app.at + 1) % app.stations.length);
  if (on) {
    if (app.still) return next();
    if (app.at === app.stations.length - 1) app.go(0);
    else next();
    app.timer = setInterval(() => {
      next();
      if (app.at === app.stations.length - 1) app.play(false);
    }, STAY);
  }
  app.schedule();
}

function draw(app) {
  const { host, stations } = app;
  if (!app.chart || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 680 ? "wide" : "slim";
  app.station = stations[app.at];
  const { station } = app;
  drawChart(app.chart, app);
  app.scrubber.set(app.at);
  app.scrubber.input.setAttribute("aria-valuetext", station.title);
  app.player.replaceChildren(icon(app.timer ? "pause" : "play"));
  app.player.setAttribute("aria-label", app.timer ? "Stop" : "Walk the road");
  showCard(app.card, app);
  drawStrip(app.strip, app);
  app.views.set(app.view);
  showColumns(app);
  const { at, stage, view, asked } = app;
  Object.assign(app.memory, { at, stage, view, asked });
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => say(app.live, `${station.title}. ${station.told}`), 500);
  Object.assign(host.dataset, { station: station.key, view, stage, playing: String(Boolean(app.timer)), timed: String(Boolean(app.message.times[station.key])) });
}

function showColumns(app) {
  const name = viewName(app.view, app.stage);
  const { now, was } = pair(app.stations, app.station, name);
  say(app.changed, `${sentence({ now, was })}${app.station.changed.includes("depths") ? " Blocks move from stage to stage." : ""}`);
  const key = `${app.at} ${name}`;
  if (app.shown === key) return;
  app.shown = key;
  const full = widest(now.main, now.around, was?.main ?? [], was?.around ?? []);
  const column = (title, view, quiet) => {
    const node = flow({ ops: view.main, around: view.around, from: view.start, full, row: 24 });
    node.style.setProperty("--quiet", quiet ? 0.62 : 0.8);
    return el("figure.column", {}, el("figcaption", {}, title), node);
  };
  const title = (station) => station.title.replace(/^.* = /, "");
  const before = was && column(`Before: ${title(app.stations[app.station.before])}`, was, true);
  app.columns.replaceChildren(...[before, column(`Now: ${title(app.station)}`, now, false)].filter(Boolean));
}
