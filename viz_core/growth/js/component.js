// All saved moments of a training on one picture, scrubbed and played here: they came at once.

import { decode } from "../../canvas/js/stage.js";
import { el, icon, kept, say, slider } from "../../canvas/js/dom.js";
import { action, wrap } from "../../canvas/js/keys.js";
import { moved } from "../../canvas/js/layout.js";
import { lower } from "../../canvas/js/words.js";
import { mounted } from "../../cutter/js/wire.js";
import { figures, percent } from "../../labs/js/chart.js";
import { createAttention } from "./attention.js";
import { createAnswer, createRun, createWays } from "./charts.js";
import { ofTraining, storeOf } from "./store.js";
import { createFilters, createPositions } from "./wall.js";

const HOLD = 520; // milliseconds a moment
const FRESH = { share: 1, place: -1, pinned: false, view: -1, kernel: -1, filters: "kernels", axis: "log", score: "top1", asked: 0 };

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, column: 0, serial: 0, at: 0, hovered: -1, state: kept("growth", { ...FRESH }) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => paint(app)); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  app.point = (place) => { if (place >= 0 && !app.state.pinned && place !== app.state.place) app.set({ place }); };
  app.pin = (place) => { if (place >= 0) app.set({ pinned: !(app.state.pinned && place === app.state.place), place }); };
  app.over = (kernel) => { if (kernel !== app.hovered) { app.hovered = kernel; app.schedule(); } };
  app.kernel = () => (app.hovered >= 0 && app.state.filters !== "components" ? app.hovered : app.state.kernel);
  app.scrub = (at) => { stop(app); go(app, at); };
  app.named = (place) => `row ${Math.floor(place / app.store.columns) + 1}, column ${(place % app.store.columns) + 1}`;
  host.classList.add("growth");
  build(app);
  const watch = new ResizeObserver(() => { app.column = 0; app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      const fresh = !app.store;
      if (app.id !== opened.header.id) {
        const picture = await decode(opened.parts.picture, { width: 1, height: 1 });
        if (serial !== app.serial || app.signal.aborted) return picture.bitmap.close();
        app.picture?.bitmap.close();
        Object.assign(app, { id: opened.header.id, picture, store: storeOf(opened) });
        settle(app);
        watch.observe(host);
      }
      const asked = ask(app, opened.header.view);
      paint(app);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if ((fresh || asked?.play) && !still) play(app);
    },
    end() {
      ends.abort();
      clearTimeout(app.timer);
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.picture?.bitmap.close();
      host.replaceChildren();
    },
  };
}

/** The same share of the training, token, view and kernel in a run or picture that may differ. */
function settle(app) {
  const { store, state } = app;
  app.parts.attention.open();
  app.slider.input.max = String(store.count - 1);
  go(app, closest(store, state.share));
  if (state.place < 0 || state.place >= store.places) state.place = Math.floor(store.rows / 2) * store.columns + Math.floor(store.columns / 2);
  if (state.view >= store.views) state.view = -1;
  if (state.kernel >= store.kernels) state.kernel = -1;
}

const closest = ({ moments }, share) =>
  moments.reduce((best, one, k) => (Math.abs(one.share - share) < Math.abs(moments[best].share - share) ? k : best), 0);

/** A suggestion of the page, once; returns it if it is new. */
function ask(app, view) {
  if (!view?.serial || view.serial === app.state.asked) return null;
  const { serial, share, play: _, ...rest } = view;
  app.set({ ...rest, asked: serial });
  if (share !== undefined) app.scrub(closest(app.store, share));
  return view;
}

function go(app, at) {
  app.at = Math.max(0, Math.min(app.store.count - 1, at));
  app.set({ share: app.store.moments[app.at].share });
}

function play(app) {
  const last = app.store.count - 1;
  app.playing = true;
  if (app.at >= last) go(app, 0);
  const next = () => {
    if (!app.playing) return;
    if (app.at >= last) return stop(app);
    go(app, app.at + 1);
    app.timer = setTimeout(next, HOLD);
  };
  clearTimeout(app.timer);
  app.timer = setTimeout(next, HOLD);
  app.schedule();
}

