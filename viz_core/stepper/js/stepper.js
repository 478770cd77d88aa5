// The stepper: state, keys, and what changes when.

import { el, kept, say } from "../../canvas/js/dom.js";
import { createFormula, createRail } from "./formula.js";
import { nameNodes, palette } from "./grid.js";
import { startEditing } from "./edit.js";
import { recompute } from "./preview.js";
import { build, fill, heads, light, resultOf, reveal } from "./workspace.js";
import { indexOf, sentence, STEPS } from "./steps.js";
import { called, spelled } from "./spell.js";
import { tokenName } from "./tokens.js";

const CELL_MS = 42;
const SWEEP_MS = 1300;
const DWELL_MS = 1500;
const ANSWER_MS = 2000; // after which an unanswered message is taken as lost

export function createStepper(host, tables, send) {
  const ending = new AbortController();
  const { signal } = ending;
  const app = {
    data: null, step: 0, head: 0, point: { r: 0, c: 1 }, hovering: false, playing: false,
    edits: new Map(), chosen: {}, serial: 0, sent: 0, sentAt: 0, width: 0,
    work: el("div.work"), mounted: null,
    get stepId() { return STEPS[this.step].id; },
  };
  const held = kept("stepper", { step: 0, head: 0, serial: null });
  const formula = createFormula((id) => app.go(id), signal);
  const rail = createRail(app, signal);
  const parts = furniture();
  host.classList.add("stepper");
  host.tabIndex = -1;
  host.replaceChildren(formula.node, rail.node, parts.says, el("div.scroll", {}, app.work, parts.heads),
    parts.readout, parts.foot);

  app.move = (by) => app.goTo(app.step + by);
  app.go = (id) => app.goTo(indexOf(id));
  app.goTo = (index, keepPlaying = false) => {
    const next = Math.max(0, Math.min(STEPS.length - 1, index));
    if (!keepPlaying) stop();
    if (next === app.step && app.mounted) return;
    app.step = next;
    app.hovering = false;
    draw();
    sweep();
  };
  app.setHead = (head) => { app.head = head; draw(); };
  app.refresh = () => { if (app.data) draw(true); };
  app.choose = (side, patches) => {
    app.chosen[side.key] = patches;
    app.serial += 1;
    app.tell();
  };
  app.tell = () => {
    const busy = app.sent > (app.data?.answers ?? 0) && performance.now() - app.sentAt < ANSWER_MS;
    host.classList.add("pending");
    if (busy) return;
    app.sent = app.serial;
    app.sentAt = performance.now();
    send({ edits: [...app.edits.values()], chosen: app.chosen, serial: app.serial });
  };
  app.play = () => {
    if (app.playing) return stop();
    app.playing = true;
    rail.show();
    if (app.step === STEPS.length - 1) app.goTo(0, true);
    else app.goTo(app.step + 1, true);
  };

  function stop() {
    clearTimeout(app.dwell);
    app.playing = false;
    if (app.data) rail.show();
  }

  function draw(flash = false) {
    const { data } = app;
    app.head = Math.min(app.head, data.heads - 1);
    Object.assign(held, { step: app.step, head: app.head });
    host.dataset.width = app.width < 560 ? "slim" : "wide";
    app.colours = palette(tables, isDark(host));
    build(app);
    const { values } = app.mounted.scene.result;
    app.point = { r: Math.min(app.point.r, values.length - 1), c: Math.min(app.point.c, values[0].length - 1) };
    fill(app, flash);
    light(app);
    heads(app, parts.heads);
    formula.show(data, app.stepId);
    rail.show();
    parts.says.replaceChildren(...nameNodes(sentence(data, app.stepId)));
    parts.badge.textContent = data.badge;
    parts.notes.textContent = data.notes.join(" ");
    parts.shut.hidden = !data.causal;
    parts.shares.hidden = !["pattern", "mixed"].includes(app.stepId);
    parts.reset.hidden = app.edits.size === 0;
    say(parts.reset, `Reset ${app.edits.size} edit${app.edits.size === 1 ? "" : "s"}`);
    read();
  }

  function read() {
    const { scene } = app.mounted;
    const { r, c } = app.point;
    const name = (role, index) => tokenName(app.data, role, index);
    parts.what.replaceChildren(...pieces(called(app.data, scene, r, c, name)));
    parts.sum.replaceChildren(...pieces(spelled(app.data, scene, r, c)));
    parts.sum.dataset.value = scene.result.values[r][c];
  }

  function sweep() {
    cancelAnimationFrame(app.frame);
    clearTimeout(app.dwell);
    const { values } = app.mounted.scene.result;
    const columns = values[0].length;
    const count = values.length * columns;
    const rest = { ...app.point };
    const done = () => {
      reveal(app, count);
      app.sweeping = false;
      point(rest.r, rest.c);
      if (app.playing) app.dwell = setTimeout(onward, DWELL_MS);
    };
    if (isStill() || app.stepId === "x") return done();
    const each = Math.min(CELL_MS, SWEEP_MS / count);
    const start = performance.now();
    app.sweeping = true;
    const tick = (now) => {
      if (!app.sweeping) return reveal(app, count);
      const k = Math.max(0, Math.floor((now - start) / each));
      if (k >= count) return done();
      reveal(app, k + 1);
      point(Math.floor(k / columns), k % columns);
      app.frame = requestAnimationFrame(tick);
    };
    reveal(app, 0);
    app.frame = requestAnimationFrame(tick);
  }

  function onward() {
    if (app.step === STEPS.length - 1) return stop();
    app.goTo(app.step + 1, true);
  }

  function point(r, c) {
    app.point = { r, c };
    light(app);
    read();
  }

  function settle() {
    if (!app.sweeping) return;
    app.sweeping = false;
    cancelAnimationFrame(app.frame);
    reveal(app, Infinity);
    if (app.playing) app.dwell = setTimeout(onward, DWELL_MS);
  }

  const matrixOf = (cell) => app.mounted.matrices.find((m) => m.grid.contains(cell));
  const look = (cell) => {
    settle();
    const matrix = matrixOf(cell);
    const [r, c] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    const { scene, matrices } = app.mounted;
    const { layout } = scene;
    app.hovering = true;
    if (layout === "product" && matrix === matrices[0]) point(r, app.point.c);
    else if (layout === "product" && matrix === matrices[1]) point(app.point.r, c);
    else if (layout === "gather" && matrix !== resultOf(app)) point(r, c + matrix.spec.band * app.data.head_width);
    else if (matrix.spec !== scene.second) point(r, c);
  };
  app.work.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.(".cell");
    if (cell) look(cell);
  }, { signal });
  app.work.addEventListener("pointerleave", () => { app.hovering = false; light(app); }, { signal });
  app.work.addEventListener("focusin", (event) => {
    if (event.target.matches?.(".cell")) look(event.target);
  }, { signal });
  startEditing(app, app.work, matrixOf, signal);
  parts.reset.addEventListener("click", () => {
    app.edits.clear();
    app.serial += 1;
    app.tell();
  }, { signal });
  host.addEventListener("keydown", (event) => keys(app, event, matrixOf), { signal });
  document.addEventListener("keydown", (event) => {
    if (event.target === document.body && inSight(host)) keys(app, event, matrixOf, true);
  }, { signal });

  const watch = new ResizeObserver(() => {
    const width = Math.floor(host.clientWidth);
    if (!app.data || Math.abs(width - app.width) < 2) return;
    app.width = width;
    draw();
  });
  watch.observe(host);
  signal.addEventListener("abort", () => {
    watch.disconnect();
    stop();
    app.sweeping = false;
    app.pictures?.abort();
  });

  app.show = (data) => {
    const first = !app.data;
    const late = data.answers < app.serial && !first;
    if (first) app.serial = app.sent = data.answers;
    if (!late) app.edits = new Map(data.edits.map((edit) => [edit.slice(0, 3).join("|"), edit]));
    if (first) app.width = Math.floor(host.clientWidth);
    app.data = data;
    if (late) overlay(app);
    if (first) Object.assign(app, { step: held.step, head: held.head });
    if (held.serial !== data.view.serial) {
      held.serial = data.view.serial;
      app.step = indexOf(data.view.step);
      app.head = data.view.head;
    }
    draw(!first);
    host.classList.toggle("pending", late);
    if (late) app.tell();
    else if (first) sweep();
  };
  app.end = () => ending.abort();
  return app;
}

