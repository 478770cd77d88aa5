// The matrices of one step: laid out so that row and column meet in the cell that they make.

import { el } from "../../canvas/js/dom.js";
import { createMatrix, fillMatrix, thumbnail } from "./grid.js";
import { scene } from "./steps.js";
import { makers } from "./spell.js";
import { createPicture, tile } from "./tokens.js";
import { editId } from "./edit.js";

const [LARGEST_CELL, SMALLEST_CELL, TIGHTEST_CELL] = [56, 27, 23];
const STAGE_HEIGHT = 372;
const [TALLEST_CELL, SLIM_TALLEST] = [44, 31];
const NARROW = 37;
const [SIGN, THUMBS, PHOTO] = [48, 90, 390];

/** Builds the step from nothing, or returns what stands if only values differ. */
export function build(app) {
  const made = scene(app.data, app.stepId, app.head);
  const signature = JSON.stringify([made.step, made.head, app.width, facesOf(app.data), shapes(made)]);
  if (app.mounted?.signature === signature) {
    app.mounted.scene = made;
    return;
  }
  app.pictures?.abort();
  app.pictures = new AbortController();
  const header = (side, k) => tile(side === "key" && app.data.memory ? app.data.memory : app.data.tokens, side, k);
  const matrices = all(made).map((spec) => createMatrix(spec, header));
  app.mounted = { signature, scene: made, matrices };
  app.work.replaceChildren(layouts[made.layout](app, made, matrices));
  app.work.dataset.layout = made.layout;
  measure(app, made);
}

export const all = (made) => [...made.parts, made.result, ...(made.second ? [made.second] : [])];
const shapes = (made) => all(made).map((m) => [m.id, m.name, m.values.length, m.values[0].length]);
const facesOf = (data) => [data.tokens, data.memory].map((side) => side && [side.key, side.labels, side.patches]);

function measure(app, made) {
  const { width } = app;
  const head = headWidth(app.data);
  const count = (m) => m.values[0].length;
  const list = all(made);
  const wraps = width < 560 && made.layout !== "product";
  let taken = 18;
  let columns = 0;
  let rows = made.result.values.length;
  if (made.layout === "product") {
    columns = count(made.parts[0]) + count(made.result);
    rows += made.parts[1].values.length;
    taken += head;
    if (width >= 560 && app.data.heads > 1) taken += THUMBS;
  } else if (wraps) {
    columns = Math.max(...list.map(count));
    if (list.some((m) => m.rows)) taken += head;
  } else {
    columns = list.reduce((sum, m) => sum + count(m), 0);
    if (made.layout === "tokens") columns = count(made.result) * Math.max(1, made.parts.length + 1);
    taken += list.filter((m) => m.rows).length * head + SIGN * made.parts.length + (made.step === "pattern" ? 40 : 0);
    if (made.layout === "tokens") taken += app.data.tokens.image ? (made.second ? 210 : PHOTO + 14) : 0;
    else if (app.data.heads > 1 && made.layout === "line") taken += THUMBS;
  }
  const least = made.layout === "tokens" ? TIGHTEST_CELL : SMALLEST_CELL;
  const wide = Math.max(least, Math.min(LARGEST_CELL, Math.floor((width - taken) / columns)));
  const high = Math.max(23, Math.min(width < 560 ? SLIM_TALLEST : TALLEST_CELL, Math.floor(STAGE_HEIGHT / (rows + (made.layout === "product" ? 0 : 2)))));
  app.narrow = wide < NARROW;
  app.work.style.setProperty("--cw", `${wide}px`);
  app.work.style.setProperty("--ch", `${high}px`);
  app.work.style.setProperty("--head", `${head}px`);
  app.work.classList.toggle("narrow", app.narrow);
}

/** Room for a tile, or for the longest word. */
function headWidth({ tokens, memory }) {
  const words = [tokens, memory].flatMap((side) => (side && !side.image ? side.labels : []));
  return words.length ? Math.min(78, 18 + 8 * Math.max(...words.map((word) => word.length))) : 38;
}

