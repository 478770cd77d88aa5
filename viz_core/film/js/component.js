// Step “Learning”: the same picture under the same mask, filled in by the network as it was at each
// saved moment of its training. All frames came with one message.

import { el, icon, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { bitmapOf, mounted } from "../../cutter/js/wire.js";
import { axes, draggable, figures, percent, polyline, scale, svg } from "../../labs/js/chart.js";
import { drawTile } from "../../ratios/js/sheet.js";

const HOLD = 380; // milliseconds a frame
const THIN = "\u2009";
const LINES = { picture: ["this picture", "#8b7cf6"], validation: ["validation pictures", "#20b2a6"] };

export function streamlit() {
  return mounted(start);
}

function start(host) {
  const ends = new AbortController();
  const app = { host, signal: ends.signal, pending: 0, serial: 0, state: kept("mae-film", { kind: "pasted" }) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  host.classList.add("film");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      const sheets = await Promise.all([bitmapOf(parts.sheet), bitmapOf(parts.still)]);
      if (serial !== app.serial || app.signal.aborted) return;
      app.sheets?.forEach((one) => one.close());
      app.sheets = sheets;
      const fresh = !app.model;
      app.model = header;
      app.state.at = Math.min(app.state.at ?? header.frames.length - 1, header.frames.length - 1);
      build(app);
      watch.observe(host);
      draw(app);
      if (fresh && !matchMedia("(prefers-reduced-motion: reduce)").matches) play(app);
    },
    end() {
      ends.abort();
      clearTimeout(app.timer);
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.sheets?.forEach((one) => one.close());
      host.replaceChildren();
    },
  };
}

function play(app) {
  const last = app.model.frames.length - 1;
  app.playing = true;
  if (app.state.at >= last) app.state.at = 0;
  const next = () => {
    if (!app.playing) return;
    if (app.state.at >= last) return stop(app);
    app.set({ at: app.state.at + 1 });
    app.timer = setTimeout(next, HOLD);
  };
  app.timer = setTimeout(next, HOLD);
  app.schedule();
}

function stop(app) {
  app.playing = false;
  clearTimeout(app.timer);
  app.schedule();
}

function build(app) {
  const { model, signal } = app;
  const tile = (name) => {
    const canvas = el("canvas", { role: "img", "aria-label": name });
    const caption = el("figcaption", {}, name);
    return { canvas, caption, node: el("figure.tile", {}, canvas, caption) };
  };
  app.left = tile("What it sees");
  app.made = tile("Filled in");
  app.made.node.classList.add("made");
  app.truth = tile("The picture");
  app.play = el("button.round", { type: "button" });
  app.play.addEventListener("click", () => (app.playing ? stop(app) : play(app)), { signal });
  app.slider = slider("Moment of the training", { min: 0, max: model.frames.length - 1, step: 1 },
    (at) => `step ${model.frames[at].step}`, (at) => { stop(app); app.set({ at }); }, signal);
  app.slider.node.title = "Saved moments of the training; the first is before it";
  app.kind = segmented("Shown", [["pasted", "Pasted", "Visible patches as they are, hidden ones as guessed"], ["raw", "Raw", "What the decoder gives for every patch"]], (kind) => app.set({ kind }), signal);
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  draggable(app.chart, (px) => { stop(app); app.set({ at: nearest(app, px) }); }, signal);
  app.legend = el("div.legend", {}, ...Object.entries(LINES).map(([id, [name, colour]]) => {
    const known = model.frames.some((one) => Number.isFinite(one[id]));
    return known ? el("span.swatch", { style: `--c:${colour}` }, name) : null;
  }), "mean squared error over the hidden patches, pixels in [0, 1]");
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  app.host.replaceChildren(
    el("div.card", {}, el("div.three", {}, app.left.node, app.made.node, app.truth.node),
      el("div.row", {}, app.play, app.slider.node), row("shown", app.kind.node)),
    el("div.card", {}, app.verdict, app.chart, app.legend));
}

const nearest = (app, px) => app.chart.places.reduce((best, x, k) => (Math.abs(x - px) < Math.abs(app.chart.places[best] - px) ? k : best), 0);

