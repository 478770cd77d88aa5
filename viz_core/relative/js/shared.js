// What both views share: their life, their paint loop, arrow keys, what is kept between mounts.

import { gradient } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { plus } from "./numbers.js";

export const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** {host, signal, schedule, end, ...}: `paint` runs at most once a frame. */
export function createApp(host, tables, paint) {
  const ends = new AbortController();
  const app = {
    host, tables, signal: ends.signal, pending: 0, asked: "",
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  app.schedule = () => {
    app.pending ||= requestAnimationFrame(() => {
      app.pending = 0;
      if (host.isConnected && !ends.signal.aborted) paint(app);
    });
  };
  const watch = new ResizeObserver(() => {
    host.dataset.width = host.clientWidth > 760 ? "wide" : "slim";
    app.schedule();
  });
  watch.observe(host);
  app.end = () => {
    ends.abort();
    watch.disconnect();
    cancelAnimationFrame(app.pending);
    clearTimeout(app.speaking);
    clearTimeout(app.playing);
    host.replaceChildren();
  };
  return app;
}

/** Colours of text and ground as the page has them now; dark and light themes differ. */
export function inks(host) {
  const style = getComputedStyle(host);
  return { font: style.fontFamily, ink: style.color };
}

/** Colour of a value between -limit and limit, or between 0 and limit. */
export const signedColour = (colours, limit) => (value) =>
  colours[Math.max(0, Math.min(255, Math.round(127.5 + (limit > 0 ? (127.5 * value) / limit : 0))))];
export const plainColour = (colours, limit) => (value) =>
  colours[Math.max(0, Math.min(255, Math.round(limit > 0 ? (255 * value) / limit : 0)))];

/** A step of [rows, columns] inside a grid of `columns`; stays at its edges. */
export function stepped(cell, [down, right], rows, columns) {
  const row = Math.max(0, Math.min(rows - 1, Math.floor(cell / columns) + down));
  return row * columns + Math.max(0, Math.min(columns - 1, (cell % columns) + right));
}

/** Pointer and arrow keys on a grid: `pick(cell, event)`; the pointer's own cell comes from `at`. */
export function follow(app, canvas, { at, pick, step }) {
  const point = (event) => {
    const cell = at(event);
    if (cell !== null) pick(cell, event);
  };
  for (const name of ["pointermove", "pointerdown"]) canvas.addEventListener(name, point, { signal: app.signal });
  canvas.addEventListener("keydown", (event) => {
    if (!ARROWS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(ARROWS[event.key], event);
  }, { signal: app.signal });
}

/** The colours of signed values with their range. */
export function createRange(hex, unit) {
  const [low, high, what] = [el("span"), el("span"), el("span.unit")];
  const bar = el("i.bar");
  bar.style.background = gradient(hex);
  const node = el("span.range-row", {}, el("span.range", {}, low, bar, high), what);
  const set = (limit, text = unit) => {
    say(low, number(-limit));
    say(high, plus(limit));
    say(what, text);
  };
  return { node, set };
}
