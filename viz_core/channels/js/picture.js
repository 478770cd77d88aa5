// The large picture with what is shown laid over it, and the token under the pointer.

import { el } from "../../canvas/js/dom.js";
import {
  fit, lutsOf, outline, paintChannel, paintColours, paintLikeness, paintRegions, putSheet, scaleOf, sheetOf, tableOf,
} from "./paint.js";
import { likeness, regionsOf, tokenAt } from "./store.js";

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function createPicture(app) {
  const canvas = el("canvas.picture", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-label",
    "The picture with the chosen map over it. Arrow keys move from token to token, [ and ] change the block.");
  const on = (name, act) => canvas.addEventListener(name, act, { signal: app.signal });
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
  };
  on("pointermove", (event) => app.point(at(event)));
  on("pointerleave", (event) => { if (event.pointerType !== "touch") app.point(null); });
  on("pointerdown", (event) => app.pin(at(event)));
  on("keydown", (event) => {
    const move = MOVES[event.key];
    if (move) app.step(move);
    else if (event.key === "[" || event.key === "]") app.hop(event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { canvas, paint: () => paint(app, canvas) };
}

/** The map that the picture shows, and its token under the pointer or the pinned one. */
export function shownMap(app) {
  const place = app.view === "regions" ? regionsOf(app.store, app.place) ?? app.place : app.place;
  return { place, token: tokenAt(place, app.pointed ?? app.pinned) };
}

function paint(app, canvas) {
  const side = canvas.clientWidth;
  if (!side) return;
  fit(canvas, side, side, app.ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(app.photo, 0, 0, full, full);
  const { place, token } = shownMap(app);
  const sheet = sheetOf(app, place.rows, place.columns);
  const labels = fill(app, place, token, sheet);
  context.imageSmoothingEnabled = app.smooth && !labels;
  context.drawImage(putSheet(sheet), 0, 0, full, full);
  if (labels) outline(context, place, labels, full, app.region);
  if (app.pointed || app.view === "likeness" || app.sort === "here") mark(context, place, token, full);
}

/** Colours of the view into the sheet; regions give their labels back. */
function fill(app, place, token, { pixels }) {
  const { over } = lutsOf(app);
  if (app.view === "colours") paintColours(place, app.opacity, pixels);
  else if (app.view === "likeness") paintLikeness(likeness(place, token), over.PuOr, pixels);
  else if (app.view === "regions" && place.labels) {
    const labels = place.labels[app.grouping(place)];
    paintRegions(labels, app.region, app.opacity, pixels);
    return labels;
  } else paintChannel(place, app.shown, scaleOf(app, place, app.shown), over[tableOf(place)], pixels);
  return null;
}

function mark(context, { rows, columns }, token, side) {
  const [high, wide] = [side / rows, side / columns];
  const [x, y] = [(token % columns) * wide, Math.floor(token / columns) * high];
  for (const [colour, width] of [["rgba(0,0,0,0.6)", 4.5], ["#ffb224", 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = (width * side) / 480;
    context.strokeRect(x, y, wide, high);
  }
}
