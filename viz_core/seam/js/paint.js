// Paints the window chooser, the matrix of one window, and the maps of one query.

import { css, parseTable } from "../../canvas/js/colour.js";
import { KEY, QUERY, hatch } from "../../canvas/js/stage.js";
import { percent } from "../../canvas/js/words.js";
import { drawFilled, drawRegions, drawWindows, fitted, outline, pixelsOf } from "../../shift/js/draw.js";
import { rowOf } from "./rows.js";

const SLATE = [71, 85, 105];
const OPEN = [45, 212, 191];
const LEAK = [167, 236, 227];

/** Colours of a value: signed ones around zero, shares from nothing up. */
export function palette(tables) {
  const [signed, share] = [parseTable(tables.PuOr), parseTable(tables.magma)];
  return {
    signed: (value, top) => signed[Math.max(0, Math.min(255, Math.round(127.5 + 127.5 * (value / (top || 1)))))],
    share: (value, top) => share[Math.max(0, Math.min(255, Math.round(255 * (value / (top || 1)))))],
  };
}

/** The rolled map: windows to choose from, and how much of each one's attention leaks. */
export function paintChooser(app) {
  const { cut, view, store: { header } } = app;
  const pen = fitted(app.chooser, ...cut.padded);
  const size = pixelsOf([0, 0, cut.rows, cut.columns], pen.cell);
  app.sheet ??= document.createElement("canvas");
  Object.assign(app.sheet, { width: size.w, height: size.h });
  const rolled = rolledPicture(app, size);
  drawFilled(pen, cut);
  const labels = new Uint16Array(cut.size);
  const hue = new Uint8Array(cut.size);
  cut.homes.forEach((home, token) => {
    const at = placeIn(cut, token);
    labels[at] = cut.group[token];
    hue[at] = cut.id[token];
  });
  drawRegions(pen, cut, rolled, { labels, hue, text: (at) => String(hue[at]), lit: null, font: app.font });
  drawWindows(pen, cut, 0.7);
  const { context, cell, ratio } = pen;
  for (let window = 0; window < cut.windows[0] * cut.windows[1]; window++) {
    const r = pixelsOf(windowBox(cut, window), cell);
    if (window !== view.window) {
      context.fillStyle = `rgba(9,10,18,${window === app.over ? 0.25 : 0.5})`;
      context.fillRect(r.x, r.y, r.w, r.h);
    }
    if (app.run !== "none") badge(context, r, percent(header.crossing[app.run][window]), app.font, ratio);
  }
  outline(context, pixelsOf(windowBox(cut, view.window), cell), "#fff", 4 * ratio, ratio);
  const [top, left] = windowBox(cut, view.window);
  const cellOf = (slot) => pixelsOf([top + Math.floor(slot / cut.window), left + (slot % cut.window), 1, 1], cell);
  outline(context, cellOf(app.query), QUERY, 2.5 * ratio, ratio);
  if (app.key !== null) outline(context, cellOf(app.key), KEY, 2.5 * ratio, ratio);
}

/** The picture as the roll leaves it, drawn once a size. */
function rolledPicture(app, { w, h }) {
  const context = app.sheet.getContext("2d");
  const { cut, picture } = app;
  const [dx, dy] = [(cut.shift / cut.columns) * w, (cut.shift / cut.rows) * h];
  context.imageSmoothingQuality = "high";
  for (const x of [0, w]) for (const y of [0, h]) context.drawImage(picture, x - dx, y - dy, w, h);
  return app.sheet;
}

/** Index of a token's place in the rolled map without what was filled up. */
export const placeIn = (cut, token) =>
  Math.floor(cut.place[token] / cut.padded[1]) * cut.columns + (cut.place[token] % cut.padded[1]);

export const windowBox = ({ window, windows }, k) =>
  [Math.floor(k / windows[1]) * window, (k % windows[1]) * window, window, window];

