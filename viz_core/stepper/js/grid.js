// A matrix as a grid of coloured cells with numbers, its name and its shape.

import { el, say } from "../../canvas/js/dom.js";
import { parseTable } from "../../canvas/js/colour.js";
import { number, percent } from "./spell.js";

const NEARLY_FULL = 0.94;
const CLOSED = -1e6;

/** Colours for cells; both tables come from Python. */
export function palette(tables, dark) {
  const signed = parseTable(tables.PuOr);
  const shares = parseTable(tables.magma);
  const ground = dark ? [17, 18, 26] : [255, 255, 255];
  return {
    signed(value, top) {
      const share = top ? Math.min(1, Math.abs(value) / top) : 0;
      const rgb = signed[Math.round(127.5 + Math.sign(value) * (50 + 22 * share))];
      const alpha = NEARLY_FULL * share ** 0.75;
      return painted(rgb.map((part, k) => part * alpha + ground[k] * (1 - alpha)));
    },
    share: (value) => painted(shares[Math.round(12 + value * 225)]),
  };
}

function painted(rgb) {
  const [r, g, b] = rgb.map((part) => (part / 255) ** 2.2);
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return { background: `rgb(${rgb.map(Math.round)})`, color: light > 0.2 ? "#14131f" : "#ffffff" };
}

/** W_Q with the Q below the line, K^T with the T above it. */
export function nameNodes(text) {
  return text.split(/([_^]\w)/).filter(Boolean).map((part) =>
    part[0] === "_" ? el("sub", {}, part.slice(1)) : part[0] === "^" ? el("sup", {}, part.slice(1)) : part);
}

/** A matrix that can be drawn again with other values of the same shape. */
export function createMatrix(spec, header) {
  const [rows, columns] = [spec.values.length, spec.values[0].length];
  const cells = [];
  const grid = el("div.cells", { role: "grid", "aria-label": `${spec.name}, ${rows} by ${columns}` });
  grid.style.setProperty("--columns", columns);
  if (spec.columns) {
    grid.append(...spec.values[0].map((_, c) => placed(header(spec.columns, c), 1, c + 2)));
  }
  spec.values.forEach((line, r) => {
    if (spec.rows) grid.append(placed(header(spec.rows, r), r + 2, 1));
    cells.push(line.map((_, c) => {
      const cell = el("div.cell", { role: "gridcell", tabIndex: r || c ? -1 : 0 });
      cell.dataset.row = r;
      cell.dataset.column = c;
      if (spec.edit) cell.classList.add("editable");
      if (spec.bands && c && c % spec.bands === 0) cell.classList.add("band");
      return placed(cell, r + 2, c + 2);
    }));
    grid.append(...cells[r]);
  });
  const shape = el("span.shape", {}, `${rows} × ${columns}`);
  const title = el("div.name", {}, el("b", {}, ...nameNodes(spec.name)), shape,
    spec.note ? el("span.shape", {}, spec.note) : null);
  const node = el("div.matrix", {}, title, grid);
  node.dataset.id = spec.id;
  node.classList.toggle("headed", Boolean(spec.rows));
  node.classList.toggle("topped", Boolean(spec.columns));
  return { node, cells, spec, grid, old: null };
}

function placed(node, row, column) {
  node.style.gridArea = `${row} / ${column}`;
  return node;
}

/** Writes numbers and colours; cells whose number changed flash. */
export function fillMatrix(matrix, spec, colours, { narrow, marks, flash }) {
  matrix.spec = spec;
  const { values } = spec;
  const top = spec.top ?? largest(values);
  values.forEach((line, r) => line.forEach((value, c) => {
    const cell = matrix.cells[r][c];
    const text = written(spec, value, narrow);
    const closed = value < CLOSED;
    const look = closed ? { background: "", color: "" }
      : spec.kind === "share" ? colours.share(value) : colours.signed(value, top);
    cell.classList.toggle("closed", closed);
    cell.classList.toggle("nothing", value === 0);
    cell.style.background = look.background;
    cell.style.color = look.color;
    cell.classList.toggle("edited", marks(spec, r, c));
    if (cell.firstElementChild) return;
    if (flash && matrix.old && matrix.old[r]?.[c] !== value) again(cell, "changed");
    say(cell, text);
    cell.setAttribute("aria-label", `row ${r + 1}, column ${c + 1}: ${text}`);
  }));
  matrix.old = values;
}

export const largest = (values) =>
  Math.max(...values.flat().map((v) => (v < CLOSED ? 0 : Math.abs(v))), 1e-9);

function again(cell, name) {
  cell.classList.remove(name);
  void cell.offsetWidth;
  cell.classList.add(name);
}

function written(spec, value, narrow) {
  if (spec.kind === "share") return narrow ? percent(value).replace("< ", "<") : `${percent(value)}\u2009%`;
  if (value === 0) return "0";
  return number(value, narrow ? 1 : 2);
}

/** A tiny picture of a matrix: colours only. */
export function thumbnail(values, kind, colours) {
  const node = el("span.thumb");
  node.style.setProperty("--columns", values[0].length);
  const top = largest(values);
  node.append(...values.flat().map((value) => {
    const cell = el("i", { className: value < CLOSED ? "closed" : "" });
    if (value >= CLOSED) {
      cell.style.background = (kind === "share" ? colours.share(value) : colours.signed(value, top)).background;
    }
    return cell;
  }));
  return node;
}
