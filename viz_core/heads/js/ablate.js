// Step “Ablate”: the map of layers and heads, and where the head under the pointer looked.

import { gradient, parseTable, sequentialLut } from "../../canvas/js/colour.js";
import { el, kept, say, segmented } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { createFacts, showFacts, signed, targetName } from "./facts.js";
import { createPanel, mark, paintPanel, placeName } from "./panel.js";
import { changesOf, headsOf, levelOf, mostHelpful } from "./store.js";
import { createTarget, showTarget } from "./target.js";

export const GONE = "saccade-heads-gone";
const BRANCHES = ["attention", "MLP"];
const SPACE = 22; // pixels between the heads and the branches

export const ablateView = {
  name: "ablate",
  memory: () => kept("heads-ablate", {}),
  remembered: ["chosen", "who"],
  fresh: () => ({ chosen: null, picked: false, hovered: null, place: null, who: null, gone: new Set() }),
  question: (app) => ({ by: app.by, layer: app.chosen?.layer ?? 0 }),
  receive(app, header, parts) {
    app.store = headsOf(header, parts);
    app.by = header.by;
    app.lut ??= sequentialLut(app.tables.magma, 0.9);
    app.colours ??= parseTable(app.tables.PuOr);
    if (app.other || app.measured !== header.measured) Object.assign(app, { hovered: null, place: null, built: null });
    if (header.measured && app.measured === false && !app.picked) app.chosen = null;
    app.measured = header.measured;
    app.changes = null;
  },
  build,
  suggest(app, wanted) {
    const { layer, head, branch, best, label, against } = wanted;
    const named = (name) => { const at = app.header.labels.indexOf(name); return at < 0 ? null : at; };
    if (label && named(label) !== null) app.aim({ label: named(label), against: against ? named(against) : null });
    if (best) app.chosen = null;
    else if (layer !== undefined) {
      const at = Math.min(layer < 0 ? app.store.layers.length - 1 : layer, app.store.layers.length - 1);
      app.chosen = branch === undefined ? { layer: at, head: Math.min(head ?? 0, app.store.layers[at].heads - 1) } : { layer: at, branch };
    }
    app.hovered = null;
    app.schedule();
    if (app.chosen) app.tell();
  },
  draw,
};

function build(app) {
  app.picker = createTarget(app);
  app.byOf = segmented("In its place", [
    ["zero", "Zero", "The head’s numbers become 0"],
    ["mean", "Mean", "Every token gets the head’s mean over all tokens of this picture"],
  ], (by) => { app.by = by; app.byOf.set(by); app.tell(); app.host.dataset.loading = "true"; }, app.signal);
  app.whoOf = segmented("Who looks", [
    ["class", "Class token", "The attention of the token that the network’s head reads"],
    ["patches", "All patches", "The attention of all patches, their mean"],
  ], (who) => app.change({ who }), app.signal);
  app.whoRow = el("div.row", {}, el("span.label.wide", {}, "Who looks"), app.whoOf.node);
  app.grid = el("div.head-grid", { role: "group", "aria-label": "Change of the answer without each head" });
  app.panel = createPanel(app, "The picture with the attention of the chosen head. Arrow keys move, [ and ] change the head.",
    () => { const layer = app.store.layers[current(app).layer]; return [layer.rows, layer.columns]; },
    { point: (place) => app.change({ place }), hop: (by) => hop(app, by) });
  app.facts = createFacts(4);
  [app.low, app.high] = [el("span"), el("span")];
  const bar = el("i.bar");
  bar.style.background = gradient(app.tables.PuOr);
  app.unit = el("span.unit");
  app.beyond = el("span.unit");
  const ramp = el("i.bar");
  ramp.style.background = gradient(app.tables.magma);
  app.most = el("span");
  app.look = el("span.unit");
  app.live = el("div.sr", { "aria-live": "polite" });
  globalThis.addEventListener(GONE, (event) => app.change({ gone: new Set(event.detail) }), { signal: app.signal });
  return el("div.heads-board", {},
    el("div.top-row", {}, app.picker.node),
    el("div.sides", {},
      el("div.left", {}, app.grid,
        el("div.legend", {}, el("span.range", {}, app.low, bar, app.high), app.unit), el("div.legend", {}, app.beyond),
        el("div.row", {}, el("span.label.wide", {}, "In its place"), app.byOf.node), app.whoRow),
      el("div.right", {}, app.facts.node, app.panel.canvas,
        el("div.legend", {}, el("span.range", {}, el("span", {}, "0"), ramp, app.most), app.look))),
    app.live);
}

const current = (app) => app.hovered ?? app.chosen;
const same = (a, b) => a && b && a.layer === b.layer && a.head === b.head && a.branch === b.branch;

function hop(app, by) {
  const all = app.store.layers.flatMap((layer) => Array.from({ length: layer.heads }, (_, head) => ({ layer: layer.index, head })));
  const at = all.findIndex((one) => same(one, app.chosen));
  choose(app, all[(at + by + all.length) % all.length]);
}

