// Maps as small pictures: in a row, or with a matrix of how well their orders agree.

import { parseTable } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { fit } from "../../channels/js/paint.js";
import { sheet } from "./picture.js";

/** A correlation: two digits are all it is good for. */
const correlation = (value) => `${value < 0 && value.toFixed(2) !== "-0.00" ? "−" : ""}${Math.abs(value).toFixed(2)}`;

export function startSheet(host, tables, send) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, stamp: 0, send };
  host.classList.add("why", "why-sheet");
  return {
    show: async (opened) => {
      const photo = await bitmapOf(opened.parts.picture);
      if (ends.signal.aborted) return photo.close();
      draw(app, opened, photo);
      return photo.close();
    },
    end: () => ends.abort(),
  };
}

function draw(app, { header, parts }, photo) {
  const maps = floats(parts.maps);
  const tiles = header.tiles.map((tile) => tileOf(app, header, tile, maps, photo));
  const matrix = header.matrix && matrixOf(app, header);
  app.host.replaceChildren(el("div.tiles", { role: "group", "aria-label": header.label ?? "Maps" }, ...tiles), ...(matrix ? [matrix] : []));
  app.host.dataset.tiles = tiles.length;
}

function tileOf(app, header, { name, title, note, signed, rows, columns, at, alike }, maps, photo) {
  const values = maps.subarray(at, at + rows * columns);
  const sizes = Float32Array.from(values, Math.abs).sort();
  const top = values.length > 2000 ? sizes[Math.floor(0.99 * (sizes.length - 1))] : sizes.at(-1);
  const canvas = el("canvas", { "aria-hidden": "true" });
  fit(canvas, 168, 168, 1);
  const context = canvas.getContext("2d");
  context.drawImage(photo, 0, 0, 168, 168);
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet(app.tables, { values, rows, columns }, signed, top, 0.85), 0, 0, 168, 168);
  const bar = el("i.meter", { title: "Rank correlation" }, Object.assign(el("i"), { style: `width:${100 * Math.abs(alike ?? 0)}%;background:${(alike ?? 0) < 0 ? "#e08214" : "var(--accent)"}` }));
  const inside = [canvas, el("b", {}, title), el("span", {}, `${note}${alike === null ? "no order" : correlation(alike)}`), bar];
  if (!name) return el("div.tile", {}, ...inside);
  const node = el("button.tile", { type: "button", title: `Shows ${title} on the stage` }, ...inside);
  node.setAttribute("aria-pressed", String(name === header.current));
  node.disabled = !document.querySelector("[data-testid='stApp']"); // a page that was taken along
  node.addEventListener("click", () => app.send("asked", { method: name, stamp: ++app.stamp, from: header.id }), { signal: app.signal });
  return node;
}

/** Numbers stand in the cells; the colours are those of signed maps: purple 1, orange −1. */
function matrixOf(app, { matrix, tiles }) {
  const colours = parseTable(app.tables.PuOr);
  const line = el("p.told");
  const rest = "Point at a number. 1: the same order of cells; 0: nothing in common; −1: the opposite order.";
  say(line, rest);
  const cell = (value, i, j) => {
    const shade = colours[Math.round(127.5 + 127.5 * (value ?? 0))];
    const dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 140;
    const node = el("td", { tabIndex: i === j ? -1 : 0 }, value === null ? "–" : correlation(value));
    node.style.cssText = `background:rgb(${shade});color:${dark ? "#fff" : "#14131f"}`;
    const tell = () => say(line, `${tiles[i].title} and ${tiles[j].title}: ${value === null ? "one of them has no order" : correlation(value)}`);
    node.addEventListener("pointerenter", tell, { signal: app.signal });
    node.addEventListener("focus", tell, { signal: app.signal });
    return node;
  };
  const table = el("table.matrix", { "aria-label": "Rank correlations" },
    el("thead", {}, el("tr", {}, el("th"), ...tiles.map(({ title }) => el("th", { scope: "col" }, el("span", {}, title))))),
    el("tbody", {}, ...matrix.map((row, i) => el("tr", {}, el("th", { scope: "row" }, tiles[i].title), ...row.map((value, j) => cell(value, i, j))))));
  table.addEventListener("pointerleave", () => say(line, rest), { signal: app.signal });
  return el("div.agree", {}, el("div.scroll", {}, table), line);
}
