// The picture: what the head reads of it, where the pointed token looks, or one kernel's answer.

import { divergingLut, gradient, opaqueLut, paintSigned, paintValues, sequentialLut } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { patchAt } from "../../canvas/js/layout.js";
import { createPanel, createStage, draw, fit } from "../../canvas/js/stage.js";
import { number, percent } from "../../canvas/js/words.js";
import { createMap, paintShares } from "../../tiles/js/paint.js";
import { viewName } from "./store.js";

const OPACITY = 0.82;

export function createAttention(app) {
  const { tables, signal } = app;
  const part = {
    stage: createStage(el("canvas.picture", { tabIndex: 0, role: "application" })),
    views: el("div.heads", { role: "group", "aria-label": "What is shown on the picture" }),
    note: el("p.note-line"),
    low: el("span"), bar: el("i.bar"), high: el("span"), unit: el("span.unit"),
    lut: sequentialLut(tables.magma, OPACITY),
    around: divergingLut(tables.PuOr, 0.94),
    small: opaqueLut(tables.magma),
  };
  part.stage.canvas.setAttribute("aria-roledescription", "attention on the picture");
  const bar = el("span.range", {}, part.low, part.bar, part.high);
  part.node = [
    el("h4", {}, "Attention"),
    el("div.square", {}, part.stage.canvas),
    el("div.below", {}, part.views, el("div.legend", {}, bar, part.unit), part.note),
  ];
  const here = (event) => {
    const box = part.stage.canvas.getBoundingClientRect();
    const at = { u: (event.clientX - box.left) / box.width, v: (event.clientY - box.top) / box.height };
    return app.store && at.u >= 0 && at.u < 1 && at.v >= 0 && at.v < 1 ? patchAt(at, app.store) : -1;
  };
  for (const type of ["pointermove", "pointerdown"]) {
    part.stage.canvas.addEventListener(type, (event) => app.point(here(event)), { signal });
  }
  part.stage.canvas.addEventListener("click", (event) => app.pin(here(event)), { signal });
  return { ...part, open: () => open(app, part), paint: () => paint(app, part) };
}

function open(app, part) {
  const { store, picture, signal } = app;
  part.panel = createPanel(picture, store.rows, store.columns);
  part.fine = createPanel(picture, store.map[0], store.map[1]);
  part.buttons = Array.from({ length: store.views + 1 }, (_, k) => {
    const canvas = el("canvas", { "aria-hidden": "true" });
    const view = k - 1;
    const short = view < 0 ? (store.prefix ? "class" : "pool") : `L${Math.floor(view / store.heads) + 1} H${(view % store.heads) + 1}`;
    const node = el("button.head", { type: "button", title: viewName(store, view) }, canvas, short);
    node.setAttribute("aria-label", viewName(store, view));
    node.addEventListener("click", () => app.set({ view }), { signal });
    return { node, view, map: createMap(canvas, store.rows, store.columns) };
  });
  part.views.replaceChildren(...part.buttons.map((one) => one.node));
}

function paint(app, part) {
  const { store, state, at } = app;
  const kernel = app.kernel();
  const panel = kernel < 0 ? part.panel : part.fine;
  const ratio = window.devicePixelRatio || 1;
  panel.marks = [];
  panel.label = kernel < 0 ? viewName(store, state.view) : `Kernel ${kernel + 1}`;
  if (kernel < 0) showShares(app, part, panel);
  else showAnswer(app, part, panel, kernel);
  panel.marks.push({ patch: state.place, kind: state.pinned ? "pin" : "query", grid: store });
  fit(part.stage, [panel], app.column, { ratio, grid: kernel < 0, perRow: 1 });
  draw(part.stage, [panel], false);
  for (const one of part.buttons) {
    const top = store.top(one.view, state.place);
    paintShares(one.map, capped(store.seen(at, one.view, state.place), top), top, part.small);
    one.node.setAttribute("aria-pressed", String(one.view === state.view && kernel < 0));
  }
}

const capped = (values, top) => values.map((value) => Math.min(top, value));

function showShares(app, part, panel) {
  const { store, state, at } = app;
  const values = store.seen(at, state.view, state.place);
  const top = store.top(state.view, state.place);
  paintValues(capped(values, top), 0, top, part.lut, panel.pixels);
  legend(part, app.tables.magma, "0", `≥ ${percent(top)}`, state.view < 0
    ? (store.prefix ? "of the class token’s attention" : "of what the head reads")
    : "of this token’s attention");
  const best = values.indexOf(Math.max(...values));
  const own = values[state.place];
  panel.marks = [{ patch: best, kind: "key" }];
  const most = best === state.place ? "the most of all" : `the teal one ${percent(values[best])}`;
  say(part.note, state.view < 0
    ? `This token ${percent(own)}, ${most}; evenly ${percent(1 / store.tokens)}.`
    : `Looks most at the teal token, ${percent(values[best])}; evenly ${percent(1 / store.tokens)}.`);
  Object.assign(app.host.dataset, { own: own.toFixed(5), most: String(best) });
}

function showAnswer(app, part, panel, kernel) {
  const { store, at } = app;
  const values = store.answers(at, kernel);
  const reach = store.reach[kernel];
  paintSigned(values, 0, reach, part.around, panel.pixels);
  legend(part, app.tables.PuOr, `−${number(reach)}`, number(reach), "answer of this kernel");
  const most = values.reduce((best, value) => Math.max(best, Math.abs(value)), 0);
  say(part.note, `Strongest answer at this moment: ${number(most)}.`);
}

function legend(part, table, low, high, unit) {
  say(part.low, low);
  say(part.high, high);
  say(part.unit, unit);
  if (part.table === table) return;
  part.table = table;
  part.bar.style.background = gradient(table);
}
