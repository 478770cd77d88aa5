// The film of one merging with its player, and the numbers of the chosen square.

import { el, icon, segmented, slider } from "../../canvas/js/dom.js";
import { createCodes, showCodes } from "./codes.js";
import { coarseAt, paintChosen, paintFilm, scene, STOPS } from "./flight.js";
import { signed } from "../../cutter/js/wire.js";
import { faceOf } from "./faces.js";

const SECONDS = 7;

export function createMerging(app, tables) {
  const canvas = el("canvas.picture.film", { role: "img", tabIndex: -1 });
  canvas.setAttribute("aria-label", "Patch merging: four strided slices, stacked, then a linear layer");
  const play = el("button.round", { type: "button", title: "Play the merging" });
  play.addEventListener("click", () => app.play(), { signal: app.signal });
  const track = slider("Moment of the merging", { min: 0, max: 1, step: 0.005 }, momentOf, (t) => { app.stop(); app.setTime(t); }, app.signal);
  const stops = segmented("Moment", STOPS.map(([value, text]) => [value, text]), (value) => {
    app.stop();
    app.setTime(STOPS.find(([name]) => name === value)[2]);
  }, app.signal);
  const which = el("div.which");
  const codes = createCodes(app, tables);
  const node = el("section.merging", { "aria-label": "Patch merging" },
    el("div.merging-head", {}, el("b.title", {}, "Patch merging"),
      el("span.note", {}, "Point at any 2 × 2 square: these very numbers become one token."), which),
    canvas, el("div.player", {}, play, track.node, stops.node), codes.node);
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const found = coarseAt(app.film, event.clientX - box.left, event.clientY - box.top);
    if (found) app.choose({ panel: app.from + 2, ...found });
  };
  for (const name of ["pointermove", "pointerdown"]) canvas.addEventListener(name, at, { signal: app.signal });
  watchOnce(app, canvas);
  return { node, canvas, play, track, stops, which, codes };
}

function momentOf(t) {
  const [, name] = STOPS.findLast(([, , at]) => t >= at - 1e-6);
  return name;
}

/** Plays by itself once, when it is first seen. */
function watchOnce(app, canvas) {
  const watch = new IntersectionObserver(([seen]) => {
    if (!seen.isIntersecting || app.played) return;
    app.played = true;
    watch.disconnect();
    if (!app.still && app.time === 0) setTimeout(() => app.time === 0 && app.play(), 700);
  }, { threshold: 0.75 });
  watch.observe(canvas);
  app.signal.addEventListener("abort", () => watch.disconnect());
}

export function addFilm(app) {
  app.setTime = (time) => { app.time = time; app.schedule(); };
  app.stop = () => { app.playing = false; cancelAnimationFrame(app.player); app.schedule(); };
  app.play = () => {
    if (app.playing) return app.stop();
    if (app.still) return app.setTime(app.time < 1 ? 1 : 0);
    const from = app.time > 0.98 ? 0 : app.time;
    const began = performance.now();
    app.playing = true;
    const step = (now) => {
      app.time = Math.max(from, Math.min(1, from + (now - began) / (1000 * SECONDS))); // a frame may be older than the click
      app.schedule();
      if (app.time < 1) app.player = requestAnimationFrame(step);
      else app.playing = false;
    };
    app.player = requestAnimationFrame(step);
  };
  app.setFrom = (from) => { app.from = from; prepareFilm(app); app.schedule(); };
}

/** What the film of one merging needs: its numbers, and its slices as small pictures. */
export function prepareFilm(app) {
  const { model: { header, parts }, from } = app;
  const { grid, width } = header.stages[from];
  app.transition = {
    from, grid, width, tops: header.tops[from],
    merged: signed(parts[`merged${from}`]), reduced: signed(parts[`reduced${from}`]),
  };
  app.source = faceOf(app.faces, app.shown, from);
  app.after = app.faces.merged[from];
  app.sliced = [0, 1, 2, 3].map((k) => slice(app.source, grid, k % 2, k >> 1));
  sizeFilm(app);
}

export function sizeFilm(app) {
  if (!app.transition || !app.width) return;
  app.filmWidth = app.width;
  app.film = scene(app.width, app.transition.grid);
}

/** x[i::2, j::2] of a picture of grid x grid cells. */
function slice(source, grid, i, j) {
  const half = grid / 2;
  const cell = source.width > 400 ? 12 : 1;
  const canvas = el("canvas", { width: half * cell, height: half * cell });
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = cell > 1;
  const [w, h] = [source.width / grid, source.height / grid];
  for (let row = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      context.drawImage(source, (2 * column + j) * w, (2 * row + i) * h, w, h, column * cell, row * cell, cell, cell);
    }
  }
  return canvas;
}

export function showMerging(merging, app) {
  const { canvas, play, track, stops, codes } = merging;
  const [wide, high] = [Math.round(app.filmWidth * app.ratio), Math.round(app.film.height * app.ratio)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  canvas.style.height = `${app.film.height}px`;
  const context = canvas.getContext("2d");
  paintFilm(context, app);
  paintChosen(context, app);
  track.set(app.time);
  stops.set(STOPS.findLast(([, , at]) => app.time >= at - 1e-6)[0]);
  if (merging.playing !== app.playing) {
    merging.playing = app.playing;
    play.replaceChildren(icon(app.playing ? "pause" : "play"));
    play.setAttribute("aria-label", app.playing ? "Pause" : "Play");
  }
  showCodes(codes, app);
}