function choose(app, chosen) {
  const moved = app.chosen?.layer !== chosen.layer;
  app.change({ chosen, hovered: null, picked: true });
  if (moved) app.tell();
}

function fillGrid(app) {
  const { layers } = app.store;
  const heads = Math.max(...layers.map((layer) => layer.heads));
  app.cells = [];
  const cell = (at, column, row, label) => {
    const button = el("button.cell", { type: "button", "aria-label": label });
    Object.assign(button.style, { gridColumn: column, gridRow: row });
    button.dataset.at = at.branch === undefined ? `${at.layer},${at.head}` : `${at.layer},${BRANCHES[at.branch]}`;
    const on = (name, act) => button.addEventListener(name, act, { signal: app.signal });
    on("pointerenter", (event) => { if (event.pointerType !== "touch") app.change({ hovered: at }); });
    on("focus", () => { if (button.matches(":focus-visible")) app.change({ hovered: at }); });
    on("blur", () => app.change({ hovered: null }));
    on("click", () => choose(app, at));
    app.cells.push({ button, at });
    return button;
  };
  const nodes = [];
  const text = (name, words, column, row, title = "") => {
    const node = el(name, { title }, words);
    Object.assign(node.style, { gridColumn: column, gridRow: row });
    nodes.push(node);
  };
  for (let head = 0; head < heads; head++) if (heads <= 16 || head % 4 === 0) text("span.tick", String(head + 1), head + 2, 2);
  text("span.axis-name", "Head", `2 / ${heads + 2}`, 1);
  text("span.axis-name", "Whole branch off", `${heads + 3} / ${heads + 5}`, 1, "Everything that the attention or the MLP of a layer adds is left out");
  text("span.tick", "Attention", heads + 3, 2);
  text("span.tick", "MLP", heads + 4, 2);
  layers.forEach((layer, k) => {
    text("span.tick.row-tick", app.header.axis[k], 1, k + 3, app.header.layers[k]);
    for (let head = 0; head < layer.heads; head++) nodes.push(cell({ layer: k, head }, head + 2, k + 3, `${app.header.layers[k]}, head ${head + 1}`));
    [0, 1].forEach((branch) => nodes.push(cell({ layer: k, branch }, heads + 3 + branch, k + 3, `${app.header.layers[k]} without its ${BRANCHES[branch]}`)));
  });
  text("span.axis-name", "Layer", 1, 2);
  app.grid.style.gridTemplateColumns = `auto repeat(${heads}, minmax(0, 1fr)) ${SPACE}px minmax(48px, 1.2fr) minmax(48px, 1.2fr)`;
  app.grid.style.setProperty("--cell", `${Math.max(17, Math.min(52, Math.floor(330 / layers.length)))}px`);
  app.grid.dataset.dense = String(heads > 6 || layers.length > 12);
  app.grid.dataset.packed = String(heads > 12 || layers.length > 16);
  app.grid.replaceChildren(...nodes);
  app.grid.addEventListener("pointerleave", () => app.change({ hovered: null }), { signal: app.signal });
}

function draw(app) {
  const { header, store } = app;
  if (app.built !== header.subject) {
    app.built = header.subject;
    fillGrid(app);
  }
  app.changes = changesOf(store, app.target);
  if (!app.chosen || !store.layers[app.chosen.layer] || (app.chosen.head ?? 0) >= store.layers[app.chosen.layer].heads) {
    const [layer, head] = mostHelpful(app.changes);
    app.chosen = { layer, head };
  }
  app.host.dataset.loading = "false";
  app.byOf.set(app.by);
  showTarget(app, app.picker, store.whole);
  paintGrid(app);
  paintLook(app);
  tellFacts(app);
  legends(app);
  const at = current(app);
  Object.assign(app.host.dataset, {
    kind: "ablate", measured: String(app.measured), by: app.by, layer: String(at.layer), head: String(at.head ?? BRANCHES[at.branch]),
    label: header.labels[app.target.label], against: app.target.against === null ? "" : header.labels[app.target.against],
    change: String(valueOf(app, at)), says: app.measured ? header.labels[saidWithout(app, at)] : "",
  });
}

/** At most two decimals: a field has no room for more. */
function brief(value) {
  if (Number.isNaN(value)) return "·";
  const text = Math.abs(value).toFixed(Math.abs(value) < 10 ? 2 : 1);
  return Number(text) === 0 ? "0" : (value < 0 ? "−" : "+") + text;
}

const valueOf = (app, { layer, head, branch }) =>
  branch === undefined ? app.changes.rows[layer].heads[head] : app.changes.rows[layer].branches[branch];

function paintGrid(app) {
  for (const { button, at } of app.cells) {
    const value = valueOf(app, at);
    const level = levelOf(value, at.branch === undefined ? app.changes.head : app.changes.branch);
    const [r, g, b] = app.colours[level];
    button.style.background = `rgb(${r},${g},${b})`;
    button.style.color = 0.3 * r + 0.59 * g + 0.11 * b > 140 ? "#16161d" : "#fff";
    say(button, brief(value));
    button.setAttribute("aria-pressed", String(same(at, app.chosen)));
    button.dataset.gone = String(at.branch === undefined && app.gone.has(`${at.layer},${at.head}`));
  }
}

