// Step “Panels”: one picture, up to four maps, one pointer. Places are shares of the picture.

import { divergingLut, gradient, opaqueLut, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say } from "../../canvas/js/dom.js";
import { KEY, QUERY } from "../../canvas/js/stage.js";
import { number, percent } from "../../canvas/js/words.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { arrows, cell, drawCells, drawPicture, fitted, outline, pointed } from "../../tokenizers/js/paint.js";
import { createAgreement, showAgreement } from "./agreement.js";

const STEP = 28; // arrow keys move by this part of the picture

export function startPanels(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, serial: 0 };
  app.state = kept("compare-panels", { point: null, asked: 0 });
  app.luts = { plain: sequentialLut(tables.magma, 0.94), signed: divergingLut(tables.PuOr, 0.96), flat: opaqueLut(tables.PuOr) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.aim = (point) => {
    if (!point) return;
    app.state.point = point;
    app.schedule();
  };
  host.classList.add("compare", "panels");
  const watch = new ResizeObserver(app.schedule);
  watch.observe(host);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (header.id !== app.header?.id) {
        const photo = await bitmapOf(parts.picture);
        if (serial !== app.serial || app.signal.aborted) return;
        app.photo?.close();
        Object.assign(app, { header, photo });
        app.panels = header.panels.map((panel, k) => read(panel, floats(parts[`map${k}`])));
        build(app);
      }
      const { view } = header;
      if (view?.serial && view.serial !== app.state.asked) {
        app.state.asked = view.serial;
        app.state.point = view.point ?? null;
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

function read(panel, values) {
  let [top, low, at] = [0, Infinity, 0];
  values.forEach((value, k) => {
    top = Math.max(top, Math.abs(value));
    low = Math.min(low, value);
    if (value > values[at]) at = k;
  });
  return { ...panel, values, top, low, at };
}

function build(app) {
  app.cards = app.panels.map((panel, k) => createCard(app, panel, k));
  app.agreement = createAgreement(app);
  const note = el("p.caption", {}, app.header.note);
  note.hidden = !app.header.note;
  app.host.replaceChildren(
    el("div.cards", { style: `--count:${app.cards.length}` }, ...app.cards.map((card) => card.node)),
    el("div.legend.shared", {}, el("span.marks", {}, el("i.mark.query"), "the same place in every panel"), el("span.marks", {}, el("i.mark.key"), "largest value of each"), el("span", {}, "each panel is coloured between its own ends; zero is white where it has signs")),
    note, app.agreement.node);
  app.host.style.setProperty("--count", app.cards.length);
}

function createCard(app, panel, k) {
  const canvas = el("canvas.seen", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-roledescription", "map; arrow keys move the marked place");
  pointed(canvas, app.aim, app.signal);
  arrows(canvas, ([down, right]) => app.aim(moved(place(app), down, right)), app.signal);
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables[panel.signed ? "PuOr" : "magma"]);
  const legend = el("div.legend", { title: scaled(panel) }, el("span.range", {}, el("span", {}, told(panel, panel.signed ? -panel.top : panel.low)), bar, el("span", {}, told(panel, panel.top))),
    el("span.unit", {}, panel.unit));
  const [value, rank] = [el("span.fact-value"), el("span.rank")];
  const about = panel.explained === panel.answer
    ? el("span", {}, el("b", {}, panel.answer), ` ${percent(panel.share)}`)
    : el("span", {}, el("b", {}, panel.answer), ` ${percent(panel.share)}, ${panel.explained} ${percent(panel.explained_share)}`);
  const node = el("figure.face", {},
    el("figcaption", {}, el("span.which", {}, String(k + 1)), el("b", {}, panel.network), el("span.how", { title: panel.answers }, panel.method)),
    canvas, legend,
    el("div.read", {}, value, rank),
    el("p.answer", { title: "What this network says of the picture, and its share" }, el("span.dim", {}, "says "), about),
    el("p.about", {}, panel.answers));
  node.dataset.pending = String(panel.pending);
  return { node, canvas, panel, value, rank };
}

/** A value with as many decimals as the panel’s largest one needs, so that all of them compare. */
export function told({ top }, value) {
  if (!(top >= 0.001)) return number(value);
  const text = value.toFixed(Math.max(0, Math.min(5, 2 - Math.floor(Math.log10(top)))));
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

const scaled = (panel) => panel.signed
  ? "Orange: against the class; purple: for it. Scaled to this panel’s own largest absolute value."
  : "Scaled from this panel’s own smallest to its own largest value.";

/** The marked place; before anybody pointed, the largest value of the first panel. */
function place(app) {
  if (app.state.point) return app.state.point;
  const { at, side, box } = app.panels.find((panel) => !panel.pending) ?? app.panels[0];
  return [box[1] + ((Math.floor(at / side) + 0.5) / side) * box[2], box[0] + (((at % side) + 0.5) / side) * box[2]];
}

const moved = ([row, column], down, right) => [row + down / STEP, column + right / STEP]
  .map((share) => Math.min(0.9999, Math.max(0, share)));

/** Which value of a panel lies at a place of the picture; -1 where its network sees nothing. */
export function valueAt({ side, box: [left, top, wide] }, [row, column]) {
  const y = Math.floor(((row - top) / wide) * side);
  const x = Math.floor(((column - left) / wide) * side);
  return y < 0 || x < 0 || y >= side || x >= side ? -1 : y * side + x;
}

/** 1 for the largest value; equal values share the best of their ranks. */
export const rankOf = (values, at) => 1 + values.reduce((count, value) => count + (value > values[at]), 0);

function draw(app) {
  const { host } = app;
  if (!app.cards || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const point = place(app);
  for (const card of app.cards) drawCard(app, card, point);
  showAgreement(app);
  const at = app.panels.map((panel) => valueAt(panel, point));
  host.dataset.places = at.join();
  host.dataset.values = app.panels.map((panel, k) => (at[k] < 0 || panel.pending ? "" : panel.values[at[k]])).join();
}

function drawCard(app, { canvas, panel, value, rank }, point) {
  const ground = fitted(canvas);
  const { side } = ground;
  const [x, y, w] = panel.box.map((share) => Math.round(share * side));
  drawPicture(ground, app.photo, { smooth: true, grey: true });
  const inside = { x, y, w, h: w };
  if (panel.pending) {
    cross(ground, point);
    say(value, "–");
    say(rank, "not computed yet");
    return canvas.setAttribute("aria-label", `${panel.network}, ${panel.method}: not computed yet`);
  }
  const lut = panel.signed ? app.luts.signed : app.luts.plain;
  const level = panel.signed
    ? (k) => (panel.values[k] / panel.top) * 127.5 + 127.5
    : (k) => ((panel.values[k] - panel.low) / (panel.top - panel.low || 1)) * 255;
  drawCells(ground, inside, panel.side, panel.side, (k) => lut[Math.max(0, Math.min(255, Math.round(level(k)) || 0))]);
  if (w < side) veil(ground, inside);
  const shift = (box) => ({ ...box, x: box.x + x, y: box.y + y });
  const at = valueAt(panel, point);
  outline(ground, widened(shift(cell(w, panel.side, panel.at)), ground), KEY);
  cross(ground, point);
  if (at >= 0) outline(ground, widened(shift(cell(w, panel.side, at)), ground), QUERY);
  say(value, at < 0 ? "–" : told(panel, panel.values[at]));
  const [row, column] = [Math.floor(at / panel.side) + 1, (at % panel.side) + 1];
  say(rank, at < 0 ? "outside of what it sees" : `rank ${rankOf(panel.values, at)} of ${panel.values.length}`);
  canvas.setAttribute("aria-label", at < 0
    ? `${panel.network}, ${panel.method}: outside of what this network sees`
    : `${panel.network}, ${panel.method}: ${number(panel.values[at])} ${panel.unit} in row ${row}, column ${column} of ${panel.side}, ${rank.textContent}`);
}

/** A cell as small as a pixel gets a frame that can be seen. */
function widened({ x, y, w, h }, { ratio }) {
  const least = 9 * ratio;
  const [by, down] = [Math.max(0, least - w) / 2, Math.max(0, least - h) / 2];
  return { x: x - by, y: y - down, w: w + 2 * by, h: h + 2 * down };
}

function cross({ context, side, ratio }, [row, column]) {
  context.beginPath();
  context.moveTo(column * side, 0);
  context.lineTo(column * side, side);
  context.moveTo(0, row * side);
  context.lineTo(side, row * side);
  context.lineWidth = ratio;
  context.strokeStyle = "rgba(255,178,36,.4)";
  context.stroke();
}

function veil({ context, side }, { x, y, w, h }) {
  context.fillStyle = "rgba(9,10,18,.72)";
  context.beginPath();
  context.rect(0, 0, side, side);
  context.rect(x, y, w, h);
  context.fill("evenodd");
}
