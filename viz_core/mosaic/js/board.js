// The board: what is on it, how it is drawn, and what Python hears of it.

import { createControls } from "./controls.js";
import { listenTo } from "./gestures.js";
import { beginMotionOf, drawBoard } from "./drawing.js";
import { meeting, tell } from "./shared.js";
import { apply, createSlate, isHole, replay } from "./slate.js";
import { MOST_STEPS, added, inverse } from "./steps.js";
import { el, say } from "../../canvas/js/dom.js";

const BETWEEN_OPENING_STEPS_MS = 700;

export function createBoard(host, send) {
  const stop = new AbortController();
  const canvas = el("canvas.board", { tabIndex: 0, role: "application" });
  canvas.setAttribute("aria-roledescription", "board of patches");
  const app = {
    host, canvas, signal: stop.signal, context: canvas.getContext("2d"),
    tool: "swap", side: 14, edge: "wrap", seed: 1, coarse: false,
    steps: [], hover: -1, held: null, motion: null, queue: [], place: null, slate: null,
    still: matchMedia("(prefers-reduced-motion: reduce)"), small: document.createElement("canvas"),
  };
  const live = el("div.sr", { "aria-live": "polite" });
  app.announce = (text) => say(live, text);
  app.draw = () => schedule(app);
  app.commit = () => {
    Object.assign(app.place, { steps: app.steps, busy: true });
    tell(app.place);
    send({ serial: app.place.serial, steps: app.steps });
    app.controls.sync();
  };
  app.act = (step, lifted = null) => act(app, step, lifted);
  app.undo = () => undo(app);
  app.reset = () => rewrite(app, []);
  app.erased = (place) => isHole(app.slate, app.side, place);
  app.finishOpening = () => finishOpening(app);
  app.controls = createControls(app);
  const stage = el("div.board-stage", {}, canvas);
  host.replaceChildren(app.controls.top, stage, app.controls.below, live);
  listenTo(app);
  const size = new ResizeObserver(() => schedule(app));
  size.observe(stage);
  app.stage = stage;
  return {
    app,
    show: (header, body) => show(app, header, body),
    end: () => { stop.abort(); size.disconnect(); app.sight?.disconnect(); app.gone = true; },
  };
}

async function show(app, header, body) {
  const place = meeting(header.name);
  app.place = place;
  const fresh = header.serial > place.serial || !place.steps;
  const first = !app.slate;
  if (header.picture !== app.picture) {
    const bitmap = await createImageBitmap(new Blob([body], { type: "image/jpeg" }));
    app.picture = header.picture;
    app.slate = place.slate = createSlate(bitmap, header.mean);
  }
  app.canvas.setAttribute("aria-label", `${header.title}: ${header.hint}`);
  if (fresh) {
    Object.assign(place, { serial: header.serial, steps: header.steps });
    app.steps = header.steps;
    if (header.play && !app.still.matches) open(app, first);
    else replay(app.slate, app.steps);
  } else {
    app.steps = place.steps;
    replay(app.slate, app.steps);
  }
  app.controls.sync();
  tell(place);
  schedule(app);
}

/** The opening steps are played, not jumped to, once the board is in sight. */
function open(app, first) {
  replay(app.slate, []);
  app.queue = [...app.steps];
  if (!first) return playOpening(app);
  app.sight = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    app.sight.disconnect();
    setTimeout(() => playOpening(app), BETWEEN_OPENING_STEPS_MS);
  }, { threshold: 0.4 });
  app.sight.observe(app.canvas);
}

function playOpening(app) {
  const step = app.queue.shift();
  if (!step || app.gone) return;
  beginMotionOf(app, step);
  apply(app.slate, step);
  tell(app.place);
  schedule(app);
  if (app.queue.length) setTimeout(() => playOpening(app), BETWEEN_OPENING_STEPS_MS);
}

/** Whoever touches the board need not wait for the rest of the opening. */
function finishOpening(app) {
  if (!app.queue.length) return;
  app.sight?.disconnect();
  app.queue = [];
  replay(app.slate, app.steps);
  schedule(app);
}

function act(app, step, lifted) {
  finishOpening(app);
  if (app.steps.length >= MOST_STEPS) return app.announce(`${MOST_STEPS} changes is all it keeps: undo or reset first.`);
  if (!lifted?.shown) beginMotionOf(app, step, lifted);
  apply(app.slate, step);
  app.steps = added(app.steps, step);
  schedule(app);
  app.commit();
}

function undo(app) {
  if (!app.steps.length) return;
  const last = app.steps.at(-1);
  rewrite(app, app.steps.slice(0, -1), inverse(last));
}

/** Another list of steps in place of this one. */
function rewrite(app, steps, motion = null) {
  finishOpening(app);
  beginMotionOf(app, motion ?? { kind: "fade" });
  app.steps = steps;
  replay(app.slate, steps);
  schedule(app);
  app.commit();
  app.announce(steps.length ? `${steps.length} changes left.` : "The picture is whole.");
}

function schedule(app) {
  if (app.frame || !app.slate) return;
  app.frame = requestAnimationFrame((now) => {
    app.frame = 0;
    if (!app.gone && drawBoard(app, now)) schedule(app);
  });
}
