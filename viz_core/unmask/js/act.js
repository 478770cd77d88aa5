// What a person can do: choose, slide, paint, undo, sweep. Python hears only of what it must paint.

import { filled, inverted } from "./brush.js";
import { codeOf, hiddenIn, lookup, maskAt, maskFrom, NETWORK, ranksOf, resized, runName, SLOTS } from "./store.js";

const STEP = 260; // ms a ratio stays while they are swept
const MOST_UNDO = 60;
const BETWEEN = 160; // ms between two questions while a stroke is under way
const PATIENCE = 2000; // ms until a question is taken for lost
const TOLD = ["strategy", "seed", "baseline"];

export function actions(app) {
  app.mask = () => {
    const { strategy, slot } = app.view;
    const mask = app.held?.draft ?? app.grown ?? (strategy === "hand" ? app.hand : maskAt(app.store, app.view, slot));
    return (app.lastMask = mask ?? app.lastMask);
  };
  app.percent = () => {
    const mask = app.mask();
    return app.view.strategy === "hand" && mask ? (100 * hiddenIn(mask)) / mask.length : app.view.slot * 5;
  };
  app.point = (patch) => {
    if (app.over === patch && patch !== null) return;
    app.over = patch;
    app.schedule();
  };
  app.look = (view) => {
    app.peek = view;
    app.schedule();
  };
  app.choose = (part) => choose(app, part);
  app.slide = (value) => slide(app, value);
  app.settle = () => settle(app);
  app.take = (next, before) => take(app, next, before);
  app.edit = (kind) => edit(app, kind);
  app.undo = () => undo(app);
  app.stop = () => stop(app);
  app.sweep = () => sweep(app);
  app.stream = () => stream(app);
  app.tell = () => commit(app);
}

function commit(app) {
  app.asking = null;
  send(app, app.view.strategy, app.hand);
}

function send(app, strategy, hand) {
  const { seed, baseline, slot } = app.view;
  app.send({ strategy, seed, baseline, slot, hand: hand && codeOf(hand), serial: app.serial });
}

/** A stroke is painted back while it goes on: one question at a time, the next when it is answered. */
function stream(app) {
  const mask = app.held?.draft ?? app.grown;
  const run = mask && runName({ strategy: "hand", hand: mask });
  const now = performance.now();
  const since = now - (app.askedAt ?? 0);
  const open = app.asking && !lookup(app.store, app.asking, 0)?.[NETWORK] && since < PATIENCE;
  if (!mask || run === app.asking || open || since < BETWEEN) return;
  Object.assign(app, { asking: run, askedAt: now });
  send(app, "hand", mask);
}

function choose(app, part) {
  stop(app);
  if (part.strategy === "hand" && !app.hand) app.hand = app.mask()?.slice() ?? null;
  if (part.strategy === "hand" && !app.hand) return;
  const asks = TOLD.some((name) => name in part && part[name] !== app.view[name]);
  Object.assign(app.view, part);
  app.schedule();
  if (asks) commit(app);
}

function slide(app, value) {
  if (app.view.strategy !== "hand") {
    stop(app);
    app.view.slot = Math.round(value / 5);
    return app.schedule();
  }
  const masks = app.store.masks.get(app.view.seed)?.random;
  if (!masks) return;
  const target = Math.round((app.hand.length * value) / 100);
  app.grown = resized(app.hand, ranksOf(masks), target);
  app.stream();
  app.schedule();
}

/** The slider was let go: a mask by hand that grew is a stroke like any other. */
function settle(app) {
  const { grown } = app;
  app.grown = null;
  if (grown) take(app, grown, app.hand);
}

const same = (a, b) => a.every((on, k) => on === b[k]);

/** A new mask by hand. What there was before can be brought back. */
function take(app, next, before) {
  if (!next || same(next, before)) {
    if (app.asking) commit(app);
    return app.schedule();
  }
  const { strategy, seed, slot } = app.view;
  app.history.push({ strategy, seed, slot, hand: app.hand && codeOf(app.hand) });
  if (app.history.length > MOST_UNDO) app.history.shift();
  app.hand = next;
  app.view.strategy = "hand";
  app.schedule();
  commit(app);
}

function edit(app, kind) {
  const mask = app.mask();
  if (!mask) return;
  stop(app);
  const next = { invert: inverted, hide: (m) => filled(m, 1), show: (m) => filled(m, 0) }[kind](mask);
  take(app, next, mask);
}

function undo(app) {
  const last = app.history.pop();
  if (!last) return;
  const { hand, ...view } = last;
  app.hand = hand && maskFrom(hand, app.grid.rows * app.grid.columns);
  Object.assign(app.view, view);
  app.schedule();
  commit(app);
}

function stop(app) {
  clearInterval(app.sweeping);
  app.sweeping = 0;
}

/** Walks through all ratios, from 0 or from where one stands. */
function sweep(app) {
  if (app.sweeping) {
    stop(app);
    return app.schedule();
  }
  if (app.view.strategy === "hand") choose(app, { strategy: "random" });
  if (app.view.slot === SLOTS - 1 || app.view.slot === app.home) app.view.slot = 0;
  app.sweeping = setInterval(() => {
    app.view.slot = Math.min(SLOTS - 1, app.view.slot + 1);
    if (app.view.slot === SLOTS - 1) stop(app);
    app.schedule();
  }, STEP);
  app.schedule();
}
