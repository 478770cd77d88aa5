// The controls around the board: tool, size of the pieces, what happens at once, undo.

import { KEYS } from "./gestures.js";
import { eraseHalf, shuffleAll, shuffleWithin } from "./steps.js";
import { el, popover, row, say, segmented, toggle } from "../../canvas/js/dom.js";

const TOOLS = [
  ["swap", "Swap", "Drag a piece onto another (1)"],
  ["turn", "Turn", "Click a piece: a quarter turn (2)"],
  ["erase", "Erase", "Paint over pieces (3)"],
  ["shift", "Shift", "Drag the whole picture (4)"],
];
const HINTS = {
  swap: "Drag a piece onto another: they change places.",
  turn: "Click a piece: a quarter turn, clockwise.",
  erase: "Paint over pieces; paint an erased one and it comes back.",
  shift: "Drag the whole picture, pixel by pixel of the network’s 56.",
};
const PIECES = [["14", "1 patch", "Pieces of one patch"], ["7", "2 × 2", "Pieces of 2 × 2 patches"],
  ["2", "7 × 7", "The four quarters of the picture"]];
const EDGES = [["wrap", "Comes in again", "What leaves on one side comes in on the other"],
  ["mirror", "Mirror", "A mirror image comes in; what leaves is lost"]];

export function createControls(app) {
  const { signal } = app;
  const tools = segmented("Tool", TOOLS, (tool) => pick(tool), signal);
  const pieces = segmented("Size of a piece", PIECES, (side) => change({ side: Number(side), hover: -1 }), signal);
  const edges = segmented("What comes in", EDGES, (edge) => change({ edge }), signal);
  const piecesRow = row("Piece", pieces.node);
  const edgesRow = row("Edge", edges.node);
  const hint = el("span.hint-line");
  const status = el("span.status-line");
  const seed = el("input.seed", { type: "number", min: 1, max: 9999, step: 1, value: "1", "aria-label": "Seed" });
  seed.title = "Start of the random choice: the same number, the same shuffle. It counts up by itself.";
  seed.addEventListener("change", () => { app.seed = readSeed(seed); seed.value = String(app.seed); }, { signal });

  function change(parts) {
    Object.assign(app, parts, { held: null });
    sync();
    app.draw();
  }

  function pick(tool) {
    change({ tool });
    app.announce(HINTS[tool]);
  }

  const atOnce = (text, title, make) => {
    const button = el("button.quiet", { type: "button", title }, text);
    button.addEventListener("click", () => {
      app.act(make(app.seed));
      app.announce(`${title} (seed ${app.seed}).`);
      app.seed += 1;
      seed.value = String(app.seed);
    }, { signal });
    return button;
  };
  const all = el("div.at-once", {},
    atOnce("Shuffle all", "All pieces of the chosen size anywhere", (n) => shuffleAll(app.side, n)),
    atOnce("In 2 × 2", "Patches change places with their closest neighbours only", (n) => shuffleWithin(7, n)),
    atOnce("In quarters", "Patches stay in their quarter of the picture", (n) => shuffleWithin(2, n)),
    atOnce("Erase half", "A random half of the pieces, and no others", (n) => eraseHalf(app.side, n)),
    el("label.seed-label", {}, "Seed", seed));

  const plain = (text, title, act) => {
    const button = el("button.quiet", { type: "button", title }, text);
    button.addEventListener("click", act, { signal });
    return button;
  };
  const undo = plain("Undo", "Takes the last change back (U)", app.undo);
  const reset = plain("Reset", "The whole picture again", app.reset);
  const coarse = toggle("As the network gets it", (on) => change({ coarse: on }), signal);
  const keys = popover("?", "", [el("div.keys", {}, ...KEYS.flatMap(([key, what]) => [el("kbd", {}, key), el("span", {}, what)]))], signal);
  keys.node.querySelector("button").setAttribute("aria-label", "Keys");

  const sync = () => {
    tools.set(app.tool);
    pieces.set(String(app.side));
    edges.set(app.edge);
    piecesRow.hidden = app.tool === "shift";
    edgesRow.hidden = app.tool !== "shift";
    app.canvas.dataset.tool = app.tool;
    say(hint, HINTS[app.tool]);
    say(status, counted(app.steps.length));
    undo.disabled = reset.disabled = !app.steps.length;
  };
  const top = el("div.board-top", {}, tools.node, el("div.board-hint", {}, hint, status));
  const below = el("div.controls.board-below", {}, piecesRow, edgesRow, all,
    el("div.foot", {}, undo, reset, keys.node, coarse.node));
  return { top, below, sync, pick, status: (text) => say(status, text) };
}

const counted = (count) => (count ? `${count} change${count === 1 ? "" : "s"}` : "whole");

function readSeed(input) {
  const value = Math.round(Number(input.value));
  return Number.isFinite(value) ? Math.max(1, Math.min(9999, value)) : 1;
}
