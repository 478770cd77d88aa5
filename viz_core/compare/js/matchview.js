// Two pictures side by side with likeness over them, the read-out and the controls.

import { gradient } from "../../canvas/js/colour.js";
import { el, row, say, slider, toggle } from "../../canvas/js/dom.js";
import { KEY, QUERY } from "../../canvas/js/stage.js";
import { cell, drawCells, outline, placeName } from "../../tokenizers/js/paint.js";

const GAP = 12;
const LINES = 24; // more would hide the pictures
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const two = (value) => value.toFixed(2).replace("-", "−");

export function buildMatch(app) {
  const { signal, header } = app;
  const canvas = el("canvas.pair", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-roledescription", "two pictures; arrow keys move the patch, O goes to the other picture");
  listen(app, canvas);
  const names = [el("b"), el("b")];
  const [bar, low, high, unit] = [el("i.bar"), el("span"), el("span"), el("span.unit")];
  const legend = el("div.legend", {}, el("span.range", {}, low, bar, high), unit,
    el("span.marks", {}, el("i.mark.query"), "this patch", el("i.mark.key"), "the likest in each picture"));
  const facts = ["In the other picture", "In the same picture"].map((label) => {
    const [value, place, note] = [el("span.fact-value"), el("span.fact-place"), el("span.fact-note")];
    return { value, place, note, node: el("div.fact", {}, el("span.fact-label", {}, label), value, place, note) };
  });
  const title = el("span.title");
  const layers = slider("Layer", { min: 0, max: header.layers.length - 1, step: 1 }, (at) => header.layers[at].title, (at) => app.layer(at), signal);
  const centred = toggle("Without the shared part", (on) => app.set({ centred: on }), signal);
  centred.node.title = "Takes the mean token of each picture off its tokens before they are compared";
  const lines = toggle("Lines between mutual nearest", (on) => app.set({ lines: on }), signal);
  lines.node.title = `Patches that are each other’s nearest, the ${LINES} likest pairs`;
  const pairs = el("p.pairs");
  const about = el("p.about");
  app.ui = { canvas, names, bar, low, high, unit, facts, title, layers, centred, lines, pairs, about, map: "" };
  app.strip = createStrip(app);
  app.host.replaceChildren(
    el("div.both", {}, el("div.heads2", {}, ...names), canvas, legend),
    el("div.side", {},
      el("div.readout", {}, el("div.who", {}, el("i.dot"), title), el("div.facts", {}, ...facts.map((fact) => fact.node))),
      el("div.controls", {}, row("Layer", layers.node), el("div.switches", {}, centred.node, lines.node), pairs, about)),
    el("div.seconds", {}, row("Second", app.strip.node)));
}

function createStrip(app) {
  const strip = app.photos[2];
  const buttons = app.header.samples.map((name, k) => {
    const canvas = el("canvas", { width: strip.height, height: strip.height });
    canvas.getContext("2d").drawImage(strip, k * strip.height, 0, strip.height, strip.height, 0, 0, strip.height, strip.height);
    const button = el("button.pick", { type: "button", title: name, "aria-label": `Second picture: ${name}` }, canvas);
    button.addEventListener("click", () => app.send("asked", { other: name, serial: Date.now() }), { signal: app.signal });
    return { name, button };
  });
  return { node: el("div.strip", { role: "group", "aria-label": "Second picture" }, ...buttons.map((one) => one.button)), buttons };
}

function listen(app, canvas) {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const wide = (box.width - GAP) / 2;
    const x = event.clientX - box.left;
    const side = x > wide + GAP / 2 ? 1 : 0;
    const share = (value, length) => Math.min(0.9999, Math.max(0, value / length));
    return [side, [share(event.clientY - box.top, box.height), share(x - side * (wide + GAP), wide)]];
  };
  const options = { signal: app.signal };
  canvas.addEventListener("pointermove", (event) => app.aim(...at(event)), options);
  canvas.addEventListener("click", (event) => app.pin(...at(event)), options);
  canvas.addEventListener("keydown", (event) => {
    const keys = {
      o: () => app.set({ side: 1 - app.state.side }), p: () => app.set({ pinned: !app.state.pinned }),
      l: () => app.set({ lines: !app.state.lines }), "{": () => app.layer(app.state.layer - 1), "}": () => app.layer(app.state.layer + 1),
    };
    const act = ARROWS[event.key] ? () => app.step(ARROWS[event.key]) : keys[event.key.toLowerCase()];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  }, options);
}

