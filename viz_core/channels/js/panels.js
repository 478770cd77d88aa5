// What stands right of the picture in the other views: components, likeness by depth, regions.

import { css } from "../../canvas/js/colour.js";
import { el, say, slider } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import {
  fit, lutsOf, paintComponent, paintLikeness, putSheet, REGION_COLOURS, sheetOf,
} from "./paint.js";
import { likeness, placeName, regionsOf, tokenAt } from "./store.js";

const PARTS = ["red: 1st component", "green: 2nd component", "blue: 3rd component"];

export function createPanels(app) {
  const tiles = el("div.tiles");
  const story = el("p.story");
  const k = slider("Number of regions", { min: 2, max: 12, step: 1 }, (value) => `${value} regions`, app.setCount, app.signal);
  const bars = el("div.bars", { role: "group", "aria-label": "Silhouette of every number of regions" });
  const list = el("div.regions");
  const regions = el("div.region-panel", {}, el("div.row", {}, el("span.label", {}, "Regions"), k.node),
    el("p.caption", {}, "Mean silhouette: how much closer a place is to its own region than to the next. Click a bar."),
    bars, list);
  return { node: el("div.panel", {}, story, tiles, regions), tiles, story, regions, k, bars, list, key: "" };
}

export function showPanels(app, panels) {
  const { view } = app;
  panels.regions.hidden = view !== "regions";
  panels.tiles.hidden = view === "regions";
  if (view === "colours") showComponents(app, panels);
  else if (view === "likeness") showLikeness(app, panels);
  else showRegions(app, panels);
}

/** Tiles are made again only when their number or size changes. */
function tilesFor(panels, key, made) {
  if (panels.key === key) return;
  panels.key = key;
  panels.made = made().map(({ place, title, go }) => {
    const canvas = el("canvas", { width: place.columns, height: place.rows });
    const text = el("figcaption", {}, title);
    const node = el(go ? "button.tile" : "figure.tile", go ? { type: "button", onclick: go } : {}, canvas, text);
    return { place, canvas, text, node };
  });
  panels.tiles.replaceChildren(...panels.made.map((one) => one.node));
}

function showComponents(app, panels) {
  const { place } = app;
  say(panels.story, `${place.channels} numbers a place become three: the directions in which the ${place.tokens} places of `
    + `${placeName(place)} differ most. They hold ${percent(place.held)} of the variance.`);
  tilesFor(panels, `colours ${place.rows}`, () => PARTS.map((title) => ({ place, title })));
  const lut = lutsOf(app).opaque.magma;
  panels.made.forEach(({ canvas }, which) => {
    const sheet = sheetOf(app, place.rows, place.columns);
    paintComponent(place, which, lut, sheet.pixels);
    canvas.getContext("2d").drawImage(putSheet(sheet), 0, 0);
  });
}

function showLikeness(app, panels) {
  const { store } = app;
  const ends = store.blocks.filter((place, k) => store.blocks[k + 1]?.stage !== place.stage);
  say(panels.story, "Cosine between the place under the pointer and every other one, seen from the map’s mean: "
    + "1 means the network holds the same there. From stage to stage, how far does the same reach?");
  tilesFor(panels, `likeness ${store.header.id}`, () => ends.map((place) => ({
    place, title: placeName(place).replace(/, block.*/, ", last block"), go: () => app.go(place.index),
  })));
  const lut = lutsOf(app).opaque.PuOr;
  for (const { place, canvas } of panels.made) {
    const sheet = sheetOf(app, place.rows, place.columns);
    paintLikeness(likeness(place, tokenAt(place, app.pointed ?? app.pinned)), lut, sheet.pixels);
    canvas.getContext("2d").drawImage(putSheet(sheet), 0, 0);
  }
}

function showRegions(app, panels) {
  const place = regionsOf(app.store, app.place);
  if (!place) {
    say(panels.story, "This map has no regions: all its places are alike.");
    panels.regions.hidden = true;
    return;
  }
  const { counts, silhouettes, held } = place.regions;
  const at = app.grouping(place);
  say(panels.story, `The ${place.tokens} places of ${placeName(place)} in ${counts[at]} groups by what they hold, not by where they `
    + `are: nobody told the network where things end. The groups hold ${percent(held[at])} of the variance.`);
  panels.k.input.max = String(counts.at(-1));
  panels.k.set(counts[at]);
  showBars(app, panels, counts, silhouettes, at);
  showList(app, panels, place, at);
}

function showBars(app, panels, counts, silhouettes, at) {
  const key = silhouettes.join();
  if (panels.barKey !== key) {
    panels.barKey = key;
    const most = Math.max(...silhouettes, 0.01);
    panels.bars.replaceChildren(...counts.map((count, k) => el("button.bar-button", {
      type: "button", title: `${count} regions: silhouette ${number(silhouettes[k])}`, onclick: () => app.setCount(count),
    }, el("i", { style: `height:${Math.max(2, (56 * silhouettes[k]) / most)}px` }),
      el("b", {}, number(silhouettes[k])), el("span", {}, String(count)))));
  }
  [...panels.bars.children].forEach((bar, k) => bar.setAttribute("aria-pressed", String(k === at)));
}

function showList(app, panels, place, at) {
  const key = `${place.index} ${at} ${app.store.header.id} ${app.ratio}`;
  if (panels.listKey !== key) {
    panels.listKey = key;
    const labels = place.labels[at];
    const sizes = new Uint32Array(place.regions.counts[at]);
    for (const label of labels) sizes[label]++;
    const order = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a]);
    panels.list.replaceChildren(...order.map((label) => {
      const canvas = el("canvas");
      const chip = el("button.tile.region", { type: "button" }, canvas, el("span", {},
        el("i", { style: `background:${css(REGION_COLOURS[label % REGION_COLOURS.length])}` }), percent(sizes[label] / place.tokens)));
      chip.dataset.label = label;
      const on = (name, value) => chip.addEventListener(name, () => app.markRegion(value), { signal: app.signal });
      on("pointerenter", label);
      on("focus", label);
      on("pointerleave", null);
      on("blur", null);
      cutOut(app, canvas, place, labels, label);
      return chip;
    }));
  }
  for (const chip of panels.list.children) chip.dataset.marked = String(Number(chip.dataset.label) === app.region);
}

/** The photo inside one region; the rest of it fades. */
function cutOut(app, canvas, place, labels, label) {
  const side = Math.round(120 * app.ratio);
  fit(canvas, side, side, 1);
  const sheet = sheetOf(app, place.rows, place.columns);
  for (let t = 0; t < labels.length; t++) sheet.pixels[t] = labels[t] === label ? 0xffffffff : 0;
  const context = canvas.getContext("2d");
  context.drawImage(app.photo, 0, 0, side, side);
  context.globalCompositeOperation = "destination-in";
  context.imageSmoothingEnabled = false;
  context.drawImage(putSheet(sheet), 0, 0, side, side);
  context.globalCompositeOperation = "destination-over";
  context.globalAlpha = 0.14;
  context.drawImage(app.photo, 0, 0, side, side);
}
