// The read-out, the list of regions and the legend: what is shown, in numbers.

import { REGION_COLOURS } from "../../channels/js/paint.js";
import { gradient } from "../../canvas/js/colour.js";
import { el, say, segmented } from "../../canvas/js/dom.js";
import { createReadout as createFacts, showReadout } from "../../canvas/js/readout.js";
import { number, percent } from "../../canvas/js/words.js";
import { othersLabels } from "./shown.js";
import { adjustedRand, measured } from "./store.js";

const CALLED = { clusters: "Clusters", cut: "Cut", colours: "Colours only" };
const THIN = "\u2009";
const rgb = (colour) => `rgb(${colour})`;
const parts = (colour) => colour.join(", ");

const colourOf = (app, region) =>
  app.shown.map ? (region ? "#ffb224" : "rgb(9,10,18)") : rgb(REGION_COLOURS[region % REGION_COLOURS.length]);
const nameOf = ({ shown }, region) => (shown.map ? (region ? "Mask" : "Outside the mask") : `Region ${region + 1}`);
const isFront = ({ shown }, region) =>
  shown.table?.front && shown.count === 2 && shown.table.front[shown.labels.indexOf(region)] === 1;

/** Size, share, mean colour and silhouette of every region that is shown; made once for each view. */
function factsOf(app) {
  const { shown } = app;
  if (!shown.labels) return [];
  if (app.facts?.of !== shown.labels || app.facts.id !== app.id) {
    const each = shown.map ? [] : shown.table.each[shown.row];
    const rows = measured(shown.labels, shown.colours, shown.count).map((one, region) => {
      let held = null;
      if (shown.map) {
        const inside = shown.map.shares.reduce((sum, value, k) => sum + (shown.labels[k] === region ? value : 0), 0);
        held = inside / shown.map.shares.reduce((sum, value) => sum + value, 0);
      }
      return { ...one, share: one.size / shown.places, silhouette: each[region], held };
    });
    app.facts = { of: shown.labels, id: app.id, rows, likeness: likenesses(app) };
  }
  return app.facts.rows;
}

/** How alike this grouping is to the other ways' with as many regions. */
function likenesses(app) {
  return ["clusters", "cut", "colours"].filter((way) => way !== (app.shown.map ? "clusters" : app.state.way)).map((way) => {
    const other = othersLabels(app, way);
    return { way, value: other && adjustedRand(app.shown.labels, other) };
  });
}

export function createReadout(app) {
  const facts = createFacts();
  const keep = segmented("Keep", [
    ["all", "All regions", "Nothing is taken away"], ["only", "Only it", "All other regions are taken away"], ["without", "All but it", "The region is taken away"],
  ], (value) => app.set(value === "all" ? { pinned: -1 } : { keep: value, pinned: Math.max(app.state.pinned, app.shown.map ? 1 : 0) }), app.signal);
  const says = el("p.says");
  facts.node.append(keep.node, says);
  const paint = () => {
    const { shown, region, state } = app;
    facts.node.dataset.empty = String(!shown.labels);
    facts.dot.hidden = region < 0;
    if (region >= 0) facts.dot.style.background = colourOf(app, region);
    const rows = factsOf(app);
    if (app.facts && !app.facts.likeness.every((one) => one.value !== null)) app.facts.likeness = likenesses(app);
    const front = region >= 0 && isFront(app, region) ? ", the front" : "";
    showReadout(facts, {
      title: region < 0 ? (shown.labels ? titleOf(app) : "No regions") : nameOf(app, region) + front,
      note: placeOf(app),
      facts: !shown.labels ? [] : region < 0 ? overall(app, rows) : single(app, rows[region]),
    });
    keep.node.hidden = !shown.labels;
    keep.set(state.pinned < 0 ? "all" : state.keep);
    say(says, shown.missing ?? saysOf(app, region));
  };
  return { node: facts.node, paint };
}

const titleOf = ({ shown }) => (shown.map ? "The mask" : `${shown.count} regions`);

function placeOf({ stage, state, shown }) {
  if (shown.map && stage.looks.length === 1) return stage.reads === "window rollout" ? "all blocks" : "last layer";
  const head = shown.map ? (shown.names[shown.head] === "mean" ? ", mean of heads" : `, head ${shown.names[shown.head]}`) : "";
  return state.way === "colours" ? `${shown.rows} × ${shown.columns} places` : `${stage.layers[state.layer].name}${head}`;
}

function overall({ shown, facts }, rows) {
  const likeness = facts.likeness.map(({ way, value }) => ({
    id: `like-${way}`, label: `Like ${CALLED[way]}`, value: value === null ? "–" : number(value), raw: value ?? "",
    note: "1 same, 0 chance",
  }));
  const first = shown.map
    ? { id: "share", label: "Of the picture", value: percent(rows[1].share), raw: rows[1].share, note: `${rows[1].size} of ${shown.places} places` }
    : { id: "silhouette", label: "Silhouette", value: number(shown.table.whole[shown.row]), raw: shown.table.whole[shown.row], note: "mean, −1 to 1" };
  return [first, ...likeness];
}

function single({ shown }, row) {
  const last = shown.map
    ? { id: "held", label: "Holds", value: percent(row.held), raw: row.held, note: "of the attention" }
    : { id: "silhouette", label: "Silhouette", value: number(row.silhouette), raw: row.silhouette, note: "mean, −1 to 1" };
  return [
    { id: "share", label: "Of the picture", value: percent(row.share), raw: row.share, note: `${row.size} of ${shown.places} places` },
    last,
    { id: "colour", label: "Mean colour", value: parts(row.colour), raw: parts(row.colour), note: "red, green, blue" },
  ];
}

