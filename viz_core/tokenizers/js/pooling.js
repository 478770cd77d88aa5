// Step “Pooling”: where each head reads, and what the answer is worth without one place.

import { divergingLut, gradient, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { QUERY } from "../../canvas/js/stage.js";
import { number, percent } from "../../canvas/js/words.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { FAMILIES, arrows, cell, drawCells, drawGrid, drawPicture, fitted, outline, pixelCanvas, placeName, pointed, stepped, tokenAt } from "./paint.js";

const MAPS = [
  ["weights", "Weights", "How much of what the head reads comes from each place"],
  ["without", "If left out", "How the share of the first answer changes without each place"],
  ["votes", "Votes", "What each place adds to the logit of the first answer: pooling and head are linear, so they sum up"],
];
const THIN = "\u2009";

export function startPooling(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, serial: 0, point: null };
  app.state = kept("compact-pooling", { map: "weights", look: "photo", rest: null, asked: 0 });
  app.luts = { up: sequentialLut(tables.magma, 0.92), both: divergingLut(tables.PuOr, 0.95) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  app.aim = (point) => {
    app.point = point;
    if (point) app.state.rest = point;
    app.schedule();
  };
  host.classList.add("tokenizers", "pooling");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (header.id !== app.header?.id) {
        const photo = await bitmapOf(parts.picture);
        if (serial !== app.serial || app.signal.aborted) return;
        app.photo?.close();
        Object.assign(app, { header, photo, seen: pixelCanvas(parts.pixels, header.side) });
        app.networks = header.networks.map((network, k) => read(network, k, parts, header.labels));
        build(app);
        watch.observe(host);
      }
      const { view } = header;
      if (view?.serial && view.serial !== app.state.asked) {
        app.state.asked = view.serial;
        app.set({ map: view.map ?? "weights", rest: view.rest ?? null });
      }
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

function read(network, k, parts, labels) {
  const [weights, without] = [floats(parts[`weights${k}`]), floats(parts[`without${k}`])];
  const all = parts[`votes${k}`] ? floats(parts[`votes${k}`]) : null;
  const count = labels.length;
  const first = network.shares.indexOf(Math.max(...network.shares));
  const column = (values, less) => Float32Array.from(weights, (_, at) => values[at * count + first] - less);
  const maps = { weights, without: column(without, network.shares[first]), votes: all && column(all, 0) };
  const top = (values) => values?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0;
  return { ...network, maps, without, first, tops: { weights: top(weights), without: top(maps.without), votes: top(maps.votes) } };
}

function build(app) {
  const { signal } = app;
  app.kinds = segmented("Map", MAPS, (map) => app.set({ map }), signal);
  app.looks = segmented("Picture", [
    ["pixels", `${app.header.side} × ${app.header.side} pixels`, "What the networks get"], ["photo", "Sharp", "Your picture at its own resolution"],
  ], (look) => app.set({ look }), signal);
  app.cards = app.networks.map((network) => card(app, network));
  app.told = el("p.caption");
  app.host.replaceChildren(
    el("div.top-row", {}, app.kinds.node, app.looks.node),
    el("div.cards", { style: `--count:${app.cards.length}` }, ...app.cards.flatMap((one) => [one.face, one.details])), app.told);
}

function card(app, network) {
  const canvas = el("canvas.seen", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-roledescription", "what the head reads");
  pointed(canvas, app.aim, app.signal);
  arrows(canvas, (by) => app.aim(stepped(app.state.rest ?? [0.5, 0.5], by, network.grid)), app.signal);
  canvas.addEventListener("pointerdown", () => { app.state.chosen = network.key; app.schedule(); }, { signal: app.signal });
  const how = network.reading === "pool" ? "sequence pooling" : "class token’s attention";
  const face = el("figure.face", {}, el("figcaption", {}, el("b", { style: `--c:${FAMILIES[network.family].colour}` }, network.title), el("span", {}, how)), canvas);
  const [low, high, bar, unit] = [el("span"), el("span"), el("i.bar"), el("span")];
  const [value, note] = [el("span.fact-value"), el("span.fact-note")];
  const rows = network.guesses.map(([label]) => {
    const cells = Array.from({ length: 3 }, () => el("td"));
    return { cells, at: app.header.labels.indexOf(label), node: el("tr", {}, el("th", {}, label), ...cells) };
  });
  const heads = ["as it is", "without it", "plain mean"].map((text) => el("th", {}, text));
  const table = el("table.numbers", {}, el("thead", {}, el("tr", {}, el("th"), ...heads)), el("tbody", {}, ...rows.map((one) => one.node)));
  const details = el("div.details", {}, el("div.legend", {}, el("span.range", {}, low, bar, high), unit), el("div.fact", {}, value, note), table);
  return { network, canvas, face, details, low, high, bar, unit, value, note, rows };
}

function draw(app) {
  const { host, state } = app;
  if (!app.cards || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  app.kinds.set(state.map);
  app.looks.set(state.look);
  const chosen = app.networks.some((one) => one.key === state.chosen) ? state.chosen : app.networks.at(-1).key;
  for (const one of app.cards) {
    one.face.dataset.chosen = one.details.dataset.chosen = String(one.network.key === chosen);
    drawCard(app, one);
  }
  say(app.told, {
    weights: "Each map is scaled to its own largest weight. Pooling reads every token once and by itself; the class token’s attention is only the last of its looks, and part of it goes to itself.",
    without: "The token’s weight becomes 0 and the others grow to 100\u2009% again; of the class token, the key is closed in the last layer. Computed for every place before you pointed.",
    votes: "Pooling is a weighted sum and the head is linear, so the logit is the sum of these votes and a bias. A class token goes through layers that are not linear: it has no such split.",
  }[state.map]);
  const token = state.rest ? tokenAt(state.rest, app.networks.at(-1).grid) : "";
  Object.assign(host.dataset, { map: state.map, token, values: app.cards.map((one) => one.shown).join() });
}

function drawCard(app, one) {
  const { network, canvas } = one;
  const { state } = app;
  const place = fitted(canvas);
  const values = network.maps[state.map];
  const top = network.tops[state.map];
  const photo = state.look === "photo";
  drawPicture(place, photo ? app.photo : app.seen, { smooth: photo, grey: state.map !== "weights" });
  const token = state.rest ? tokenAt(state.rest, network.grid) : network.maps.weights.indexOf(network.tops.weights);
  if (values) {
    const unit = top > 0 ? 1 / top : 0;
    const colour = state.map === "weights"
      ? (k) => app.luts.up[Math.round(255 * values[k] * unit)]
      : (k) => app.luts.both[Math.round(127.5 + 127.4 * values[k] * unit)];
    drawCells(place, { x: 0, y: 0, w: place.side, h: place.side }, network.grid, network.grid, colour);
  }
  drawGrid(place, network.grid);
  outline(place, cell(place.side, network.grid, token), QUERY);
  tell(app, one, token, values, top);
}

const signed = (value, text) => {
  const size = text(Math.abs(value));
  return size.startsWith("<") || !value ? size : `${value > 0 ? "+" : "−"}${size}`;
};
const points = (value) => `${number(100 * value)}${THIN}points`;

function tell(app, one, token, values, top) {
  const { network } = one;
  const { map } = app.state;
  const label = app.header.labels[network.first];
  const where = placeName(token, network.grid);
  const even = percent(1 / network.grid ** 2);
  const text = { weights: percent, without: points, votes: number }[map];
  one.details.dataset.none = String(!values);
  say(one.low, map === "weights" ? "0" : `−${text(top)}`);
  say(one.high, map === "weights" ? percent(top) : `+${text(top)}`);
  one.bar.style.background = gradient(app.tables[map === "weights" ? "magma" : "PuOr"]);
  say(one.unit, { weights: `of what the head reads; even: ${even}`, without: `change of “${label}” without this place`, votes: `added to the logit of “${label}”` }[map]);
  one.shown = values ? values[token] : NaN;
  say(one.value, values ? (map === "weights" ? percent(values[token]) : signed(values[token], text)) : "–");
  say(one.note, values ? { weights: `read from ${where}`, without: `“${label}” without ${where}`, votes: `vote of ${where} for “${label}”` }[map] : "no votes: it is read through a class token");
  const count = app.header.labels.length;
  for (const { cells, at } of one.rows) {
    say(cells[0], percent(network.shares[at]));
    say(cells[1], percent(network.without[token * count + at]));
    say(cells[2], network.mean ? percent(network.mean[at]) : "–");
  }
  one.canvas.setAttribute("aria-label", `${network.title}: ${one.value.textContent} ${one.note.textContent}`);
}
