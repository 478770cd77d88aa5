// The table of published variants; a click on a heading sorts, on a row fills the calculator.

import { el, kept, say, toggle } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { counted } from "../../labs/js/chart.js";
import { CHOSEN } from "./calculator.js";

const percent = (value) => `${value.toFixed(2)}\u2009%`;
const COLOURS = { "ViT-Lite": "#5b9bd5", CVT: "#009e73", CCT: "#d55e00" };
const COLUMNS = [
  ["title", "Variant", "ViT-Lite and CVT: layers / patch side. CCT: layers / kernel × convolutions", String],
  ["side", "Picture", "Side in pixels", (value) => `${value}\u2009px`],
  ["depth", "Layers", "Of the transformer", String],
  ["width", "Width", "Numbers a token has", String],
  ["heads", "Heads", "Of each layer", String],
  ["tokens", "Tokens", "With the class token where there is one", String],
  ["parameters", "Parameters", "Counted in the network that this variant builds", counted],
  ["macs", "MACs", "Multiply-adds of one picture, counted; with the products of attention", counted],
  ["gmacs", "MACs, paper", "As the paper gives them: its counter leaves out the products of attention", (value) => `${value}\u2009G`],
  ["cifar10", "CIFAR-10", "The paper's top-1 after 200 epochs; not measured here", percent],
  ["cifar100", "CIFAR-100", "The paper's top-1 after 200 epochs; not measured here", percent],
  ["ours", "CIFAR-10, ours", "Read from the card beside the shipped weights", percent],
  ["time", "Time here", "One forward pass of one picture on this machine", (value) => `${number(value)}\u2009ms`],
];

export function startTable(host, tell) {
  const ends = new AbortController();
  const app = { host, signal: ends.signal, state: kept("compact-table", { by: "", down: false, sine: false }) };
  host.classList.add("variants", "published");
  app.set = (part) => { Object.assign(app.state, part); draw(app); };
  app.measure = () => tell("measure", true);
  return {
    show(message) {
      app.message = message;
      app.rows = message.rows.map((row, index) => ({ ...row, index, ours: message.ours[row.name] ?? null, time: message.times[row.name] ?? null }));
      if (!app.body) build(app);
      draw(app);
    },
    end() {
      ends.abort();
      host.replaceChildren();
    },
  };
}

function build(app) {
  const { signal } = app;
  app.heads = COLUMNS.map(([name, words, title]) => {
    const button = el("button", { type: "button", title: `${title}. Click to sort.` }, words);
    button.addEventListener("click", () => app.set(app.state.by === name ? (app.state.down ? { by: "" } : { down: true }) : { by: name, down: false }), { signal });
    const node = el("th", { scope: "col" }, button);
    return { name, node };
  });
  app.body = el("tbody");
  app.sine = toggle("with sine positions too", (sine) => app.set({ sine }), signal);
  app.sine.node.title = "The same variants with waves along the sequence instead of learned positions";
  app.button = el("button.quiet.measure", { type: "button", title: "Runs every variant with random weights, which cost the same time" });
  app.button.addEventListener("click", app.measure, { signal });
  app.told = el("p.caption");
  app.host.replaceChildren(
    el("div.scroll", { tabIndex: 0, role: "region", "aria-label": "Published variants" }, el("table.numbers", {}, el("thead", {}, el("tr", {}, ...app.heads.map((one) => one.node))), app.body)),
    el("div.foot", {}, app.button, app.sine.node), app.told,
    el("p.caption", {}, "The paper's MACs come from a counter that misses the products of attention: leave them out, and ours are the same."));
}

function draw(app) {
  const { by, down, sine } = app.state;
  const rows = app.rows.filter((row) => sine || !row.sine);
  const sign = down ? -1 : 1;
  const order = (a, b) => {
    if (!by) return a.index - b.index;
    if (a[by] === null || b[by] === null) return (a[by] === null) - (b[by] === null);
    return sign * (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0);
  };
  for (const { name, node } of app.heads) node.setAttribute("aria-sort", name !== by ? "none" : down ? "descending" : "ascending");
  app.body.replaceChildren(...[...rows].sort(order).map((row) => line(app, row)));
  app.sine.set(sine);
  const known = Object.keys(app.message.times).length;
  say(app.button, known ? "Measure again" : "Measure here");
  say(app.told, app.message.told);
  Object.assign(app.host.dataset, { rows: rows.length, by, timed: known });
}

function line(app, row) {
  const cells = COLUMNS.slice(1).map(([name, , , words]) => el("td", name === "parameters" ? { title: String(row[name]) } : {}, row[name] === null ? "" : words(row[name])));
  const name = el("button.name", { type: "button", title: `${row.name}: put it into the calculator`, style: `--c:${COLOURS[row.family]}` }, row.title);
  const node = el("tr", {}, el("th", { scope: "row" }, name), ...cells);
  node.addEventListener("click", () => {
    globalThis.dispatchEvent(new CustomEvent(CHOSEN, { detail: row.name }));
    for (const other of app.body.children) other.removeAttribute("aria-current");
    node.setAttribute("aria-current", "true");
  }, { signal: app.signal });
  return node;
}
