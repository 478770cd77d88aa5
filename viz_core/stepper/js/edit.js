// Editing cells: type, arrow up and down, or drag. The browser shows at once what follows from
// it; Python's answer takes its place.

import { el } from "../../canvas/js/dom.js";
import { recompute } from "./preview.js";
import { number } from "./spell.js";

const LARGEST = 99;
const STEP = 0.1;
const PIXELS = 6; // of a drag for one step
const START_PIXELS = 4;

const rounded = (value) => Math.round(Math.max(-LARGEST, Math.min(LARGEST, value)) * 100) / 100;
export const editId = (edit, r, c) => [edit.matrix, edit.rows[r], c + edit.offset].join("|");

/** Puts a value into the data that is shown, and tells Python. */
export function setValue(app, spec, r, c, value) {
  if (!Number.isFinite(value)) return;
  const { edit } = spec;
  const next = rounded(value);
  if (spec.values[r][c] === next) return;
  app.edits.set(editId(edit, r, c), [edit.matrix, edit.rows[r], c + edit.offset, next]);
  app.data.matrices[spec.id][r][c + edit.offset] = next;
  recompute(app.data);
  app.serial += 1;
  app.refresh();
  app.tell();
}

/** Editing for whatever stands in `node`; `find(cell)` gives its matrix. */
export function startEditing(app, node, find, signal) {
  let drag = null;
  const on = (type, act) => node.addEventListener(type, act, { signal });
  const target = (event) => event.target.closest?.(".cell.editable");
  on("pointerdown", (event) => {
    const cell = target(event);
    if (!cell || event.target.tagName === "INPUT" || event.button) return;
    const matrix = find(cell);
    const [r, c] = place(cell);
    drag = { cell, matrix, r, c, y: event.clientY, from: matrix.spec.values[r][c], moved: false };
    if (event.pointerType === "mouse") cell.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => {
    if (!drag || event.pointerType !== "mouse") return;
    const way = drag.y - event.clientY;
    if (!drag.moved && Math.abs(way) < START_PIXELS) return;
    drag.moved = true;
    drag.cell.classList.add("dragged");
    setValue(app, drag.matrix.spec, drag.r, drag.c, drag.from + Math.round(way / PIXELS) * STEP);
  });
  const finish = (event) => {
    if (!drag) return;
    const { cell, matrix, moved } = drag;
    cell.classList.remove("dragged");
    drag = null;
    if (!moved && event.type === "pointerup" && target(event) === cell) openInput(app, matrix, cell);
  };
  on("pointerup", finish);
  on("pointercancel", finish);
  on("keydown", (event) => {
    const cell = target(event);
    if (!cell || event.target.tagName === "INPUT") return;
    const types = /^[-−0-9.]$/.test(event.key);
    if (event.key !== "Enter" && !types) return;
    event.preventDefault();
    event.stopPropagation();
    openInput(app, find(cell), cell, types ? event.key : null);
  });
}

const place = (cell) => [Number(cell.dataset.row), Number(cell.dataset.column)];

function openInput(app, matrix, cell, typed = null) {
  if (cell.firstElementChild) return;
  const [r, c] = place(cell);
  const before = matrix.spec.values[r][c];
  const input = el("input", {
    type: "text", inputMode: "decimal", value: typed ?? String(before), autocomplete: "off",
    "aria-label": `Value in row ${r + 1}, column ${c + 1}`,
  });
  cell.replaceChildren(input);
  input.focus();
  if (typed === null) input.select();
  let open = true;
  const close = (keep, refocus) => {
    if (!open) return;
    open = false;
    const value = parse(input.value);
    input.remove();
    cell.textContent = number(matrix.spec.values[r][c]);
    if (keep && value !== null) setValue(app, matrix.spec, r, c, value);
    app.refresh();
    if (refocus) cell.focus();
  };
  input.addEventListener("blur", () => close(true, false));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") close(true, true);
    else if (event.key === "Escape") {
      setValue(app, matrix.spec, r, c, before);
      close(false, true);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const value = rounded((parse(input.value) ?? before) + (event.key === "ArrowUp" ? STEP : -STEP));
      input.value = String(value);
      setValue(app, matrix.spec, r, c, value);
    }
  });
}

function parse(text) {
  const value = Number(text.trim().replace("−", "-").replace(",", "."));
  return text.trim() && Number.isFinite(value) ? value : null;
}
