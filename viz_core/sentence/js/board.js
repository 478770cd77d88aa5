// The stage: a sentence typed, its words, tokens, attention, pooling and the answer.

import { parseTable } from "../../canvas/js/colour.js";
import { el, kept, row, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { createReadout, showReadout, speak } from "../../canvas/js/readout.js";
import { percent } from "../../labs/js/chart.js";
import { drawArcs } from "./arcs.js";
import { createAnswer, showAnswer } from "./answer.js";
import { createMatrix, drawMatrix, fillMatrix } from "./matrix.js";
import { points } from "./spell.js";
import { createStore, largest, runOf, tokenRow, tokensOf, wordShares } from "./store.js";
import { tell } from "./tell.js";
import { createTyping } from "./typing.js";
import { createWords, fillWords, paintWords, place } from "./words.js";

const TEAL = "#2dd4bf";
const FAINT = 0.05; // effects below 5 points stay pale: no word decides alone
const NONE = { queries: [], keys: [] };

export function createBoard(host, tables, send) {
  const ends = new AbortController();
  const purples = parseTable(tables.PuOr);
  const app = {
    host, tables, send, signal: ends.signal, store: null, hover: null, pinned: null, pending: 0,
    view: kept("sentence", { layer: -1, head: "mean", causal: false }),
    hues: { for: `rgb(${purples[205]})`, against: `rgb(${purples[50]})` },
  };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; paint(app); }); };
  app.set = (part) => { Object.assign(app.view, part); app.stale = true; app.schedule(); };
  app.point = (focus) => { app.hover = focus; app.schedule(); };
  app.pin = (focus) => { app.pinned = JSON.stringify(focus) === JSON.stringify(app.pinned) ? null : focus; app.schedule(); };
  build(app);
  const watch = new ResizeObserver(() => {
    if (host.clientWidth === app.width || !host.clientWidth) return;
    app.width = host.clientWidth;
    host.dataset.width = app.width >= 860 ? "wide" : app.width >= 560 ? "medium" : "slim";
    host.dispatchEvent(new Event("widthchange"));
    app.moved = true;
    app.schedule();
  });
  watch.observe(host);
  return {
    show: (opened) => show(app, opened),
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      clearTimeout(app.speaking);
    },
  };
}

function build(app) {
  const { host, signal } = app;
  app.typing = createTyping(app);
  app.words = createWords(app);
  app.answer = createAnswer();
  app.readout = createReadout();
  app.matrix = createMatrix(app);
  app.live = el("p.sr", { "aria-live": "polite" });
  app.pooled = el("span");
  app.legend = { ramp: el("i.bar"), from: el("span"), to: el("span"), text: el("span") };
  const { ramp, from, to, text } = app.legend;
  const legend = el("div.legend", {}, el("span.range", {}, from, ramp, to), text,
    el("span.marks", {}, el("i.mark.solid"), app.pooled),
    el("span.marks", {}, el("i.mark.query"), "asks"),
    el("span.marks", {}, el("i.mark.hidden"), "closed"));
  app.choosers = el("div.choosers");
  const causal = toggle("Causal mask", (on) => app.set({ causal: on }), signal);
  causal.node.title = "No token may look at those that come after it, as in a language model";
  app.causal = causal;
  const pad = slider("Pad to so many words", { min: 0, max: 1, step: 1 }, (value) => app.padText(value), (value) => {
    pad.set(value);
    app.pad(value);
  }, signal);
  app.padText = (value) => (app.store && value > app.store.real ? `${value} words` : "none");
  app.padding = pad;
  const padRow = row("pad to", pad.node);
  padRow.title = "Fill the sentence up with padding, as in a batch: the answer must not change";
  const controls = el("div.controls", {}, app.choosers, padRow, row("mask", causal.node));
  host.classList.add("sentence");
  host.append(app.typing.node,
    el("div.reading", {}, el("section.words", {}, app.words.node, legend),
      el("div.look", {}, app.matrix.node, controls)),
    el("div.outcome", {}, app.answer.node, app.readout.node), app.live);
  host.addEventListener("keydown", (event) => keyed(app, event), { signal });
}

function keyed(app, event) {
  const { view, store } = app;
  if (!store || event.target.tagName === "INPUT") return;
  const heads = ["mean", ...Array.from({ length: store.heads }, (_, k) => k)];
  const turn = { "]": 1, "[": -1 }[event.key];
  const climb = { "}": 1, "{": -1 }[event.key];
  if (turn) app.set({ head: heads[(heads.indexOf(view.head) + turn + heads.length) % heads.length] });
  else if (climb) app.set({ layer: (view.layer + climb + store.layers) % store.layers });
  else if (event.key === "m") app.set({ causal: !view.causal });
  else if (event.key === "Escape") app.pinned = null;
  else return;
  event.preventDefault();
  app.schedule();
}

