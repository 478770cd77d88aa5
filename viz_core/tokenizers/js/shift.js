// Step “Tokens”, below: the picture moved by a few pixels, and how much each token changes.

import { gradient, sequentialLut } from "../../canvas/js/colour.js";
import { QUERY } from "../../canvas/js/stage.js";
import { el, kept, row, say, slider } from "../../canvas/js/dom.js";
import { percent } from "../../canvas/js/words.js";
import { floats } from "../../cutter/js/wire.js";
import { axes, polyline, scale, svg } from "../../labs/js/chart.js";
import { FAMILIES, arrows, cell, drawCells, drawGrid, fitted, outline, pixelCanvas, pointed, tokenAt } from "./paint.js";



export function startShift(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, point: null };
  app.state = kept("compact-shift", { down: 0, right: 1, asked: 0 });
  app.lut = sequentialLut(tables.magma, 0.92);
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.move = (part) => {
    const { reach } = app.header;
    for (const [name, value] of Object.entries(part)) app.state[name] = Math.max(-reach, Math.min(reach, value));
    app.schedule();
  };
  host.classList.add("tokenizers", "shifting");
  const watch = new ResizeObserver(app.schedule);
  return {
    show: ({ header, parts }) => {
      if (header.id !== app.header?.id) {
        Object.assign(app, { header, seen: pixelCanvas(parts.pixels, header.side) });
        app.networks = header.networks.map((network, k) => ({
          ...network, change: floats(parts[`change${k}`]), shares: floats(parts[`shares${k}`]),
        }));
        for (const one of app.networks) one.grid = Math.round((one.change.length / one.mean.length) ** 0.5);
        build(app);
        watch.observe(host);
      }
      const { view } = header;
      if (view?.serial && view.serial !== app.state.asked) {
        app.state.asked = view.serial;
        app.move({ down: view.down ?? 0, right: view.right ?? 1 });
      }
      draw(app);
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { signal, header: { reach } } = app;
  app.pad = el("canvas.pad", { tabIndex: 0, role: "application", title: "Drag the picture" });
  drag(app);
  arrows(app.pad, ([down, right]) => app.move({ down: app.state.down + down, right: app.state.right + right }), signal);
  const words = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)}\u2009px`;
  const track = (name, title) => slider(title, { min: -reach, max: reach, step: 1 }, words, (value) => app.move({ [name]: value }), signal);
  app.tracks = { right: track("right", "Pixels to the right"), down: track("down", "Pixels down") };
  app.cards = app.networks.map((network) => card(app, network));
  app.chart = svg("svg", { role: "img" });
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.magma);
  app.high = el("span");
  const legend = el("div.legend", {}, el("span.range", {}, el("span", {}, "0"), bar, app.high),
    el("span", {}, "change of a token; 100\u2009% is the mean distance between two tokens of this picture"));
  app.verdict = el("p.verdict", { "aria-live": "polite" });
  app.host.replaceChildren(
    el("div.left", {}, app.pad, row("right", app.tracks.right.node), row("down", app.tracks.down.node)),
    el("div.right", {}, el("div.cards", { style: `--count:${app.cards.length}` }, ...app.cards.map((one) => one.node)), legend, app.verdict, app.chart));
}

function drag(app) {
  const { pad, signal } = app;
  let from = null;
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    from = { x: event.clientX, y: event.clientY, ...app.state };
  }, { signal });
  pad.addEventListener("pointermove", (event) => {
    if (!from || !pad.hasPointerCapture(event.pointerId)) return;
    const pixel = pad.clientWidth / app.header.side;
    app.move({
      right: Math.round(from.right + (event.clientX - from.x) / pixel),
      down: Math.round(from.down + (event.clientY - from.y) / pixel),
    });
  }, { signal });
  for (const type of ["pointerup", "pointercancel"]) pad.addEventListener(type, () => { from = null; }, { signal });
}

function card(app, network) {
  const canvas = el("canvas.seen");
  pointed(canvas, (point) => { app.point = point; app.schedule(); }, app.signal);
  const [value, note, answer] = [el("span.fact-value"), el("span.fact-note"), el("p.answer")];
  const node = el("figure.face", {}, el("figcaption", {}, el("b", { style: `--c:${FAMILIES[network.family].colour}` }, network.title)), canvas,
    el("div.fact", {}, value, note), answer);
  return { node, canvas, value, note, answer, network };
}

const at = ({ header: { reach }, state }) => (state.down + reach) * (2 * reach + 1) + state.right + reach;

/** The picture moved; what comes in at its border is mirrored, as on the server. */
export function drawMoved(place, seen, side, down, right) {
  const unit = place.side / side;
  const { context } = place;
  context.imageSmoothingEnabled = false;
  for (const x of [-1, 0, 1]) {
    for (const y of [-1, 0, 1]) {
      context.save();
      // Mirrored in the middle of the border's pixels: that row or column comes once.
      context.translate((right + (x ? (x < 0 ? 1 : 2 * side - 1) : 0)) * unit, (down + (y ? (y < 0 ? 1 : 2 * side - 1) : 0)) * unit);
      context.scale(x ? -1 : 1, y ? -1 : 1);
      context.drawImage(seen, 0, 0, side * unit, side * unit);
      context.restore();
    }
  }
}

function draw(app) {
  const { host, header, state } = app;
  if (!app.cards || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const pad = fitted(app.pad);
  drawMoved(pad, app.seen, header.side, state.down, state.right);
  drawGrid(pad, app.networks[0].grid);
  app.tracks.right.set(state.right);
  app.tracks.down.set(state.down);
  say(app.high, `≥ ${percent(header.top)}`);
  app.cards.forEach((one) => drawCard(app, one));
  say(app.verdict, verdict(app));
  drawChart(app);
  app.pad.setAttribute("aria-label", `The picture, moved by ${state.right} pixels right and ${state.down} down`);
  Object.assign(host.dataset, { right: state.right, down: state.down, changes: app.networks.map((one) => one.mean[at(app)]).join() });
}

function drawCard(app, { network, canvas, value, note, answer }) {
  const { header, state } = app;
  const place = fitted(canvas);
  const tokens = network.grid ** 2;
  const from = at(app) * tokens;
  drawMoved(place, app.seen, header.side, state.down, state.right);
  drawCells(place, { x: 0, y: 0, w: place.side, h: place.side }, network.grid, network.grid, (k) => app.lut[Math.min(255, Math.round((255 * network.change[from + k]) / header.top))]);
  const token = app.point ? tokenAt(app.point, network.grid) : -1;
  if (token >= 0) outline(place, cell(place.side, network.grid, token), QUERY);
  say(value, percent(token >= 0 ? network.change[from + token] : network.mean[at(app)]));
  say(note, token >= 0 ? "this token" : `mean of ${tokens} tokens`);
  const count = header.labels.length;
  const shares = network.shares.subarray(at(app) * count, (at(app) + 1) * count);
  const best = shares.indexOf(Math.max(...shares));
  const [first, share] = network.guesses[0];
  const same = header.labels[best] === first;
  say(answer, `${header.labels[best]} ${percent(shares[best])}${same ? ` (${percent(share)} unmoved)` : `, unmoved ${first}`}`);
  answer.dataset.same = String(same);
}

function verdict({ header, networks, state, ...app }) {
  if (!state.down && !state.right) return "Nothing has moved: every token is what it was.";
  const now = networks.map((one) => ({ title: one.title, mean: one.mean[at({ header, state, ...app })] }));
  const most = now.reduce((a, b) => (b.mean > a.mean ? b : a));
  const least = now.reduce((a, b) => (b.mean < a.mean ? b : a));
  if (now.length < 2) return `Its tokens change by ${percent(most.mean)} on average.`;
  return `${most.title}’s tokens change most, by ${percent(most.mean)}; ${least.title}’s least, by ${percent(least.mean)}.`;
}

function drawChart(app) {
  const { chart, header: { reach }, state, networks } = app;
  const width = Math.max(220, chart.parentElement.clientWidth);
  const height = 170;
  for (const [name, value] of Object.entries({ width, height })) chart.setAttribute(name, value);
  const count = 2 * reach + 1;
  const top = Math.max(...networks.flatMap((one) => one.mean)) * 1.08;
  const box = { left: 44, right: width - 10, top: 24, bottom: height - 38 };
  const x = scale({ from: -reach, to: reach, start: box.left, end: box.right });
  const y = scale({ from: 0, to: top, start: box.bottom, end: box.top });
  const unit = top > 0.7 ? 0.25 : 0.1;
  chart.replaceChildren();
  axes(chart, x, y, box, {
    x: Array.from({ length: count }, (_, k) => [k - reach, String(k - reach).replace("-", "−")]),
    y: Array.from({ length: Math.floor(top / unit) + 1 }, (_, k) => [k * unit, String(Math.round(100 * k * unit))]),
  }, { x: `pixels to the right${state.down ? `, and ${Math.abs(state.down)} ${state.down > 0 ? "down" : "up"}` : ""}`, y: "mean change of the tokens (%)" });
  for (const one of networks) {
    const { colour } = FAMILIES[one.family];
    const points = Array.from({ length: count }, (_, k) => [x.at(k - reach), y.at(one.mean[(state.down + reach) * count + k])]);
    chart.append(polyline(points, { stroke: colour, "stroke-width": 2.5 }),
      svg("circle", { cx: x.at(state.right), cy: y.at(one.mean[at(app)]), r: 5, fill: colour, class: "here" }));
  }
  chart.setAttribute("aria-label", "Mean change of the tokens over the shift to the right");
}