const layouts = {
  product: (app, made, [left, top, result]) =>
    el("div.product", {}, named("top", top), named("left", left), named("result", result)),
  line: (app, made, matrices) => el("div.line", {}, ...withSigns(made, matrices)),
  gather: (app, made, matrices) => el("div.line", {}, ...withSigns(made, matrices)),
  tokens: tokensLayout,
};

function named(name, matrix) {
  matrix.node.classList.add(name);
  return matrix.node;
}

function withSigns(made, matrices) {
  const last = made.parts.length;
  return matrices.slice(0, last + 1).flatMap((matrix, k) => [
    k && made.signs[k - 1] !== "|" ? el("span.sign", {}, made.signs[k - 1]) : null,
    k === last ? named("result", matrix) : matrix.node,
  ]).filter(Boolean);
}

function tokensLayout(app, made, matrices) {
  const last = made.parts.length;
  const row = (side, role, ...nodes) => el("div.line", {},
    side.image ? createPicture(side, role, (patches) => app.choose(side, patches), app.pictures.signal) : null,
    ...nodes);
  const first = row(app.data.tokens, "query", ...withSigns(made, matrices));
  if (!made.second) return first;
  return el("div.both", {}, first, row(app.data.memory, "key", matrices[last + 1].node));
}

/** Numbers and colours of all matrices. */
export function fill(app, flash) {
  const { scene: made, matrices } = app.mounted;
  const marks = (spec, r, c) => Boolean(spec.edit) && app.edits.has(editId(spec.edit, r, c));
  all(made).forEach((spec, k) =>
    fillMatrix(matrices[k], spec, app.colours, { narrow: app.narrow, marks, flash }));
}

export const resultOf = (app) => app.mounted.matrices[app.mounted.scene.parts.length];

/** Lights row, column and cell under the pointer. */
export function light(app) {
  const { scene: made, matrices } = app.mounted;
  for (const matrix of matrices) {
    for (const cell of matrix.cells.flat()) if (cell.dataset.lit) delete cell.dataset.lit;
    for (const face of matrix.grid.querySelectorAll(".tile[data-lit]")) delete face.dataset.lit;
  }
  const { r, c } = app.point;
  for (const [part, i, j, role] of makers(made, r, c)) {
    const cell = matrices[part].cells[i]?.[j];
    if (cell) cell.dataset.lit = role;
  }
  const result = resultOf(app);
  result.cells[r][c].dataset.lit = "hit";
  for (const matrix of matrices) {
    if (matrix.spec === made.second) continue;
    for (const face of matrix.grid.querySelectorAll(".tile")) {
      const at = Number(face.dataset.index);
      const row = face.style.gridColumnStart === "1";
      const lit = row ? matrix !== matrices[1] || made.layout !== "product" ? at === r : false : at === c;
      if (lit) face.dataset.lit = row ? "query" : "key";
    }
  }
  app.work.classList.toggle("pointing", app.hovering);
}

/** Hides result cells from number k on while they fill in. */
export function reveal(app, k) {
  const columns = app.mounted.scene.result.values[0].length;
  resultOf(app).cells.forEach((line, r) => line.forEach((cell, c) =>
    cell.classList.toggle("waiting", r * columns + c >= k)));
}

/** The result of this step for every head, small; a click chooses the head. */
export function heads(app, node) {
  const { data } = app;
  const shown = data.heads > 1 && ["product", "line"].includes(app.mounted.scene.layout)
    && app.stepId !== "output";
  node.hidden = !shown;
  if (!shown) return;
  node.replaceChildren(el("span.shape", {}, `${data.heads} heads`), ...Array.from({ length: data.heads }, (_, h) => {
    const { result } = scene(data, app.stepId, h);
    const button = el("button.head-thumb", { type: "button", "aria-label": `Head ${h + 1}` },
      thumbnail(result.values, result.kind, app.colours), el("span", {}, `head ${h + 1}`));
    button.setAttribute("aria-pressed", String(h === app.head));
    button.addEventListener("click", () => app.setHead(h));
    return button;
  }));
}
