// Numbers and sentences: the score, the patch up close, legends and names.

import { el, icon, say } from "../../canvas/js/dom.js";
import { speak } from "../../canvas/js/readout.js";
import { number, percent } from "../../canvas/js/words.js";
import { CLOSER, difference, enlarge, pixelColour, TOP } from "./draw.js";
import { VIEWS } from "./build.js";
import { hiddenIn } from "./store.js";

const THIN = "\u2009";
const TIE = 0.02;

const decibel = (score) => (score ? (score.psnr === null ? "∞" : `${number(score.psnr)}${THIN}dB`) : "…");
const nameOf = (app, place = 1) => app.stage.baselines.find(([name]) => name === app.view.baseline)?.[place] ?? "";

export function tell(app, seen) {
  const { view, stage, panels } = app;
  const hidden = hiddenIn(seen.mask);
  const visible = seen.mask.length - hidden;
  const name = nameOf(app);
  tellControls(app, seen, hidden);
  say(panels.masked.count, `${visible} of ${seen.mask.length} patches`);
  const title = app.viewed === "fill" ? name : VIEWS.find(([known]) => known === app.viewed)[1];
  say(panels.result.heading, title);
  say(panels.result.count, counts(app, seen, app.viewed, visible));
  panels.masked.canvas.setAttribute("aria-label", `What the encoder sees: ${visible} of ${seen.mask.length} patches. Click or drag to hide or show; the arrows move, Enter hides or shows.`);
  panels.result.canvas.setAttribute("aria-label", `${title}. ${verdict(app, seen, hidden, name)}`);
  tellViews(app, seen, visible, name);
  tellLegend(app, name);
  tellScore(app, seen, hidden, name);
  tellPatch(app, seen, name);
  app.note.hidden = !stage.norm_pix;
  say(app.note, "mean and contrast of hidden patches are the true ones: that leaks the target");
  Object.assign(app.host.dataset, {
    strategy: view.strategy, hidden, view: app.viewed, ready: String(Boolean(seen.current)),
    filled: String(Boolean(seen.currentFill)), mse: seen.current?.score?.mse ?? "", seed: view.seed,
  });
}

function tellControls(app, seen, hidden) {
  const { view, stage } = app;
  const byHand = view.strategy === "hand" || Boolean(app.held?.draft);
  app.strategies.set(byHand ? "hand" : view.strategy);
  app.tools.set(view.tool);
  app.tools.undo.disabled = !app.history.length;
  const share = (100 * hidden) / seen.mask.length;
  app.ratio.input.step = byHand ? 1 : 5;
  app.ratio.set(byHand ? Math.round(share) : view.slot * 5);
  app.again.disabled = byHand || view.strategy === "grid";
  app.full.checked = view.full;
  if (app.playing !== app.sweeping > 0) {
    app.playing = app.sweeping > 0;
    app.play.replaceChildren(icon(app.playing ? "pause" : "play"));
    app.play.setAttribute("aria-label", app.playing ? "Stop" : "Play: sweeps the ratio");
  }
  const options = JSON.stringify(stage.baselines);
  if (app.besides !== options) {
    app.besides = options;
    app.beside.replaceChildren(...stage.baselines.map(([value, text]) => el("option", { value }, text)));
  }
  app.beside.value = view.baseline;
  const line = `${percent(app.wiped)} ${app.under === "truth" ? "original" : "masked"}`;
  app.wiper.setAttribute("aria-label", `Compare with the ${app.under === "truth" ? "original" : "masked picture"}`);
  app.wiper.setAttribute("aria-valuenow", String(Math.round(100 * app.wiped)));
  app.wiper.setAttribute("aria-valuetext", line);
}