function paintLook(app) {
  const { layer, head, branch } = current(app);
  const own = app.store.layers[layer];
  const { rows, columns, heads } = own;
  const reads = whoOf(app) === "class";
  const shares = reads ? own.read : own.shares;
  app.whoRow.hidden = !app.header.reads_class;
  app.whoOf.set(reads ? "class" : "patches");
  const places = rows * columns;
  // Of a whole attention branch the mean of its heads is shown; an MLP looks nowhere.
  const looks = branch === undefined ? shares.subarray(head * places, (head + 1) * places) : meanOf(shares, heads, places);
  app.shown = branch === 1 ? null : looks;
  const top = app.shown ? Math.max(...app.shown) : 0;
  const fill = app.shown && ((pixels) => {
    for (let k = 0; k < places; k++) pixels[k] = app.lut[Math.round((255 * looks[k]) / (top || 1))];
  });
  paintPanel(app, app.panel, fill, (context, side) => mark(context, [rows, columns], app.place, side));
  say(app.most, percent(top));
}

/** Whose attention is shown: until somebody chooses, that of the patches. An early class token often looks at itself alone. */
function whoOf(app) {
  if (!app.header.reads_class) return "patches";
  return app.who ?? "patches";
}

function meanOf(shares, heads, places) {
  const mean = new Float32Array(places);
  for (let k = 0; k < heads * places; k++) mean[k % places] += shares[k] / heads;
  return mean;
}

function tellFacts(app) {
  const at = current(app);
  const { layer, head, branch } = at;
  const { labels, layers } = app.header;
  const value = valueOf(app, at);
  const name = layers[layer][0].toUpperCase() + layers[layer].slice(1);
  const title = branch === undefined ? `${name}, head ${head + 1}` : `${name} without ${branch ? "its MLP" : "attention"}`;
  const { columns, entropy, distance } = app.store.layers[layer];
  const change = ["Without it", signed(value), `logits of ${targetName(labels, app.target)}`];
  const total = app.shown ? app.shown.reduce((sum, share) => sum + share, 0) : 0;
  const here = !app.shown ? ["On patches", "–", "it mixes no tokens"]
    : app.place === null ? ["On patches", percent(Math.min(1, total)), app.header.axis[0].includes(".") ? "all it gives" : "of its attention"]
    : ["At the pointer", percent(app.shown[app.place]), placeName(app.place, columns)];
  const facts = branch === undefined
    ? [change, here, ["Spread", `${number(entropy[head])}`, "bits, mean of all rows"], ["Distance", distance[head].toFixed(1), app.header.axis[0].includes(".") ? "patches of its stage away, on average" : "patches away on average"]]
    : [change, here, ["Whole network", number(app.changes.before), "logits"], ["Left", number(app.changes.before + value), "logits"]];
  showFacts(app.facts, title, Number.isNaN(value) ? "not measured yet" : `${value < 0 ? "helps" : "stands in the way of"} ${targetName(labels, app.target)} · without it: “${labels[saidWithout(app, at)]}”`, facts);
  const text = `${title}: ${signed(value)} logits of ${targetName(labels, app.target)}.`;
  app.panel.canvas.setAttribute("aria-label", text);
  if (app.hovered === null) say(app.live, text);
}

/** What the network says without a head or a branch. */
function saidWithout({ store }, { layer, head, branch }) {
  const { singles, branches } = store.layers[layer];
  const from = (branch ?? head) * store.classes;
  const row = (branch === undefined ? singles : branches).subarray(from, from + store.classes);
  return row.reduce((best, value, k) => (value > row[best] ? k : best), 0);
}

function legends(app) {
  const { labels } = app.header;
  const { head, branch } = app.changes;
  say(app.low, app.measured ? signed(-head) : "–");
  say(app.high, app.measured ? signed(head) : "–");
  say(app.unit, `change of the logit of ${targetName(labels, app.target)} · orange: without it this falls, so it helps; purple: without it this rises`);
  say(app.beyond, `Branches are always left out whole, whatever is in a head’s place.`
    + (app.measured ? ` Their colours have a scale of their own, ± ${number(branch)} logits.` : "")
    + (app.gone.size ? ` Hatched: the ${app.gone.size} taken away below.` : ""));
  const windows = app.header.axis[0].includes(".");
  say(app.look, !app.shown ? "an MLP looks at no other token"
    : windows ? "mean share that a patch gets in its window, up to the largest"
    : whoOf(app) === "class" ? "of the class token’s attention, up to the largest"
    : "of a patch’s attention, mean of all patches, up to the largest"
    + (app.header.reads_class && current(app).layer === app.store.layers.length - 1 ? "; in the last layer only the class token’s reaches the answer" : ""));
}