/** What the network answers, in a sentence. */
function saysOf(app, region) {
  const { answers, stage, shown } = app;
  if (!shown.labels) return "";
  if (!stage.names_classes) return "This network names no classes, so it cannot be asked what a region is.";
  if (!answers && globalThis.saccadeOffline) return "Offline, only the answers taken along are there: none about these regions.";
  if (!answers) return app.quick || app.state.pinned >= 0 ? "Asking the network…" : "Click a region: what does the network say of it alone?";
  const [whole, share] = answers.rows[0].whole[0];
  if (region < 0) return `It says ${whole}, ${percent(share)}, of the whole picture. Click a region to keep only that.`;
  const row = answers.rows[region];
  return `Only this: ${row.only[0][0]}, ${percent(row.only[0][1])}. Without it: ${row.without[0][0]}, ${percent(row.without[0][1])}. The whole picture: ${whole}, ${percent(share)}.`;
}

export const sentence = (app) => (app.region < 0 ? titleOf(app) : `${nameOf(app, app.region)}, ${percent(factsOf(app)[app.region]?.share ?? 0)} of the picture. ${saysOf(app, app.region)}`);

export function createList(app) {
  const body = el("tbody");
  const head = el("tr");
  const table = el("table", {}, el("thead", {}, head), body);
  const node = el("div.list", {}, table);
  let drawn = null;
  const paint = () => {
    const rows = factsOf(app);
    node.hidden = !rows.length;
    const key = [app.id, app.facts?.of, app.answers, app.quick || app.state.pinned >= 0];
    if (!drawn || key.some((one, k) => one !== drawn[k])) {
      drawn = key;
      fill(app, head, body, rows);
    }
    [...body.children].forEach((line) => {
      const region = Number(line.dataset.region);
      line.classList.toggle("lit", region === app.region);
      line.querySelector("button").setAttribute("aria-pressed", String(region === app.state.pinned));
    });
  };
  body.addEventListener("pointerleave", () => app.list(-1), { signal: app.signal });
  return { node, paint };
}

function fill(app, head, body, rows) {
  const { answers, stage, shown } = app;
  const whole = answers?.rows[0].whole[0][0];
  const asked = stage.names_classes;
  const last = shown.map ? "Holds" : "Silhouette";
  const titles = ["Region", "Share", "Mean red, green, blue", last, ...(asked ? ["Only it", "All but it", whole ? `${whole}: only / all but` : "Its class"] : [])];
  head.replaceChildren(...titles.map((title) => el("th", { scope: "col" }, title)));
  body.replaceChildren(...rows.map((row, region) => {
    const swatch = el("i.swatch");
    swatch.style.background = colourOf(app, region);
    const button = el("button.region", { type: "button", title: "Keep only this region" }, swatch, nameOf(app, region));
    const mean = el("i.swatch.mean");
    mean.style.background = rgb(row.colour);
    const told = answers?.rows[region];
    const waiting = !globalThis.saccadeOffline && (app.quick || app.state.pinned >= 0) ? "…" : "–";
    const firm = (share) => el("span.firm", {}, percent(share)); // no new line before its sign
    const guess = (one) => (one ? [`${one[0][0]} `, firm(one[0][1])] : [waiting]);
    const line = el("tr", {},
      el("td", {}, button), el("td", {}, percent(row.share)), el("td", {}, mean, el("span.parts", {}, parts(row.colour))),
      el("td", {}, shown.map ? percent(row.held) : number(row.silhouette)),
      ...(asked ? [el("td", {}, ...guess(told?.only)), el("td", {}, ...guess(told?.without)),
        el("td", {}, ...(told ? [firm(told.only_share), " / ", firm(told.without_share)] : [waiting]))] : []));
    line.dataset.region = String(region);
    line.addEventListener("pointerenter", () => app.list(region), { signal: app.signal });
    button.addEventListener("click", () => app.pin(region), { signal: app.signal });
    return line;
  }));
}

export function createLegend(app) {
  const [low, bar, high, unit] = [el("span"), el("i.bar"), el("span"), el("span.unit")];
  const range = el("span.range", {}, low, bar, high);
  const node = el("div.legend", {}, range, unit);
  const paint = () => {
    const { shown, state, stage } = app;
    const signed = Boolean(shown.vector) && state.pinned < 0;
    const heat = shown.map && state.heat && state.pinned < 0;
    range.hidden = !signed && !heat;
    const { joined: side } = stage.layers[shown.map && stage.looks.length === 1 && stage.reads === "window rollout" ? 0 : state.layer];
    const joined = side > 1 ? ` A place here is the mean of ${side} × ${side} of the layer’s own.` : "";
    node.hidden = !shown.labels;
    if (signed) {
      const top = shown.table.tops[Math.min(state.vector, shown.table.tops.length - 1)];
      bar.style.background = gradient(app.tables.PuOr);
      say(low, `−${number(top)}`);
      say(high, number(top));
      say(unit, `eigenvector ${state.vector + 2} of the graph, λ = ${number(shown.table.values[state.vector])}, no unit; scaled to its largest entry, which is positive.${joined}`);
    } else if (heat) {
      const total = shown.map.shares.reduce((sum, value) => sum + value, 0);
      bar.style.background = gradient(app.tables.magma);
      say(low, "0");
      say(high, percent(Math.max(...shown.map.shares) / total));
      say(unit, `of what is read from places; scaled to the largest. The line holds ${Math.round(100 * state.share)}${THIN}%.${joined}`);
    } else if (state.pinned >= 0) say(unit, "Grey is what the network is given where something is taken away.");
    else if (shown.map) say(unit, `Clear: the fewest places that hold ${Math.round(100 * state.share)}${THIN}%.${joined}`);
    else say(unit, `One colour a region; it keeps its colour from one count or layer to the next where they overlap.${joined}`);
  };
  return { node, paint };
}
