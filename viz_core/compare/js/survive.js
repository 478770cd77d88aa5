// Step “Survive”: a slider for each way to change the picture; every dose was computed before.

import { el, kept as memory, row, say, slider } from "../../canvas/js/dom.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { fitted } from "../../tokenizers/js/paint.js";
import { createBars, showBars } from "./bars.js";
import { createChart, showChart } from "./chart.js";
import { createGrid, showGrid } from "./grid.js";
import { kept, kind, leave, meeting, sweepOf } from "./sweeps.js";

const OPENING = { rotation: 6, shift: 7, scale: 4, shuffle: 2, blur: 7, noise: 5, hue: 6, saturation: 0, brightness: 2 };

export function startSurvive(host, tables, send) {
  const ends = new AbortController();
  const app = { host, tables, send, signal: ends.signal, pending: 0, serial: 0, pictures: new Map() };
  app.state = memory("compare-survive", { chosen: "rotation", doses: { ...OPENING }, asked: 0 });
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.choose = (name, dose = app.state.doses[name]) => {
    app.state.doses[name] = Math.max(0, Math.min(kind(app, name).doses.length - 1, dose));
    app.state.chosen = name;
    ask(app);
    app.schedule();
  };
  host.classList.add("compare", "survive");
  const watch = new ResizeObserver(app.schedule);
  watch.observe(host);
  return {
    show: ({ header, parts }) => {
      if (header.id !== app.header?.id) {
        const known = app.header?.name;
        open(app, header, parts);
        if (known && known !== header.name) leave(known, app.schedule);
        meeting(header.name).listeners.add(app.schedule);
        build(app);
      }
      obey(app, header.view ?? {});
      ask(app);
      draw(app);
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      if (app.header) leave(app.header.name, app.schedule);
      host.replaceChildren();
    },
  };
}

/** Brings the shares of one transform to the board of its name; shows nothing itself. */
export function startSweep(host) {
  host.hidden = true;
  return {
    show: ({ header, parts }) => {
      const place = meeting(header.name);
      place.sweeps.set(header.transform, header.networks.map((_, k) => {
        const shares = floats(parts[`shares_${k}`]);
        return { shares, classes: header.classes[k] };
      }));
      for (const listen of place.listeners) listen();
    },
    end: () => {},
  };
}

function open(app, header, parts) {
  app.header = header;
  app.pictures.clear();
  app.kinds = new Map(header.kinds.map((one) => {
    let at = 0;
    const frames = one.lengths.map((length) => parts[`frames_${one.name}`].subarray(at, (at += length)));
    return [one.name, { ...one, frames }];
  }));
}

/** A view that a suggestion or a link asked for; the server knows it. */
function obey(app, view) {
  app.sent ??= { transform: app.header.kinds[0].name, seed: app.header.seed };
  if (!view.serial || view.serial === app.state.asked) return;
  app.state.asked = view.serial;
  if (!app.kinds.has(view.transform)) return;
  app.state.chosen = app.sent.transform = view.transform;
  if (view.dose !== undefined) app.state.doses[view.transform] = view.dose;
}

/** Tells the server which transform is looked at, once: it may have to measure it. */
function ask(app, seed = app.header.seed) {
  const { chosen } = app.state;
  if (app.sent.transform === chosen && app.sent.seed === seed) return;
  app.sent = { transform: chosen, seed };
  app.send("asked", { ...app.sent, serial: Date.now() });
}

function build(app) {
  const { signal } = app;
  app.canvas = el("canvas.seen", { role: "img" });
  app.rule = el("p.rule");
  app.again = el("button.quiet", { type: "button", title: "The same dose, by another lot" }, "Another draw");
  app.again.addEventListener("click", () => {
    ask(app, app.header.seed + 1);
  }, { signal });
  app.tracks = new Map([...app.kinds.values()].map((one) => {
    const text = (at) => `${one.doses[at].replace("-", "−")}${one.unit.startsWith("°") ? "" : "\u202f"}${one.unit.replace(" of the side", "").replace(" of white", "").replace("pieces a side", "a side")}`;
    const made = slider(`${one.title}, ${one.unit}`, { min: 0, max: one.doses.length - 1, step: 1 }, text, (at) => app.choose(one.name, at), signal);
    made.input.addEventListener("focus", () => app.choose(one.name), { signal });
    made.input.addEventListener("pointerdown", () => app.choose(one.name), { signal });
    const node = row(one.title, made.node);
    node.dataset.kind = one.name;
    const label = node.querySelector(".label");
    label.setAttribute("role", "button");
    label.addEventListener("click", () => app.choose(one.name), { signal });
    label.addEventListener("keydown", (event) => { if (event.key === "Enter") app.choose(one.name); }, { signal });
    return [one.name, { ...made, row: node, label }];
  }));
  app.bars = createBars(app);
  app.chart = createChart(app);
  app.grid = createGrid(app);
  app.host.replaceChildren(
    el("div.board", {},
      el("div.look", {}, app.canvas, app.rule, app.again),
      el("div.tracks", { role: "group", "aria-label": "Ways to change the picture" }, ...[...app.tracks.values()].map((one) => one.row)),
      app.bars.node),
    el("div.below", {}, app.chart.node, app.grid.node));
}

function draw(app) {
  const { host, state } = app;
  if (!app.canvas || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const chosen = kind(app, state.chosen);
  const dose = state.doses[state.chosen];
  for (const [name, track] of app.tracks) {
    track.set(state.doses[name]);
    track.row.dataset.chosen = String(name === state.chosen);
    track.label.tabIndex = host.dataset.width === "slim" ? 0 : -1; // sliders take the focus where they stand
  }
  say(app.rule, chosen.rule);
  app.again.hidden = !chosen.random;
  picture(app, chosen, dose);
  app.canvas.setAttribute("aria-label", `The picture: ${chosen.title.toLowerCase()} ${chosen.doses[dose]} ${chosen.unit}`);
  const found = sweepOf(app, state.chosen);
  host.dataset.busy = String(!found);
  const lines = found?.map((sweep) => kept(sweep, chosen.still));
  showBars(app, chosen, found, lines, dose);
  showChart(app, chosen, lines, dose);
  showGrid(app);
  Object.assign(host.dataset, {
    transform: state.chosen, dose,
    shares: lines ? lines.map((line) => line.share[dose].toFixed(4)).join() : "",
    stays: lines ? lines.map((line) => line.stays[dose]).join() : "",
  });
}

/** Draws a dose; its JPEG is decoded the first time, and the last one drawn until then. */
async function picture(app, chosen, dose) {
  const key = `${app.header.id}${chosen.name}${dose}`;
  const serial = ++app.serial;
  if (!app.pictures.has(key)) app.pictures.set(key, await bitmapOf(chosen.frames[dose]));
  if (serial !== app.serial || app.signal.aborted) return;
  const place = fitted(app.canvas);
  place.context.imageSmoothingQuality = "high";
  place.context.drawImage(app.pictures.get(key), 0, 0, place.side, place.side);
  app.host.dataset.picture = `${chosen.name} ${dose}`;
}
