// The numbers under the pyramid: one column a stage, and a sentence on the token under the pointer.

import { el, say } from "../../canvas/js/dom.js";
import { related } from "./panels.js";

const ROWS = [
  ["Tokens", ({ grid }) => (grid * grid).toLocaleString("en")],
  ["Channels", ({ width }) => String(width)],
  ["Windows", ({ grid, window }) => (window ? `${Math.ceil(grid / window) ** 2} of ${window} × ${window}` : "none")],
  ["Blocks × heads", ({ depth, heads }) => `${depth} × ${heads}`],
  ["Weights", ({ parameters }) => parameters, "weight"],
  ["Multiply-adds", ({ macs }) => macs, "work"],
];

/** The table of a message: stages, then the other network. */
export function createFacts({ stages, peer, totals, title }) {
  const columns = [...stages, peer];
  const names = [...stages.map((_, k) => `Stage ${k + 1}`), peer.title.split(" ")[0]];
  const head = el("tr", {}, el("td"), ...names.map((name, k) => el(`th${k === stages.length ? ".peer" : ""}`, { scope: "col" }, name)));
  const rows = ROWS.map(([name, tell, share]) => {
    const cells = columns.map((column, k) => {
      const bar = share && column[share] !== undefined
        ? el("i.share", { style: `--share:${Math.max(2, 100 * column[share])}%` }) : null;
      return el(`td${k === stages.length ? ".peer" : ""}`, {}, tell(column), bar);
    });
    return el("tr", {}, el("th", { scope: "row" }, name), ...cells);
  });
  const table = el("table.stages-table", { "aria-label": "The stages in numbers" },
    el("thead", {}, head), el("tbody", {}, ...rows));
  const sum = el("p.sum", {}, el("b", {}, title), ` altogether: ${totals.parameters} weights, ${totals.macs} multiply-adds. `,
    `With global attention in every stage it would take ${totals.full}. `,
    el("b", {}, peer.title), `: ${peer.parameters} weights and ${peer.macs}, on one map from the first layer to the last.`);
  return { node: el("div.stage-facts", {}, table, sum), table };
}

/** Lines the columns up with the faces above them. */
export function alignFacts({ table }, panels, inRow, width) {
  table.dataset.aligned = String(inRow);
  const starts = panels.slice(1).map((panel) => panel.x);
  const widths = inRow ? [starts[0], ...starts.map((x, k) => (starts[k + 1] ?? width) - x)] : [];
  table.style.gridTemplateColumns = widths.map((px) => `${px}px`).join(" ");
}

const times = (n) => `${n} × ${n}`;

/** What the chosen token stands for. */
export function sentence({ panels, chosen }) {
  const from = panels[chosen.panel];
  const place = `row ${chosen.row + 1}, column ${chosen.column + 1}`;
  const pixels = related(from, chosen, panels[0]);
  const area = `${pixels.rows} × ${pixels.columns} pixels`;
  if (from.kind === "pixels") {
    return { name: `Pixel in ${place}`, text: "It is one of many in the token of each stage that the beam leads to." };
  }
  if (from.kind === "peer") {
    return { name: `${from.name.split(" ")[0]}, ${place}`, text: `One patch of ${area}, in every layer the same.` };
  }
  const parts = [];
  for (let k = chosen.panel - 1; k > 0; k--) parts.push(`${times(2 ** (chosen.panel - k))} tokens of stage ${k}`);
  const made = parts.length ? `made of ${parts.join(", ")}, and ${area}` : `one patch of ${area}`;
  return { name: `Stage ${chosen.panel}, ${place}`, text: `${made}.` };
}

export function showSentence(nodes, app) {
  const { name, text } = sentence(app);
  say(nodes.name, name);
  say(nodes.text, text);
  return `${name}: ${text}`;
}
