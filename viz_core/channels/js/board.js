// The stage: strip, picture, wall and read-out, held together by one state.

import { el, kept } from "../../canvas/js/dom.js";
import { bitmapOf } from "../../cutter/js/wire.js";
import { createControls, showControls } from "./controls.js";
import { createFacts, showFacts } from "./facts.js";
import { createPanels, showPanels } from "./panels.js";
import { createPicture, shownMap } from "./picture.js";
import { placeName, sorted, storeOf, tokenAt } from "./store.js";
import { buildStrip, createStrip, paintStrip } from "./strip.js";
import { createWall, layWall, markWall, revealChosen } from "./wall.js";

const REST = [0.42, 0.5]; // row and column, as shares of the picture, of the first place
const REMEMBERED = ["view", "sort", "label", "scale", "smooth", "opacity", "count", "pinned", "channel", "asked", "at"];

export function startWall(host, tables, send) {
  const ends = new AbortController();
  const app = {
    host, tables, send, signal: ends.signal, serial: 0, pending: 0, asked: 0,
    view: "channels", sort: "contrast", label: 0, scale: "own", smooth: false, opacity: 0.8, count: 5,
    channel: 0, shown: 0, hovered: null, pointed: null, pinned: REST, region: null, at: null, wallHeight: 400,
  };
  app.memory = kept("convnext-channels", {}); // stays while other steps are on the page
  Object.assign(app, app.memory);
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app)); };
  addMoves(app);
  app.picture = createPicture(app);
  app.strip = createStrip(app);
  app.wall = createWall(app);
  app.facts = createFacts();
  app.panels = createPanels(app);
  app.controls = createControls(app);
  app.live = el("div.sr", { "aria-live": "polite" });
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (!(await receive(app, opened, serial))) return;
      if (!app.picture.canvas.isConnected) {
        build(app);
        watch.observe(host);
      }
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

async function receive(app, opened, serial) {
  const { header } = opened;
  if (app.store?.header.id !== header.id) {
    const photo = await bitmapOf(opened.parts.picture);
    if (serial !== app.serial || app.signal.aborted) return false;
    app.photo?.close();
    app.photo = photo;
    app.store = storeOf(opened);
    app.label = Math.min(app.label, Math.max(0, header.classes.length - 1));
    if (app.sort === "drive" && !header.classes.length) app.sort = "contrast";
    buildStrip(app, app.strip);
    restore(app, header.title);
  }
  const { networks, network, ...view } = header.view;
  Object.assign(app, { networks, network });
  if (view.serial && view.serial !== app.asked) {
    const { serial: asked, stage, block, tap, channel, ...rest } = view;
    Object.assign(app, rest, { asked, pointed: null, hovered: null });
    if (stage !== undefined) {
      const found = app.store.find(stage, block, tap ?? "output");
      if (found) app.moveTo(found);
    }
    app.channel = channel ?? first(app);
  }
  app.host.dataset.loading = "false";
  return true;
}

/** The place that was on show, if this network has it; else the last block of its second stage. */
function restore(app, title) {
  const { store, at } = app;
  const same = at?.title === title && store.find(at.stage, at.block, at.wanted ?? at.tap);
  const ends = store.blocks.filter((place, k) => place.stage >= 0 && store.blocks[k + 1]?.stage !== place.stage);
  const opening = ends.length > 1 ? ends[1] : store.blocks[Math.floor(store.blocks.length / 2)];
  const known = Boolean(same);
  app.place = same || opening;
  app.at = { ...at, title, stage: app.place.stage, block: app.place.block, tap: app.place.tap, wanted: null };
  if (!known || app.channel >= app.place.channels) app.channel = first(app);
}

const first = (app) => sorted(app.place, app.sort, app.label, tokenAt(app.place, app.pinned)).order[0];

