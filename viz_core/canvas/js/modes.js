// The modes: what each builds around the stage, shows, and does on a click or a key.

import { factsOf, legendOf, update } from "./attention.js";
import { attentionControls, tokenChips } from "./controls.js";
import { el } from "./dom.js";
import { FrameError } from "./frame.js";
import { wrap, clamp } from "./keys.js";
import { createLegend } from "./legend.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { percent, spoken } from "./words.js";
import { mapsMode } from "./maps.js";
import { matrixMode } from "./matrix.js";
import { paintMode } from "./paint.js";
import { regionsMode } from "./regions.js";
import { wallMode } from "./wall.js";
import { duelMode } from "./duel.js";
import { windowMode } from "./windowview.js";
import { windowWallMode } from "./windowwall.js";

function build(app) {
  app.legend = createLegend();
  const one = app.stores.length === 1;
  app.chips = one ? tokenChips(app, app.stores[0]) : null;
  app.readout = createReadout();
  app.controls = attentionControls(app);
  app.under = el("div.under", {}, app.legend.node, app.chips?.node);
  app.wrap.append(app.under);
  app.side = el("div.side", {}, app.readout.node, app.controls.node);
  app.host.append(app.side);
}

function tell(app) {
  const [panel] = app.panels;
  const { store, token } = panel;
  showReadout(app.readout, factsOf(app));
  app.legend.set(app, legendOf(app));
  app.controls.strip?.draw(app.shown, token);
  app.legend.marks.hidden = app.panels.length > 1;
  const percents = store.prefix.map((_, k) => percent(panel.values[k]));
  app.chips?.set(app.shown, percents, token < store.skip ? token : -1);
  const text = spoken(store, app.shown, token, panel.best, panel.top);
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point || app.prefix >= 0) speak(app, text);
}

/** Keys for layer and head; true when the key was one of them. */
export function stepView(app, { name, step }) {
  const [store] = app.stores;
  if (name === "head") {
    const head = app.view.reading === "single" ? wrap(app.view.head, step, store.heads) : app.view.head;
    app.change({ head, reading: "single" });
    return true;
  }
  if (name !== "layer") return false;
  app.change({ layer: clamp(app.view.layer + step, 0, store.layers - 1) });
  return true;
}

export const attentionMode = {
  build, update, tell, key: stepView,
  click: (app, patch) => app.pin(patch),
};

const MODES = {
  attention: {
    lookup: attentionMode, compare: attentionMode,
    heads: wallMode(attentionMode), matrix: matrixMode(attentionMode),
  },
  windowed: { lookup: windowMode, heads: windowWallMode(windowMode), compare: duelMode },
  maps: { compare: mapsMode(createLegend) },
  mask: { paint: paintMode },
  regions: { windows: regionsMode },
};

export function modeFor(mode, kind) {
  const found = MODES[kind]?.[mode];
  if (!found) throw new FrameError(`The mode "${mode}" cannot show data of kind "${kind}".`);
  return found;
}
