// One tokenizer: the picture with a token's window on it, the steps, and what it says.

import { el, say } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { KEY, QUERY } from "../../canvas/js/stage.js";
import {
  FAMILIES, arrows, cell, drawCells, drawGrid, drawPicture, fitted, outline, placeName, pointed, spotlight, tokenAt,
} from "./paint.js";
import { stepOf } from "./steps.js";

const SHORT = { "Max pool": "pool", Convolution: "conv" };

export function createCard(app, network) {
  const { signal } = app;
  const canvas = el("canvas.seen", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-roledescription", "pixels that a token reads");
  pointed(canvas, app.aim, signal);
  arrows(canvas, (by) => app.step(by, network.grid), signal);
  canvas.addEventListener("click", () => app.choose(network.index, network.steps.indexOf(stepOf(app, network.index))), { signal });
  const face = el("figure.face", {},
    el("figcaption", {}, el("b", { style: `--c:${FAMILIES[network.family].colour}` }, network.title), el("span", {}, told(network))), canvas);
  const [reads, shares] = [el("p.reads"), el("p.shares")];
  const thumbs = network.steps.map((step, at) => thumb(app, network, step, at));
  const guesses = el("div.guesses", { role: "list", "aria-label": `What ${network.title} takes it for` },
    ...network.guesses.map(([label, share]) => {
      const bar = el("i");
      bar.style.width = `${100 * share}%`;
      return el("div.guess", { role: "listitem" }, el("span", {}, label), el("span.track", {}, bar), el("span.percent", {}, percent(share)));
    }));
  const details = el("div.details", {}, reads, shares, el("div.thumbs", { role: "group", "aria-label": `Steps of ${network.title}` }, ...thumbs.map((one) => one.node)), guesses);
  return { network, canvas, face, details, reads, shares, thumbs, count: 0, common: 0 };
}

function told({ family, kernel, steps }) {
  if (family !== "CCT") return `patches of ${kernel} × ${kernel}`;
  const times = steps.filter((step) => step.kind === "convolved").length;
  return `${kernel} × ${kernel} convolutions${times > 1 ? ", twice" : ""}`;
}

function thumb(app, network, step, at) {
  const canvas = el("canvas", { width: step.side, height: step.side });
  const [name, layer] = step.name.split(/ (?=\d)/);
  const label = `${(SHORT[name] ?? name)}${layer ? ` ${layer}` : ""}`;
  const node = el("button.thumb", { type: "button", title: `${step.name}: ${step.channels} maps of ${step.side} × ${step.side}` },
    canvas, el("span", {}, label), el("span.size", {}, `${step.side} × ${step.side}`));
  node.addEventListener("click", () => app.choose(network.index, at), { signal: app.signal });
  return { node, canvas, step };
}

/** Pixels of a token's window, and of its window and its neighbour's at once. */
export function counted(edges, token) {
  const grid = edges.length;
  const [row, column] = [Math.floor(token / grid), token % grid];
  const next = column + 1 < grid ? column + 1 : column - 1;
  const [tall, wide] = [row, column].map((k) => edges[k][1] - edges[k][0]);
  const overlap = Math.min(edges[column][1], edges[next][1]) - Math.max(edges[column][0], edges[next][0]);
  return { tall, wide, row, column, next, pixels: tall * wide, shared: tall * Math.max(0, overlap) };
}

export function paintCard(app, card) {
  const { network, canvas } = card;
  const { state, header } = app;
  const place = fitted(canvas);
  const token = tokenAt(state.rest, network.grid);
  const found = counted(network.edges, token);
  const here = network.index === state.network;
  const channel = here ? app.over ?? state.held : null;
  const photo = state.look === "photo";
  drawPicture(place, photo ? app.photo : app.seen, { smooth: photo, grey: channel !== null });
  if (channel === null) drawWindow(app, card, place, found, token);
  else drawChannel(app, place, stepOf(app, network.index), channel);
  Object.assign(card, { count: found.pixels, common: found.shared });
  say(card.reads, channel === null
    ? `Token in ${placeName(token, network.grid)} reads ${found.tall} × ${found.wide} = ${found.pixels} pixels.`
    : `Channel ${channel + 1} of ${stepOf(app, network.index).channels}: ${valueAt(app, network, channel)} under the pointer.`);
  say(card.shares, channel !== null ? "Purple: above zero. Orange: below." : found.shared
    ? `It shares ${found.shared} of them with the token beside it.`
    : "It shares none with the token beside it.");
  canvas.setAttribute("aria-label", `${network.title}. ${card.reads.textContent} ${card.shares.textContent}`);
  paintThumbs(app, card, channel);
  canvas.dataset.side = header.side;
}

function drawWindow(app, { network }, place, found, token) {
  const unit = place.side / app.header.side;
  const { edges, window: wide, fields } = network;
  const box = (row, column) => {
    const [x, y] = [edges[column][0], edges[row][0]].map((at) => Math.round(at * unit));
    return { x, y, w: Math.round(edges[column][1] * unit) - x, h: Math.round(edges[row][1] * unit) - y };
  };
  const own = box(found.row, found.column);
  spotlight(place, own, 0.42);
  const from = token * wide * wide;
  drawCells(place, own, found.wide, found.tall, (k) =>
    app.luts.heat[fields[from + Math.floor(k / found.wide) * wide + (k % found.wide)]]);
  drawGrid(place, network.grid);
  outline(place, box(found.row, found.next), KEY, true);
  outline(place, own, QUERY);
}

function drawChannel(app, place, step, channel) {
  const from = channel * step.side * step.side;
  const whole = { x: 0, y: 0, w: place.side, h: place.side };
  drawCells(place, whole, step.side, step.side, (k) => app.luts.over[(step.levels[from + k] + 128) & 255]);
  if (app.point) outline(place, cell(place.side, step.side, tokenAt(app.point, step.side)), QUERY);
}

function valueAt(app, network, channel) {
  const step = stepOf(app, network.index);
  const k = channel * step.side * step.side + tokenAt(app.state.rest, step.side);
  return number((step.levels[k] / 127) * step.tops[channel]);
}

function paintThumbs(app, { network, thumbs }, channel) {
  const chosen = stepOf(app, network.index);
  for (const { node, canvas, step } of thumbs) {
    const shown = step === chosen && channel !== null ? channel : step.order[0];
    node.setAttribute("aria-pressed", String(step === chosen && network.index === app.state.network));
    if (canvas.shown === `${app.header.id}${shown}`) continue;
    canvas.shown = `${app.header.id}${shown}`;
    paintMap(app, canvas, step, shown);
  }
}

/** One channel of a step as a small picture. */
export function paintMap(app, canvas, step, channel) {
  const image = new ImageData(step.side, step.side);
  const words = new Uint32Array(image.data.buffer);
  const from = channel * words.length;
  for (let k = 0; k < words.length; k++) words[k] = app.luts.flat[(step.levels[from + k] + 128) & 255];
  canvas.getContext("2d").putImageData(image, 0, 0);
}
