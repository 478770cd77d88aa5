// The formula, drawn with HTML, and the rail of steps. Every term leads to its step.

import { el, icon } from "../../canvas/js/dom.js";
import { nameNodes } from "./grid.js";
import { STEPS } from "./steps.js";

/** Formula and rail; `go(step id)` is called on a click. */
export function createFormula(go, signal) {
  const terms = [];
  const term = (text, to, also = []) => {
    const node = el("button.term", { type: "button", tabIndex: -1 }, ...nameNodes(text));
    node.addEventListener("click", () => go(to), { signal });
    terms.push({ node, steps: [to, ...also] });
    return node;
  };
  const plain = (text, name = "span.paren") => el(name, {}, text);
  const defined = (letter, step) => el("span.defined", {},
    term(`${letter} = x W_${letter}`, step, ["x"]));
  const definitions = [defined("Q", "query"), defined("K", "key"), defined("V", "value")];
  const root = term("√d_h", "scaled");
  const mask = term("+ M", "scores");
  const fraction = el("span.fraction", {},
    el("span", {}, term("Q K^T", "products")), el("span.under", {}, root));
  const whole = el("span.whole", {},
    term("concat", "joined"), plain("(", "span.paren.tall"), term("softmax", "pattern"),
    plain("(", "span.paren.tall"), fraction, mask, plain(")", "span.paren.tall"),
    term("V", "mixed"), plain(")", "span.paren.tall"), term("W_O", "output"));
  const node = el("div.formula", { role: "group", "aria-label": "Formula; each term leads to its step" },
    whole, el("span.where", {}, ...definitions));
  const show = (data, step) => {
    for (const one of terms) one.node.classList.toggle("active", one.steps.includes(step));
    root.classList.toggle("off", !data.scale);
    mask.classList.toggle("off", !data.causal);
  };
  return { node, show };
}

export function createRail(app, signal) {
  const chips = STEPS.map((step, k) => {
    const chip = el("button.step", { type: "button" }, el("i", {}, String(k + 1)),
      el("span", {}, ...nameNodes(step.chip)));
    chip.addEventListener("click", () => app.go(step.id), { signal });
    return chip;
  });
  const button = (name, label, act, ...face) => {
    const node = el(`button.${name}`, { type: "button", title: label, "aria-label": label }, ...face);
    node.addEventListener("click", act, { signal });
    return node;
  };
  const back = button("move", "Back (←)", () => app.move(-1), "Back");
  const next = button("move.next", "Next (→)", () => app.move(1), "Next");
  const play = button("round", "Play through (Space)", () => app.play(), icon("play"));
  const track = el("div.rail", { role: "group", "aria-label": "Steps" }, ...chips);
  const node = el("div.walk", {}, back, track, play, next);
  const show = () => {
    chips.forEach((chip, k) => {
      if (k === app.step) {
        chip.setAttribute("aria-current", "step");
        keepInSight(track, chip);
      } else chip.removeAttribute("aria-current");
      chip.classList.toggle("done", k < app.step);
    });
    back.disabled = app.step === 0;
    next.disabled = app.step === STEPS.length - 1;
    play.replaceChildren(icon(app.playing ? "pause" : "play"));
  };
  return { node, show };
}

function keepInSight(track, chip) {
  if (track.scrollWidth <= track.clientWidth) return;
  track.scrollLeft = chip.offsetLeft - track.offsetLeft - (track.clientWidth - chip.offsetWidth) / 2;
}