/** The number that belongs to a view. */
function counts(app, seen, view, visible) {
  if (view === "masked") return `${visible} patches`;
  if (view === "painted") return decibel(seen.current?.score);
  if (view === "fill") return decibel(seen.currentFill?.score);
  if (view === "raw") return "all patches";
  if (view === "error") return `0 – ${percent(TOP)}`;
  if (view === "truth") return `${app.view.full ? app.stage.picture.width : app.stage.size}${THIN}px`;
  const share = wins(seen);
  return share === null ? "" : `network: ${percent(share)}`;
}

/** Share of the hidden patches where the network is closer to the truth. */
function wins({ mask, current, currentFill }) {
  if (!current || !currentFill) return null;
  let [won, all] = [0, 0];
  mask.forEach((on, patch) => {
    all += on;
    won += on && current.errors[patch] < currentFill.errors[patch];
  });
  return all ? won / all : null;
}

function tellViews(app, seen, visible, name) {
  for (const [view, { node, title, note }] of app.views) {
    node.setAttribute("aria-pressed", String(app.view.shown === view));
    if (view === "fill") say(title, name);
    say(note, counts(app, seen, view, visible));
  }
}

function tellLegend(app, name) {
  const { size } = app.stage;
  const key = `${app.viewed} ${name} ${size}`;
  if (app.legendKey === key) return;
  app.legendKey = key;
  const hatch = el("span.marks", {}, el("i.mark.hidden"), "hidden");
  const ramp = (map, low, high, unit) => [
    el("span.range", {}, el("span", {}, low), Object.assign(el("i.bar"), { style: `background:${app.ramps[map]}` }), el("span", {}, high)),
    el("span.unit", {}, unit)];
  const lines = {
    masked: [hatch, "the encoder gets the other patches only"],
    painted: [`Hidden patches are the network’s, visible ones yours, at its ${size} × ${size} pixels. Drag the handle to compare.`],
    fill: ["The same holes filled without a network, from visible pixels alone."],
    raw: ["All that the decoder puts out. On visible patches it was never trained: look at the hidden ones."],
    error: ramp("error", "0", percent(TOP), "root mean squared error of a hidden patch, % of white"),
    closer: ramp("closer", name, "network", `closer to the truth, by up to ${percent(CLOSER)} of white; visible patches do not count`),
    truth: [`The picture as the network gets it whole, ${size} × ${size} pixels.`],
  };
  app.legend.replaceChildren(...lines[app.viewed]);
}

function verdict(app, { current, currentFill }, hidden, name) {
  if (!hidden) return "Nothing is hidden, so there is nothing to paint.";
  if (!current) return "The network is painting…";
  if (app.view.baseline === "none") return `The network’s squared error is ${number(current.score.mse)}.`;
  if (!currentFill) return `${name}: calculating…`;
  const [one, other] = [current.score, currentFill.score];
  if (!one.mse && !other.mse) return "Both are perfect: the hidden patches hold nothing new.";
  const network = one.mse < other.mse;
  const share = 1 - Math.min(one.mse, other.mse) / Math.max(one.mse, other.mse);
  if (share < TIE) return `A tie: the squared errors differ by less than 2${THIN}%.`;
  const winner = network ? "The network wins" : `${name} wins`;
  const other_way = Math.abs(one.ssim - other.ssim) > 0.005 && one.ssim > other.ssim !== network;
  return `${winner}: its squared error is ${percent(share)} smaller.${other_way ? " By SSIM it is the other way round." : ""}`;
}

