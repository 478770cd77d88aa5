// Step “Tokens”: which pixels a token reads, and the maps of every step of each tokenizer.

import { divergingLut, gradient, opaqueLut, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, segmented } from "../../canvas/js/dom.js";
import { bitmapOf, signed } from "../../cutter/js/wire.js";
import { createCard, paintCard } from "./card.js";
import { pixelCanvas, stepped } from "./paint.js";
import { stepOf } from "./steps.js";
import { createWall, showWall } from "./wall.js";

const REST = [0.44, 0.44]; // row and column of the first token, as shares of the picture

export function startStage(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, serial: 0, point: null, over: null };
  app.state = kept("compact-tokens", { rest: REST, network: -1, steps: {}, held: null, asked: 0, look: "pixels" });
  app.luts = {
    heat: sequentialLut(tables.magma, 0.9), over: divergingLut(tables.PuOr, 0.92), flat: opaqueLut(tables.PuOr),
  };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  app.aim = (point) => {
    if (point) app.state.rest = point;
    app.point = point;
    app.schedule();
  };
  app.step = (by, grid) => app.aim(stepped(app.state.rest, by, grid));
  app.choose = (network, step) => {
    app.state.steps[app.networks[network].key] = step;
    app.set({ network, held: null });
  };
  app.hover = (over) => { app.over = over; app.schedule(); };
  app.hold = (channel) => app.set({ held: app.state.held === channel ? null : channel });
  host.classList.add("tokenizers");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (header.id !== app.header?.id) {
        const photo = await bitmapOf(parts.picture);
        if (serial !== app.serial || app.signal.aborted) return;
        app.photo?.close();
        read(app, header, parts, photo);
        build(app);
        watch.observe(host);
      }
      const { view } = header;
      if (view?.serial && view.serial !== app.state.asked) obey(app, view);
      draw(app);
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

function read(app, header, parts, photo) {
  Object.assign(app, { header, photo, seen: pixelCanvas(parts.pixels, header.side) });
  app.networks = header.networks.map((network, k) => ({
    ...network,
    index: k,
    grid: network.edges.length,
    fields: parts[`fields${k}`],
    steps: network.steps.map((step, at) => ({ ...step, levels: signed(parts[`maps${k}_${at}`]), name: named(network, step) })),
  }));
  const { state } = app;
  if (!(state.network in app.networks)) state.network = app.networks.length - 1;
}

function named(network, { kind, layer }) {
  if (network.steps.length === 1) return "Patches";
  return `${{ convolved: "Convolution", activated: "ReLU", pooled: "Max pool" }[kind]} ${layer + 1}`;
}

/** A view that a suggestion asked for. */
function obey(app, { serial, network, step, rest, channel }) {
  const at = app.networks.findIndex((one) => one.family === network);
  app.state.asked = serial;
  if (rest) app.state.rest = rest;
  if (at < 0) return;
  const steps = app.networks[at].steps;
  app.choose(at, Math.min(step ?? steps.length - 1, steps.length - 1));
  if (channel) app.state.held = stepOf(app, at).order[0];
}

function build(app) {
  app.cards = app.networks.map((network) => createCard(app, network));
  app.wall = createWall(app);
  app.looks = segmented("Picture", [
    ["pixels", "32 pixels", "What the networks get"], ["photo", "Sharp", "Your picture at its own resolution"],
  ], (look) => app.set({ look }), app.signal);
  app.looks.buttons[0].textContent = `${app.header.side} × ${app.header.side} pixels`;
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.magma);
  const legend = el("div.legend", {},
    el("span.marks", {}, el("i.mark.query"), "read by this token"),
    el("span.marks", {}, el("i.mark.key"), "by the next one"),
    el("span.range", {}, el("span", {}, "0"), bar, el("span", {}, "largest")),
    el("span", {}, "how much a pixel would change it (root of the gradient)"));
  app.host.replaceChildren(
    el("div.cards", { style: `--count:${app.cards.length}` }, ...app.cards.flatMap((card) => [card.face, card.details])),
    el("div.under", {}, legend, el("div.looks", {}, app.looks.node)),
    app.wall.node);
}

function draw(app) {
  const { host, state } = app;
  if (!app.cards || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  app.looks.set(state.look);
  app.cards.forEach((card, k) => {
    card.face.dataset.chosen = card.details.dataset.chosen = String(k === state.network);
    paintCard(app, card);
  });
  showWall(app);
  const { steps } = app.networks[state.network];
  Object.assign(host.dataset, {
    network: app.networks[state.network].key, step: steps.indexOf(stepOf(app, state.network)),
    reads: app.cards.map((card) => card.count).join(), shared: app.cards.map((card) => card.common).join(),
  });
}
