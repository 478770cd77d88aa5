// Messages of the step Ablate into arrays. Pure.

import { floats } from "../../cutter/js/wire.js";
import { scoreOf } from "./facts.js";

/** {layers, whole, classes}; each layer has its heads' logits, looks and numbers. */
export function headsOf({ sizes, labels, measured }, parts) {
  const classes = labels.length;
  const [whole, singles, branches] = [parts.whole, parts.singles, parts.branches].map(floats);
  const [shares, read, entropy, distance] = [parts.shares, parts.read, parts.entropy, parts.distance].map(floats);
  let [head, at] = [0, 0];
  const layers = sizes.map(({ heads, rows, columns }, k) => {
    const places = rows * columns;
    const layer = {
      index: k, heads, rows, columns,
      singles: singles.subarray(head * classes, (head + heads) * classes),
      branches: branches.subarray(2 * k * classes, (2 * k + 2) * classes),
      shares: shares.subarray(at, at + heads * places),
      read: read.subarray(at, at + heads * places),
      entropy: entropy.subarray(head, head + heads),
      distance: distance.subarray(head, head + heads),
    };
    head += heads;
    at += heads * places;
    return layer;
  });
  return { layers, whole, classes, measured };
}

/** Change of the target without each head and each branch, layer by layer, and the largest of each. */
export function changesOf({ layers, whole, classes, measured }, target) {
  const before = scoreOf(whole, 0, target);
  const change = (logits, k) => (measured ? scoreOf(logits, k * classes, target) - before : NaN);
  const rows = layers.map((layer) => ({
    heads: Array.from({ length: layer.heads }, (_, k) => change(layer.singles, k)),
    branches: [0, 1].map((k) => change(layer.branches, k)),
  }));
  const top = (values) => (measured ? Math.max(1e-9, ...values.map(Math.abs)) : 1);
  return { rows, before, head: top(rows.flatMap((row) => row.heads)), branch: top(rows.flatMap((row) => row.branches)) };
}

/** [layer, head] of the lowest change: the head that helps most; of the last layer if none is known. */
export function mostHelpful({ rows }) {
  let best = Number.isNaN(rows[0].heads[0]) ? [rows.length - 1, 0] : [0, 0];
  rows.forEach(({ heads }, layer) => heads.forEach((value, head) => {
    if (value < rows[best[0]].heads[best[1]]) best = [layer, head];
  }));
  return best;
}

/** A share of -top to top as one of 256 levels of a diverging table. */
export const levelOf = (value, top) => (Number.isNaN(value) ? 128 : Math.max(0, Math.min(255, Math.round(127.5 + (127.5 * value) / top))));
