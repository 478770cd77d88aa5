// The controls right of the stage. They change `app.view` only; the canvas does the rest.

import { el, icon, popover, row, say, segmented, slider, toggle } from "./dom.js";
import { createWall, drawWall } from "./heads.js";
import { SHEET } from "./keys.js";

const MAPS = [["magma", "Magma"], ["viridis", "Viridis"], ["inferno", "Inferno"]];

export const READINGS = [
  ["single", "Single head", "One head of this layer"],
  ["mean", "Mean", "Mean over the heads of this layer"],
  ["max", "Max", "Largest over the heads of this layer"],
  ["rollout", "Rollout", "Attention followed from here down to the first layer"],
];

/** Controls for attention; `app` offers change(part), pickHead(head), play(), save(kind). */
export function attentionControls(app) {
  const { signal } = app;
  const store = app.stores[0];
  const node = el("section.controls", { "aria-label": "Controls" });
  const layer = layerRow(app, store.layers);
  const readings = READINGS.filter(([value]) => value !== "rollout" || app.mode !== "matrix");
  const reading = segmented("Reading", readings, (value) => app.change({ reading: value }), signal);
  const residual = slider("Weight of the skip connection", { min: 0, max: 1, step: 0.05 },
    (value) => value.toFixed(2), (value) => app.change({ residual: value }), signal);
  const residualRow = row("Skip weight", residual.node);
  const sides = [["row", "Looks at", "Where this patch looks: its row"],
    ["column", "Looked at by", "Who looks at this patch: its column (hold Shift)"]];
  const direction = segmented("Direction", sides, (value) => app.change({ direction: value }), signal);
  const strip = app.mode === "heads" ? null : headStrip(app, store);
  node.append(layer.node, row("Reading", reading.node), residualRow);
  if (strip) node.append(strip.node);
  if (app.mode !== "matrix") node.append(row("Direction", direction.node));
  const foot = footer(app);
  node.append(foot.node);
  const sync = () => {
    const { view } = app;
    layer.set(view);
    reading.set(view.reading);
    residual.set(view.residual);
    residualRow.hidden = view.reading !== "rollout";
    direction.set(app.shown?.direction ?? view.direction);
    strip?.set(view);
    foot.set(view);
  };
  return { node, sync, strip, help: foot.help };
}

export function layerRow(app, layers, name = "Layer", upTo = `${name}s to`) {
  const play = el("button.round", { type: "button" }, icon("play"));
  play.addEventListener("click", () => app.play(), { signal: app.signal });
  const words = (value) => `${value} of ${layers}`;
  const change = (value) => app.change({ layer: value - 1 }, { scrub: true });
  const track = slider(name, { min: 1, max: layers, step: 1 }, words, change, app.signal);
  const node = row(name, play, track.node);
  node.hidden = layers < 2;
  const label = node.querySelector(".label");
  let shown = null;
  const set = (view) => {
    track.set(view.layer + 1);
    say(label, view.reading === "rollout" ? upTo : name);
    if (shown === app.playing) return;
    shown = app.playing;
    play.replaceChildren(icon(app.playing ? "pause" : "play"));
    const noun = name.toLowerCase();
    const title = app.still ? `Next ${noun} (Space)` : `Play through the ${noun}s (Space)`;
    play.title = title;
    play.setAttribute("aria-label", app.playing ? "Stop" : title);
  };
  return { node, set };
}

