// One frame: the picture, the answer, the curves, and what stands in words.

import { gradient } from "../../canvas/js/colour.js";
import { el, icon, say } from "../../canvas/js/dom.js";
import { showReadout, speak } from "../../canvas/js/readout.js";
import { number, percent } from "../../canvas/js/words.js";
import { paintAnswer } from "./answer.js";
import { paintCharts } from "./chart.js";
import { paintPicture } from "./picture.js";
import { mapOf, now, scaleOf } from "./seen.js";
import { rankOf, spread } from "./store.js";
import { value } from "./words.js";

const THIN = "\u2009";

export function paint(app) {
  const seen = now(app);
  app.last = seen.counts.length - 1;
  paintPicture(app, seen);
  paintAnswer(app, seen);
  paintCharts(app, seen);
  tellMethod(app);
  tellControls(app, seen);
  tellLegend(app, seen);
  tellReadout(app, seen);
  const { stage, view, host } = app;
  Object.assign(host.dataset, {
    method: stage.method, mode: view.mode, erased: seen.count, ask: stage.ask, target: stage.labels[stage.target],
    share: seen.shares?.[stage.target] ?? "", curves: String(Boolean(app.charts.charts[0].node.dataset.auc)), waiting: String(app.waiting),
  });
}

function tellMethod(app) {
  const { method: panel, stage } = app;
  if (panel.of !== stage.id) {
    panel.of = stage.id;
    panel.select.replaceChildren(...stage.methods.map(({ name, title, cost, why }) =>
      el("option", { value: name, disabled: Boolean(why) }, why ? `${title} (${why})` : `${title} · ${cost}`)));
    panel.select.value = stage.method;
    // As an attribute too: a copy of the page, as for a picture of it, keeps nothing else.
    for (const option of panel.select.options) option.toggleAttribute("selected", option.value === stage.method);
    const { answers, misleads } = stage.methods.find(({ name }) => name === stage.method);
    panel.answers.replaceChildren(el("b", {}, "Asks "), answers);
    panel.misleads.replaceChildren(el("b", {}, "Misleads "), misleads);
  }
  app.picture.wait.hidden = !app.waiting;
}

function tellControls(app, seen) {
  const { view, stage } = app;
  app.modes.set(view.mode);
  app.brush.hidden = view.mode !== "hand";
  app.slider.input.max = String(app.last);
  app.percentText = (step) => {
    const count = seen.counts[step] ?? 0;
    return `${Math.round((100 * count) / stage.order.length)}${THIN}% (${count})`;
  };
  app.slider.set(view.mode === "map" || view.mode === "hand" ? 0 : seen.step);
  say(app.word, view.mode === "keep" ? "Keep top" : "Erase top");
  const playing = Boolean(app.playing);
  if (app.shownPlaying !== playing) {
    app.shownPlaying = playing;
    app.start.replaceChildren(icon(playing ? "pause" : "play"));
  }
  app.brushes.set(view.brush);
  app.doing.set(view.keep ? "keep" : "erase");
  app.undoing.disabled = !app.history.length;
  app.clearing.disabled = !app.mask.some(Boolean);
  app.resolutionRow.hidden = stage.same;
  app.resolution.set(view.cells ? "cells" : "own");
  app.opacity.set(view.opacity);
  app.smooth.set(view.smooth);
  app.all.set(view.all);
  app.all.node.hidden = mapOf(app).values.length <= 2000;
  app.over.set(view.over);
  const options = JSON.stringify(stage.fillings);
  if (app.offered !== options) {
    app.offered = options;
    app.filling.replaceChildren(...stage.fillings.map(([name, text]) => el("option", { value: name }, text)));
  }
  app.filling.value = stage.baseline;
}