export function showMatch(app, now) {
  const { ui, state, view } = app;
  const names = view.names ?? ["the first", "the second"];
  names.forEach((name, k) => say(ui.names[k], name));
  ui.layers.set(state.layer);
  ui.centred.set(state.centred);
  ui.lines.set(state.lines);
  for (const { name, button } of app.strip.buttons) button.setAttribute("aria-pressed", String(name === view.other));
  paint(app, now);
  const other = 1 - state.side;
  say(ui.title, `${capital(placeName(now.token, now.grid))} of ${names[state.side]}`);
  [other, state.side].forEach((side, k) => {
    const best = now.best[side];
    say(ui.facts[k].value, best < 0 ? "–" : two(now.likeness[side][best]));
    say(ui.facts[k].place, best < 0 ? "" : placeName(best, now.grid));
  });
  say(ui.facts[0].note, now.mutual ? "each other’s nearest" : "it likes another one better");
  const own = now.likeness[state.side].reduce((sum, value) => sum + value, 0) / now.likeness[state.side].length;
  say(ui.facts[1].note, `mean over the picture ${two(own)}`);
  const layer = app.header.layers[state.layer];
  say(ui.pairs, `${now.pairs.length} of ${layer.side ** 2} patches are mutual nearest neighbours, ${layer.side} × ${layer.side} tokens of ${layer.width} numbers.${app.header.left_out ? ` ${app.header.left_out} layers with larger maps are left out.` : ""}`);
  say(ui.about, state.centred
    ? "Cosine of two tokens after each picture’s mean token was taken off: what is left is how a patch differs from the rest of its picture."
    : "Cosine of two tokens as they are. What tokens of one picture share, whatever they show, lifts all of its cosines.");
  legend(app, now);
  ui.canvas.setAttribute("aria-label", `${ui.title.textContent} is likest to ${placeName(now.best[other], now.grid)} of ${names[other]}, cosine ${ui.facts[0].value.textContent}`);
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function legend({ ui, state, tables }, { low, high }) {
  const top = Math.max(Math.abs(low), Math.abs(high));
  say(ui.low, two(state.centred ? -top : low));
  say(ui.high, two(state.centred ? top : high));
  say(ui.unit, state.centred ? "cosine, scaled to this patch’s largest" : "cosine, from this patch’s lowest to its highest");
  const map = state.centred ? "PuOr" : "magma";
  if (ui.map !== map) ui.bar.style.background = gradient(tables[map]);
  ui.map = map;
}

/** {context, ratio, boxes}: the canvas sharp, and where its two pictures lie. */
function laid(canvas) {
  const ratio = Math.min(2.5, globalThis.devicePixelRatio || 1);
  const wide = Math.max(2, Math.round(canvas.clientWidth * ratio));
  const gap = Math.round(GAP * ratio);
  const side = Math.floor((wide - gap) / 2);
  if (canvas.width !== wide || canvas.height !== side) Object.assign(canvas, { width: wide, height: side });
  canvas.style.aspectRatio = `${wide} / ${side}`;
  return { context: canvas.getContext("2d"), ratio, side, boxes: [0, side + gap].map((x) => ({ x, y: 0, w: side, h: side })) };
}

function paint(app, now) {
  const place = laid(app.ui.canvas);
  const { context, boxes, side } = place;
  const { centred } = app.state;
  const top = Math.max(Math.abs(now.low), Math.abs(now.high)) || 1;
  const level = centred ? (value) => 127.5 + (127.5 * value) / top : (value) => (255 * (value - now.low)) / (now.high - now.low || 1);
  const lut = centred ? app.luts.signed : app.luts.plain;
  context.clearRect(0, 0, app.ui.canvas.width, side);
  boxes.forEach((box, k) => {
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.filter = "grayscale(1)";
    context.drawImage(app.photos[k], box.x, box.y, box.w, box.h);
    context.filter = "none";
    drawCells(place, box, now.grid, now.grid, (t) => lut[Math.max(0, Math.min(255, Math.round(level(now.likeness[k][t]))))]);
    if (now.best[k] >= 0) outline(place, within(box, now.grid, now.best[k]), KEY, k === app.state.side);
    if (k === app.state.side) {
      const own = within(box, now.grid, now.token);
      outline(place, own, QUERY);
      if (app.state.pinned) corner(place, own);
    }
  });
  if (app.state.lines) strokes(app, place, now);
}

function within(box, grid, token) {
  const found = cell(box.w, grid, token);
  return { ...found, x: found.x + box.x, y: found.y + box.y };
}

function corner({ context }, { x, y, w }) {
  context.fillStyle = QUERY;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + w * 0.5, y);
  context.lineTo(x, y + w * 0.5);
  context.fill();
}

function strokes(app, { context, ratio, boxes }, { pairs, grid, token }) {
  const accent = getComputedStyle(app.host).getPropertyValue("--accent");
  pairs.slice(0, LINES).forEach(({ ends }) => {
    const own = ends[app.state.side] === token;
    const [from, to] = boxes.map((box, k) => within(box, grid, ends[k]));
    const middle = (r) => [r.x + r.w / 2, r.y + r.h / 2];
    for (const [tint, width] of [["rgba(9,10,18,.7)", 4], [own ? QUERY : accent, 2]]) {
      context.strokeStyle = tint;
      context.lineWidth = width * ratio;
      context.beginPath();
      context.moveTo(...middle(from));
      context.lineTo(...middle(to));
      context.stroke();
    }
    context.fillStyle = own ? QUERY : accent;
    for (const end of [from, to]) {
      context.beginPath();
      context.arc(...middle(end), 3.5 * ratio, 0, 7);
      context.fill();
    }
  });
}
