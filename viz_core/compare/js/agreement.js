// How far the orders of two maps agree: a small table, and the two ends of it in words.

import { parseTable } from "../../canvas/js/colour.js";
import { el } from "../../canvas/js/dom.js";

const two = (value) => (value === null ? "–" : (Math.round(100 * value) / 100 || 0).toFixed(2).replace("-", "−"));

export function createAgreement(app) {
  const { panels, header } = app;
  if (panels.length < 2) return { node: el("div") };
  const known = new Map(header.agreements.map(([i, j, value, cells]) => [`${i},${j}`, { value, cells }]));
  const names = panels.map((panel) => `${panel.network.split(/[ ,]/)[0]}, ${panel.method}`);
  const colours = parseTable(app.tables.PuOr);
  const box = (i, j) => {
    const found = known.get(`${Math.min(i, j)},${Math.max(i, j)}`);
    if (i === j || !found) return el("td.same", {}, "");
    const cellNode = el("td", { title: `${names[i]} and ${names[j]}, on ${found.cells} × ${found.cells} cells` }, two(found.value));
    const value = found.value ?? 0;
    cellNode.style.background = `rgba(${colours[value < 0 ? 52 : 208]},${(0.06 + 0.72 * Math.abs(value)).toFixed(2)})`;
    return cellNode;
  };
  const head = el("tr", {}, el("th"), ...names.map((_, j) => el("th", { scope: "col" }, String(j + 1))));
  const rows = names.map((name, i) => el("tr", {}, el("th", { scope: "row" }, `${i + 1}  ${name}`), ...names.map((_, j) => box(i, j))));
  const table = el("table.agreement", {}, el("caption", {}, "Rank correlation"), el("thead", {}, head), el("tbody", {}, ...rows));
  return { node: el("div.agree", {}, table, el("p.verdict", {}, verdict(known))), known };
}

function verdict(known) {
  const found = [...known].filter(([, { value }]) => value !== null).map(([pair, one]) => ({ pair: pair.split(",").map(Number), ...one }));
  if (!found.length) return "No two of these maps can be compared yet.";
  const by = (better) => found.reduce((a, b) => (better(b.value, a.value) ? b : a));
  const [most, least] = [by((a, b) => a > b), by((a, b) => a < b)];
  const told = ({ pair: [i, j], value }) => `panels ${i + 1} and ${j + 1}, ${two(value)}`;
  const scale = "1 is the same order of places, −1 the opposite. Maps are smooth, so even unrelated ones reach about 0.5 now and then; 49 independent cells would give ±0.28.";
  return most === least ? `Agreement of ${told(most)}. ${scale}` : `Most alike: ${told(most)}. Least: ${told(least)}. ${scale}`;
}

export function showAgreement(app) {
  const pairs = app.header.agreements.map(([, , value]) => value ?? "");
  app.host.dataset.agreements = pairs.join();
}
