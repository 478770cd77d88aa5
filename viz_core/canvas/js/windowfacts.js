// Words and numbers about attention in windows. Pure.

import { distance, largest, meanDistance, rankOf } from "./lookup.js";
import { countsOf, windowOf } from "./windowed.js";
import { lower, number, patches, percent, tokenName } from "./words.js";

export const blockName = (lens) => `stage ${lens.stage + 1}, block ${lens.block + 1}`;

/** "14 × 14 patches, window 7, shifted by 3". */
export function blockLine(lens) {
  const { rows, columns, window, shift, windows } = lens;
  const whole = windows === 1 ? "one window for all" : `${windows} windows of ${by(window, window)}`;
  const moved = shift ? `, shifted by ${shift}` : windows === 1 ? "" : ", not shifted";
  return `${by(rows, columns)} patches, ${whole}${moved}`;
}

/** "7 × 7" that no line breaks apart. */
const by = (rows, columns) => `${rows}\u00a0×\u00a0${columns}`;

/** "stage 2, block 1, head 3". */
export function windowViewName(lens, view) {
  if (view.reading === "mean") return `${blockName(lens)}, mean of ${lens.heads} heads`;
  if (view.reading === "max") return `${blockName(lens)}, maximum of ${lens.heads} heads`;
  if (view.reading === "rollout") return `rollout through ${blockName(lens)}`;
  return `${blockName(lens)}, head ${Math.min(view.head, lens.heads - 1) + 1}`;
}

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Distances in patches of one map, told in pixels of the picture too. */
const pixels = (away, { picture, lens }) => `${number((away * picture.width) / lens.columns)} pixels of the picture`;

/** Facts on one token of a block: {title, note, facts}. */
export function windowFacts(panel, view) {
  const { lens, token, values, best, padding } = panel;
  const byKey = view.direction === "column";
  const counts = countsOf(lens, token);
  const window = windowOf(lens, token);
  const top = {
    id: "top", label: byKey ? "Most looked at by" : "Looks most at", value: percent(values[best]),
    raw: values[best], place: lower(tokenName(lens, best)), note: away(lens, token, best),
  };
  const self = {
    id: "self", label: "On itself", value: percent(values[token]), raw: values[token],
    rank: rankOf(values, token), note: `rank ${rankOf(values, token)} of ${counts.open}`,
  };
  const mean = meanDistance(lens, values, token);
  const far = {
    id: "spread", label: "Mean distance", value: patches(mean), raw: mean, note: pixels(mean, panel),
  };
  return { title: tokenName(lens, token), byKey, facts: [
    top, openFact(counts, byKey), self, windowFact(lens, window, counts), far,
    padding > 0 ? paddingFact(counts, padding) : evenFact(counts, values[best]),
  ] };
}

function away(lens, token, other) {
  if (other === token) return "that is itself";
  return `${patches(distance(lens, token, other))} away`;
}

function openFact({ open, closed, padding }, byKey) {
  const count = open + closed + padding;
  const note = closed ? `the mask closes ${closed}` : padding ? "the rest is padding" : "its whole window";
  return { id: "open", label: byKey ? "May look at it" : "Keys open to it", value: `${open} of ${count}`, raw: open, note };
}

function windowFact(lens, window, { regions, region }) {
  const note = regions > 1 ? `in ${regions} regions, this is the ${ORDER[region]}` : "one region";
  const value = `${window + 1} of ${lens.windows}`;
  return { id: "window", label: "Its window", value, raw: window + 1, note };
}

const ORDER = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th"];

function paddingFact({ padding }, share) {
  const note = `${plural(padding, "key")} beyond the edge of the map`;
  return { id: "padding", label: "On padding", value: percent(share), raw: share, note };
}

/** How far the strongest stands above an even share of what is open. */
function evenFact({ open }, top) {
  const times = top * open;
  const note = `even over ${plural(open, "key")}: ${percent(1 / open)}`;
  return { id: "even", label: "Largest ÷ even share", value: `${number(times)} ×`, raw: times, note };
}

/** Facts on the rollout of one token, whose map lies on another grid: {title, facts}. */
export function flowFacts(panel, view) {
  const { lens, grid, token, values } = panel;
  const byKey = view.direction === "column";
  const best = largest(values);
  const reached = values.reduce((count, value) => count + (value > 0), 0);
  const share = reached / grid.tokens;
  const own = ownShare(panel);
  const mean = meanPixels(panel);
  const facts = [
    { id: "top", label: byKey ? "Most is held by" : "Most came from", value: percent(values[best]),
      raw: values[best], place: lower(tokenName(grid, best)), note: `of ${grid.rows} × ${grid.columns} patches` },
    { id: "reach", label: byKey ? "Held by" : "Has seen", value: percent(share), raw: share,
      note: byKey ? `${reached} of ${grid.tokens} tokens` : `of the picture: ${reached} of ${grid.tokens} patches` },
    { id: "self", label: byKey ? "At its own place" : "From its own place", value: percent(own), raw: own,
      note: "where it stands itself" },
    { id: "spread", label: "Mean distance", value: number(mean), raw: mean, note: "pixels of the picture" },
  ];
  return { title: tokenName(lens, token), byKey, facts };
}

/** What lies on the tokens that overlap the shown one; its map may be finer or coarser. */
function ownShare({ lens, grid, token, values }) {
  let sum = 0;
  const [row, column] = [Math.floor(token / lens.columns), token % lens.columns];
  for (let at = 0; at < grid.tokens; at++) {
    const y = (Math.floor(at / grid.columns) + 0.5) / grid.rows;
    const x = ((at % grid.columns) + 0.5) / grid.columns;
    const coarse = lens.tokens <= grid.tokens;
    if (coarse) {
      if (Math.floor(y * lens.rows) === row && Math.floor(x * lens.columns) === column) sum += values[at];
    } else if (covers(grid, at, (row + 0.5) / lens.rows, (column + 0.5) / lens.columns)) sum += values[at];
  }
  return sum;
}

const covers = ({ rows, columns }, at, y, x) =>
  Math.floor(y * rows) === Math.floor(at / columns) && Math.floor(x * columns) === at % columns;

/** Mean distance from a token to the places of a map, weighted by its values, in pixels. */
export function meanPixels({ lens, grid, token, values, picture }) {
  const y = (Math.floor(token / lens.columns) + 0.5) / lens.rows;
  const x = ((token % lens.columns) + 0.5) / lens.columns;
  let [sum, weight] = [0, 0];
  for (let at = 0; at < grid.rows * grid.columns; at++) {
    const down = (Math.floor(at / grid.columns) + 0.5) / grid.rows - y;
    const right = ((at % grid.columns) + 0.5) / grid.columns - x;
    const value = values[(grid.skip ?? 0) + at];
    sum += value * Math.hypot(down * picture.height, right * picture.width);
    weight += value;
  }
  return weight > 0 ? sum / weight : NaN;
}

/** What the colours mean. */
export function windowUnit(view, lens) {
  const noun = view.reading === "rollout" ? "rollout" : "attention";
  if (view.reading === "max") return `% of attention in the keenest of ${lens.heads} heads`;
  return view.direction === "column" ? `% of each patch’s ${noun} that lands on this patch`
    : `% of this patch’s ${noun}`;
}
