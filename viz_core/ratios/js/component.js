// Step “Why 75 %”: the error of every way to fill in, over the share that is hidden, and the
// pictures at the share under the pointer. All of it came with one message.

import { el, kept, row, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { bitmapOf, mounted } from "../../cutter/js/wire.js";
import { draggable } from "../../labs/js/chart.js";
import { METRICS, drawCurves, told } from "./curves.js";
import { drawTile } from "./sheet.js";

const LEAK = "leak";

export function streamlit() {
  return mounted(start);
}

function start(host) {
  const ends = new AbortController();
  const app = { host, signal: ends.signal, pending: 0, serial: 0, state: kept("mae-why", { metric: "psnr", leak: false }) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  host.classList.add("ratios");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (header.id !== app.model?.id) {
        const sheet = await bitmapOf(parts.sheet);
        if (serial !== app.serial || app.signal.aborted) return;
        app.sheet?.close();
        app.sheet = sheet;
      }
      app.model = header;
      const { view } = header;
      if (view.serial !== undefined && view.serial !== app.state.asked) {
        const { serial: asked, ratio, ...others } = view;
        Object.assign(app.state, others, { asked });
        app.state.at = nearest(header.ratios, ratio ?? header.opening);
      }
      app.state.at = Math.min(app.state.at ?? nearest(header.ratios, header.opening), header.ratios.length - 1);
      build(app);
      watch.observe(host);
      draw(app);
    },
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.sheet?.close();
      host.replaceChildren();
    },
  };
}

const nearest = (ratios, ratio) =>
  ratios.reduce((best, one, k) => (Math.abs(one - ratio) < Math.abs(ratios[best] - ratio) ? k : best), 0);

function build(app) {
  const { model, signal } = app;
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  const follow = (px) => app.set({ at: nearest(model.ratios, app.chart.xs.back(px) / 100) });
  draggable(app.chart, follow, signal);
  app.chart.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") follow(event.clientX - app.chart.getBoundingClientRect().left);
  }, { signal });
  app.slider = slider("Hidden share", { min: 0, max: model.ratios.length - 1, step: 1 },
    (at) => `${Math.round(100 * model.ratios[at])}\u2009%`, (at) => app.set({ at }), signal);
  app.slider.node.title = "How many of the patches are hidden; the masks are nested, so a larger share hides more of the same";
  app.metric = segmented("Score", Object.entries(METRICS).map(([id, { name, help }]) => [id, name, help]),
    (metric) => app.set({ metric }), signal);
  app.leak = toggle("with the answer’s own mean and contrast", (leak) => app.set({ leak }), signal);
  app.leak.node.title = "Gives every predicted patch the mean and the standard deviation of the true one: it uses what was hidden, so it is a leak, not a score";
  app.tiles = model.tiles.map((tile) => tileOf(app, tile));
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  app.words = el("p.caption");
  app.hint = el("p.caption.leaked", {}, "Dotted: each predicted patch is given the true patch’s mean and contrast. That leaks the answer; papers’ pictures of networks trained on normalised patches often do it.");
  const legend = el("div.legend", {}, ...model.methods.map((one) => {
    const swatch = el(`span.swatch${one.id === LEAK ? ".dots" : ""}`, { style: `--c:${one.colour}` }, one.name);
    swatch.dataset.id = one.id;
    return swatch;
  }));
  app.legend = legend;
  app.host.replaceChildren(
    el("div.card", {}, app.chart, legend, row("hidden", app.slider.node), row("score", app.metric.node), app.leak.node, app.hint),
    el("div.right", {}, el("div.tiles", {}, ...app.tiles.map((one) => one.node)), app.verdict, app.words));
}

function tileOf(app, { id, column }) {
  const method = app.model.methods.find((one) => one.id === id);
  const canvas = el("canvas", { role: "img" });
  const name = el("b", {}, method?.name ?? { left: "What is left", truth: "The picture" }[id]);
  const value = el("span");
  const node = el("figure.tile", { style: method ? `--c:${method.colour}` : "" }, canvas, el("figcaption", {}, name, value));
  node.dataset.id = id;
  node.addEventListener("pointerenter", () => app.set({ over: method ? id : "" }), { signal: app.signal });
  node.addEventListener("pointerleave", () => app.set({ over: "" }), { signal: app.signal });
  return { id, column, canvas, value, node };
}

function draw(app) {
  const { host, model, state } = app;
  if (!model || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  app.slider.set(state.at);
  app.metric.set(state.metric);
  app.leak.set(state.leak);
  app.hint.hidden = !state.leak;
  for (const swatch of app.legend.children) swatch.hidden = swatch.dataset.id === LEAK && !state.leak;
  const now = told(model, state);
  for (const tile of app.tiles) {
    tile.node.hidden = tile.id === LEAK && !state.leak;
    drawTile(tile.canvas, app.sheet, model.side, tile.column, state.at);
    say(tile.value, tile.id === "left" ? `${model.visible[state.at]} of ${model.total} patches` : now.values[tile.id] ?? "");
    tile.node.classList.toggle("best", now.best === tile.id);
    tile.canvas.setAttribute("aria-label", `${tile.node.querySelector("b").textContent}, ${tile.value.textContent}`);
  }
  say(app.verdict, now.sentence);
  say(app.words, model.words[state.metric]);
  drawCurves(app.chart, model, state);
  Object.assign(host.dataset, { ratio: String(model.ratios[state.at]), metric: state.metric, best: now.best });
}
