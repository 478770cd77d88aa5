// Step “Match”: two pictures in one network; the patch under the pointer lights what it is like.

import { divergingLut, sequentialLut } from "../../canvas/js/colour.js";
import { kept } from "../../canvas/js/dom.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { stepped, tokenAt } from "../../tokenizers/js/paint.js";
import { cosines, largest, meanOf, units, vectors } from "./likeness.js";
import { buildMatch, showMatch } from "./matchview.js";

export const SIDES = ["one", "other"];
const START = { side: 0, point: [0.46, 0.62], layer: null, centred: true, lines: false, pinned: false, asked: 0 };

export function startMatch(host, tables, send) {
  const ends = new AbortController();
  const app = { host, tables, send, signal: ends.signal, pending: 0, serial: 0, photos: [] };
  app.state = kept("compare-match", { ...START });
  app.luts = { plain: sequentialLut(tables.magma, 0.94), signed: divergingLut(tables.PuOr, 0.96) };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  app.set = (part) => { Object.assign(app.state, part); app.schedule(); };
  app.aim = (side, point) => { if (!app.state.pinned) app.set({ side, point }); };
  app.pin = (side, point) => app.set(app.state.pinned ? { pinned: false, side, point } : { pinned: true, side, point });
  app.step = (by) => app.set({ point: stepped(app.state.point, by, layerOf(app).side) });
  app.layer = (at) => app.set({ layer: Math.max(0, Math.min(app.header.layers.length - 1, at)) });
  host.classList.add("compare", "match");
  const watch = new ResizeObserver(app.schedule);
  watch.observe(host);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (header.id !== app.header?.id) {
        const photos = await Promise.all([...SIDES, "strip"].map((name) => bitmapOf(parts[name])));
        if (serial !== app.serial || app.signal.aborted) return;
        app.photos.forEach((photo) => photo.close());
        const same = header.title === app.header?.title;
        Object.assign(app, { header, parts, photos, loaded: null });
        if (!same || app.state.layer === null || app.state.layer >= header.layers.length) {
          app.state.layer = kept("compare-match-layers", {})[header.title] ?? header.layers.length >> 1;
        }
        buildMatch(app);
      }
      app.view = header.view;
      obey(app, header.view);
      draw(app);
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.photos.forEach((photo) => photo.close());
      host.replaceChildren();
    },
  };
}

export const layerOf = (app) => app.header.layers[app.state.layer];

function obey(app, view) {
  if (!view.serial || view.serial === app.state.asked) return;
  const { serial, layer, centred, lines, side, point } = view;
  app.state.asked = serial;
  app.state.pinned = false;
  if (layer !== undefined) app.state.layer = layer < 0 ? app.header.layers.length + layer : Math.min(layer, app.header.layers.length - 1);
  for (const [name, value] of Object.entries({ centred, lines, side, point })) if (value !== undefined) app.state[name] = value;
}

/** Vectors and pairs of the chosen layer, made when it is first looked at. */
function loaded(app) {
  const { layer, centred } = app.state;
  const key = `${app.header.id} ${layer} ${centred}`;
  if (app.loaded?.key === key) return app.loaded;
  const { width } = app.header.layers[layer];
  const sets = SIDES.map((side) => vectors(app.parts[`${side}${layer}`], floats(app.parts[`${side}${layer}_scale`]), width));
  const name = centred ? "centred" : "mutual";
  const ends = new Uint16Array(app.parts[`${name}${layer}`].slice().buffer);
  const strength = floats(app.parts[`${name}${layer}_cosine`]);
  const pairs = Array.from({ length: strength.length }, (_, k) => ({ ends: [ends[2 * k], ends[2 * k + 1]], cosine: strength[k] }));
  app.loaded = { key, sets: sets.map((set) => units(set, centred ? meanOf(set) : null)), pairs };
  kept("compare-match-layers", {})[app.header.title] = layer;
  return app.loaded;
}

/** What the marked patch is like: cosines with both pictures, the likest of each. */
export function found(app) {
  const { sets, pairs } = loaded(app);
  const { side, point } = app.state;
  const { side: grid } = layerOf(app);
  const token = tokenAt(point, grid);
  const likeness = sets.map((set) => cosines(sets[side], token, set));
  const best = likeness.map((values, k) => largest(values, k === side ? token : -1));
  const range = likeness.flatMap((values, k) => [...values].filter((_, t) => k !== side || t !== token));
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const mutual = pairs.some(({ ends }) => ends[side] === token && ends[1 - side] === best[1 - side]);
  return { token, likeness, best, low, high, mutual, pairs, grid };
}

function draw(app) {
  const { host, state } = app;
  if (!app.header || !host.clientWidth || app.signal.aborted) return;
  host.dataset.width = host.clientWidth >= 720 ? "wide" : "slim";
  const now = found(app);
  showMatch(app, now);
  const other = 1 - state.side;
  Object.assign(host.dataset, {
    layer: state.layer, side: state.side, token: now.token, best: now.best[other],
    cosine: now.likeness[other][now.best[other]].toFixed(4), own: now.best[state.side],
    pairs: now.pairs.length, lines: String(state.lines), centred: String(state.centred), pinned: String(state.pinned),
  });
}
