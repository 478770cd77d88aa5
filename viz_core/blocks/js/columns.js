// Block against block: every operation with the tensor that it wrote for this picture.

import { gradient, opaqueLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { counted, scale, svg } from "../../labs/js/chart.js";
import { FLOW_STYLE, colourOf, flow, kindsLegend, widest } from "./flow.js";

const ROW = 27;
const KINDS = ["conv", "depthwise", "pointwise", "product", "activation", "norm"];

export function createColumns(app) {
  const state = kept("convnext-blocks", { side: null, network: null, op: null, asked: 0 });
  const part = { state, lut: opaqueLut(app.tables.magma), thumbs: new Map() };
  part.receive = (opened) => receive(app, part, opened);
  part.draw = () => draw(app, part);
  return part;
}

function receive(app, part, opened) {
  const { header, parts } = opened;
  const { state } = part;
  if (part.id === header.id && header.view?.serial === part.serial) return;
  Object.assign(part, { id: header.id, serial: header.view?.serial, header, parts, shown: null, thumbs: new Map() });
  part.counts = new Uint32Array(parts.counts.slice().buffer);
  if (header.view?.serial && header.view.serial !== state.asked) {
    state.asked = header.view.serial;
    Object.assign(state, { op: null }, header.view.side ? { side: header.view.side } : {});
    state.wanted = header.view.kind ?? null;
  }
  if (!header.sides.includes(state.side)) state.side = header.sides.includes(14) ? 14 : header.sides[0];
  part.switch = segmented("Maps of", header.sides.map((side) => [String(side), `${side} × ${side}`, `The stage whose maps have ${side} × ${side} places`]),
    (side) => { Object.assign(state, { side: Number(side), op: null }); app.schedule(); }, app.signal);
  part.readout = createReadout();
  part.columns = el("div.columns");
  app.host.replaceChildren(el("style", {}, FLOW_STYLE),
    el("div.top-row", {}, el("span.label", {}, "maps of"), part.switch.node, el("span.told", {}, "One block of the stage; width of a slab: channels, one scale for all.")),
    part.columns, part.readout.node,
    el("div.legend", {}, ...kindsLegend(KINDS),
      el("span.range", {}, "thumbnail: 0", el("i.bar", { style: `background:${gradient(app.tables.magma)}` }), "largest"),
      el("span", {}, "of the tensor's length at each place, on your picture.")));
}

function draw(app, part) {
  const { state, header } = part;
  part.switch.set(String(state.side));
  const key = `${state.side}`;
  if (part.shown !== key) {
    part.shown = key;
    build(app, part);
  }
  for (const column of part.nodes) {
    column.rows.forEach((row, i) => row.setAttribute("aria-pressed", String(column.network === state.network && i === state.op)));
  }
  const network = header.networks[state.network];
  const column = network.columns[state.side];
  showReadout(part.readout, network, column, column.ops[state.op], part);
  Object.assign(app.host.dataset, { side: state.side, network: state.network, op: column.ops[state.op].label });
}

function build(app, part) {
  const { header, state } = part;
  const known = header.networks.map((network, i) => ({ network, i, column: network.columns[state.side] })).filter((one) => one.column);
  const full = widest(...known.map((one) => one.column.ops));
  if (state.op === null || !known.some((one) => one.i === state.network && one.column.ops[state.op])) Object.assign(state, opening(known, state.wanted));
  part.nodes = [];
  part.columns.style.setProperty("--count", String(known.length));
  part.columns.replaceChildren(...known.map(({ network, i, column }) => {
    const body = flow({
      ops: column.ops, full, row: ROW, extra: (op) => thumb(part, op),
      pick: (_, op) => { Object.assign(state, { network: i, op }); app.schedule(); },
    });
    part.nodes.push({ network: i, rows: body.rows });
    arrows(app, part, body.rows, i);
    return el("figure.column", {}, el("figcaption", {}, el("b", {}, network.title),
      el("span", {}, `${column.name}: ${counted(column.parameters)}\u2009weights, ${counted(column.macs)}MACs`)), body);
  }));
}

/** The operation whose tensor is shown first: ConvNeXt's wide middle. */
function opening(known, wanted) {
  const { i, column } = known.at(-1);
  const kind = wanted ?? "activation";
  const at = column.ops.findIndex((op) => op.kind === kind);
  return { network: i, op: Math.max(0, at) };
}

function arrows(app, part, rows, network) {
  rows.forEach((row, i) => row.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const to = rows[i + step];
    if (!step || !to) return;
    to.focus();
    Object.assign(part.state, { network, op: i + step });
    app.schedule();
    event.preventDefault();
  }, { signal: app.signal }));
}

