// Components of the kernels: point at one, see which patches of this picture answer it.

import { divergingLut, gradient, paintSigned } from "../../canvas/js/colour.js";
import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { KEY, QUERY } from "../../canvas/js/stage.js";
import { bitmapOf, floats, mounted } from "../../cutter/js/wire.js";

const SHOWN = 6; // patches on either side
const SIDE = 720;
const COLUMNS = 7;

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, chosen: 0, hovered: -1, kind: "answers", asked: 0, serial: 0 };
  const held = kept("filters", {});
  Object.assign(app, held);
  app.lut = divergingLut(tables.PuOr, 0.94);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (app.model?.id !== header.id) {
        const photo = await bitmapOf(parts.picture);
        if (serial !== app.serial || app.signal.aborted) return;
        app.photo?.close();
        Object.assign(app, { photo, model: header, tiles: parts.tiles });
        app.values = { answers: floats(parts.answers), cosines: floats(parts.cosines) };
        app.chosen = Math.min(app.chosen, header.count - 1);
        build(app);
      }
      const { view } = header;
      if (view?.serial && view.serial !== app.asked) {
        app.asked = view.serial;
        app.chosen = Math.min(view.component, header.count - 1);
      }
      refresh(app);
    },
    end: () => {
      ends.abort();
      Object.assign(held, { chosen: app.chosen, kind: app.kind, asked: app.asked });
      app.photo?.close();
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { model, signal } = app;
  app.buttons = Array.from({ length: model.count }, (_, k) => tile(app, k));
  const grid = el("div.tiles", { role: "group", "aria-label": "Components" }, ...app.buttons);
  grid.addEventListener("pointerleave", () => { app.hovered = -1; refresh(app); }, { signal });
  grid.addEventListener("keydown", (event) => step(app, event), { signal });
  app.picture = el("canvas.answering", { width: SIDE, height: SIDE });
  app.measure = segmented("Compare by", [
    ["answers", "Answer", "Dot product of patch and tile: strong contrast answers more"],
    ["cosines", "Likeness", "Cosine: only the pattern counts"],
  ], (value) => { app.kind = value; refresh(app); }, signal);
  app.rows = ["+", "−"].map((sign) => el("div.best", { "data-sign": sign }));
  app.range = el("span.range");
  app.title = el("strong.title");
  app.note = el("span.note");
  app.host.replaceChildren(el("div.filters", {},
    el("div.left", {},
      grid,
      el("p.hint", {}, `The strongest ${model.count} principal components, with their share of the kernels' variance. Each tile is scaled to its own largest value; grey is zero.`)),
    el("div.middle", {}, app.picture, el("div.legend", {}, app.range)),
    el("div.right", {},
      el("div.who", {}, app.title, app.note),
      el("div.row", {}, el("span.label", {}, "Compare by"), app.measure.node),
      el("p.legend", {}, el("i.mark"), "answer most, positive"), app.rows[0],
      el("p.legend", {}, el("i.mark.key"), "answer most, negative"), app.rows[1])));
}

function tile(app, k) {
  const { patch, shares } = app.model;
  const canvas = el("canvas", { width: patch, height: patch });
  const image = new ImageData(patch, patch);
  const area = patch * patch;
  for (let at = 0; at < area; at++) {
    image.data.set(app.tiles.subarray(3 * (k * area + at), 3 * (k * area + at) + 3), 4 * at);
    image.data[4 * at + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  const percent = (100 * shares[k]).toPrecision(2);
  const button = el("button.tile", { type: "button" }, canvas, el("span", {}, `${percent} %`));
  button.setAttribute("aria-label", `Component ${k + 1}, ${percent} % of the variance`);
  button.addEventListener("pointerenter", (event) => {
    if (event.pointerType !== "mouse") return;
    app.hovered = k;
    refresh(app);
  }, { signal: app.signal });
  button.addEventListener("click", () => { app.chosen = k; refresh(app); }, { signal: app.signal });
  return button;
}

function step(app, event) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
  if (!by) return;
  event.preventDefault();
  app.chosen = Math.min(app.model.count - 1, Math.max(0, app.chosen + by));
  app.buttons[app.chosen].focus();
  refresh(app);
}

function refresh(app) {
  const { model, kind } = app;
  const component = app.hovered >= 0 ? app.hovered : app.chosen;
  const count = model.grid * model.grid;
  const values = app.values[kind].subarray(component * count, (component + 1) * count);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const best = [
    order.slice(0, SHOWN).filter((patch) => values[patch] > 0),
    order.slice(-SHOWN).reverse().filter((patch) => values[patch] < 0),
  ];
  const top = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  app.buttons.forEach((button, k) => {
    button.setAttribute("aria-pressed", String(k === app.chosen));
  });
  app.measure.set(kind);
  drawPicture(app, values, top, best);
  best.forEach((patches, side) => drawBest(app, app.rows[side], patches, values));
  say(app.title, `Component ${component + 1}`);
  say(app.note, `${(100 * model.shares[component]).toPrecision(3)} % of the variance`);
  const edge = top.toPrecision(2);
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  app.range.replaceChildren(el("span", {}, `−${edge}`), bar, el("span", {}, edge),
    el("span.small", {}, kind === "cosines" ? "cosine of patch and tile" : "answer of each patch (dot product)"));
  Object.assign(app.host.dataset, { component: component + 1, best: best[0].join(), worst: best[1].join(), kind });
}

function drawPicture(app, values, top, best) {
  const { grid } = app.model;
  const context = app.picture.getContext("2d");
  context.imageSmoothingEnabled = true;
  context.filter = "grayscale(1)";
  context.drawImage(app.photo, 0, 0, SIDE, SIDE);
  context.filter = "none";
  const small = el("canvas", { width: grid, height: grid });
  const image = new ImageData(grid, grid);
  paintSigned(values, 0, top, app.lut, new Uint32Array(image.data.buffer));
  small.getContext("2d").putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, SIDE, SIDE);
  const cell = SIDE / grid;
  best.forEach((patches, side) => {
    for (const patch of patches) {
      const at = [(patch % grid) * cell, Math.floor(patch / grid) * cell];
      for (const [colour, width] of [["rgba(9,10,18,.75)", 9], [side ? KEY : QUERY, 5]]) {
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.strokeRect(at[0] + 2, at[1] + 2, cell - 4, cell - 4);
      }
    }
  });
}

function drawBest(app, node, patches, values) {
  const { grid } = app.model;
  const { width } = app.photo;
  const cell = width / grid;
  node.replaceChildren(...patches.map((patch) => {
    const canvas = el("canvas", { width: 96, height: 96 });
    const column = patch % grid;
    const row = Math.floor(patch / grid);
    canvas.getContext("2d").drawImage(app.photo, column * cell, row * cell, cell, cell, 0, 0, 96, 96);
    canvas.title = `row ${row + 1}, column ${column + 1}`;
    return el("figure", {}, canvas, el("figcaption", {}, values[patch].toPrecision(2).replace("-", "−")));
  }));
}