function stop(app) {
  app.playing = false;
  clearTimeout(app.timer);
  app.schedule();
}

function build(app) {
  const { signal } = app;
  app.play = el("button.round", { type: "button" });
  app.play.addEventListener("click", () => (app.playing ? stop(app) : play(app)), { signal });
  app.slider = slider("Moment of the training", { min: 0, max: 1, step: 1 }, (at) => momentName(app, at), (at) => app.scrub(at), signal);
  app.verdict = el("p.verdict");
  app.live = el("div.sr", { "aria-live": "polite" });
  app.parts = {
    attention: createAttention(app), positions: createPositions(app), filters: createFilters(app),
    answer: createAnswer(app), ways: createWays(app), run: createRun(app),
  };
  const { attention, positions, filters, answer, ways, run } = app.parts;
  const column = (...parts) => el("section.column", {}, ...parts.flatMap((part) => part.node));
  app.host.replaceChildren(
    el("div.transport", {}, el("div.row", {}, app.play, app.slider.node)), app.verdict,
    el("div.columns", {}, column(attention, answer), column(positions, ways), column(filters, run)),
    el("p.note-line", {}, "Each scale holds for the whole film. Positions are compared without what all of them share. Few values lie beyond the ends of a scale."), app.live);
  app.host.addEventListener("keydown", (event) => press(app, event), { signal });
}

/** Arrows on the slider are the slider's own; on the picture they move the token. */
function press(app, event) {
  const act = action(event);
  const target = event.composedPath()[0];
  if (!act || !app.store || target.matches?.("input")) return;
  if (target.matches?.("button") && [" ", "Enter"].includes(event.key)) return;
  const { store, state } = app;
  if (act.name === "move") app.set({ place: moved(state.place, store, act.step), pinned: false });
  else if (act.name === "head") app.set({ view: wrap(state.view + 1, act.step, store.views + 1) - 1, kernel: -1 });
  else if (act.name === "pin") app.pin(state.place);
  else if (act.name === "play") (app.playing ? stop : play)(app);
  else if (act.name === "clear") app.set({ pinned: false, kernel: -1 });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function momentName(app, at) {
  const { step, share } = app.store.moments[at];
  return step ? `${ofTraining(share)}, step ${step.toLocaleString("en").replaceAll(",", "\u2009")}` : "before training";
}

function paint(app) {
  cancelAnimationFrame(app.pending);
  app.pending = 0;
  const { host, store, state, at } = app;
  if (!store || app.signal.aborted || !host.isConnected) return;
  if (!app.column) {
    host.dataset.width = host.clientWidth >= 760 ? "wide" : "slim";
    app.column = app.host.querySelector(".square").clientWidth; // read once: each reading is a layout
    if (!app.column) return;
  }
  app.slider.set(at);
  app.play.replaceChildren(icon(app.playing ? "pause" : "play"));
  app.play.title = app.playing ? "Pause" : "Play the training";
  app.play.setAttribute("aria-label", app.play.title);
  const sentence = verdict(app);
  say(app.verdict, sentence);
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => say(app.live, sentence), 600);
  for (const part of Object.values(app.parts)) part.paint();
  Object.assign(host.dataset, {
    at: String(at), step: String(store.moments[at].step), place: String(state.place), view: String(state.view),
    kernel: String(app.kernel()), playing: String(Boolean(app.playing)), axis: state.axis, score: state.score, filters: state.filters, run: store.run,
  });
}

function verdict(app) {
  const { store, at } = app;
  const best = (moment) => store.chances(moment).indexOf(Math.max(...store.chances(moment)));
  const named = (moment) => article(lower(store.labels[best(moment)]));
  const { top1, step, share } = store.moments[at];
  const when = step ? `After ${ofTraining(share)} of the training` : "Before training";
  const right = Number.isFinite(top1) ? ` it is right on ${figures(top1)}\u2009% of held-out pictures and` : " it";
  const turned = store.turns.includes(at) ? `, no longer ${named(at - 1)}` : "";
  return `${when}${right} calls this picture ${named(at)}: ${percent(store.chances(at)[best(at)])}${turned}.`;
}

const article = (noun) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