function badge(context, r, text, font, ratio) {
  const size = Math.min(13 * ratio, r.w / 4.5);
  if (size < 7 * ratio) return;
  context.font = `700 ${size}px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const wide = context.measureText(text).width + size;
  context.fillStyle = "#ffb224";
  context.beginPath();
  context.roundRect(r.x + r.w / 2 - wide / 2, r.y + r.h - size * 2, wide, size * 1.6, size * 0.8);
  context.fill();
  context.fillStyle = "#1c1b2e";
  context.fillText(text, r.x + r.w / 2, r.y + r.h - size * 1.16);
}

/** The M² x M² matrix of the window: rows ask, columns answer. */
export function paintMatrix(app) {
  const { store, view, colours } = app;
  const { n } = store;
  const pen = fitted(app.matrix, n, n);
  const { context, cell, ratio } = pen;
  app.small ??= document.createElement("canvas");
  const name = [app.serial, view.window, view.head, app.run, view.matrix, n].join();
  if (name !== app.smallName) {
    app.smallName = name;
    Object.assign(app.small, { width: n, height: n });
    app.small.getContext("2d").putImageData(matrixPixels(app), 0, 0);
  }
  context.imageSmoothingEnabled = cell < 1;
  context.drawImage(app.small, 0, 0, app.matrix.width, app.matrix.height);
  const width = Math.max(1.5, 1.5 * ratio);
  outline(context, { ...pixelsOf([app.query, 0, 1, n], cell) }, QUERY, width, ratio);
  if (app.key !== null) outline(context, pixelsOf([0, app.key, n, 1], cell), KEY, width, ratio);
}

function matrixPixels(app) {
  const { store, view, run, colours } = app;
  const { n } = store;
  const image = new ImageData(n, n);
  const put = (query, key, rgb) => image.data.set([...rgb, 255], 4 * (query * n + key));
  const rows = Array.from({ length: n }, (_, query) => rowOf(store, { ...view, query, run }));
  const top = signedTop(rows);
  app.matrixTop = top;
  rows.forEach((row, query) => {
    const best = Math.max(...row.shares);
    for (let key = 0; key < n; key++) {
      const closed = row.closed[key] && run === "none";
      if (view.matrix === "mask") put(query, key, closed ? SLATE : row.closed[key] ? LEAK : OPEN);
      else if (view.matrix === "scores") put(query, key, colours.signed(row.scores[key], top));
      else if (view.matrix === "sums") put(query, key, closed ? SLATE : colours.signed(row.scores[key] + row.bias[key], top));
      else put(query, key, closed ? SLATE : colours.share(row.shares[key], best));
    }
  });
  return image;
}

/** Largest score or sum without the mask, so that before and after share one scale. */
export const signedTop = (rows) => rows.reduce((most, { scores, bias }) =>
  scores.reduce((m, s, k) => Math.max(m, Math.abs(s), Math.abs(s + bias[k])), most), 0);

/** One query's numbers over the window's own pixels: `kind` is scores, sums or shares. */
export function paintMap(app, kind) {
  const { store, cut, view, colours, picture, row } = app;
  const m = cut.window;
  const pen = fitted(app.maps[kind].canvas, m, m);
  const { context, cell, ratio } = pen;
  const members = store.header.members[view.window];
  const top = kind === "shares" ? Math.max(...row.shares) : signedTop([row]);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const size = Math.min(12 * ratio, cell * 0.34);
  context.font = `600 ${size}px ${app.font}`;
  for (let slot = 0; slot < store.n; slot++) {
    const r = pixelsOf([Math.floor(slot / m), slot % m, 1, 1], cell);
    drawToken(context, picture, cut, members[slot], r);
    const shut = kind !== "scores" && row.closed[slot] && app.run === "none";
    const value = row[kind][slot];
    if (shut || members[slot] < 0) hatch(context, r, ratio);
    else {
      context.fillStyle = css(kind === "shares" ? colours.share(value, top) : colours.signed(value, top), 0.82);
      context.fillRect(r.x, r.y, r.w, r.h);
    }
    if (size < 7.5 * ratio) continue;
    const light = !shut && (kind === "shares" ? value > 0.62 * top : Math.abs(value) < 0.55 * top);
    context.fillStyle = light ? "rgba(20,18,32,.92)" : "rgba(255,255,255,.94)";
    context.fillText(written(kind, value), r.x + r.w / 2, r.y + r.h / 2 + ratio * 0.5);
  }
  border(pen, cut, row);
  mark(app, pen, (slot) => [Math.floor(slot / m), slot % m, 1, 1]);
}

const written = (kind, value) => kind === "shares" ? (value < 0.0005 ? "0" : (100 * value).toFixed(value < 0.0995 ? 1 : 0))
  : (value <= -0.05 ? "−" : "") + Math.abs(value).toFixed(Math.abs(value) < 9.95 ? 1 : 0);

function drawToken(context, picture, { rows, columns }, token, r) {
  if (token < 0) return;
  const [w, h] = [picture.width / columns, picture.height / rows];
  context.drawImage(picture, (token % columns) * w, Math.floor(token / columns) * h, w, h, r.x, r.y, r.w, r.h);
}

/** The seam: where an open key borders on a closed one. */
function border({ context, cell, ratio }, { window: m }, { closed }) {
  context.beginPath();
  closed.forEach((shut, slot) => {
    const r = pixelsOf([Math.floor(slot / m), slot % m, 1, 1], cell);
    if ((slot + 1) % m && closed[slot + 1] !== shut) segment(context, r.x + r.w, r.y, r.x + r.w, r.y + r.h);
    if (slot + m < closed.length && closed[slot + m] !== shut) segment(context, r.x, r.y + r.h, r.x + r.w, r.y + r.h);
  });
  for (const [colour, width] of [["rgba(9,10,18,.85)", 5], ["#fff", 2.5]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width * ratio });
    context.stroke();
  }
}

function segment(context, x0, y0, x1, y1) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

function mark(app, { context, cell, ratio }, boxOf) {
  outline(context, pixelsOf(boxOf(app.query), cell), QUERY, 2.5 * ratio, ratio);
  if (app.key !== null) outline(context, pixelsOf(boxOf(app.key), cell), KEY, 2.5 * ratio, ratio);
}

/** The shares where their pixels really are: a leak lights up on the far side of the picture. */
export function paintPlace(app) {
  const { store, cut, view, colours, picture, row } = app;
  const pen = fitted(app.maps.place.canvas, cut.rows, cut.columns);
  const { context, cell, ratio } = pen;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, app.maps.place.canvas.width, app.maps.place.canvas.height);
  context.fillStyle = "rgba(9,10,18,.6)";
  context.fillRect(0, 0, app.maps.place.canvas.width, app.maps.place.canvas.height);
  const members = store.header.members[view.window];
  const box = (slot) => [Math.floor(members[slot] / cut.columns), members[slot] % cut.columns, 1, 1];
  const top = Math.max(...row.shares);
  members.forEach((token, slot) => {
    if (token < 0) return;
    const r = pixelsOf(box(slot), cell);
    drawToken(context, picture, cut, token, r);
    if (row.closed[slot] && app.run === "none") return hatch(context, r, ratio);
    context.fillStyle = css(colours.share(row.shares[slot], top), 0.35 + 0.5 * (row.shares[slot] / top));
    context.fillRect(r.x, r.y, r.w, r.h);
  });
  mark(app, pen, (slot) => (members[slot] < 0 ? [0, 0, 0, 0] : box(slot)));
}

