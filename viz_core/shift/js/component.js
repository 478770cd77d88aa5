// Entry point: three maps under one pointer, W-MSA, SW-MSA in place, and SW-MSA rolled.

import { el, icon, row, say, segmented, slider } from "../../canvas/js/dom.js";
import { createReadout, showReadout, speak } from "../../canvas/js/readout.js";
import { number, percent } from "../../canvas/js/words.js";
import { closedShare, countsOf, cutMap, moved, smallestPiece } from "./cut.js";
import { drawFilled, drawOpen, drawQuery, drawRegions, drawRoll, drawWindows, fitted, pixelsOf, tokenBox } from "./draw.js";
import { recall, remember } from "./memory.js";
import { bitmapOf, mounted } from "./wire.js";

const ROLL = 1500; // ms from one side to the other
const REST = 900; // ms the first view stays before it rolls
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PANELS = [
  ["regular", "W-MSA", "Every token attends inside its own window."],
  ["place", "SW-MSA, in place", "The next block shifts the windows: at the edges only pieces are left."],
  ["rolled", "SW-MSA, rolled", "Rolled, the pieces fill whole windows again. Only equal numbers may meet."],
];

export const streamlit = () => mounted(start);

function start(host) {
  const ends = new AbortController();
  const app = {
    host, signal: ends.signal, share: 0, token: null, pinned: null, frame: 0, pending: 0, asked: "",
    still: matchMedia("(prefers-reduced-motion: reduce)").matches, half: true,
  };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; paint(app); }); };
  build(app);
  const watch = new ResizeObserver(() => {
    host.dataset.width = host.clientWidth > 760 ? "wide" : "slim";
    app.schedule();
  });
  watch.observe(host);
  return {
    show: (opened) => show(app, opened),
    end: () => {
      remember(app);
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      cancelAnimationFrame(app.frame);
      clearTimeout(app.waiting);
      clearTimeout(app.speaking);
      app.picture?.close();
      host.replaceChildren();
    },
  };
}

async function show(app, opened) {
  const { header } = opened;
  if (app.pictureKey !== header.picture) {
    const picture = await bitmapOf(opened.bytes("picture"));
    if (app.signal.aborted) return picture.close();
    app.picture?.close();
    Object.assign(app, { picture, pictureKey: header.picture });
  }
  const maps = JSON.stringify(header.maps);
  if (maps !== app.known) {
    app.known = maps;
    offerMaps(app, header.maps);
  }
  const [asked, first] = [JSON.stringify(header.view), !app.cut];
  if (asked !== app.asked || !app.cut) {
    app.asked = asked;
    app.maps = header.maps;
    preset(app, header.view.map);
    recut(app, { window: header.view.window ?? app.cut.window, shift: header.view.shift ?? app.cut.shift });
    if (!first || !recall(app, preset, recut)) app.waiting = setTimeout(() => roll(app, 1), app.still ? 0 : REST);
  }
  app.schedule();
}

function build(app) {
  const { host, signal } = app;
  app.live = el("div.sr", { "aria-live": "polite" });
  app.panels = Object.fromEntries(PANELS.map(([name, title, note]) => {
    const canvas = el("canvas.map", { tabIndex: 0, role: "application", "aria-label": `${title}: ${note}` });
    const count = el("b");
    const node = el(`figure.panel.${name}`, {},
      el("figcaption", {}, el("strong", {}, title), count, el("span", {}, note)), canvas);
    listen(app, name, canvas);
    return [name, { canvas, count, node }];
  }));
  const play = el("button.round", { type: "button" }, icon("play"));
  play.addEventListener("click", () => roll(app, app.share < 0.5 ? 1 : 0), { signal });
  const scrub = slider("Roll", { min: 0, max: 1, step: 0.01 }, (value) => rolledText(app, value), (value) => {
    stop(app);
    app.share = value;
    app.schedule();
  }, signal);
  scrub.node.classList.add("scrub");
  app.panels.rolled.node.append(el("div.player", {}, play, scrub.node));
  app.play = play;
  app.scrub = scrub;
  const legend = el("div.legend", {},
    el("span.marks", {}, el("i.mark"), "the token under the pointer"),
    el("span.marks", {}, el("i.mark.key"), "what it may see"),
    el("span.marks", {}, el("i.mark.hidden"), "closed, or filled up with zeros"),
    el("span", {}, "number and colour: Swin’s region id, 0 to 8, given in the rolled frame"));
  app.readout = createReadout();
  app.windowSlider = slider("Window size", { min: 2, max: 14, step: 1 }, (m) => `${m} × ${m}`,
    (window) => recut(app, { window, shift: app.half ? Math.floor(window / 2) : Math.min(app.cut.shift, window - 1) }), signal);
  app.shiftSlider = slider("Shift", { min: 0, max: 6, step: 1 }, (s) => shiftText(app, s), (shift) => {
    app.half = shift === Math.floor(app.cut.window / 2);
    recut(app, { shift });
    app.share = 1;
  }, signal);
  app.choices = el("div.choices");
  app.note = el("p.note-line", { hidden: true });
  const controls = el("section.controls", {}, row("Cut as in", app.choices),
    row("Window", app.windowSlider.node), row("Shift", app.shiftSlider.node), app.note);
  host.replaceChildren(el("div.panels", {}, ...Object.values(app.panels).map(({ node }) => node)),
    legend, el("div.below", {}, app.readout.node, controls), app.live);
}

