// Banks, wall, lens and sizes, held together by one state.

import { gradient } from "../../canvas/js/colour.js";
import { el, icon, kept, say, segmented } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { bitmapOf } from "../../cutter/js/wire.js";
import { createLens, paintLens } from "./lens.js";
import { createSizes, showSizes } from "./sizes.js";
import { sceneOf, storeOf } from "./store.js";
import { atlasOf, createWall, layWall, topOf } from "./wall.js";

const SWEEP = 5000; // milliseconds in which the window goes over a map
const FACES = 9; // kernels on the button of a block
const REMEMBERED = ["at", "channel", "scale", "source", "size", "pinned", "asked"];

export function startBoard(host, tables) {
  const ends = new AbortController();
  const app = {
    host, tables, signal: ends.signal, serial: 0, pending: 0, asked: 0, at: null, channel: null, hovered: null,
    scale: "own", source: "own", size: null, pinned: null, pointed: null, place: [0, 0], done: null, playing: null,
  };
  app.memory = kept("convnext-kernels", {});
  Object.assign(app, app.memory);
  app.schedule = () => { app.pending ||= requestAnimationFrame((time) => frame(app, time)); };
  addMoves(app);
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (app.store?.header.id !== opened.header.id) {
        const photo = await bitmapOf(opened.parts.picture);
        if (serial !== app.serial || app.signal.aborted) return;
        app.photo?.close();
        app.photo = photo;
        const first = !app.store;
        app.store = storeOf(opened);
        restore(app);
        if (!app.node?.isConnected) {
          build(app);
          watch.observe(host);
        }
        fillBanks(app);
        if (first && !app.pinned && !matchMedia("(prefers-reduced-motion: reduce)").matches) app.play();
      }
      view(app, opened.header.view);
      measure(app);
      app.schedule();
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.photo?.close();
      host.replaceChildren();
    },
  };
}

/** The bank and kernel that were on show, if this network has them; else its boldest ones. */
function restore(app) {
  const { banks, header } = app.store;
  const at = banks.findIndex((bank) => bank.label === app.at);
  app.bank = banks[at < 0 ? Math.min(2, banks.length - 1) : at];
  app.at = app.bank.label;
  if (!header.variants.some((variant) => variant.size === app.size)) app.size = header.own;
  if (app.channel === null || app.channel >= app.bank.channels) app.channel = boldest(app.bank);
  app.key = null;
}

/** The kernel with the largest weight: a telling one to begin with. */
function boldest({ tops }) {
  return tops.reduce((best, top, k) => (top > tops[best] ? k : best), 0);
}

function view(app, { serial, ...wanted }) {
  if (!serial || serial === app.asked) return;
  app.asked = serial;
  const { stage, block, last, channel, pinned, ...rest } = wanted;
  Object.assign(app, rest, { hovered: null, pointed: null, playing: null, done: null });
  const { banks } = app.store;
  const found = last ? banks.findLast((bank) => bank.planes === 1)
    : banks.find((bank) => bank.planes === 1 && bank.stage === stage && bank.block === block);
  if (found) app.choose(found.index);
  if (channel !== undefined && channel < app.bank.channels) app.channel = channel;
  if (pinned) app.pinned = pinned;
  reveal(app.node);
}

/** A button below the stage set its view: brings the stage back into sight. */
function reveal(node) {
  if (node.getBoundingClientRect().top < 0) node.scrollIntoView({ block: "start" });
}

function addMoves(app) {
  const change = (values) => { Object.assign(app, values); app.schedule(); };
  app.change = change;
  const still = { playing: null, done: null };
  app.preview = (hovered) => { if (hovered !== app.hovered) change({ hovered }); };
  app.pick = (channel) => change({ channel, hovered: null });
  app.choose = (index) => {
    const bank = app.store.banks[index];
    if (bank === app.bank) return;
    change({ bank, at: bank.label, channel: boldest(bank), hovered: null, ...still });
  };
  app.hop = (by) => { if (app.store.banks[app.bank.index + by]) app.choose(app.bank.index + by); };
  app.point = (pointed) => change({ pointed, ...still });
  app.leave = () => { if (app.pinned) change({ pointed: null }); };
  app.pin = (pinned) => change({ pinned, pointed: pinned, ...still });
  app.step = ([down, right]) => {
    const { outRows, outColumns } = app.scene;
    const [row, column] = app.place;
    const share = (k, by, count) => (Math.max(0, Math.min(count - 1, k + by)) + 0.5) / count;
    const to = [share(row, down, outRows), share(column, right, outColumns)];
    change({ pointed: to, pinned: app.pinned && to, ...still });
  };
  app.setSize = (size) => change({ size, ...still });
  app.play = () => change({ playing: null, pointed: null, done: 0 });
  app.toggle = () => { if (app.done === null) app.play(); else change(still); };
}

