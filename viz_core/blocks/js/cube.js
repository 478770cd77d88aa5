// The tensor as a box of pictures, channels and places, with the numbers lit that share a mean.

import { el } from "../../canvas/js/dom.js";
import { svg } from "../../labs/js/chart.js";

const [CHANNELS, PLACES, CELL, SLANT] = [6, 8, 11, 13];
const [WIDTH, HEIGHT] = [250, 136];
const WORDS = {
  given: "One mean for the lit numbers",
  batch: "one mean: this channel, all places, all pictures",
  layer: "one mean: this place, all channels, one picture",
};

export function cube(key) {
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "cube", role: "img", "aria-label": WORDS[key] });
  const node = el("div.cube-box", {}, drawing);
  return { node, show: (at) => show(drawing, key, at) };
}

function show(drawing, key, { batch, pictures, channel, place }) {
  const line = Math.min(CHANNELS - 1, Math.floor(channel * CHANNELS));
  const column = Math.min(PLACES - 1, Math.floor(place * PLACES));
  const left = 30;
  const slant = Math.min(SLANT, 92 / pictures);
  const nodes = [];
  for (let n = pictures - 1; n >= 0; n--) {
    const [dx, dy] = [left + n * slant, 16 + (pictures - 1 - n) * (slant * 0.42)];
    const inside = n < batch;
    for (let c = 0; c < CHANNELS; c++) {
      for (let p = 0; p < PLACES; p++) {
        const lit = key === "batch" ? inside && c === line : key === "layer" ? n === 0 && p === column : false;
        const chosen = n === 0 && c === line && p === column;
        nodes.push(svg("rect", {
          x: dx + p * CELL, y: dy + c * CELL, width: CELL, height: CELL,
          class: `cell${lit ? " lit" : ""}${inside ? "" : " out"}${chosen ? " chosen" : ""}`,
        }));
      }
    }
  }
  const low = 16 + (pictures - 1) * slant * 0.42 + CHANNELS * CELL;
  nodes.push(
    svg("text", { x: left + 2, y: low + 13 }, "places →"),
    svg("text", { x: left - 6, y: low - 4, transform: `rotate(-90 ${left - 6} ${low - 4})` }, "channels →"),
    svg("text", { x: left + PLACES * CELL + 10, y: low - 2 }, "pictures ↗"),
  );
  drawing.replaceChildren(...nodes);
}
