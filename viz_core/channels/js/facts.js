// Read-out: the channel under the pointer in numbers, and the histogram of its values.

import { parseTable } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { fit, scaleOf, tableOf } from "./paint.js";
import { placeName, valueAt } from "./store.js";

const BINS = 40;

export function createFacts() {
  const title = el("span.title");
  const note = el("span.note");
  const cells = ["Here", "Mean size", "Contrast", ""].map((label) => {
    const cell = { label: el("span.fact-label", {}, label), value: el("span.fact-value") };
    cell.node = el("div.fact", {}, cell.label, cell.value);
    return cell;
  });
  const canvas = el("canvas.histogram", { role: "img" });
  const [low, middle, high] = [el("span"), el("span.middle"), el("span")];
  const node = el("div.readout", {}, el("div.who", {}, title, note),
    el("div.facts.four", {}, ...cells.map((cell) => cell.node)), canvas, el("div.ends", {}, low, middle, high));
  return { node, title, note, cells, canvas, low, middle, high };
}

export function showFacts(app, facts, token) {
  const { place, shown } = app;
  say(facts.title, `Channel ${shown + 1} of ${place.channels}`);
  say(facts.note, placeName(place));
  const asked = app.pointed || app.sort === "here"; // a place is marked on the picture
  const value = asked ? number(valueAt(place, shown, token)) : "–";
  const chosen = app.store.header.classes[app.label];
  const rest = [value, number(place.strength[shown]), number(place.contrast[shown]),
    chosen ? signedNumber(place.drives[app.label][shown]) : "–"];
  facts.cells.forEach((cell, k) => say(cell.value, rest[k]));
  say(facts.cells[3].label, chosen ? `Drives ${chosen.label}` : "Drives");
  facts.cells[3].node.hidden = !chosen;
  facts.cells[3].node.title = chosen
    ? `Activation × gradient, summed: about what taking this channel away would take from the logit of ${chosen.label} (${percent(chosen.share)})`
    : "";
  paintHistogram(app, facts, asked ? valueAt(place, shown, token) : null);
}

export const signedNumber = (value) => (value > 0 ? `+${number(value)}` : number(value));

function paintHistogram(app, facts, marked) {
  const { canvas } = facts;
  const { place, shown } = app;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  fit(canvas, width, height, app.ratio);
  const context = canvas.getContext("2d");
  context.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const [low, high] = [place.low[shown], place.high[shown]];
  const counts = new Uint32Array(BINS);
  const from = shown * place.tokens;
  for (let t = 0; t < place.tokens; t++) counts[Math.min(BINS - 1, Math.floor((place.levels[from + t] / 256) * BINS))]++;
  const most = Math.max(...counts);
  const colours = parseTable(app.tables[tableOf(place)]);
  const top = scaleOf(app, place, shown);
  const wide = width / BINS;
  counts.forEach((count, k) => {
    if (!count) return;
    const value = low + ((k + 0.5) / BINS) * (high - low);
    const share = top > 0 ? value / top : 0;
    const at = place.signed ? 127.5 + 127.5 * share : 255 * share;
    context.fillStyle = `rgb(${colours[Math.max(0, Math.min(255, Math.round(at)))]})`;
    const tall = Math.max(1.5, (count / most) * (height - 6));
    context.fillRect(k * wide, height - tall, wide - 1, tall);
    context.strokeStyle = app.quiet;
    context.lineWidth = 0.6;
    context.strokeRect(k * wide, height - tall, wide - 1, tall);
  });
  const span = high - low || 1;
  const line = (value, colour, thick) => {
    context.fillStyle = colour;
    context.fillRect(((value - low) / span) * width - thick / 2, 0, thick, height);
  };
  if (low < 0 && high > 0) line(0, app.quiet, 1);
  if (marked !== null) line(marked, "#ffb224", 2.5);
  say(facts.low, number(low));
  say(facts.high, number(high));
  say(facts.middle, `values of ${place.tokens} places`);
  canvas.setAttribute("aria-label", `Histogram: ${place.tokens} values from ${number(low)} to ${number(high)}`);
}
