// Views, maps of a block, sorting, scale, opacity, and the legend below the picture.

import { gradient } from "../../canvas/js/colour.js";
import { el, say, segmented, slider, toggle } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { scaleOf, tableOf } from "./paint.js";
import { placeName, regionsOf } from "./store.js";

const VIEWS = [
  ["channels", "Channels", "Every channel of this map as a picture of its own"],
  ["colours", "Colours", "All channels at once: three principal components as red, green and blue"],
  ["likeness", "Likeness", "Where the network holds the same as at the place under the pointer"],
  ["regions", "Regions", "Places grouped by what they hold: a segmentation that nobody taught"],
];
const SORTS = [
  ["contrast", "Contrast", "Standard deviation over the picture"],
  ["strength", "Strength", "Mean absolute value"],
  ["drive", "Drives", "What each channel adds to the logit of a class: activation × gradient"],
  ["here", "Here", "What answers at one place more than elsewhere: click the picture"],
  ["index", "Number", "The network's own order"],
];
const HINTS = {
  reduce: "1 × 1 convolution to a narrow map, normalised and through ReLU",
  depthwise: "Each channel convolved by its own kernel",
  norm: "Layer norm over the channels of each place",
  expand: "Linear layer to four times the channels",
  activation: "After GELU or ReLU",
  responses: "After global response normalisation",
  project: "Linear layer back to the block's width",
  attention: "After attention and its skip connection",
  output: "What leaves the block: its input plus what it added",
};

export function createControls(app) {
  const views = segmented("View", VIEWS, (view) => app.change({ view, region: null, pointed: null }), app.signal);
  const sort = segmented("Sorted by", SORTS, (value) => { app.change({ sort: value }); }, app.signal);
  const scale = segmented("Colours of the wall", [
    ["own", "Own scale", "Each map up to its own largest value"],
    ["one", "One scale", "All maps up to one value: strong channels stand out"],
  ], (value) => app.change({ scale: value }), app.signal);
  const smooth = toggle("Smooth", (on) => app.change({ smooth: on }), app.signal);
  const opacity = slider("Opacity of the map", { min: 0, max: 1, step: 0.01 },
    (value) => `${Math.round(100 * value)}\u2009%`, (value) => app.change({ opacity: value }), app.signal);
  const classes = el("div.classes");
  const bar = el("i.bar");
  const [low, high, unit] = [el("span"), el("span"), el("span.unit")];
  const range = el("span.range", {}, low, bar, high);
  const mark = el("span.marks", {}, el("i.mark.query"), el("span", {}, "the place under the pointer"));
  return {
    views, sort, scale, smooth, opacity, classes, bar, low, high, unit, range,
    taps: el("div.row.taps", {}, el("span.label", {}, "Map")),
    networks: el("div.networks"),
    legend: el("div.legend", {}, range, unit, mark),
    look: el("div.look", {}, smooth.node, el("span.label", {}, "Opacity"), opacity.node),
    sorting: el("div.sorting", {}, el("div.row", {}, el("span.label", {}, "Sorted by"), sort.node), el("div.row.second", {}, classes, scale.node)),
  };
}

export function showControls(app, controls) {
  controls.views.set(app.view);
  controls.sort.set(app.sort);
  controls.scale.set(app.scale);
  controls.smooth.set(app.smooth);
  controls.opacity.set(app.opacity);
  controls.smooth.node.hidden = app.view === "regions";
  showNetworks(app, controls);
  showTaps(app, controls);
  showClasses(app, controls);
  showLegend(app, controls);
}

function showNetworks(app, controls) {
  const key = JSON.stringify(app.networks);
  if (controls.networkKey !== key) {
    controls.networkKey = key;
    const options = app.networks.map(([value, text]) => [value, text, "The same picture through this network"]);
    controls.network = segmented("Network", options, app.show, app.signal);
    controls.networks.replaceChildren(...(options.length > 1 ? [controls.network.node] : []));
  }
  controls.network.set(app.network);
}

function showTaps(app, controls) {
  const names = app.store.taps(app.place.stage, app.place.block);
  const key = names.join();
  if (controls.tapKey !== key) {
    controls.tapKey = key;
    controls.tap = segmented("Map within the block", names.map((name) => [name, name[0].toUpperCase() + name.slice(1), HINTS[name]]),
      (name) => app.tap(name), app.signal);
    controls.taps.replaceChildren(controls.taps.firstChild, controls.tap.node);
    controls.taps.hidden = names.length < 2;
  }
  controls.tap.set(app.place.tap);
}

function showClasses(app, { classes, sort }) {
  const { header } = app.store;
  sort.buttons[2].hidden = !header.classes.length;
  const key = `${header.id} ${app.sort} ${app.label}`;
  if (classes.dataset.key === key) return;
  classes.dataset.key = key;
  const text = {
    contrast: "Bars: standard deviation over the picture.",
    strength: "Bars: mean absolute value.",
    here: "Bars: deviations above the channel’s mean, here.",
    index: "In the network’s own order.",
  }[app.sort];
  if (text) {
    classes.replaceChildren(el("span.note-line", {}, text));
    return;
  }
  const names = header.classes.map(({ label, share }, k) => [String(k), `${label} ${percent(share)}`, `What speaks for ${label}`]);
  const which = segmented("Class", names, (k) => app.change({ label: Number(k) }), app.signal);
  which.set(String(app.label));
  classes.replaceChildren(which.node);
}

function showLegend(app, controls) {
  const { place, view } = app;
  const bar = view === "channels" || view === "likeness";
  controls.range.hidden = !bar;
  if (view === "channels") {
    const top = scaleOf(app, place, app.shown);
    const faint = !place.signed && place.least < 0 ? `; below 0 (${number(place.least)} at most) as 0` : "";
    legend(app, controls, tableOf(place), place.signed ? number(-top) : "0", number(top),
      `activation, ${app.scale === "one" ? "one scale for all channels" : "this channel’s own scale"}${faint}`);
  } else if (view === "likeness") {
    legend(app, controls, "PuOr", "−1", "1", `cosine to the amber place in ${placeName(place)}`);
  } else if (view === "colours") {
    say(controls.unit, `Red, green, blue: the first three principal components of ${placeName(place)}, each from its 2nd to its 98th percentile`);
  } else {
    const found = regionsOf(app.store, place);
    say(controls.unit, found ? `Regions of ${placeName(found)}: k-means on its ${found.channels} channels; the colours only tell them apart` : "");
  }
}

function legend(app, { bar, low, high, unit }, table, from, to, text) {
  say(low, from);
  say(high, to);
  say(unit, text);
  if (bar.dataset.table === table) return;
  bar.dataset.table = table;
  bar.style.background = gradient(app.tables[table]);
}