function show(app, opened) {
  const { header } = opened;
  const before = app.store;
  app.store = createStore(opened);
  const { layers, heads } = app.store;
  const { view } = app;
  view.layer = view.layer < 0 ? layers - 1 : Math.min(view.layer, layers - 1);
  if (view.head !== "mean" && view.head >= heads) view.head = "mean";
  if (!stillThere(app.pinned, before, app.store)) app.pinned = null;
  const asked = header.view.serial !== (view.asked ?? 0);
  if (asked) obeyed(app, header.view);
  app.hover = null;
  Object.assign(app.padding.input, { max: app.store.most, min: app.store.real });
  app.padding.set(Math.max(Math.min(header.length, app.store.most), app.store.real));
  app.typing.take(header, asked || !before);
  say(app.pooled, app.store.pooled);
  offer(app);
  app.fresh = app.stale = true;
  paint(app);
}

/** What a suggestion asks for, once: what a person sets afterwards stays. */
function obeyed(app, { causal, word, serial }) {
  app.view.asked = serial;
  if (causal !== undefined) app.view.causal = causal;
  app.pinned = word === undefined ? null : { kind: "word", index: word };
}

/** A pinned word stays pinned as long as it stands at its place. */
function stillThere(pinned, before, store) {
  if (!pinned || !before) return true;
  if (pinned.kind !== "word") return before.count === store.count;
  return pinned.index < store.words.length && before.words[pinned.index] === store.words[pinned.index];
}

function offer(app) {
  const { layers, heads, network } = app.store;
  const key = [layers, heads, network].join();
  if (app.offered === key) return;
  app.offered = key;
  const numbered = (count, noun) => Array.from({ length: count }, (_, k) => [String(k), `${noun} ${k + 1}`]);
  app.layers = segmented("Layer", numbered(layers, "Layer"), (k) => app.set({ layer: Number(k) }), app.signal);
  app.heads = segmented("Head", [["mean", "Mean"], ...numbered(heads, "Head")],
    (k) => app.set({ head: k === "mean" ? k : Number(k) }), app.signal);
  app.choosers.replaceChildren(row("layer", app.layers.node), row("head", app.heads.node));
}

function paint(app) {
  if (!app.store || !app.host.isConnected || !app.host.clientWidth) return;
  const { store, view } = app;
  if (app.fresh) fillWords(app, app.words);
  else if (app.moved) place(app, app.words);
  if (app.stale) {
    fillMatrix(app, app.matrix);
    app.layers.set(String(view.layer));
    app.heads.set(String(view.head));
    app.causal.set(view.causal);
  }
  app.fresh = app.moved = app.stale = false;
  const focus = app.hover ?? app.pinned;
  const look = lookOf(app, focus);
  app.row = look.row;
  app.shares = look.shares;
  const tints = focus ? attended(app, look) : effects(app);
  paintWords(app, app.words, tints);
  drawArcs(app, app.words, look.tokens);
  drawMatrix(app, app.matrix, look.lines);
  showAnswer(app, app.answer, focus?.kind === "word" && !store.padding[focus.index] ? focus.index : -1);
  showReadout(app.readout, tell(app, focus));
  if (focus) speak(app, `${app.readout.title.textContent}, ${app.readout.note.textContent}.`);
}

/** Which tokens ask, what they look at, and which lines of the matrix say so. */
function lookOf(app, focus) {
  const { store, matrix } = app;
  if (!focus) return { tokens: [], lines: NONE, words: [] };
  const tokens = focus.kind === "word" ? tokensOf(store, focus.index) : [focus.kind === "cell" ? focus.query : focus.index];
  const row = tokenRow(store, matrix.values, tokens);
  const keys = focus.kind === "cell" ? [focus.key] : [];
  return { tokens, row, shares: wordShares(store, row), lines: { queries: tokens, keys }, words: focus.kind === "word" ? [focus.index] : [] };
}

/** Colours of attention: teal, as strong as the share of the largest. */
function attended(app, { row, shares, tokens, words }) {
  const most = Math.max(...shares) || 1;
  const mostToken = Math.max(...row) || 1;
  legend(app, `linear-gradient(to right, transparent, ${TEAL})`, "0", percent(most), "of its attention");
  return {
    tint: (k) => ({ hue: TEAL, share: 0.75 * (shares[k] / most) }),
    tokenTint: (k) => ({ hue: TEAL, share: row[k] / mostToken }),
    asking: new Set(words),
    askingTokens: new Set(tokens),
  };
}

/** At rest: what every word does to the answer, purple for it and orange against it. */
function effects(app) {
  const { store, hues } = app;
  const { effect } = runOf(store, app.view);
  const most = Math.max(...effect.map(Math.abs), FAINT);
  const answer = store.classes[largest(runOf(store, app.view).probabilities)];
  const ramp = [hues.against, "transparent 50%", hues.for].join();
  legend(app, `linear-gradient(to right, ${ramp})`, points(-most), points(most), `what a word does to “${answer}”`);
  return {
    tint: (k) => (store.padding[k] ? null : { hue: effect[k] < 0 ? hues.against : hues.for, share: 0.7 * (Math.abs(effect[k]) / most) }),
    tokenTint: () => null,
    asking: new Set(),
    askingTokens: new Set(),
  };
}

function legend(app, ramp, from, to, text) {
  if (app.legend.key === ramp + from + to + text) return;
  app.legend.key = ramp + from + to + text;
  app.legend.ramp.style.background = ramp;
  say(app.legend.from, from);
  say(app.legend.to, to);
  say(app.legend.text, text);
}
