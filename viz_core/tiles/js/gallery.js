// Maps side by side: one pointer reads all of them at the same relative place.

import { opaqueLut } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { createMap, paintColours, paintMap, paintShares } from "./paint.js";
import { ramp } from "./ramp.js";
import { mapsOf } from "./wire.js";

export function createGallery(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, cells: [], id: "" };
  host.className = "saccade";
  host.dataset.mode = "maps";
  app.box = el("div.gallery");
  app.unit = el("span");
  app.legend = el("div.legend");
  host.append(app.box, app.legend);
  return { show: (frame) => show(app, frame), end: () => ends.abort() };
}

function show(app, frame) {
  const { header } = frame;
  if (header.id === app.id) return;
  app.id = header.id;
  const maps = mapsOf(frame);
  if (maps.length !== app.cells.length) build(app, maps.length);
  app.box.style.setProperty("--columns", header.columns);
  const own = header.limit === null;
  const lut = opaqueLut(app.tables[header.signed ? "PuOr" : "magma"]);
  const high = own ? "largest" : number(header.limit);
  app.legend.replaceChildren(ramp(lut, header.signed ? `−${high}` : "0", high, header.signed), app.unit);
  say(app.unit, own ? `${header.unit}; each map scaled to its largest` : header.unit);
  maps.forEach((map, k) => fill(app.cells[k], map, header, lut));
  point(app, null);
}

function build(app, count) {
  app.cells = Array.from({ length: count }, () => {
    const canvas = el("canvas");
    const mark = el("i.spot", { hidden: true });
    const label = el("b");
    const value = el("span.value");
    const frame = el("div.frame", {}, canvas, mark);
    const cell = { canvas, mark, label, value, frame, node: el("figure", {}, label, frame, value) };
    listen(app, cell);
    return cell;
  });
  app.box.replaceChildren(...app.cells.map((cell) => cell.node));
}

function listen(app, cell) {
  const on = (type, act) => cell.frame.addEventListener(type, act, { signal: app.signal });
  const here = (event) => {
    const box = cell.frame.getBoundingClientRect();
    const u = (event.clientX - box.left) / box.width;
    const v = (event.clientY - box.top) / box.height;
    point(app, u >= 0 && u < 1 && v >= 0 && v < 1 ? { u, v } : null);
  };
  on("pointermove", here);
  on("pointerdown", here);
  on("pointerleave", () => point(app, null));
}

function fill(cell, map, header, lut) {
  const [rows, columns] = map.grid;
  Object.assign(cell, { map, rows, columns });
  const small = createMap(cell.canvas, rows, columns);
  cell.frame.style.aspectRatio = `${columns} / ${rows}`;
  if (map.colour) paintColours(small, map.values);
  else {
    const top = header.limit ?? map.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    (header.signed ? paintMap : paintShares)(small, map.values, top, lut);
  }
  say(cell.label, map.label);
  cell.canvas.setAttribute("role", "img");
  cell.canvas.setAttribute("aria-label", `${map.label}, ${rows} × ${columns} patches. ${map.note}`);
}

function point(app, at) {
  for (const cell of app.cells) {
    cell.mark.hidden = !at;
    if (!at) {
      say(cell.value, cell.map.note);
      continue;
    }
    const row = Math.floor(at.v * cell.rows);
    const column = Math.floor(at.u * cell.columns);
    const { style } = cell.mark;
    style.left = `${(100 * column) / cell.columns}%`;
    style.top = `${(100 * row) / cell.rows}%`;
    style.width = `${100 / cell.columns}%`;
    style.height = `${100 / cell.rows}%`;
    const k = row * cell.columns + column;
    const told = cell.map.colour ? [...cell.map.values.subarray(3 * k, 3 * k + 3)].join(" ") : number(cell.map.values[k]);
    say(cell.value, `row ${row + 1}, column ${column + 1}: ${told}`);
  }
}