function tellLegend(app, seen) {
  const { stage, view } = app;
  const map = mapOf(app);
  const { top, cut } = scaleOf(app);
  const shown = !seen.erased || view.over;
  const key = [stage.id, map === stage.own, top, shown, view.mode, view.keep].join();
  if (app.legendKey === key) return;
  app.legendKey = key;
  const filling = stage.fillings.find(([name]) => name === stage.baseline)[1];
  if (!shown) {
    const what = view.mode === "hand" ? (view.keep ? "All but what you painted" : "What you painted")
      : view.mode === "keep" ? "All but the cells that count most" : "The cells that count most";
    app.legend.replaceChildren(`${what}: replaced by ${filling.toLowerCase()}, cell by cell of ${stage.map.cells} × ${stage.map.cells}.`);
    return;
  }
  const { signed, unit } = stage.map;
  const cell = map === stage.own && !stage.same ? (map.rows === stage.map.size ? "pixel" : "place") : "cell";
  const bar = Object.assign(el("i.bar"), { style: `background:${gradient(signed ? app.tables.PuOr : app.tables.magma)}` });
  const low = signed ? `against ${value(-top)}` : "0";
  const high = signed ? `${value(top)} for` : value(top);
  const scaled = cut ? `colours end where 99${THIN}% of the ${cell}s do` : `scaled to the largest ${cell}`;
  app.legend.replaceChildren(el("span.range", {}, el("span", {}, low), bar, el("span", {}, high)),
    el("span", {}, `${unit} of a ${cell}, ${scaled}`));
}

function tellReadout(app, seen) {
  if (app.view.mode === "hand") return tellHand(app, seen);
  const { stage } = app;
  const map = app.view.mode === "map" ? mapOf(app) : stage.coarse;
  const at = app.pointed
    ? Math.floor(app.pointed[0] * map.rows) * map.columns + Math.floor(app.pointed[1] * map.columns)
    : map === stage.coarse ? stage.order[0] : map.values.indexOf(Math.max(...map.values));
  const rank = rankOf(map, at) + 1;
  const share = map.total ? map.values[at] / map.total : 0;
  const signed = stage.map.signed;
  const where = `Row ${Math.floor(at / map.columns) + 1}, column ${(at % map.columns) + 1}`;
  showReadout(app.readout, {
    title: where, note: app.pointed ? "" : "counts most", byKey: false,
    facts: [
      { id: "value", label: "Value", value: value(map.values[at]), raw: map.values[at], note: stage.map.unit },
      { id: "share", label: "Of the total", value: percent(share), raw: share, note: signed ? "of all values without their sign" : "of all values" },
      { id: "rank", label: "Rank", value: String(rank), raw: rank, note: `of ${map.values.length}` },
    ],
  });
  app.host.dataset.at = at;
  if (app.pointed) speak(app, `${where}: ${value(map.values[at])} ${stage.map.unit}, rank ${rank} of ${map.values.length}.`);
}

/** What the painted cells did, and what the same shape would do elsewhere. */
function tellHand(app, seen) {
  const { stage, view } = app;
  const whole = app.stage.share;
  const share = seen.shares?.[stage.target];
  const change = share === undefined ? NaN : share - whole;
  const random = seen.answer?.draws ? spread(seen.answer, stage.target) : null;
  const points = (gap) => (Number.isFinite(gap) ? `${gap < 0 ? "−" : "+"}${number(100 * Math.abs(gap))}` : "…");
  const draws = seen.answer?.draws;
  const somewhere = seen.count && seen.count < stage.order.length;
  showReadout(app.readout, {
    title: seen.count ? `${seen.count} cells ${view.keep ? "kept" : "erased"}` : "Paint on the picture", note: "by hand", byKey: false,
    facts: [
      { id: "share", label: `Share of “${stage.labels[stage.target]}”`, value: share === undefined ? "…" : percent(share), raw: share ?? "", note: `whole: ${percent(whole)}` },
      { id: "change", label: "Change", value: points(change), raw: change, note: "percentage points" },
      { id: "random", label: "Elsewhere", value: somewhere ? points(random ? random.mean - whole : NaN) : "–", raw: random ? random.mean - whole : "",
        note: random ? `this shape at ${draws} other places: mean, and ${points(random.low - whole)} to ${points(random.high - whole)}` : "the same shape, for comparison" },
    ],
  });
}