function build(app) {
  app.wall = createWall(app);
  app.lens = createLens(app);
  app.sizes = createSizes();
  app.bankRow = el("div.bank-row", { role: "group", "aria-label": "Convolution" });
  app.live = el("div.sr", { "aria-live": "polite" });
  app.scaleOf = segmented("Colours", [
    ["own", "Own scale", "Each kernel up to its own largest weight"],
    ["one", "One scale", "All kernels up to one weight: strong ones stand out"],
  ], (scale) => app.change({ scale }), app.signal);
  app.sourceOf = segmented("Input", [
    ["own", "Its own map", "The map that this channel really reads"],
    ["grey", "Grey values", "The picture's grey values: for intuition only, the network never does this"],
  ], (source) => app.change({ source, playing: null, done: null }), app.signal);
  app.sizeRow = el("div.row", {}, el("span.label", {}, "Size"));
  app.playButton = el("button.round", { type: "button", title: "Move the window over the whole map" });
  app.playButton.addEventListener("click", app.toggle, { signal: app.signal });
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  [app.low, app.high, app.unit] = [el("span"), el("span"), el("span.unit")];
  app.range = el("span.range", {}, app.low, bar, app.high);
  app.caption = el("span.caption-line");
  app.sourceLabel = el("span.label");
  app.sourceRow = el("div.row", {}, app.sourceLabel, app.sourceOf.node, app.playButton);
  app.node = el("div.kernels", {}, app.bankRow,
    el("div.sides", {},
      el("div.left", {},
        el("div.row.between", {}, app.caption, app.scaleOf.node), app.wall.node,
        el("div.legend", {}, app.range, app.unit)),
      el("div.right", {}, app.lens.node, app.sourceRow, app.sizeRow)),
    app.sizes.node, app.live);
  app.host.replaceChildren(app.node);
}

/** One button a bank, with a few of its kernels on it. */
function fillBanks(app) {
  app.bankRow.replaceChildren(...app.store.banks.map((bank) => {
    const { canvas } = atlasOf({ ...app, scale: "own" }, bank, Math.min(FACES, bank.channels));
    const button = el("button.bank", { type: "button", title: `${bank.channels} kernels of ${bank.size} × ${bank.size}` }, canvas, el("span", {}, bank.label));
    button.dataset.label = bank.label;
    button.addEventListener("click", () => app.choose(bank.index), { signal: app.signal });
    return button;
  }));
  const options = app.store.header.variants.map(({ size }) => [String(size), `${size}`, size === app.store.header.own ? "As trained" : size < app.store.header.own ? "The middle of the trained kernel" : "The trained kernel with zeros around it"]);
  app.sizeOf = segmented("Size of the kernel", options, (size) => app.setSize(Number(size)), app.signal);
  app.sizeNote = el("span.note-line");
  app.sizeRow.replaceChildren(el("span.label", {}, "Size"), app.sizeOf.node, app.sizeNote);
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width || !app.node) return;
  app.host.dataset.width = width >= 720 ? "wide" : "slim";
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
  app.wallHeight = app.host.dataset.width === "wide" ? 500 : 300;
  app.wall.node.style.maxHeight = `${app.wallHeight + 8}px`;
}

function frame(app, time) {
  app.pending = 0;
  if (!app.store || app.signal.aborted || !app.node?.isConnected) return;
  app.shown = app.hovered ?? app.channel;
  const key = [app.store.header.id, app.bank.index, app.shown, app.size, app.source].join();
  if (app.key !== key) {
    app.key = key;
    app.scene = sceneOf(app.store, app.bank, app.shown, app.size, app.source === "grey");
  }
  move(app, time);
  layWall(app, app.wall);
  paintLens(app, app.lens);
  controls(app);
  showSizes(app, app.sizes);
  for (const name of REMEMBERED) app.memory[name] = app[name];
  Object.assign(app.host.dataset, { bank: app.bank.label, channel: app.shown, size: app.size, playing: String(app.done !== null), place: app.place.join() });
}

/** Where the window stands: at the pointer, at the pin, or on its way over the map. */
function move(app, time) {
  const { outRows, outColumns } = app.scene;
  if (app.done !== null) {
    app.playing ??= time;
    const share = (time - app.playing) / SWEEP;
    const at = Math.floor(share * outRows * outColumns);
    if (share >= 1) Object.assign(app, { done: null, playing: null });
    else {
      app.done = at;
      app.place = [Math.floor(at / outColumns), at % outColumns];
      app.schedule();
      return;
    }
  }
  const [down, right] = app.pointed ?? app.pinned ?? [0.42, 0.5];
  const clamp = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  app.place = [clamp(down, outRows), clamp(right, outColumns)];
}

function controls(app) {
  const { bank, store } = app;
  const stem = bank.planes > 1;
  for (const one of app.bankRow.children) one.setAttribute("aria-pressed", String(one.dataset.label === bank.label));
  app.scaleOf.set(app.scale);
  app.sourceOf.set(app.source);
  app.sizeOf.set(String(app.size));
  app.sourceOf.node.hidden = stem;
  say(app.sourceLabel, stem ? "Sweep" : "Input");
  app.range.hidden = stem;
  app.sizeRow.hidden = stem || !store.header.variants.length;
  const running = app.done !== null;
  if (app.playButton.dataset.running !== String(running)) {
    app.playButton.dataset.running = String(running);
    app.playButton.setAttribute("aria-label", running ? "Stop" : "Play");
    app.playButton.replaceChildren(icon(running ? "pause" : "play"));
  }
  const name = stem ? bank.label : `Stage ${bank.stage + 1}, block ${bank.block + 1}`;
  say(app.caption, `${name}: ${bank.channels} kernels`);
  const top = topOf(app, bank, app.shown);
  say(app.low, stem ? "" : number(-top));
  say(app.high, stem ? "" : number(top));
  say(app.unit, stem ? "weights of red, green and blue; grey is zero" : app.scale === "one" ? "weight, one scale for all" : "weight, each to its own largest");
  const own = store.header.own;
  say(app.sizeNote, app.source === "grey" && !stem ? "For intuition: the network never does this."
    : app.size === own ? "as trained" : app.size < own ? "the middle of the trained kernel: a crop, not trained so" : "zeros around the trained kernel: nothing changes");
}
