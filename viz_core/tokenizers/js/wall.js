// Every channel of the chosen step as a small picture of its own.

import { gradient } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { paintMap } from "./card.js";
import { stepOf } from "./steps.js";

const WORDS = {
  convolved: "what the kernels answer",
  activated: "negative answers became 0",
  pooled: "the largest of 3 × 3, every second place",
};

export function createWall(app) {
  const [title, note] = [el("b.title"), el("span.note")];
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  const [low, high] = [el("span", {}, "−largest"), el("span", {}, "largest")];
  const unit = el("span", {}, "each map up to its own largest value, the liveliest first");
  const tiles = el("div.tiles", { role: "group", "aria-label": "Channels" });
  tiles.addEventListener("pointerleave", () => app.hover(null), { signal: app.signal });
  return { node: el("section.wall-of-maps", {}, el("div.who", {}, title, note), tiles, el("div.legend", {}, el("span.range", {}, low, bar, high), unit)), title, note, low, tiles, buttons: [], key: "" };
}

export function showWall(app) {
  const { wall, state } = app;
  const network = app.networks[state.network];
  const step = stepOf(app, state.network);
  const key = `${app.header.id} ${network.key} ${step.name}`;
  if (key !== wall.key) {
    wall.key = key;
    wall.buttons = step.order.map((channel) => tile(app, step, channel));
    wall.tiles.replaceChildren(...wall.buttons.map((one) => one.node));
    say(wall.title, `${network.title}: ${step.name.toLowerCase()}`);
    const words = network.steps.length > 1 ? WORDS[step.kind] : "each kernel's answer to each patch";
    say(wall.note, `${step.channels} channels of ${step.side} × ${step.side}: ${words}`);
  }
  for (const { node, channel } of wall.buttons) node.setAttribute("aria-pressed", String(channel === state.held));
}

function tile(app, step, channel) {
  const canvas = el("canvas", { width: step.side, height: step.side });
  paintMap(app, canvas, step, channel);
  const title = `Channel ${channel + 1}, largest ${number(step.tops[channel])}`;
  const node = el("button.tile", { type: "button", title, "aria-label": title }, canvas);
  const { signal } = app;
  node.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") app.hover(channel); }, { signal });
  node.addEventListener("focus", () => { if (node.matches(":focus-visible")) app.hover(channel); }, { signal });
  node.addEventListener("blur", () => app.hover(null), { signal });
  node.addEventListener("click", () => app.hold(channel), { signal });
  return { node, channel };
}
