// Entry point: hide patches of a picture and watch a network paint them back.

import { gradient } from "../../canvas/js/colour.js";
import { kept } from "../../canvas/js/dom.js";
import { hub } from "../../canvas/js/feeder.js";
import { FrameError, openFrame } from "../../canvas/js/frame.js";
import { decode } from "../../canvas/js/stage.js";
import { actions } from "./act.js";
import { build } from "./build.js";
import { greyed, palette, surface } from "./draw.js";
import { listenTo } from "./gestures.js";
import { paint } from "./paint.js";
import { savePng } from "./save.js";
import { addPictures, codeOf, createStore, maskFrom } from "./store.js";
import { masksOf, openStage, picturesOf } from "./wire.js";

const MEMORY = "mae-hide";

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    const host = parentElement.querySelector(".saccade");
    if (!instances.has(parentElement)) instances.set(parentElement, start(host, tables));
    const app = instances.get(parentElement);
    app.send = (told) => setStateValue("unmask", told);
    Promise.resolve().then(() => show(app, data)).catch((problem) => fail(host, problem));
    return () => {
      end(app);
      instances.delete(parentElement);
    };
  };
}

function start(host, tables) {
  const ends = new AbortController();
  const app = {
    host, ends, signal: ends.signal, send: () => {}, view: null, hand: null, history: [], serial: -1,
    store: createStore(""), over: null, pinned: null, peek: null, pending: 0, sweeping: 0,
    colours: palette(tables), ramps: { error: gradient(tables.magma), closer: gradient(tables.PuOr) },
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
  app.schedule = () => {
    app.pending ||= requestAnimationFrame(() => { app.pending = 0; paint(app); });
  };
  app.save = () => savePng(app);
  actions(app);
  build(app);
  listenTo(app);
  app.watch = new ResizeObserver(() => {
    host.dataset.width = host.clientWidth > 760 ? "wide" : "slim";
    app.schedule();
  });
  app.watch.observe(host);
  app.listen = (_, bytes) => feed(app, bytes);
  hub().listeners.add(app.listen);
  return app;
}

function end(app) {
  const { view, hand, history, serial } = app;
  if (view) Object.assign(kept(MEMORY, {}), { view, hand: hand && codeOf(hand), history, serial });
  hub().listeners.delete(app.listen);
  app.ends.abort();
  app.watch.disconnect();
  app.stop();
  cancelAnimationFrame(app.pending);
  clearTimeout(app.speaking);
  app.picture?.close();
  app.host.replaceChildren();
}

async function show(app, data) {
  const { view, header, jpeg, truth } = openStage(data);
  const other = header.id !== app.store.of;
  const [rows, columns] = header.grid;
  const patches = rows * columns;
  if (other) {
    app.store = createStore(header.id);
    app.grid = { rows, columns, size: header.size };
    Object.assign(app, { stage: header, truth, truthSurface: surface(truth, header.size), grey: surface(greyed(truth), header.size), shown: null, fill: null, lastMask: null, pinned: null });
    app.born = new Float64Array(patches).fill(-Infinity);
    for (const bytes of hub().rest.values()) feed(app, bytes);
  }
  open(app, view, patches);
  app.schedule();
  if (!other) return;
  const { bitmap } = await decode(jpeg, header.picture);
  if (app.signal.aborted || app.store.of !== header.id) return bitmap.close();
  app.picture?.close();
  app.picture = bitmap;
  app.schedule();
}

/** A suggestion is shown once, by its serial; what was set here before stays otherwise. */
function open(app, { opening, asked }, patches) {
  const { serial, hand, ...view } = asked;
  const memory = kept(MEMORY, {});
  const back = !app.view && memory.view;
  if (!app.view) {
    app.home = opening.slot;
    app.view = { tool: "wide", shown: "painted", wipe: null, full: false, ...opening, ...memory.view };
    app.history = memory.history ?? [];
    app.serial = memory.serial ?? 0;
    app.hand = memory.hand ? maskFrom(memory.hand, patches) : null;
  }
  if (serial !== app.serial) {
    app.stop();
    app.serial = serial;
    if (hand) app.hand = maskFrom(hand, patches);
    Object.assign(app.view, view);
  }
  if (app.hand && app.hand.length !== patches) app.hand = null;
  if (app.view.strategy === "hand" && !app.hand) app.view.strategy = "random";
  if (back) app.tell(); // what was set just before one left may not have arrived
  app.history = app.history.filter((one) => !one.hand || one.hand.length === 2 * Math.ceil(patches / 8));
}

function feed(app, bytes) {
  let frame;
  try {
    frame = openFrame(bytes);
  } catch (problem) {
    return fail(app.host, problem);
  }
  const { header } = frame;
  if (header.of !== app.store.of) return;
  if (header.kind === "masks") app.store.masks.set(header.seed, masksOf(frame));
  else addPictures(app.store, header, picturesOf(frame));
  app.schedule();
}

function fail(host, problem) {
  if (!(problem instanceof FrameError)) console.error(problem);
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = problem instanceof FrameError ? problem.message : `The view cannot be drawn: ${problem.message}.`;
  host.replaceChildren(line);
}
