// The legend's colours, drawn with the very table of the maps, on the same ground.

import { el } from "../../canvas/js/dom.js";
import { createMap, paintMap, paintShares } from "./paint.js";

/** A bar from `low` to `high`, around zero or from zero up. */
export function ramp(lut, low, high, signed = true) {
  const canvas = el("canvas.bar");
  const map = createMap(canvas, 1, 128);
  if (signed) paintMap(map, Float32Array.from({ length: 128 }, (_, k) => (k - 63.5) / 63.5), 1, lut);
  else paintShares(map, Float32Array.from({ length: 128 }, (_, k) => k / 127), 1, lut);
  return el("span.range", {}, el("span.low", {}, low), canvas, el("span.high", {}, high));
}