function tellScore(app, seen, hidden, name) {
  const score = (app.scoreboard ??= { cells: [] });
  if (!score.table) {
    const head = el("div.who", {}, el("strong.title"), el("span.note"));
    const table = el("div.table");
    const line = el("p.verdict");
    app.score.append(head, table, line);
    Object.assign(score, { title: head.firstChild, sub: head.lastChild, table, line });
    for (const text of ["", "PSNR", "SSIM", "MSE"]) table.append(el("span.head", {}, text));
    for (const kind of ["network", "fill"]) {
      const row = [el("span.name", {}, el(`i.swatch.${kind}`), el("span")), el("b.psnr"), el("b.ssim"), el("b.mse")];
      for (const cell of row) cell.dataset.by = kind;
      score.cells.push(row);
      table.append(...row);
    }
  }
  say(score.title, `${hidden} hidden patch${hidden === 1 ? "" : "es"}`);
  say(score.sub, "errors over these only");
  const both = [seen.current?.score, seen.currentFill?.score];
  const names = ["Network", name];
  score.cells.forEach((row, k) => {
    const [label, ...values] = row;
    const told = both[k];
    say(label.lastChild, names[k]);
    const none = hidden ? "…" : "–";
    [told ? decibel(told) : none, told ? number(told.ssim) : none, told ? number(told.mse) : none].forEach((text, at) => say(values[at], text));
    const better = both[0] && both[1] && both[k].mse < (1 - TIE) * both[1 - k].mse;
    for (const cell of row) {
      cell.classList.toggle("won", Boolean(better));
      cell.hidden = k === 1 && app.view.baseline === "none";
    }
  });
  say(score.line, verdict(app, seen, hidden, name));
}

function tellPatch(app, seen, name) {
  const { patch: card, grid, truth } = app;
  const patch = app.over ?? app.pinned ?? seen.worst;
  card.node.dataset.patch = patch;
  if (patch < 0) {
    say(card.title, "Point at a patch");
    say(card.state, "");
    say(card.line, "It is shown here as it is, as the network paints it, and what differs.");
    for (const { canvas } of Object.values(card.tiles)) enlarge(canvas, null, grid, 0);
    card.key = null;
    return;
  }
  const on = seen.mask[patch];
  const where = `Row ${Math.floor(patch / grid.columns) + 1}, column ${(patch % grid.columns) + 1}`;
  say(card.title, where);
  const worst = app.over === null && app.pinned === null;
  say(card.state, on ? (worst ? "hidden, largest error" : "hidden") : "visible");
  const painted = seen.shown && (!on || seen.shown.mask[patch]) ? seen.shown : null;
  const filled = seen.fill && (!on || seen.fill.mask[patch]) ? seen.fill : null;
  const { tiles } = card;
  tiles.fill.node.hidden = app.view.baseline === "none";
  drawTiles(app, patch, painted, filled);
  say(tiles.fill.label, nameOf(app, 2));
  const error = painted ? number(painted.errors[patch]) : "…";
  Object.assign(card.node.dataset, { hidden: String(on), mse: painted?.errors[patch] ?? "" });
  const beside = filled && app.view.baseline !== "none" ? `, ${name} ${number(filled.errors[patch])}` : "";
  say(card.line, on && !painted ? "The network is painting…" : on ? `Mean squared error: network ${error}${beside}.`
    : "The encoder saw this patch, so it is kept. The network’s own output here was never trained.");
  if (!card.scale.firstChild) {
    card.scale.append(el("span.range", {}, el("span", {}, "darker"), Object.assign(el("i.bar"), { style: `background:${app.ramps.closer}` }), el("span", {}, "brighter")),
      el("span.unit", {}, `than true, by up to ${percent(TOP)} of white`));
  }
  if (app.over !== null) speak(app, `${where}, ${on ? `hidden, error ${error}` : "visible"}.`);
}

/** The patch up close, drawn anew only when it is another one or differs. */
function drawTiles({ patch: card, grid, truth, colours }, patch, painted, filled) {
  const { tiles } = card;
  const key = [patch, painted, filled, truth, tiles.truth.canvas.clientWidth, devicePixelRatio];
  if (card.key?.every((part, k) => part === key[k])) return;
  card.key = key;
  enlarge(tiles.truth.canvas, pixelColour(truth), grid, patch);
  enlarge(tiles.network.canvas, painted && pixelColour(painted.picture), grid, patch);
  enlarge(tiles.fill.canvas, filled && pixelColour(filled.picture), grid, patch);
  enlarge(tiles.difference.canvas, painted && difference(colours, truth, painted.picture), grid, patch);
}
