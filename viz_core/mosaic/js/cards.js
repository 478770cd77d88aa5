// The cards beside the board: what each network says now, and what it said of the whole picture.

import { gradient, sequentialLut } from "../../canvas/js/colour.js";
import { el, row, say, segmented } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { meeting } from "./shared.js";

const OPACITY = 0.88;
const VIEWS = [
  ["broken", "As it lies", "Over the broken picture"],
  ["back", "Put back", "Each patch’s share carried back to where the patch came from"],
  ["whole", "Whole picture", "Before anything was broken"],
];

const SIGNS = { same: "=", other: "≠", note: "i" };

/** Sentences below the cards, each with its sign. */
export function createProofs(host) {
  const list = el("div.proofs", { "aria-live": "polite" });
  host.replaceChildren(list);
  const line = ({ sign, text }) =>
    el("p.proof", {}, el("b", { className: `sign is-${sign}`, "aria-hidden": "true" }, SIGNS[sign]), el("span", {}, text));
  return { show: ({ proofs }) => list.replaceChildren(...proofs.map(line)), end: () => {} };
}

export function createCards(host, tables) {
  const stop = new AbortController();
  const app = { host, view: "broken", cards: [], header: null, place: null, tables, lut: sequentialLut(tables.magma, OPACITY) };
  const views = segmented("Attention shown", VIEWS, (view) => { app.view = view; paint(app); }, stop.signal);
  app.views = views;
  app.grid = el("div.cards");
  host.replaceChildren(row("Attention", views.node), app.grid);
  const repaint = () => paint(app);
  const size = new ResizeObserver(repaint);
  size.observe(app.grid);
  return {
    show: (header) => show(app, header, repaint),
    end: () => { stop.abort(); size.disconnect(); app.place?.listeners.delete(repaint); },
  };
}

function show(app, header, repaint) {
  const place = meeting(header.name);
  if (app.place !== place) app.place?.listeners.delete(repaint);
  app.place = place;
  place.listeners.add(repaint);
  place.busy = false;
  app.header = header;
  while (app.cards.length > header.networks.length) app.cards.pop().node.remove();
  header.networks.forEach((told, k) => {
    if (!app.cards[k]) {
      app.cards.push(createCard(app));
      app.grid.append(app.cards[k].node);
    }
    fill(app.cards[k], told);
  });
  paint(app);
}

function createCard(app) {
  const stripe = el("i.stripe");
  const title = el("strong");
  const note = el("span.card-note");
  const canvas = el("canvas.thumb", { role: "img" });
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.magma);
  const top = el("span");
  const unit = el("span.unit");
  const legend = el("div.legend", {}, el("span.range", {}, el("span", {}, "0"), bar, top), unit);
  const answer = el("strong.answer");
  const was = el("span.was");
  const list = el("div.bars", { role: "list" });
  const facts = el("div.facts");
  const node = el("article.card", {}, el("header", {}, stripe, el("div", {}, title, note)), canvas, legend,
    el("div.verdict", {}, answer, was), list, el("div.key-line", {}, el("i.now"), "now", el("i.then"), "whole picture"), facts);
  const small = document.createElement("canvas");
  return { node, stripe, title, note, canvas, top, unit, legend, answer, was, list, facts, small, rows: new Map() };
}

function fill(card, told) {
  card.told = told;
  card.node.dataset.network = told.id;
  card.node.dataset.delta = String(told.delta);
  card.node.dataset.moved = String(told.moved);
  card.node.dataset.answer = told.answer;
  card.stripe.style.background = told.dashed
    ? `repeating-linear-gradient(90deg, ${told.colour} 0 6px, transparent 6px 10px)` : told.colour;
  say(card.title, told.title);
  say(card.note, told.note);
  say(card.answer, `${told.answer} ${percent(told.share)}`);
  card.answer.dataset.changed = String(told.answer !== told.first);
  say(card.was, told.answer === told.first
    ? `same answer, was ${percent(told.before)}`
    : `was ${told.first}: ${percent(told.before)} → ${percent(told.after)}`);
  fillBars(card, told.classes);
  const facts = [["Moved", percent(told.moved), "went to other classes"],
    ["Largest Δ logit", tiny(told.delta), told.delta < 1e-4 ? "mere rounding" : "over all classes"]];
  card.facts.replaceChildren(...facts.map(([label, value, text]) => el("div.fact", {},
    el("span.fact-label", {}, label), el("span.fact-value", {}, value), el("span.fact-note", {}, text))));
}