/** One button a head, with a live thumbnail of what that head does for the shown token. */
function headStrip(app, store) {
  const list = el("div.heads", { role: "group", "aria-label": "Head" });
  const faces = Array.from({ length: store.heads }, (_, head) => {
    const wall = createWall({ ...store, heads: 1, head }, [0]);
    const title = `Head ${head + 1}`;
    const face = el("button.head", { type: "button", title, "aria-label": title }, wall.canvas);
    face.append(el("span", {}, String(head + 1)));
    face.addEventListener("click", () => app.pickHead(head), { signal: app.signal });
    list.append(face);
    return { wall, face };
  });
  list.dataset.many = String(store.heads > 8);
  const set = (view) => faces.forEach(({ face }, head) => {
    const pressed = view.reading === "single" && view.head === head;
    face.setAttribute("aria-pressed", String(pressed));
  });
  const draw = (shown, token) => {
    const block = store.blocks[Math.min(shown.layer, store.layers - 1)];
    if (!block) return;
    const n = store.tokens;
    faces.forEach(({ wall }, head) => {
      const levels = block.levels.subarray(head * n * n, (head + 1) * n * n);
      const scale = block.scale.subarray(head * n, (head + 1) * n);
      wall.store.blocks = [{ levels, scale }];
      drawWall(wall, token, shown.direction === "column", app.thumbLut);
    });
  };
  return { node: row("Heads", list), set, draw };
}

/** Rare controls, saving and the keys, each in a popover. */
export function footer(app, { overlay = true } = {}) {
  const { signal } = app;
  const opacity = slider("Opacity", { min: 0, max: 1, step: 0.05 },
    (value) => `${Math.round(value * 100)}\u2009%`, (value) => app.change({ opacity: value }), signal);
  const map = segmented("Colours", MAPS, (value) => app.change({ map: value }), signal);
  const smooth = toggle("Smooth", (on) => app.change({ smooth: on }), signal);
  const grid = toggle("Grid lines", (on) => app.change({ grid: on }), signal);
  const rare = overlay
    ? [row("Opacity", opacity.node), row("Colours", map.node), row("", smooth.node, grid.node)]
    : [row("", grid.node)];
  const save = (kind, title, text) => {
    const button = el("button.choice", { type: "button" }, el("b", {}, title), text);
    button.addEventListener("click", () => app.save(kind), { signal });
    return button;
  };
  const keys = SHEET.flatMap(([key, what]) => [el("kbd", {}, key), el("span", {}, what)]);
  const view = popover("View", "tune", rare, signal);
  const saving = popover("Save", "save", [
    save("png", "Picture", "PNG at twice the size"),
    save("html", "Live page", "HTML that keeps the hover alive offline"),
  ], signal);
  const help = popover("?", "", [el("div.keys", {}, ...keys)], signal);
  help.node.querySelector("button").setAttribute("aria-label", "Keys");
  const node = el("div.foot", {}, view.node, saving.node, help.node);
  const set = (now) => {
    opacity.set(now.opacity);
    map.set(now.map);
    smooth.set(now.smooth);
    grid.set(now.grid);
  };
  return { node, set, help };
}

/** Chips for the tokens that are no patch: class token, registers. */
export function tokenChips(app, store) {
  const node = el("div.tokens", { role: "group", "aria-label": "Tokens that are no patch" });
  const chips = store.prefix.map((name, token) => {
    const value = el("b");
    const title = name[0].toUpperCase() + name.slice(1);
    const chip = el("button.chip", { type: "button", title: `Show the ${name}` }, el("i"), title, value);
    const point = () => app.pointPrefix(token);
    for (const type of ["pointerenter", "focus", "click"]) {
      chip.addEventListener(type, point, { signal: app.signal });
    }
    for (const type of ["pointerleave", "blur"]) {
      chip.addEventListener(type, () => app.pointPrefix(-1), { signal: app.signal });
    }
    node.append(chip);
    return { chip, value };
  });
  const clear = el("button.chip", { type: "button", title: "Escape does the same" }, "Clear pins");
  clear.addEventListener("click", app.clear, { signal: app.signal });
  node.append(clear);
  const set = (shown, percents, on) => {
    clear.hidden = !app.pins.length;
    chips.forEach(({ chip, value }, token) => {
      say(value, percents[token]);
      chip.setAttribute("aria-pressed", String(token === on));
    });
  };
  return { node, set };
}