const shiftText = (app, s) => `${s} token${s === 1 ? "" : "s"}${app.cut && s && s === Math.floor(app.cut.window / 2) ? ", half" : ""}`;

function rolledText(app, share) {
  return app.cut ? `${(share * app.cut.shift).toFixed(share === 0 || share === 1 ? 0 : 1)} of ${app.cut.shift}` : "";
}

function offerMaps(app, maps) {
  const choice = segmented("Cut as in", maps.map(({ label, hint }, k) => [String(k), label, hint]), (value) => {
    preset(app, Number(value));
    roll(app, 1, 0);
  }, app.signal);
  app.choice = choice;
  app.choices.replaceChildren(choice.node);
}

/** The map, window and shift of one stage. */
function preset(app, number) {
  const { grid, window, shift } = app.maps[number];
  app.map = number;
  app.half = shift === Math.floor(window / 2);
  app.choice.set(String(number));
  app.token = app.pinned = null;
  recut(app, { grid, window, shift });
}

function recut(app, { grid = [app.cut.rows, app.cut.columns], window = app.cut.window, shift = app.cut.shift }) {
  const largest = Math.min(16, Math.max(...grid));
  const side = Math.max(2, Math.min(window, largest));
  const one = grid[0] <= side && grid[1] <= side;
  app.cut = cutMap(grid, side, one ? 0 : Math.min(shift, side - 1));
  Object.assign(app.windowSlider.input, { min: 2, max: largest });
  Object.assign(app.shiftSlider.input, { min: 0, max: side - 1, disabled: one });
  app.windowSlider.set(side);
  app.shiftSlider.set(app.cut.shift);
  if (app.token >= app.cut.size) app.token = app.pinned = null;
  const filled = app.cut.padded[0] !== app.cut.rows || app.cut.padded[1] !== app.cut.columns;
  const text = one ? "One window holds the whole map: there is nothing to shift into, so the network leaves the shift out here."
    : filled ? `${grid[0]} is no multiple of ${side}: the hatched places are filled up with zeros, after the roll, as this network and timm do.`
      : "";
  say(app.note, text);
  app.note.hidden = !text;
  app.schedule();
}

function roll(app, target, from = app.share) {
  stop(app);
  app.share = from;
  if (app.still) {
    app.share = target;
    return app.schedule();
  }
  const begin = performance.now();
  const length = ROLL * Math.abs(target - from) || 1;
  const step = (now) => {
    const t = Math.min(1, Math.max(0, (now - begin) / length));
    app.share = from + (target - from) * (t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) ** 2);
    paint(app);
    app.frame = t < 1 ? requestAnimationFrame(step) : 0;
    if (t === 1) app.schedule();
  };
  app.frame = requestAnimationFrame(step);
}

function stop(app) {
  clearTimeout(app.waiting);
  cancelAnimationFrame(app.frame);
  app.frame = 0;
}

function listen(app, name, canvas) {
  const { signal } = app;
  const point = (event) => {
    app.token = tokenAt(app, name, event);
    app.schedule();
  };
  canvas.addEventListener("pointermove", point, { signal });
  canvas.addEventListener("pointerdown", (event) => {
    const token = tokenAt(app, name, event);
    app.pinned = token === app.pinned ? null : token;
    app.token = token;
    app.schedule();
  }, { signal });
  canvas.addEventListener("pointerleave", () => {
    app.token = null;
    app.schedule();
  }, { signal });
  canvas.addEventListener("keydown", (event) => {
    const { cut } = app;
    if (event.key === " ") roll(app, app.share < 0.5 ? 1 : 0);
    else if (event.key === "Escape") app.token = app.pinned = null;
    else if (ARROWS[event.key]) {
      const at = app.token ?? app.pinned ?? 0;
      const [down, right] = ARROWS[event.key];
      const r = Math.max(0, Math.min(cut.rows - 1, Math.floor(at / cut.columns) + down));
      const c = Math.max(0, Math.min(cut.columns - 1, (at % cut.columns) + right));
      app.token = app.pinned = r * cut.columns + c;
    } else return;
    event.preventDefault();
    app.schedule();
  }, { signal });
}

