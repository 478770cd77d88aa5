// Barcodes of the chosen square: four tokens one after another, and what the layer makes of them.

import { el, say } from "../../canvas/js/dom.js";
import { parseTable } from "../../canvas/js/colour.js";
import { number } from "../../canvas/js/words.js";
import { flown, SLICE_TINTS, stacked, worked } from "./flight.js";

const PLACES = ["top left", "bottom left", "top right", "bottom right"];

export function createCodes(app, tables) {
  const lut = parseTable(tables.PuOr);
  const four = PLACES.map((place, k) => {
    const canvas = el("canvas.code", { role: "img", "aria-label": `Numbers of the ${place} token` });
    return { canvas, node: el("figure", { style: `--tint:${SLICE_TINTS[k]}` }, canvas, el("figcaption", {}, place)) };
  });
  const out = el("canvas.code", { role: "img", "aria-label": "Numbers of the merged token" });
  const codes = {
    lut, four, out, title: el("b"), left: el("b"), told: el("span.told-number"),
    enters: el("div.enters", {}, ...four.map(({ node }) => node)),
  };
  codes.node = el("div.codes", {},
    el("div.code-head", {}, codes.title, codes.told), codes.enters,
    el("div.code-head", {}, codes.left), el("figure.out", {}, out));
  [...four.map(({ canvas }) => canvas), out].forEach((canvas, k) => {
    canvas.addEventListener("pointermove", (event) => tell(app, codes, k, event), { signal: app.signal });
    canvas.addEventListener("pointerleave", () => say(codes.told, ""), { signal: app.signal });
  });
  return codes;
}

/** Level and value scale of barcode k: 0 to 3 enter, 4 leaves. */
function numbersOf({ transition, merge }, k) {
  const { width, grid, merged, reduced, tops } = transition;
  const token = merge.row * (grid / 2) + merge.column;
  return k < 4
    ? { levels: merged.subarray(token * 4 * width + k * width, token * 4 * width + (k + 1) * width), top: tops.merged }
    : { levels: reduced.subarray(token * 2 * width, (token + 1) * 2 * width), top: tops.reduced };
}

function tell(app, codes, k, event) {
  const { levels, top } = numbersOf(app, k);
  const at = Math.min(levels.length - 1, Math.max(0, Math.floor((event.offsetX / event.target.clientWidth) * levels.length)));
  const name = k < 4 ? `${PLACES[k]} token, number ${at + 1}` : `merged token, number ${at + 1}`;
  const value = number((levels[at] / 127) * top);
  const edge = Math.abs(levels[at]) === 127 ? (levels[at] < 0 ? " or less" : " or more") : "";
  say(codes.told, `${name}: ${value}${edge}`);
}

function paint(canvas, levels, lut) {
  if (canvas.width !== levels.length) Object.assign(canvas, { width: levels.length, height: 1 });
  const image = new ImageData(levels.length, 1);
  for (let k = 0; k < levels.length; k++) {
    const rgb = lut[levels[k] + 128];
    image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * k);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export function showCodes(codes, app) {
  const { transition: { width, tops, from }, merge, time } = app;
  codes.four.forEach(({ canvas, node }, k) => {
    paint(canvas, numbersOf(app, k).levels, codes.lut);
    node.style.opacity = 0.25 + 0.75 * flown(time, k);
  });
  codes.enters.style.setProperty("--apart", `${10 * (1 - stacked(time, 0))}px`);
  paint(codes.out, numbersOf(app, 4).levels, codes.lut);
  codes.out.parentElement.style.opacity = 0.2 + 0.8 * worked(time);
  const place = `row ${merge.row + 1}, column ${merge.column + 1}`;
  say(codes.title, `Four tokens of stage ${from + 1} side by side: 4 × ${width} = ${4 * width} numbers; colours from −${number(tops.merged)} to ${number(tops.merged)}`);
  say(codes.left, `One token of stage ${from + 2}, ${place}: norm and linear layer leave ${2 * width} numbers; colours from −${number(tops.reduced)} to ${number(tops.reduced)}`);
}