function thumb(part, op) {
  if (!op.map) return null;
  const canvas = el("canvas.thumb", { "aria-hidden": "true" });
  paint(part, op, canvas);
  return canvas;
}

function paint(part, op, canvas) {
  const [at, side] = op.map;
  Object.assign(canvas, { width: side, height: side });
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let k = 0; k < pixels.length; k++) pixels[k] = part.lut[part.parts.maps[at + k]];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function createReadout() {
  const names = [["shape", "Shape"], ["mean", "Mean"], ["std", "Standard deviation"], ["negatives", "Negative"], ["zeros", "Exactly zero"], ["cost", "Weights, MACs"]];
  const facts = Object.fromEntries(names.map(([key, name]) => [key, el("span.fact-value")]));
  const title = el("span.title");
  const note = el("span.note");
  const map = el("canvas.map");
  const chart = svg("svg", { class: "histogram", role: "img" });
  const caption = el("p.caption");
  const node = el("div.readout", { "aria-live": "off" }, el("div.who", {}, el("i.dot"), title, note),
    el("div.pictures", {}, el("figure", {}, map, el("figcaption", {}, "length at each place")), el("figure.wide", {}, chart, caption)),
    el("div.facts", {}, ...names.map(([key, name]) => el("div.fact", {}, el("span.fact-label", {}, name), facts[key]))));
  return { node, facts, title, note, map, chart, caption, dot: node.querySelector(".dot") };
}

function showReadout(readout, network, column, op, part) {
  const { facts } = readout;
  say(readout.title, op.label);
  say(readout.note, `${network.title}, ${column.name}${op.place ? `, ${op.place.split(".").slice(-2).join(".")}` : ""}`);
  readout.dot.style.background = colourOf(op.kind);
  say(facts.shape, op.shape.slice(1).join(" × "));
  say(facts.mean, number(op.mean));
  say(facts.std, number(op.std));
  say(facts.negatives, percent(op.negatives));
  say(facts.zeros, percent(op.zeros));
  say(facts.cost, `${op.parameters ? counted(op.parameters) : "none"}, ${op.macs ? counted(op.macs) : "none"}`);
  readout.map.hidden = !op.map;
  readout.map.parentElement.hidden = !op.map;
  if (op.map) paint(part, op, readout.map);
  const bins = part.header.bins;
  histogram(readout.chart, part.counts.subarray(op.at * bins, (op.at + 1) * bins), op);
  say(readout.caption, `Histogram of all its numbers, from ${number(op.low)} to ${number(op.high)}; 0.4\u2009% lie outside.`);
}

/** Bars on a square-root scale, so that a spike at zero does not flatten the rest. */
export function histogram(root, counts, { low, high }) {
  const [width, height] = [320, 104];
  root.setAttribute("viewBox", `0 0 ${width} ${height + 18}`);
  root.setAttribute("aria-label", "Histogram; heights are square roots of counts");
  const top = Math.sqrt(Math.max(1, ...counts));
  const x = scale({ from: low, to: high, start: 4, end: width - 4 });
  const unit = (width - 8) / counts.length;
  root.replaceChildren(...[...counts].map((count, k) => {
    const high = (height * Math.sqrt(count)) / top;
    return svg("rect", { x: 4 + k * unit + 0.4, width: Math.max(0.6, unit - 0.8), y: height - high, height: high, class: "count" });
  }));
  if (low < 0 && high > 0) root.append(svg("line", { class: "zero", x1: x.at(0), x2: x.at(0), y1: 0, y2: height }));
  if (x.at(0) > 56 && x.at(0) < width - 56) root.append(svg("text", { x: x.at(0), y: height + 14, "text-anchor": "middle" }, "0"));
  root.append(svg("text", { x: 4, y: height + 14 }, number(low)), svg("text", { x: width - 4, y: height + 14, "text-anchor": "end" }, number(high)));
}
