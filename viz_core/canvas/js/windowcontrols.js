// Controls of the modes for attention in windows: blocks by stage, heads of the block that shows.

import { READINGS, footer, layerRow } from "./controls.js";
import { el, row, say, segmented, slider } from "./dom.js";
import { blockLine, blockName } from "./windowfacts.js";
import { slotsInto } from "./windowed.js";

const SLATE = 0xff695547; // ABGR: a closed key or padding

/** Controls for one network; `app` as in controls.js. */
export function windowControls(app, { strip: wanted = true } = {}) {
  const { signal } = app;
  const [store] = app.stores;
  const node = el("section.controls", { "aria-label": "Controls" });
  const block = blockRow(app, store);
  const reading = segmented("Reading", READINGS, (value) => app.change({ reading: value }), signal);
  const skip = skipRow(app);
  const sides = [["row", "Looks at", "Where this patch looks: its row"],
    ["column", "Looked at by", "Who looks at this patch: its column (hold Shift)"]];
  const direction = segmented("Direction", sides, (value) => app.change({ direction: value }), signal);
  const frames = [["false", "Picture", "Every patch where it is in the picture"],
    ["true", "Rolled", "The map as the block cuts it: moved up and left by the shift"]];
  const frame = segmented("Frame", frames, (value) => app.change({ rolled: value === "true" }), signal);
  const frameRow = row("Frame", frame.node);
  const strip = wanted ? headStrip(app, store) : null;
  const foot = footer(app);
  node.append(block.node, row("Reading", reading.node), skip.node);
  if (strip) node.append(strip.node);
  node.append(row("Direction", direction.node), frameRow, foot.node);
  const sync = () => {
    const { view } = app;
    block.set(view, app.shown);
    reading.set(view.reading);
    skip.set(view);
    direction.set(app.shown?.direction ?? view.direction);
    frame.set(String(view.rolled));
    const still = !app.panels[0]?.block?.shift || view.reading === "rollout";
    frameRow.classList.toggle("off", still);
    for (const button of frame.buttons) button.disabled = still;
    foot.set(view);
  };
  const draw = (shown, panel) => strip?.draw(shown, panel);
  return { node, sync, draw, help: foot.help };
}

/** Weight of the skip connection, shown with the rollout. */
export function skipRow(app) {
  const residual = slider("Weight of the skip connection", { min: 0, max: 1, step: 0.05 },
    (value) => value.toFixed(2), (value) => app.change({ residual: value }), app.signal);
  const node = row("Skip weight", residual.node);
  const set = (view) => {
    residual.set(view.residual);
    node.hidden = view.reading !== "rollout";
  };
  return { node, set };
}

/** The slider over all blocks, the stages below it, and what the block is in one line. */
export function blockRow(app, store) {
  const layer = layerRow(app, store.layers, "Block");
  const stages = [...new Set(store.lenses.map((lens) => lens.stage))];
  const buttons = stages.map((stage) => {
    const [first] = store.lenses.filter((lens) => lens.stage === stage);
    const size = `${first.rows} × ${first.columns}`;
    const button = el("button", { type: "button", title: `First block of stage ${stage + 1}, ${size} patches` },
      el("b", {}, `Stage ${stage + 1}`), el("span", {}, size));
    button.style.flexGrow = String(first.depth);
    button.addEventListener("click", () => app.change({ layer: first.layer }), { signal: app.signal });
    return { stage, button };
  });
  const ruler = row("", el("div.stages", { role: "group", "aria-label": "Stages" }, ...buttons.map((b) => b.button)));
  const name = el("b");
  const rest = el("span");
  const line = el("p.block-line", {}, name, rest);
  const set = (view, shown) => {
    layer.set(view);
    const lens = store.lenses[shown?.layer ?? view.layer];
    say(name, `${blockName(lens)[0].toUpperCase()}${blockName(lens).slice(1)} of ${lens.depth}`);
    say(rest, blockLine(lens));
    for (const { stage, button } of buttons) button.setAttribute("aria-pressed", String(stage === lens.stage));
  };
  return { node: el("div.blocks", {}, layer.node, ruler, line), set };
}

/** A canvas that holds one window at one pixel a token. */
export function createFace(canvas = document.createElement("canvas")) {
  return { canvas, context: canvas.getContext("2d"), image: null, pixels: null, side: 0 };
}

/** Attention of one head inside the window of a token; closed keys are slate. */
export function drawFace(face, lens, view, head, token, held, lut) {
  if (face.side !== lens.window) {
    face.side = lens.window;
    Object.assign(face.canvas, { width: lens.window, height: lens.window });
    face.image = face.context.createImageData(lens.window, lens.window);
    face.pixels = new Uint32Array(face.image.data.buffer);
  }
  paintSlots(lens, view, head, token, held, lut, face.pixels, 0, lens.window);
  face.context.putImageData(face.image, 0, 0);
}

/** One window into pixels, `stride` wide, from `at` on; scaled to its own largest. */
export function paintSlots(lens, view, head, token, held, lut, pixels, at, stride) {
  slotsInto(lens, { direction: view.direction, reading: "single", head }, token, held);
  let top = 0;
  for (let s = 0; s < lens.slots; s++) if (held[s] > top) top = held[s];
  const unit = top > 0 ? 255 / top : 0;
  const own = lens.place[token];
  const start = own - (own % lens.slots);
  for (let s = 0; s < lens.slots; s++) {
    const closed = lens.region[start + s] !== lens.region[own];
    const to = at + Math.floor(s / lens.window) * stride + (s % lens.window);
    pixels[to] = closed ? SLATE : lut[(held[s] * unit + 0.5) | 0];
  }
}

/** One button a head of the block that shows, with a live thumbnail of the window. */
function headStrip(app, store) {
  const list = el("div.heads.inside", { role: "group", "aria-label": "Head" });
  const faces = Array.from({ length: store.heads }, (_, head) => {
    const face = createFace();
    const title = `Head ${head + 1}: attention inside the window`;
    const button = el("button.head", { type: "button", title, "aria-label": `Head ${head + 1}` }, face.canvas);
    button.append(el("span", {}, String(head + 1)));
    button.addEventListener("click", () => app.pickHead(head), { signal: app.signal });
    list.append(button);
    return { face, button };
  });
  const held = new Map();
  const draw = (shown, panel) => {
    const lens = panel.block;
    if (!held.has(lens.slots)) held.set(lens.slots, new Float64Array(lens.slots));
    const token = panel.lens === lens ? panel.token : -1;
    faces.forEach(({ face, button }, head) => {
      button.hidden = head >= lens.heads;
      if (button.hidden) return;
      const pressed = app.view.reading === "single" && shown.head === head;
      button.setAttribute("aria-pressed", String(pressed));
      if (token >= 0) drawFace(face, lens, shown, head, token, held.get(lens.slots), app.thumbLut);
    });
  };
  return { node: row("Heads", list), draw };
}
