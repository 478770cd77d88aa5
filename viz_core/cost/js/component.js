// Step “Cost” of the Swin page: both formulas under three sliders; the server measures on request.

import { el, kept, row, say, slider } from "../../canvas/js/dom.js";
import { counted, draggable, figures } from "../../labs/js/chart.js";
import { KINDS, SIDES, measured, work } from "./count.js";
import { drawCurves } from "./curves.js";

const THIN = "\u2009";

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
  const app = { host, signal: ends.signal, pending: 0, payload: null, state: kept("swin-cost", { asked: 0 }) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  app.measure = () => tell("measure", { width: app.state.width, window: app.state.window });
  host.classList.add("cost");
  const watch = new ResizeObserver(app.schedule);
  return {
    show(payload) {
      if (app.state.side === undefined) Object.assign(app.state, payload.opening);
      if (payload.view.serial && payload.view.serial !== app.state.asked) {
        const { serial, ...view } = payload.view;
        Object.assign(app.state, view, { asked: serial });
      }
      app.payload = payload;
      if (!app.chart) build(app);
      presets(app);
      watch.observe(host);
      draw(app);
    },
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { signal } = app;
  const make = (name, label, [min, max, step], unit) =>
    slider(label, { min, max, step }, (value) => unit(value), (value) => app.set({ [name]: value }), signal);
  app.sliders = {
    side: make("side", "Map, tokens along a side", [...SIDES, 1], (n) => `${n} × ${n}`),
    window: make("window", "Window, tokens along a side", [2, 16, 1], (n) => `${n} × ${n}`),
    width: make("width", "Width, numbers a token", [32, 512, 32], String),
  };
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  app.chart.setAttribute("class", "drag");
  draggable(app.chart, (px) => {
    const side = Math.round(Math.sqrt(app.chart.xs.back(px)));
    app.set({ side: Math.max(SIDES[0], Math.min(SIDES[1], side)) });
  }, signal);
  app.legend = el("div.legend", {}, ...Object.values(KINDS).map(({ name, colour }) => el("span.swatch", { style: `--c:${colour}` }, name)),
    el("span.swatch.dots", {}, "slopes 1 and 2"), el("span.swatch.diamond", { hidden: true }, "measured here"));
  app.told = el("p.caption", {}, "");
  app.formulas = Object.fromEntries(Object.entries(KINDS).map(([kind, { colour }]) => [kind, formula(kind, colour)]));
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  app.presets = el("div.tokens");
  app.button = el("button.quiet.measure", { type: "button", title: "Runs one global and one windowed layer of this width on maps of up to 60 × 60 tokens: about 5 s, more where others use the machine" }, "Measure here");
  app.button.addEventListener("click", app.measure, { signal });
  app.host.replaceChildren(
    el("div.card", {}, app.chart, app.legend, app.told),
    el("div.card", {},
      row("map h × w", app.sliders.side.node), row("window M", app.sliders.window.node), row("width C", app.sliders.width.node),
      app.presets, app.formulas.global.node, app.formulas.window.node, app.verdict, app.button));
}

function formula(kind, colour) {
  const own = el("span.own");
  const pairs = el("span.pairs");
  const total = el("b.total");
  const bar = el("div.sum-bar", {}, el("i.own"), el("i.pairs"));
  const text = kind === "global" ? "Ω(MSA) = 4hwC² + 2(hw)²C" : "Ω(W-MSA) = 4hwC² + 2M²hwC";
  const node = el("div.formula-card", { style: `--c:${colour}` }, el("div.formula", {}, text),
    el("div.live", {}, "= ", own, " + ", pairs, " = ", total), bar);
  return { node, own, pairs, total, bars: [...bar.children] };
}

/** Well-known layers as chips; those of this network come from the server. */
function presets(app) {
  const chips = app.payload.presets.map(([name, side, window, width]) => {
    const chip = el("button.chip", { type: "button", title: `${side} × ${side} tokens of ${width} numbers, windows of ${window} × ${window}` }, name);
    chip.addEventListener("click", () => app.set({ side, window, width }), { signal: app.signal });
    chip.shape = [side, window, width].join();
    return chip;
  });
  app.presets.replaceChildren(...chips);
}

function draw(app) {
  const { host, payload, state } = app;
  if (!payload || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 680 ? "wide" : "slim";
  const clock = measured(payload, state);
  for (const [name, control] of Object.entries(app.sliders)) control.set(state[name]);
  for (const chip of app.presets.children) {
    chip.setAttribute("aria-pressed", String(chip.shape === [state.side, state.window, state.width].join()));
  }
  const full = work("global", state);
  const cut = work("window", state);
  for (const [kind, found] of [["global", full], ["window", cut]]) {
    const { own, pairs, total, bars } = app.formulas[kind];
    say(own, counted(found.own));
    say(pairs, counted(found.pairs));
    say(total, `${counted(found.total)}${THIN}MACs`);
    bars[0].style.width = `${(100 * found.own) / full.total}%`;
    bars[1].style.width = `${(100 * found.pairs) / full.total}%`;
  }
  const times = full.total / cut.total;
  say(app.verdict, state.side <= state.window ? "One window holds the whole map: both cost the same."
    : `Windows take ${figures(times)} times less work here. Grey, the projections, is the same in both.`);
  app.legend.lastChild.hidden = !clock;
  say(app.told, clock ? clock.told : payload.untold);
  drawCurves(app.chart, state, clock);
  Object.assign(host.dataset, { side: state.side, window: state.window, wide: state.width, clocked: String(Boolean(clock)), times: figures(times) });
}