/** Edits that Python has not answered yet stay in sight. */
function overlay(app) {
  const { matrices, tokens, memory } = app.data;
  for (const [matrix, row, column, value] of app.edits.values()) {
    const rows = matrix !== "x" ? matrices[`w${matrix}`] : null;
    const at = rows ? rows[Number(row)] : matrices.x[tokens.ids.indexOf(row)] ?? matrices.y?.[memory.ids.indexOf(row)];
    if (at) at[column] = value;
  }
  recompute(app.data);
}

function furniture() {
  const what = el("div.what");
  const sum = el("div.sum");
  const [badge, notes] = [el("span.badge"), el("span.notes")];
  const reset = el("button.quiet", { type: "button", hidden: true });
  const ramp = (name, low, high) => el("span.range", {}, low, el(`i.ramp.${name}`), high);
  const shut = el("span", {}, el("i.swatch.shut"), "closed");
  const shares = ramp("shares", "0", "100 % of a row");
  return {
    what, sum, badge, notes, reset, shut, shares,
    says: el("p.says", { "aria-live": "polite" }),
    heads: el("div.headlist", { role: "group", "aria-label": "Heads" }),
    readout: el("div.spelled", { "aria-live": "polite" }, what, sum),
    foot: el("div.legends", {}, badge, reset,
      el("span", {}, el("i.swatch.query"), "row"), el("span", {}, el("i.swatch.key"), "column"),
      ramp("signed", "−", "+ scaled to the largest of each matrix"), shares, shut, notes),
  };
}

const pieces = (list) => list.map(({ text, role, raised }) =>
  role ? el(`b.${role}`, {}, raised ? el("sup", {}, text) : text) : text);
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Whether the theme is dark, by the colour of its text. */
export function isDark(host) {
  const [r, g, b] = (getComputedStyle(host).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return r + g + b > 380;
}

function inSight(host) {
  const box = host.getBoundingClientRect();
  return box.bottom > 200 && box.top < innerHeight * 0.6;
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function keys(app, event, matrixOf, fromBody = false) {
  if (event.ctrlKey || event.metaKey || event.altKey || !app.data) return;
  const cell = event.target.closest?.(".cell");
  const arrow = ARROWS[event.key];
  if (cell && arrow && event.target.tagName !== "INPUT") {
    const [r, c] = [Number(cell.dataset.row) + arrow[0], Number(cell.dataset.column) + arrow[1]];
    matrixOf(cell).cells[r]?.[c]?.focus();
    event.preventDefault();
    return;
  }
  const by = event.key === "PageDown" || (!cell && event.key === "ArrowRight") ? 1
    : event.key === "PageUp" || (!cell && event.key === "ArrowLeft") ? -1 : 0;
  if (by && !(fromBody && event.key.startsWith("Page"))) {
    event.preventDefault();
    app.move(by);
  } else if (event.key === " " && !fromBody && event.target.tagName !== "BUTTON") {
    event.preventDefault();
    app.play();
  }
}
