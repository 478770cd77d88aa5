// The read-out: the patch under the pointer as pixels, as numbers, and as its token.

import { gradient, parseTable } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { pixelsOf } from "./numbers.js";

const CHANNELS = ["red", "green", "blue"];
const TINTS = [[255, 92, 92], [72, 214, 110], [96, 150, 255]];
const SHEET = 112;

export function createInspect(app) {
  const title = el("strong.title");
  const note = el("span.note");
  const planes = CHANNELS.map((name) => {
    const canvas = el("canvas", { width: 2 * SHEET, height: 2 * SHEET });
    return { canvas, node: el("figure", {}, canvas, el("figcaption", {}, name)) };
  });
  const facts = el("span.small");
  const strip = el("canvas.strip", { height: 1 });
  const heading = el("span.heading");
  const range = el("span.range");
  const meaning = el("span.small");
  const arrow = el("div.arrow", {}, el("b", {}, "→"), el("span.small"));
  const whole = el("canvas.whole", { width: 2 * SHEET, height: 2 * SHEET });
  const node = el("section.readout.inspect", { "aria-label": "Read-out" },
    el("div.who", {}, el("i.dot"), title, note),
    el("div.flow", {},
      el("div.pixels", {},
        el("div.planes", {}, el("figure", {}, whole, el("figcaption", {}, "patch")),
          ...planes.map((plane) => plane.node)), facts),
      arrow,
      el("div.token", {}, heading, strip, el("div.under-strip", {}, range, meaning))));
  return { node, title, note, planes, facts, strip, heading, range, meaning, arrow, whole, app };
}

export function showInspect(inspect, token) {
  const { app } = inspect;
  const { prefix, grid, patch } = app;
  const index = token - prefix;
  const numbers = 3 * patch * patch;
  inspect.node.dataset.token = String(token);
  inspect.node.classList.toggle("prefix", index < 0);
  const order = `token ${token} of ${app.count - 1}`;
  if (index < 0) {
    say(inspect.title, app.names[token].replace(/^./, (letter) => letter.toUpperCase()));
    say(inspect.note, `token ${token}: learned, the same for every picture`);
  } else {
    say(inspect.title, `Row ${Math.floor(index / grid) + 1}, column ${(index % grid) + 1}`);
    say(inspect.note, prefix ? order : `token ${token + 1} of ${app.count}`);
    const raw = pixelsOf(app.model, patch, index);
    paintPlanes(inspect, raw, patch);
    say(inspect.facts, `${patch} × ${patch} × 3 = ${numbers.toLocaleString("en")} numbers, 0 to 255`);
  }
  const learned = app.embedded || index < 0;
  say(inspect.arrow.lastChild, learned ? `× ${numbers} × ${app.model.width} matrix` : "as they are");
  if (learned) showToken(inspect, token);
  else showRaw(inspect, pixelsOf(app.model, patch, index));
}

function paintPlanes({ planes, whole }, raw, patch) {
  const cell = (2 * SHEET) / patch;
  const area = patch * patch;
  const context = whole.getContext("2d");
  for (let k = 0; k < area; k++) {
    context.fillStyle = `rgb(${raw[k]},${raw[area + k]},${raw[2 * area + k]})`;
    context.fillRect((k % patch) * cell, Math.floor(k / patch) * cell, cell + 0.5, cell + 0.5);
  }
  planes.forEach(({ canvas }, channel) => {
    const brush = canvas.getContext("2d");
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.font = `600 ${Math.min(30, cell * 0.42)}px ui-monospace, monospace`;
    for (let k = 0; k < area; k++) {
      const value = raw[channel * area + k];
      const x = (k % patch) * cell;
      const y = Math.floor(k / patch) * cell;
      brush.fillStyle = `rgb(${TINTS[channel].map((part) => Math.round((part * value) / 255))})`;
      brush.fillRect(x, y, cell + 0.5, cell + 0.5);
      if (cell < 44) continue;
      brush.fillStyle = value > 150 ? "#101018" : "#fff";
      brush.fillText(String(value), x + cell / 2, y + cell / 2);
    }
  });
}

function showToken(inspect, token) {
  const { model } = inspect.app;
  const colours = parseTable(model.tables.PuOr);
  const start = token * model.width;
  paintStrip(inspect.strip, model.width, (k) => colours[model.tokens[start + k] + 128]);
  say(inspect.heading, `${model.width} numbers: what the network works with`);
  const top = model.top.toPrecision(2);
  showRange(inspect, model.tables.PuOr, `≤ −${top}`, `≥ ${top}`);
  say(inspect.meaning, "the token before its position is added");
}

function showRaw(inspect, raw) {
  const { model, patch } = inspect.app;
  const colours = parseTable(model.tables.viridis);
  paintStrip(inspect.strip, raw.length, (k) => colours[raw[k]]);
  const native = patch === model.native;
  say(inspect.heading, native
    ? `${raw.length} raw numbers: red, then green, then blue`
    : `${raw.length.toLocaleString("en")} raw numbers: this network learned a matrix for ${model.native}-pixel patches only`);
  showRange(inspect, model.tables.viridis, "0", "255");
  say(inspect.meaning, "pixel value");
}

function paintStrip(strip, length, colour) {
  strip.width = length;
  const context = strip.getContext("2d");
  const image = context.createImageData(length, 1);
  for (let k = 0; k < length; k++) image.data.set([...colour(k), 255], 4 * k);
  context.putImageData(image, 0, 0);
}

function showRange({ range }, table, low, high) {
  const wanted = `${low} ${high}`;
  if (range.dataset.shown === wanted) return;
  range.dataset.shown = wanted;
  const bar = el("i.bar");
  bar.style.background = gradient(table);
  range.replaceChildren(el("span", {}, low), bar, el("span", {}, high));
}
