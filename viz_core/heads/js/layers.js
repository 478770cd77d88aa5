// The slider through the layers, with a button that plays them.

import { el, icon, slider } from "../../canvas/js/dom.js";

const BEAT = 650; // milliseconds a layer

/** `names()` are the depths in words; `go(depth)` shows one. */
export function createLayers(app, names, go) {
  const button = el("button.round", { type: "button", title: "Play through the layers", "aria-label": "Play through the layers" }, icon("play"));
  const track = slider("Layer", { min: 0, max: 1, step: 1 }, (k) => names()[k] ?? "", (depth) => { stop(); go(depth); }, app.signal);
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.replaceChildren(icon("play"));
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    const count = names().length;
    if (app.depth >= count - 1) go(0);
    button.replaceChildren(icon("pause"));
    timer = setInterval(() => {
      if (app.depth >= names().length - 1) return stop();
      go(app.depth + 1);
    }, BEAT);
  }, { signal: app.signal });
  app.signal.addEventListener("abort", stop);
  return {
    node: el("div.row.layers", {}, button, el("span.label", {}, "After"), track.node), stop,
    set: (depth, count) => { track.input.max = count - 1; track.set(depth); },
  };
}
