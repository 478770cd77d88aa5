// Step “Cost”: the tokens of one pass to scale, and what encoder and decoder cost at every share
// that is hidden. The counts came with the message; the slider needs no server.

import { el, icon, kept, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { bitmapOf, mounted } from "../../cutter/js/wire.js";
import { counted, draggable, figures, percent } from "../../labs/js/chart.js";
import { COLOURS, drawCosts } from "./costs.js";
import { drawFlow } from "./flow.js";

const THIN = "\u2009";
const SECONDS = 3.6;

export function streamlit() {
  const tellers = new WeakMap();
  const inner = mounted((host) => start(host, () => tellers.get(host)("measure", true)));
  return (given) => {
    tellers.set(given.parentElement.querySelector(".saccade"), given.setTriggerValue);
    return inner(given);
  };
}

function start(host, measure) {
  const ends = new AbortController();
  const app = { host, signal: ends.signal, measure, pending: 0, serial: 0, time: 1, state: kept("mae-cost", {}) };
  app.schedule = () => { app.pending ||= requestAnimationFrame((now) => { app.pending = 0; tick(app, now); draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  host.classList.add("asymmetry");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      const pictures = await Promise.all([bitmapOf(parts.picture), bitmapOf(parts.outputs)]);
      if (serial !== app.serial || app.signal.aborted) return;
      app.pictures?.forEach((one) => one.close());
      app.pictures = pictures;
      const fresh = !app.model;
      app.model = header;
      const { state } = app;
      if (header.view.serial !== undefined && header.view.serial !== state.asked) {
        const { serial: asked, ...others } = header.view;
        Object.assign(state, others, { asked });
      }
      state.ratio ??= header.opening;
      if (!header.nets.some((one) => one.name === state.net)) state.net = header.nets[0].name;
      build(app);
      watch.observe(host);
      draw(app);
      if (fresh && !still()) play(app);
    },
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.pictures?.forEach((one) => one.close());
      host.replaceChildren();
    },
  };
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function play(app) {
  app.time = still() ? 1 : 0;
  app.began = 0;
  app.schedule();
}

function tick(app, now) {
  if (app.time >= 1) return;
  app.began ||= now - 1000 * SECONDS * app.time;
  app.time = Math.min(1, (now - app.began) / (1000 * SECONDS));
  if (app.time < 1) app.schedule();
}

function build(app) {
  const { model, signal } = app;
  app.flow = el("canvas.flow", { role: "img" });
  app.slider = slider("Hidden share", { min: 0, max: 95, step: 5 }, (value) => `${value}${THIN}%`,
    (value) => app.set({ ratio: value / 100 }), signal);
  app.slider.node.title = "How many of the patches the encoder never sees";
  app.nets = segmented("Network", model.nets.map(({ name, title, note }) => [name, title, note]), (net) => app.set({ net }), signal);
  app.play = el("button.round", { type: "button", title: "Follow the tokens through one pass", "aria-label": "Follow the tokens through one pass" }, icon("play"));
  app.play.addEventListener("click", () => play(app), { signal });
  app.chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  app.chart.setAttribute("role", "img");
  draggable(app.chart, (px) => {
    app.set({ ratio: Math.max(0, Math.min(95, 5 * Math.round(app.chart.xs.back(px) / 5))) / 100 });
  }, signal);
  app.legend = el("div.legend", {},
    el("span.swatch", { style: `--c:${COLOURS.encoder}` }, "encoder, visible tokens"),
    el("span.swatch", { style: `--c:${COLOURS.decoder}` }, "decoder, all tokens"),
    el("span.swatch.dots", { style: `--c:${COLOURS.carrying}` }, "if the encoder carried mask tokens"),
    el("span.swatch.diamond", {}, "measured here"));
  app.bars = ["MAE", "With mask tokens in the encoder", "Encoder on the whole picture"].map(bar);
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  app.told = el("p.caption");
  app.button = el("button.quiet.measure", { type: "button", title: "Runs encoder and decoder at five ratios on this server: about a second" }, "Measure here");
  app.button.addEventListener("click", app.measure, { signal });
  app.host.replaceChildren(
    el("div.card.top", {}, el("div.row.first", {}, app.play, app.slider.node, app.nets.node), app.flow),
    el("div.card", {}, app.chart, app.legend, app.told),
    el("div.card", {}, ...app.bars.map((one) => one.node), app.verdict, app.button));
}

function bar(name) {
  const total = el("b");
  const parts = el("span.parts");
  const pieces = ["encoder", "decoder"].map((part) => el("i", { style: `background:${COLOURS[part]}` }));
  const node = el("div.cost-bar", {}, el("div.cost-head", {}, el("span", {}, name), total), el("div.sum-bar", {}, ...pieces), parts);
  return { node, total, parts, pieces };
}

function draw(app) {
  const { host, model, state } = app;
  if (!model || !host.clientWidth) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const net = model.nets.find((one) => one.name === state.net);
  const at = Math.round(20 * state.ratio);
  const visible = model.visible[at];
  app.slider.set(Math.round(100 * state.ratio));
  app.nets.set(state.net);
  drawFlow(app.flow, { model, net, visible, at, time: app.time, pictures: app.pictures });
  app.flow.setAttribute("aria-label", `${visible} of ${model.total} patches and the class token go through an encoder of ${net.depth} blocks, ${net.width} numbers wide; ${model.total - visible} mask tokens join them in a decoder of ${net.decoder_depth} blocks, ${net.decoder_width} wide.`);
  const rows = [[net.encoder[at], net.decoder[at]], net.carrying, [net.encoder[0], 0]];
  const most = net.carrying[0] + net.carrying[1];
  rows.forEach(([encoder, decoder], k) => {
    const { total, parts, pieces } = app.bars[k];
    say(total, `${counted(encoder + decoder)}${THIN}MACs`);
    say(parts, decoder ? `encoder ${counted(encoder)} + decoder ${counted(decoder)}` : "as when it is fine-tuned: nothing hidden, no decoder");
    pieces[0].style.width = `${(100 * encoder) / most}%`;
    pieces[1].style.width = `${(100 * decoder) / most}%`;
  });
  const saved = most / (rows[0][0] + rows[0][1]);
  const alone = net.encoder[0] / net.encoder[at];
  say(app.verdict, visible === model.total ? "Nothing is hidden: the mask token has no use, and nothing is saved."
    : `With mask tokens in the encoder the whole would cost ${figures(saved)} times as much. The encoder alone does ${figures(alone)} times less work than on the whole picture. The decoder has ${percent(net.decoder[at] / (net.encoder[at] + net.decoder[at]))} of the work.`);
  say(app.told, net.clock?.told ?? net.untold);
  app.legend.lastChild.hidden = !net.clock;
  app.button.hidden = Boolean(net.clock) || !net.here;
  drawCosts(app.chart, model, net, state.ratio);
  Object.assign(host.dataset, { ratio: String(state.ratio), net: state.net, visible: String(visible), saved: figures(saved), clocked: String(Boolean(net.clock)), time: app.time.toFixed(2) });
}
