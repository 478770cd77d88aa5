// The sentence itself: a chip a word, below it how much it is pooled, and the tokens it lies in.

import { el } from "../../canvas/js/dom.js";
import { percent, svg } from "../../labs/js/chart.js";
import { placeArcs } from "./arcs.js";
import { lanesOf, runOf } from "./store.js";
import { points, wordName } from "./spell.js";

const BAR = 26; // height of the tallest bar of SeqPool, in pixels
const GAPS = { above: 6, below: 7, lane: 12, line: 16 };

export function createWords(app) {
  const chips = el("div.chips", { role: "group", "aria-label": "Words in reading order" });
  const over = el("div.over");
  const arcs = svg("svg", { class: "arcs", "aria-hidden": "true" });
  const lanes = el("div.lanes", { "aria-hidden": "true" });
  const node = el("div.flow", {}, lanes, chips, over);
  const words = { node, chips, over, lanes, arcs, faces: [], bars: [], pieces: [], width: 0 };
  listen(app, words);
  return words;
}

/** New chips for a new sentence; the place of everything follows in `place`. */
export function fillWords(app, words) {
  const { store } = app;
  words.lane = lanesOf(store.windows);
  words.high = Math.max(...words.lane, 0) + 1;
  const gap = GAPS.above + BAR + GAPS.below + words.high * GAPS.lane + GAPS.line;
  words.chips.style.rowGap = words.chips.style.paddingBottom = `${gap - 6}px`;
  words.faces = store.words.map((word, k) => chip(store, word, k));
  const first = store.prefix ? [el("span.word.class", { title: "The class token: no word; the answer is read from it" }, "class")] : [];
  words.chips.replaceChildren(...first, ...words.faces);
  words.classFace = first[0] ?? null;
  words.bars = store.words.map(() => el("i.pool"));
  words.pieces = [];
  place(app, words);
}

function chip(store, word, k) {
  if (store.padding[k]) {
    const node = el("span.word.pad", { title: "Padding: closed to attention and to SeqPool" });
    node.dataset.word = k;
    return node;
  }
  const read = store.known[k] ? [] : [el("small", {}, store.entries[k])];
  const node = el("button.word", { type: "button", tabIndex: k ? -1 : 0 }, el("bdi", {}, word), ...read);
  node.classList.toggle("unknown", !store.known[k]);
  node.dataset.word = k;
  return node;
}

/** Bars and tokens under the chips, wherever the lines broke. */
export function place(app, words) {
  const { store } = app;
  const boxes = words.faces.map((face) => ({
    left: face.offsetLeft, right: face.offsetLeft + face.offsetWidth,
    base: face.offsetTop + face.offsetHeight + GAPS.above + BAR,
  }));
  words.pieces = [];
  words.bars.forEach((bar, k) => {
    Object.assign(bar.style, { left: `${boxes[k].left}px`, width: `${boxes[k].right - boxes[k].left}px`, top: `${boxes[k].base}px` });
  });
  store.windows.forEach(([first, end], token) => {
    if (first === end) return;
    const found = [];
    for (let word = first; word < end; word++) {
      const last = found.at(-1);
      if (last && last.base === boxes[word].base) last.right = boxes[word].right;
      else found.push({ ...boxes[word] });
    }
    found.forEach((one, k) => words.pieces.push(piece(store, words, token, one, k, found.length)));
  });
  words.over.replaceChildren(...words.bars, ...words.pieces.map((one) => one.node), words.arcs);
  placeArcs(words, boxes, GAPS.below + words.high * GAPS.lane);
  gutter(app, words, boxes);
}

function piece(store, words, token, { left, right, base }, k, of) {
  const node = el("i.token", { title: `Token ${token + 1}` });
  node.dataset.token = token;
  node.classList.toggle("from", k > 0);
  node.classList.toggle("on", k < of - 1);
  const top = base + GAPS.below + words.lane[token] * GAPS.lane;
  Object.assign(node.style, { left: `${left}px`, width: `${right - left}px`, top: `${top}px` });
  return { node, token };
}

function gutter(app, words, boxes) {
  const top = boxes[0]?.base ?? 0;
  const label = (text, at, title) => el("span", { style: `top:${at}px`, title }, text);
  words.lanes.replaceChildren(
    label("words", top - BAR - GAPS.above - 26, "In reading order; unknown words with what they are read as"),
    label(app.store.prefix ? "class look" : "SeqPool", top - 17, "How much of what is classified comes from each word"),
    label("tokens", top + GAPS.below + (words.high * GAPS.lane) / 2 - 10, "Which words each token was made of"),
  );
}

/** Colours of this moment. `tint(k)` is {hue, share} or null for a word, and the same for tokens. */
export function paintWords(app, words, { tint, tokenTint, asking, askingTokens }) {
  const { store } = app;
  const run = runOf(store, app.view);
  const most = Math.max(...run.word_pooling) || 1;
  words.faces.forEach((face, k) => {
    colour(face, tint(k));
    face.classList.toggle("asks", asking.has(k));
    face.setAttribute("aria-pressed", String(app.pinned?.kind === "word" && app.pinned.index === k));
    if (!store.padding[k]) face.setAttribute("aria-label", spoken(app, run, k));
  });
  words.bars.forEach((bar, k) => {
    bar.style.height = `${store.padding[k] ? 0 : Math.max(1.5, (BAR * run.word_pooling[k]) / most)}px`;
  });
  for (const { node, token } of words.pieces) {
    colour(node, tokenTint(token));
    node.classList.toggle("asks", askingTokens.has(token));
  }
  if (words.classFace) colour(words.classFace, tokenTint(0));
}

function colour(node, found) {
  node.style.setProperty("--hue", found ? found.hue : "transparent");
  node.style.setProperty("--share", found ? `${(100 * found.share).toFixed(1)}%` : "0%");
}

function spoken(app, run, k) {
  const { store } = app;
  const read = store.known[k] ? "" : `, unknown, read as ${store.entries[k]}`;
  const effect = store.alone[k] ? "" : `, effect ${points(run.effect[k])}`;
  return `${wordName(store, k)}${read}, ${store.pooled} ${percent(run.word_pooling[k])}${effect}`;
}

function listen(app, words) {
  const { signal } = app;
  const on = (type, act) => words.node.addEventListener(type, act, { signal });
  on("pointermove", (event) => app.point(focusOf(event)));
  on("pointerleave", () => app.point(null));
  on("click", (event) => app.pin(focusOf(event)));
  on("focusin", (event) => app.point(focusOf(event)));
  on("focusout", () => app.point(null));
  on("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const at = focusOf(event);
    if (!step || at?.kind !== "word") return;
    event.preventDefault();
    const face = words.faces[at.index + step];
    if (face?.tagName !== "BUTTON") return;
    event.target.closest(".word").tabIndex = -1;
    face.tabIndex = 0;
    face.focus();
  });
}

function focusOf(event) {
  const node = event.target.closest?.(".word, .token");
  if (!node) return null;
  if (node.classList.contains("class")) return { kind: "token", index: 0 };
  const kind = node.classList.contains("token") ? "token" : "word";
  return { kind, index: Number(node.dataset[kind]) };
}
