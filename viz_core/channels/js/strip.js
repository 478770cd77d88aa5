// The network as a strip of blocks: what each one's output looks like, and the way to it.

import { el } from "../../canvas/js/dom.js";
import { lutsOf, paintColours, paintLikeness, paintRegions, putSheet, sheetOf } from "./paint.js";
import { likeness, placeName, tokenAt } from "./store.js";

export function createStrip(app) {
  const node = el("div.strip", { role: "group", "aria-label": "Blocks of the network" });
  let held = false;
  const frameAt = (event) => {
    const root = node.getRootNode();
    return root.elementFromPoint(event.clientX, event.clientY)?.closest?.("button.frame");
  };
  node.addEventListener("pointerdown", () => { held = true; }, { signal: app.signal });
  globalThis.addEventListener("pointerup", () => { held = false; }, { signal: app.signal });
  node.addEventListener("pointermove", (event) => {
    const frame = held && event.buttons ? frameAt(event) : null;
    if (frame) app.go(Number(frame.dataset.place));
  }, { signal: app.signal });
  return { node, frames: [] };
}

/** Frames for a message: one for each block, side by side in their stages. */
export function buildStrip(app, strip) {
  const { store } = app;
  const stages = [...new Set(store.blocks.map((place) => place.stage))];
  strip.frames = [];
  strip.node.replaceChildren(...stages.map((stage) => {
    const own = store.blocks.filter((place) => place.stage === stage);
    const { rows, columns, channels } = own[0];
    const frames = own.map((place) => {
      const canvas = el("canvas", { width: place.columns, height: place.rows });
      const name = placeName(place);
      const button = el("button.frame", {
        type: "button", title: `${name}: ${place.rows} × ${place.columns} × ${place.channels}`, "aria-label": name,
        onclick: () => app.go(place.index),
      }, canvas, el("span", {}, stage < 0 ? "stem" : String(place.block + 1)));
      button.dataset.place = place.index;
      strip.frames.push({ place, canvas, button });
      return button;
    });
    const label = el("div.stage-label", {}, el("b", {}, stage < 0 ? "Input" : `Stage ${stage + 1}`),
      el("span", {}, `${rows} × ${columns} × ${channels}`));
    return el("div.stage-group", { style: `flex-grow:${own.length}` }, el("div.frames", {}, ...frames), label);
  }));
}

/** What each frame shows follows the view: colours, likeness of one place, or regions. */
export function paintStrip(app, strip) {
  const opaque = lutsOf(app).opaque.PuOr;
  for (const { place, canvas, button } of strip.frames) {
    const own = app.place.stage === place.stage && app.place.block === place.block;
    button.setAttribute("aria-pressed", String(own));
    if (own) bringIntoSight(strip, button, place);
    const sheet = sheetOf(app, place.rows, place.columns);
    if (app.view === "likeness") {
      paintLikeness(likeness(place, tokenAt(place, app.pointed ?? app.pinned)), opaque, sheet.pixels);
    } else if (app.view === "regions" && place.labels) {
      paintRegions(place.labels[app.grouping(place)], null, 1.33, sheet.pixels);
    } else paintColours(place, 1, sheet.pixels);
    canvas.getContext("2d").drawImage(putSheet(sheet), 0, 0);
  }
}

/** On a phone the strip is wider than the screen: it follows the chosen block, once. */
function bringIntoSight(strip, button, place) {
  if (strip.seen === place) return;
  strip.seen = place;
  const { node } = strip;
  const [left, right] = [button.offsetLeft - node.offsetLeft, button.offsetLeft - node.offsetLeft + button.offsetWidth];
  if (left < node.scrollLeft) node.scrollLeft = left - 8;
  else if (right > node.scrollLeft + node.clientWidth) node.scrollLeft = right - node.clientWidth + 8;
}
