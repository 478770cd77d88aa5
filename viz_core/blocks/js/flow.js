// A block as a column of slabs, drawn to scale: as wide as it has channels. Also for `road`.

import { el } from "../../canvas/js/dom.js";
import { counted } from "../../labs/js/chart.js";

// name in a legend, what it does, colour (Okabe and Ito)
export const KINDS = {
  conv: ["convolution", "every channel reads all channels of its neighbourhood", "#0072B2"],
  depthwise: ["depthwise", "each channel reads its own neighbourhood", "#0072B2"],
  pointwise: ["1 × 1 or linear", "every channel reads all channels of its place", "#56B4E9"],
  product: ["attention", "tokens read each other", "#CC79A7"],
  activation: ["activation", "each number by itself", "#D55E00"],
  norm: ["norm", "", "#94a3b8"],
};
const SAME = { linear: "pointwise", softmax: "product", bias: "product", scale: "norm", pool: "norm", add: "norm" };
const THICK = new Set(["conv", "depthwise", "pointwise", "linear", "product"]);
const WORDS = { new: "new", gone: "leaves", resized: "resized" };

export const FLOW_STYLE = `
.flow { position: relative; display: flex; flex-direction: column; padding-left: 24px; min-width: 0; }
.flow .op { all: unset; box-sizing: border-box; display: grid; grid-template-columns: var(--names, 128px) var(--extras,) minmax(0, 1fr) var(--sizes, 82px); gap: 0 8px; align-items: center; height: var(--row, 27px); font-size: 12.5px; border-radius: 5px; padding: 0 5px; position: relative; }
.flow button.op { cursor: pointer; }
.flow button.op:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.flow button.op:hover, .flow .op[aria-pressed="true"] { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.flow .op-name { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.flow .op-size { white-space: nowrap; text-align: right; color: var(--dim); font-variant-numeric: tabular-nums; font-size: 12px; }
.flow .lane { position: relative; height: 100%; min-width: 0; }
.flow .slab { position: absolute; left: 0; right: 0; top: 50%; height: var(--thick, 17px); transform: translateY(-50%); background: var(--c); clip-path: polygon(calc(50% - var(--in)) 0, calc(50% + var(--in)) 0, calc(50% + var(--out)) 100%, calc(50% - var(--out)) 100%); transition: clip-path 0.35s ease; }
.flow .op[data-kind="depthwise"] .slab { background: repeating-linear-gradient(90deg, var(--c) 0 3px, color-mix(in srgb, var(--c) 25%, transparent) 3px 5px); }
.flow .op[data-kind="add"] .slab, .flow .op[data-kind="scale"] .slab, .flow .op[data-kind="pool"] .slab { background: color-mix(in srgb, var(--dim) 55%, transparent); }
.flow .op[data-status="same"] { opacity: var(--quiet, 1); }
.flow .op[data-status="new"] .op-name, .flow .op[data-status="resized"] .op-name, .flow .op[data-status="gone"] .op-name { font-weight: 650; }
.flow .op[data-status="new"], .flow .op[data-status="resized"] { background: color-mix(in srgb, var(--accent) 13%, transparent); box-shadow: inset 3px 0 0 var(--accent); }
.flow .op[data-status="gone"] { background: repeating-linear-gradient(135deg, transparent 0 6px, color-mix(in srgb, var(--dim) 16%, transparent) 6px 9px); }
.flow .op[data-status="gone"] .op-name { text-decoration: line-through; color: var(--dim); }
.flow .loop { position: absolute; left: 6px; width: 14px; border: 2px solid color-mix(in srgb, var(--dim) 60%, transparent); border-right: 0; border-radius: 9px 0 0 9px; pointer-events: none; }
.flow .loop::after { content: ""; position: absolute; right: -5px; bottom: -5px; border: 4px solid transparent; border-left: 6px solid color-mix(in srgb, var(--dim) 75%, transparent); border-right: 0; }
.flow .around { border-left: 2px dashed color-mix(in srgb, var(--dim) 60%, transparent); padding-left: 6px; }
.kind { width: 13px; height: 11px; border-radius: 2px; background: var(--c); }
.kind[data-kind="depthwise"] { background: repeating-linear-gradient(90deg, var(--c) 0 3px, color-mix(in srgb, var(--c) 25%, transparent) 3px 5px); }
.kind[data-kind="norm"], .kind[data-kind="activation"] { height: 6px; }
.flow .around-name { font-size: 12px; color: var(--dim); padding-left: 5px; line-height: 22px; }
`;

