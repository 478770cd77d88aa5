// Below the stage: play, the story's slider with its stops, patch size, what is drawn.

import { el, icon, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { STOPS, stageOf } from "./flight.js";

export function createControls(app) {
  const { signal } = app;
  const play = el("button.round", { type: "button" }, icon("play"));
  play.addEventListener("click", () => app.play(), { signal });
  const story = slider("Story", { min: 0, max: 100, step: 1 }, (v) => `${v} %`,
    (value) => { app.stop(); app.setTime(value / 100); }, signal);
  story.node.lastChild.hidden = true;
  const stops = STOPS.map(([time, name]) => {
    const button = el("button.stop", { type: "button", title: `Show: ${name}` }, name);
    button.addEventListener("click", () => app.glide(time), { signal });
    return button;
  });
  const track = el("div.track", {}, story.node, el("div.stops", {}, ...stops));
  const size = slider("Patch size", { min: 0, max: 1, step: 1 }, (k) => sizeText(app, k),
    (k) => app.setPatch(app.model.sizes[k]), signal);
  const told = size.node.lastChild;
  const own = el("button.chip.own", { type: "button", title: "Back to the size the network learned" });
  own.addEventListener("click", () => app.setPatch(app.model.native), { signal });
  const drawn = segmented("Picture", [
    ["photo", "Photo", "The photograph at full resolution"],
    ["pixels", "Pixels", "Exactly the pixels that the network gets"],
  ], (value) => app.setDrawn(value), signal);
  const numbers = segmented("Numbers", [
    ["token", "Embedding", "What the network's matrix makes of each patch"],
    ["raw", "Pixels", "The patch's own numbers"],
  ], (value) => app.setNumbers(value), signal);
  const legend = el("p.hint");
  const node = el("div.controls", {},
    el("div.player", {}, play, track),
    el("div.sizes", {}, row("Patch size", size.node), el("div.told", {}, told, own)),
    el("div.pair", {}, row("Picture", drawn.node), row("Numbers", numbers.node), legend));
  return { node, play, story, stops, size, own, drawn, numbers, legend };
}

const sizeText = ({ model }, k) => {
  const patch = model.sizes[k];
  const grid = model.side / patch;
  return `${patch} × ${patch} px · ${grid} × ${grid} = ${(grid * grid).toLocaleString("en")} patches`;
};

export function showControls(controls, app) {
  const { model, time } = app;
  controls.story.set(Math.round(100 * time));
  const now = stageOf(time);
  for (const button of controls.stops) {
    button.setAttribute("aria-pressed", String(button.textContent === now));
  }
  controls.play.replaceChildren(icon(app.playing ? "pause" : "play"));
  controls.play.setAttribute("aria-label", app.playing ? "Pause" : "Play");
  controls.size.input.max = String(model.sizes.length - 1);
  controls.size.set(model.sizes.indexOf(app.patch));
  const native = app.patch === model.native;
  say(controls.own, native ? "what the network learned" : `back to ${model.native} px`);
  controls.own.setAttribute("aria-pressed", String(native));
  controls.drawn.set(app.raw ? "pixels" : "photo");
  controls.numbers.set(app.embedded ? "token" : "raw");
  controls.numbers.buttons[0].disabled = !native;
}
