// Entry point: one block's windows, its mask, and what the mask is worth, under one pointer.

import { gradient } from "../../canvas/js/colour.js";
import { kept } from "../../canvas/js/dom.js";
import { speak } from "../../canvas/js/readout.js";
import { cutMap } from "../../shift/js/cut.js";
import { bitmapOf, mounted, openFrame } from "../../shift/js/wire.js";
import { paintChooser, paintMap, paintMatrix, paintPlace, palette, signedTop } from "./paint.js";
import { build, offerHeads } from "./panel.js";
import { createStore, rowOf } from "./rows.js";
import { slotName, tell } from "./tell.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export const streamlit = (tables) => mounted((host) => start(host, tables));

function start(host, tables) {
  const ends = new AbortController();
  const app = {
    host, signal: ends.signal, colours: palette(tables), run: "none", pinned: 0, preview: null,
    key: null, over: null, asked: "", pending: 0, view: { window: 0, head: 0, matrix: "mask" },
    ramps: { signed: gradient(tables.PuOr), share: gradient(tables.magma) },
  };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; paint(app); }); };
  app.change = (part) => change(app, part);
  Object.assign(app, kept("swin-mask", {}));
  build(app);
  listen(app);
  const watch = new ResizeObserver(() => {
    host.dataset.width = host.clientWidth > 760 ? "wide" : "slim";
    app.schedule();
  });
  watch.observe(host);
  return {
    show: (opened) => show(app, opened),
    end: () => {
      const { place, pinned, run, asked, view } = app;
      if (app.store) Object.assign(kept("swin-mask", {}), { place, pinned, run, asked, view });
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      clearTimeout(app.speaking);
      app.picture?.close();
      host.replaceChildren();
    },
  };
}

async function show(app, outer) {
  const opened = openFrame(outer.bytes("frame"));
  const { header } = opened;
  if (app.pictureKey !== header.picture) {
    const picture = await bitmapOf(opened.bytes("picture"));
    if (app.signal.aborted) return picture.close();
    app.picture?.close();
    Object.assign(app, { picture, pictureKey: header.picture });
  }
  const place = [header.stage, header.block, header.grid, header.window].join();
  app.store = createStore(opened);
  app.cut = cutMap(header.grid, header.window, header.shift);
  app.serial = (app.serial ?? 0) + 1;
  app.view.head = Math.min(app.view.head, header.heads - 1);
  offerHeads(app, header.heads);
  if (place !== app.place) {
    Object.assign(app, { place, preview: null, key: null });
    Object.assign(app.view, { window: header.first, head: header.opening.head });
    app.pinned = header.opening.query;
  }
  const asked = JSON.stringify(outer.header.view);
  if (asked !== app.asked) {
    app.asked = asked;
    change(app, outer.header.view);
  }
  app.schedule();
}

/** Sets any of window, head, matrix, run and query. */
function change(app, { run = app.run, query = app.pinned, serial: _, ...view }) {
  const windows = app.store ? app.store.header.members.length : 1;
  Object.assign(app, { run, pinned: query });
  Object.assign(app.view, view);
  app.view.window = Math.min(app.view.window, windows - 1);
  app.schedule();
}

function paint(app) {
  if (!app.store || !app.picture || !app.host.isConnected) return;
  app.font ??= getComputedStyle(app.host).fontFamily;
  app.query = Math.min(app.preview ?? app.pinned, app.store.n - 1);
  app.row = rowOf(app.store, { ...app.view, query: app.query, run: app.run });
  app.tops = { signed: signedTop([app.row]), share: Math.max(...app.row.shares) };
  paintChooser(app);
  paintMatrix(app);
  for (const kind of ["scores", "sums", "shares"]) paintMap(app, kind);
  paintPlace(app);
  tell(app);
  if (app.preview !== null) speak(app, `Query ${slotName(app, app.query)}.`);
}

const cellAt = (canvas, event, rows, columns) => {
  const row = Math.floor((event.offsetY / canvas.clientHeight) * rows);
  const column = Math.floor((event.offsetX / canvas.clientWidth) * columns);
  return [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
};

function listen(app) {
  listenChooser(app);
  const on = (canvas, point, press) => {
    const { signal } = app;
    canvas.addEventListener("pointermove", (event) => { point(event); app.schedule(); }, { signal });
    canvas.addEventListener("pointerdown", (event) => { press(event); app.schedule(); }, { signal });
    canvas.addEventListener("pointerleave", () => { clear(app); }, { signal });
    canvas.addEventListener("keydown", (event) => keyed(app, event), { signal });
  };
  on(app.matrix, (event) => {
    [app.preview, app.key] = cellAt(app.matrix, event, app.store.n, app.store.n);
  }, () => { app.pinned = app.preview ?? app.pinned; });
  for (const kind of ["scores", "sums", "shares"]) {
    const { canvas } = app.maps[kind];
    const slot = (event) => {
      const [row, column] = cellAt(canvas, event, app.cut.window, app.cut.window);
      return row * app.cut.window + column;
    };
    on(canvas, (event) => { app.key = slot(event); }, (event) => { app.pinned = slot(event); });
  }
  const { canvas } = app.maps.place;
  const token = (event) => {
    const [row, column] = cellAt(canvas, event, app.cut.rows, app.cut.columns);
    return row * app.cut.columns + column;
  };
  on(canvas, (event) => {
    const slot = app.store.header.members[app.view.window].indexOf(token(event));
    app.key = slot < 0 ? null : slot;
  }, (event) => {
    const { homes, inside } = app.cut;
    pickWindow(app, homes[token(event)], inside[token(event)]);
  });
}

/** In the chooser a click chooses a window; inside the chosen one the pointer is the query. */
function listenChooser(app) {
  const { signal, chooser } = app;
  const place = (event) => {
    const { cut } = app;
    const [row, column] = cellAt(chooser, event, ...cut.padded);
    const window = Math.floor(row / cut.window) * cut.windows[1] + Math.floor(column / cut.window);
    return [window, (row % cut.window) * cut.window + (column % cut.window)];
  };
  chooser.addEventListener("pointermove", (event) => {
    const [window, slot] = place(event);
    app.over = window;
    app.preview = window === app.view.window && app.store.header.members[window][slot] >= 0 ? slot : null;
    app.schedule();
  }, { signal });
  chooser.addEventListener("pointerdown", (event) => {
    pickWindow(app, ...place(event));
    app.schedule();
  }, { signal });
  chooser.addEventListener("pointerleave", () => clear(app), { signal });
  chooser.addEventListener("keydown", (event) => keyed(app, event), { signal });
}

function pickWindow(app, window, slot) {
  if (!app.store.at.has(window) || app.store.header.members[window][slot] < 0) return;
  app.view.window = window;
  app.pinned = app.preview = slot;
}

function clear(app) {
  app.preview = app.key = app.over = null;
  app.schedule();
}

function keyed(app, event) {
  const { cut, view } = app;
  const step = ARROWS[event.key];
  if (step) {
    const [row, column] = [Math.floor(app.pinned / cut.window) + step[0], (app.pinned % cut.window) + step[1]];
    const inside = row >= 0 && column >= 0 && row < cut.window && column < cut.window;
    if (inside) app.pinned = row * cut.window + column;
  } else if (event.key === "[" || event.key === "]") {
    view.head = (view.head + (event.key === "]" ? 1 : -1) + app.store.heads) % app.store.heads;
  } else if (event.key === "m") change(app, { run: app.run === "none" ? "this" : "none" });
  else return;
  event.preventDefault();
  app.schedule();
}