/** Width of the widest operation of some parts: what a full lane stands for. */
export function widest(...lists) {
  return Math.max(1, ...lists.flat().flatMap((op) => [op.entering, op.leaving]));
}

/** Colour of an operation's slab. */
export const colourOf = (kind) => KINDS[SAME[kind] ?? kind][2];

/** A label without words for its stride: "3×3 conv /2". */
export const brief = (label) => label.replace(", stride ", " /");

/** Short text of the channels: "64 → 256", or one number where they stay. */
export function channels(op) {
  if (!op.leaving) return "";
  return op.entering === op.leaving ? String(op.leaving) : `${op.entering} → ${op.leaving}`;
}

/** What an operation says of itself to a pointer that rests on it. */
export function told(op) {
  const [, meaning] = KINDS[SAME[op.kind] ?? op.kind];
  const words = [op.label, op.shape.slice(1).join(" × ")];
  if (op.parameters) words.push(`${counted(op.parameters)} weights`);
  if (op.macs) words.push(`${counted(op.macs)}MACs`);
  return `${words.join(", ")}. ${THICK.has(op.kind) ? `${meaning[0].toUpperCase()}${meaning.slice(1)}.` : ""}`;
}

/**
 * A column of operations.
 *
 * ops: records of `anatomy.as_record`; full: channels of a full lane; from: index at which the
 * first shortcut begins; around: operations on the shortcut; pick(op, index): makes them buttons.
 */
export function flow({ ops, around = [], full, from = 0, row = 27, pick, extra }) {
  const rows = ops.map((op, i) => line(op, full, pick && ((at) => pick(op, i, at)), extra));
  const node = el("div.flow", {}, ...rows);
  node.style.setProperty("--row", `${row}px`);
  for (const [start, end] of loops(ops, from)) {
    const loop = el("i.loop", { "aria-hidden": "true" });
    loop.style.top = `${start * row + 2}px`;
    loop.style.height = `${(end - start) * row + row / 2 - 2}px`;
    node.append(loop);
  }
  if (around.length) {
    const rows = around.map((op) => line(op, full, null, extra));
    node.append(el("div.around", {}, el("div.around-name", {}, "on the shortcut"), ...rows));
  }
  node.rows = rows;
  return node;
}

/** Where each shortcut leaves the path and where it comes back, as indices of operations. */
export function loops(ops, from) {
  const found = [];
  let start = from;
  ops.forEach((op, i) => {
    if (op.kind !== "add" || i < from) return;
    found.push([start, i]);
    start = i + 1;
  });
  return found;
}

function line(op, full, pick, extra) {
  const name = el("span.op-name", {}, brief(op.label));
  const status = WORDS[op.status];
  const slab = el("i.slab", { "aria-hidden": "true" });
  slab.style.setProperty("--c", colourOf(op.kind));
  slab.style.setProperty("--thick", THICK.has(op.kind) ? "" : "6px");
  const share = (channels) => `${((50 * (channels || full / 8)) / full).toFixed(2)}%`;
  slab.style.setProperty("--in", share(op.entering));
  slab.style.setProperty("--out", share(op.leaving));
  const lane = el("span.lane", {}, slab);
  const beside = extra ? el("span.extra", {}, extra(op)) : null;
  const node = el(pick ? "button.op" : "div.op", { title: told(op) }, name, beside, lane, el("span.op-size", {}, channels(op)));
  if (status) node.setAttribute("aria-label", `${op.label}, ${channels(op)}, ${status}`);
  Object.assign(node.dataset, { kind: op.kind, status: op.status ?? "same" });
  if (pick) {
    node.type = "button";
    node.addEventListener("pointerenter", () => pick(node));
    node.addEventListener("focus", () => pick(node));
    node.addEventListener("click", () => pick(node));
  }
  return node;
}

/** The legend of the slabs, of some kinds. */
export function kindsLegend(names) {
  return names.map((name) => {
    const [title, meaning, colour] = KINDS[name];
    const mark = el("i.kind", { "data-kind": name });
    mark.style.setProperty("--c", colour);
    return el("span.marks", { title: meaning }, mark, title);
  });
}