function draw(app) {
  const { host, model, state } = app;
  if (!model || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const frame = model.frames[state.at];
  drawTile(app.left.canvas, app.sheets[1], model.side, 0, 0);
  drawTile(app.truth.canvas, app.sheets[1], model.side, 1, 0);
  drawTile(app.made.canvas, app.sheets[0], model.side, state.kind === "raw" ? 0 : 1, state.at);
  say(app.made.caption, state.at ? `After ${words(frame)}` : "Before training");
  app.slider.set(state.at);
  app.kind.set(state.kind);
  app.play.replaceChildren(icon(app.playing ? "pause" : "play"));
  app.play.title = app.playing ? "Pause" : "Play the training";
  app.play.setAttribute("aria-label", app.play.title);
  const first = model.frames[0].picture;
  say(app.verdict, state.at
    ? `After ${words(frame)} the hidden patches of this picture are off by ${figures(100 * Math.sqrt(frame.picture))}${THIN}% of the full range (root mean square); before training it was ${figures(100 * Math.sqrt(first))}${THIN}%.`
    : `Before training the network paints noise: it is off by ${figures(100 * Math.sqrt(first))}${THIN}% of the full range (root mean square).`);
  curve(app);
  Object.assign(host.dataset, { at: String(state.at), step: String(frame.step), kind: state.kind, playing: String(Boolean(app.playing)) });
}

const words = (frame) => `${frame.step} step${frame.step === 1 ? "" : "s"}${Number.isFinite(frame.share) && frame.share < 1 ? ` (${percent(frame.share)} of the training)` : ""}`;

function curve(app) {
  const { chart, model: { frames }, state } = app;
  const width = Math.max(240, chart.parentElement.clientWidth - 30);
  const height = 260;
  chart.setAttribute("width", width);
  chart.setAttribute("height", height);
  const box = { left: 52, right: width - 16, top: 28, bottom: height - 42 };
  const spare = (frames[1]?.step ?? 2) / 2; // step 0 has a place on a logarithmic axis
  const x = scale({ from: spare, to: frames.at(-1).step + spare, start: box.left, end: box.right, log: true });
  const values = frames.flatMap((one) => Object.keys(LINES).map((id) => one[id])).filter(Number.isFinite);
  const y = scale({ from: 0.8 * Math.min(...values), to: 1.2 * Math.max(...values), start: box.bottom, end: box.top, log: true });
  chart.places = frames.map((one) => x.at(one.step + spare));
  chart.replaceChildren();
  let last = -99;
  const ticks = frames.filter((one, k) => {
    if (chart.places[k] - last < 46) return false;
    last = chart.places[k];
    return true;
  }).map((one) => [one.step + spare, one.step >= 1000 ? `${figures(one.step / 1000)}\u2009k` : String(one.step)]);
  const marks = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].filter((k) => k > 0.8 * Math.min(...values) && k < 1.2 * Math.max(...values));
  axes(chart, x, y, box, { x: ticks, y: marks.map((k) => [k, String(k)]) }, { x: "training steps (logarithmic)", y: "error (logarithmic)" });
  chart.append(svg("line", { x1: chart.places[state.at], x2: chart.places[state.at], y1: box.top, y2: box.bottom, class: "now" }));
  for (const [id, [, colour]] of Object.entries(LINES)) {
    const known = frames.map((one, k) => [chart.places[k], one[id]]).filter(([, value]) => Number.isFinite(value));
    if (!known.length) continue;
    chart.append(polyline(known.map(([px, value]) => [px, y.at(value)]), { stroke: colour, "stroke-width": 2.5, "stroke-linejoin": "round" }));
    for (const [px, value] of known) {
      const here = px === chart.places[state.at];
      chart.append(svg("circle", { cx: px, cy: y.at(value), r: here ? 6 : 3, fill: colour, class: here ? "here" : "" }));
    }
  }
  chart.setAttribute("aria-label", `Error over the training, step ${frames[state.at].step} marked`);
}