/** The token under the pointer; in the rolled map wherever its piece is just now. */
function tokenAt(app, name, event) {
  const { cut } = app;
  const { canvas } = app.panels[name];
  const cell = canvas.clientWidth / cut.padded[1];
  const [y, x] = [event.offsetY / cell, event.offsetX / cell];
  let found = null;
  for (let token = 0; token < cut.size; token++) {
    const [r, c] = [Math.floor(token / cut.columns), token % cut.columns];
    const [down, right] = name === "rolled" ? moved(cut, r, c, app.share) : [0, 0];
    const hit = y >= r + down && y < r + down + 1 && x >= c + right && x < c + right + 1;
    const flies = r < cut.shift || c < cut.shift;
    if (hit && (found === null || flies)) found = token;
  }
  return found;
}

function paint(app) {
  const { cut, picture, panels } = app;
  if (!cut || !picture || !app.host.isConnected) return;
  const font = (app.font ??= getComputedStyle(app.host).fontFamily);
  const token = app.token ?? app.pinned;
  const colours = cut.regular.map((w) => 3 * (Math.floor(w / cut.windows[1]) % 3) + ((w % cut.windows[1]) % 3));
  const pens = Object.fromEntries(Object.entries(panels).map(([name, { canvas }]) => [name, fitted(canvas, ...cut.padded)]));
  drawFilled(pens.regular, cut);
  drawRegions(pens.regular, cut, picture, {
    labels: cut.regular, hue: colours, text: (t) => String(cut.regular[t] + 1), lit: token === null ? null : cut.regular[token], font,
  });
  const shifted = { labels: cut.group, hue: cut.id, text: (t) => String(cut.id[t]), font };
  drawRegions(pens.place, cut, picture, { ...shifted, lit: token === null ? null : cut.group[token] });
  drawFilled(pens.rolled, cut);
  const { x: _, y: __, ...size } = pixelsOf([0, 0, cut.rows, cut.columns], pens.rolled.cell);
  app.sheet ??= document.createElement("canvas");
  Object.assign(app.sheet, { width: Math.max(1, size.w), height: Math.max(1, size.h) });
  const sheet = { ...pens.rolled, context: app.sheet.getContext("2d") };
  drawRegions(sheet, cut, picture, { ...shifted, lit: token === null ? null : cut.group[token] });
  drawRoll(pens.rolled, cut, app.sheet, app.share, font);
  drawWindows(pens.rolled, cut, Math.max(0, app.share * 3 - 2));
  if (token !== null) {
    for (const name of ["regular", "place"]) drawQuery(pens[name], tokenBox(cut, token, pens[name].cell));
    drawQuery(pens.rolled, drawOpen(pens.rolled, cut, token, app.share));
  }
  tell(app, token);
}

function tell(app, token) {
  const { cut, panels } = app;
  const plural = (n) => `${n} window${n === 1 ? "" : "s"}`;
  const whole = cut.windows[0] * cut.windows[1];
  say(panels.regular.count, plural(whole));
  say(panels.place.count, plural(cut.raggedCount));
  say(panels.rolled.count, `${plural(whole)} again`);
  app.scrub.set(app.share);
  const forward = app.share < 0.5;
  app.play.setAttribute("aria-label", forward ? "Roll" : "Roll back");
  app.play.title = forward ? "Roll the map" : "Roll it back";
  app.host.dataset.rolled = String(app.share === 1);
  if (token === null) return showReadout(app.readout, {
    title: "Point at a token", note: "in any of the three maps", facts: [
      { id: "windows", label: "Windows", value: `${whole} → ${cut.raggedCount} → ${whole}`, raw: cut.raggedCount, note: "regular, shifted, rolled" },
      { id: "work", label: "Work without rolling", value: `${number(cut.raggedCount / whole)} ×`, raw: cut.raggedCount / whole, note: "if pieces were filled up" },
      { id: "smallest", label: "Smallest piece", value: `${smallestPiece(cut)} of ${cut.window ** 2}`, raw: smallestPiece(cut), note: "tokens, in the corners" },
      { id: "masked", label: "Pairs the mask closes", value: percent(closedShare(cut)), raw: closedShare(cut), note: "of those in rolled windows" },
    ],
  });
  const n = countsOf(cut, token);
  const name = `Row ${Math.floor(token / cut.columns) + 1}, column ${(token % cut.columns) + 1}`;
  const filled = n.filled ? `, ${n.filled} filled up` : "";
  const far = n.seam ? `${n.seam} of them from the far side: filling up moved the seam` : `region ${cut.id[token]}`;
  showReadout(app.readout, {
    title: name, note: `window ${cut.homes[token] + 1}, region ${cut.id[token]}`, facts: [
      { id: "regular", label: "Keys in W-MSA", value: String(n.regular), raw: n.regular, note: "its own window" },
      { id: "keys", label: "Keys when rolled", value: String(n.keys), raw: n.keys, note: `${n.closed} closed by the mask${filled}` },
      { id: "open", label: "Open to it", value: `${n.open} of ${n.keys}`, raw: n.open, note: far },
      { id: "fresh", label: "New to it", value: String(n.fresh), raw: n.fresh, note: "W-MSA kept them apart" },
    ],
  });
  speak(app, `${name}: ${n.keys} keys in its window, ${n.open} open, ${n.fresh} of them new.`);
}