function addMoves(app) {
  const change = (values) => { Object.assign(app, values); app.schedule(); };
  app.change = change;
  app.point = (pointed) => {
    if (app.view === "regions" && pointed) {
      const { place, token } = shownMap({ ...app, pointed });
      change({ pointed, region: place.labels?.[app.grouping(place)][token] ?? null });
    } else change({ pointed, region: null });
  };
  app.pin = (pinned) => {
    change({ pinned, ...(app.view === "channels" ? { sort: "here", reveal: true } : {}) });
    if (app.view === "channels") app.channel = first(app); // what answers there most
  };
  app.step = ([down, right]) => {
    const { place } = shownMap(app);
    const [row, column] = app.pointed ?? app.pinned;
    const clamp = (share, count) => (Math.min(count - 1, Math.max(0, Math.floor(share))) + 0.5) / count;
    const to = [clamp(row * place.rows + down, place.rows), clamp(column * place.columns + right, place.columns)];
    app.point(to);
    if (app.sort === "here" || app.view === "likeness") change({ pinned: to });
  };
  app.pick = (channel) => { change({ channel, hovered: null, reveal: true }); speak(app); };
  app.preview = (hovered) => { if (hovered !== app.hovered) change({ hovered }); };
  app.setCount = (count) => change({ count, region: null });
  app.markRegion = (region) => change({ region });
  app.grouping = (place) => {
    const at = place.regions.counts.indexOf(app.count);
    return at < 0 ? place.regions.counts.length - 1 : at;
  };
  app.moveTo = (place) => {
    const before = app.place;
    // Outputs of one stage share their channels, and so do maps of one block of the same width.
    const stream = before.stage === place.stage && before.tap === "output" && place.tap === "output";
    const block = before.stage === place.stage && before.block === place.block && before.channels === place.channels;
    app.place = place;
    app.hovered = null;
    app.at = { ...app.at, stage: place.stage, block: place.block, tap: place.tap, wanted: null };
    if (!(stream || block)) app.channel = first(app);
    app.reveal = true;
    app.schedule();
  };
  app.go = (index) => {
    const to = app.store.places[index];
    if (to.stage === app.place.stage && to.block === app.place.block) return;
    app.moveTo(app.store.find(to.stage, to.block, app.place.tap) ?? to);
    speak(app);
  };
  app.hop = (by) => {
    const { blocks } = app.store;
    const at = blocks.findIndex(({ stage, block }) => stage === app.place.stage && block === app.place.block);
    const to = blocks[at + by];
    if (to) app.go(to.index);
  };
  app.show = (network) => {
    if (network === app.network) return;
    app.host.dataset.loading = "true"; // the other network runs on the server
    remember(app);
    app.send("network", network);
  };
  app.tap = (tap) => {
    const { stage, block } = app.place;
    const found = app.store.find(stage, block, tap);
    if (found) {
      app.moveTo(found);
      return;
    }
    app.at = { ...app.at, wanted: tap };
    app.host.dataset.loading = "true"; // the inside of this block comes from the server
    remember(app);
    app.send("inside", [stage, block]);
  };
}

function build(app) {
  const { controls, picture, facts, panels, wall, strip } = app;
  app.host.replaceChildren(
    el("div.channels", {},
      el("div.top-row", {}, controls.views.node, controls.networks),
      strip.node,
      el("div.sides", {},
        el("div.left", {}, picture.canvas, controls.legend, controls.look),
        el("div.right", {}, controls.taps, controls.sorting, wall.node, panels.node, facts.node)),
      app.live));
}

function measure(app) {
  const width = app.host.clientWidth;
  if (!width || !app.store) return;
  app.host.dataset.width = width >= 720 ? "wide" : "slim";
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
  const style = getComputedStyle(app.host);
  app.accent = style.getPropertyValue("--accent").trim() || "#5b4bdb";
  app.quiet = `color-mix(in srgb, ${style.color} 55%, transparent)`;
  const wide = app.host.dataset.width === "wide";
  app.wallHeight = wide ? Math.max(220, app.picture.canvas.clientWidth - 142) : 330;
  const stages = new Set(app.store.blocks.map((place) => place.stage)).size;
  const frame = (width - 14 * stages) / app.store.blocks.length - 11;
  app.host.style.setProperty("--frame", `${Math.floor(Math.min(64, Math.max(wide ? 44 : 38, frame)))}px`);
  app.wall.node.style.maxHeight = `${app.wallHeight}px`;
}

function frame(app) {
  app.pending = 0;
  if (!app.store || app.signal.aborted || !app.picture.canvas.isConnected) return;
  const channels = app.view === "channels";
  app.shown = app.hovered ?? app.channel;
  Object.assign(app.host.dataset, { view: app.view });
  app.picture.paint();
  paintStrip(app, app.strip);
  showControls(app, app.controls);
  app.panels.node.hidden = channels;
  if (channels) {
    const layout = [app.store.header.id, app.place.index, app.sort, app.label, app.scale, app.ratio, app.wall.node.clientWidth,
      app.wallHeight, app.accent, app.sort === "here" ? tokenAt(app.place, app.pointed ?? app.pinned) : ""].join();
    if (app.wall.layout !== layout) {
      app.wall.layout = layout;
      layWall(app, app.wall);
    }
    markWall(app, app.wall);
    if (app.reveal) revealChosen(app, app.wall);
    app.reveal = false;
    showFacts(app, app.facts, tokenAt(app.place, app.pointed ?? app.pinned));
  } else showPanels(app, app.panels);
  tell(app);
  remember(app);
}

function remember(app) {
  for (const name of REMEMBERED) app.memory[name] = app[name];
}

/** Tells the row of samples, and tests, what is shown. */
function tell(app) {
  const { place, shown } = app;
  const told = { name: place.name, channel: shown, where: placeName(place) };
  Object.assign(app.host.dataset, {
    stage: place.stage, block: place.block, tap: place.tap, channel: shown, kept: app.channel, sort: app.sort,
    count: app.count, order: app.wall.order.slice(0, 4).join(),
  });
  if (JSON.stringify(globalThis.saccadeChannel) === JSON.stringify(told)) return;
  globalThis.saccadeChannel = told;
  globalThis.dispatchEvent(new CustomEvent("saccade-channel"));
}

function speak(app) {
  clearTimeout(app.speaking);
  app.speaking = setTimeout(() => {
    app.live.textContent = `${placeName(app.place)}, channel ${app.channel + 1} of ${app.place.channels}`;
  }, 400);
}