/** 2.1e-6 as 0.0000021, so that nobody needs to read an exponent. */
export function tiny(value) {
  if (value === 0) return "0";
  if (value >= 0.001) return number(value);
  const zeros = -Math.floor(Math.log10(value));
  return zeros > 8 ? "< 0.00000001" : value.toFixed(zeros + 1);
}

/** Bars are kept by class, so that a bar that grows or shrinks is seen doing so. */
function fillBars(card, classes) {
  const gone = new Set(card.rows.keys());
  for (const [at, { label, before, after }] of classes.entries()) {
    gone.delete(label);
    let line = card.rows.get(label);
    if (!line) {
      const now = el("i.now");
      const then = el("i.then");
      const value = el("span.value");
      const node = el("div.bar-row", { role: "listitem" }, el("span.name", { title: label }, label), el("div.track", {}, now, then), value);
      line = { node, now, then, value };
      card.rows.set(label, line);
      card.list.append(node);
    }
    line.node.style.order = String(at);
    line.now.style.width = `${100 * after}%`;
    line.then.style.left = `${100 * before}%`;
    say(line.value, percent(after));
    line.node.title = `${label}: ${percent(before)} when whole, ${percent(after)} now`;
  }
  for (const label of gone) {
    card.rows.get(label).node.remove();
    card.rows.delete(label);
  }
}

function paint(app) {
  if (!app.header) return;
  const pure = app.header.networks.some((told) => told.maps?.back);
  const view = app.view === "back" && !pure ? "broken" : app.view;
  app.views.set(view);
  for (const button of app.views.buttons) {
    if (button.dataset.value !== "back") continue;
    button.disabled = !pure;
    button.title = pure ? VIEWS[1][2] : "Only whole patches that changed places can be put back";
  }
  app.host.dataset.busy = String(Boolean(app.place.busy));
  for (const card of app.cards) paintThumb(app, card, view);
}

function paintThumb(app, { canvas, told, small, legend, top, unit }, view) {
  const ratio = Math.min(3, globalThis.devicePixelRatio || 1);
  const wide = Math.round(canvas.clientWidth * ratio);
  if (!wide) return;
  if (canvas.width !== wide) canvas.width = canvas.height = wide;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, wide, wide);
  context.imageSmoothingQuality = "high";
  const { slate, busy } = app.place;
  const ground = slate && (view === "broken" ? slate.flat : slate.whole);
  if (ground) context.drawImage(ground, 0, 0, wide, wide);
  legend.hidden = !told.maps;
  if (!told.maps) return canvas.setAttribute("aria-label", `The broken picture; ${told.title} has no attention to show.`);
  const map = told.maps[view] ?? told.maps.broken;
  const most = Math.max(...told.maps.broken, ...told.maps.whole);
  const side = Math.sqrt(map.length);
  small.width = small.height = side;
  const image = small.getContext("2d").createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  map.forEach((value, k) => { pixels[k] = app.lut[Math.round((255 * value) / (most || 1))]; });
  small.getContext("2d").putImageData(image, 0, 0);
  if (!busy || view !== "broken") {
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, wide, wide);
    context.imageSmoothingEnabled = true;
  }
  say(top, percent(most));
  say(unit, told.reader);
  const at = map.indexOf(Math.max(...map));
  canvas.setAttribute("aria-label", `Attention of ${told.title}: most in row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}, ${percent(map[at])}.`);
}
