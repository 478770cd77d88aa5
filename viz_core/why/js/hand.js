// Erasing or keeping by hand: strokes on the cells; the server hears of them on release.

import { stroke } from "../../unmask/js/brush.js";
import { codeOf, countOf } from "./store.js";

const MOST_UNDO = 60;

export function handActions(app) {
  /** Nothing is painted: another picture, network or filling came. */
  app.fresh = () => {
    const cells = app.stage.order.length;
    if (app.mask?.length === cells) {
      if (countOf(app.mask)) ask(app); // the same cells of another picture
      return;
    }
    Object.assign(app, { mask: new Uint8Array(cells), history: [], held: null, draft: null });
  };
  app.code = () => codeOf(app.mask);
  app.press = (cell) => {
    app.held = { last: cell, on: 1 - app.mask[cell] };
    app.draft = app.mask;
    app.drag(cell);
  };
  app.drag = (cell) => {
    const { cells } = app.stage.map;
    app.draft = stroke(app.draft, { rows: cells, columns: cells }, app.held.last, cell, Number(app.view.brush), app.held.on);
    app.held.last = cell;
    app.schedule();
  };
  app.release = () => {
    if (!app.held) return;
    const { draft } = app;
    Object.assign(app, { held: null, draft: null });
    take(app, draft);
  };
  app.clear = () => take(app, new Uint8Array(app.mask.length));
  app.undo = () => {
    if (!app.history.length) return;
    app.mask = app.history.pop();
    ask(app);
    app.schedule();
  };
  app.turn = (keep) => {
    app.view.keep = keep;
    ask(app);
    app.schedule();
  };
}

function take(app, mask) {
  app.history.push(app.mask);
  if (app.history.length > MOST_UNDO) app.history.shift();
  app.mask = mask;
  ask(app);
  app.schedule();
}

function ask(app) {
  if (countOf(app.mask)) app.tell("hand", { code: app.code(), keep: app.view.keep, of: app.stage.of });
}
