// The wave: a table of sinusoidal positions with sliders, its rows, columns and dot products.

import { opaqueLut } from "../../canvas/js/colour.js";
import { el, kept, row, say, slider } from "../../canvas/js/dom.js";
import { KEY, QUERY } from "../../canvas/js/stage.js";
import { createReadout, showReadout, speak } from "../../canvas/js/readout.js";
import { number } from "../../canvas/js/words.js";
import { createMap, paintMap } from "../../tiles/js/paint.js";
import { ramp } from "../../tiles/js/ramp.js";
import { byDistance, dot, frequencies, halfAt, sinusoid } from "./sinusoid.js";
import { plot } from "./plot.js";

const PAPER = 10000;
const BASES = [2, 5, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000];

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement }) => {
    let app = instances.get(parentElement);
    if (!app) instances.set(parentElement, (app = start(parentElement.querySelector(".saccade"), tables)));
    const view = new TextDecoder().decode(data);
    const asks = view !== app.held.asked;
    app.held.asked = view;
    if (asks) Object.assign(app.view, JSON.parse(view));
    if (asks || !app.table) refresh(app);
    return () => {
      app.ends.abort();
      app.watch.disconnect();
      cancelAnimationFrame(app.pending);
      clearTimeout(app.speaking);
      instances.delete(parentElement);
    };
  };
}

function start(host, tables) {
  const held = kept("waves", {
    asked: "", view: { length: 196, width: 160, base: PAPER, anchor: 24, position: 40, channel: 20 },
  });
  const app = {
    host, ends: new AbortController(), lut: opaqueLut(tables.PuOr), pending: 0, held, view: held.view,
  };
  app.signal = app.ends.signal;
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => draw(app)); };
  build(app);
  listen(app);
  app.watch = new ResizeObserver(() => app.schedule());
  app.watch.observe(host);
  return app;
}

function build(app) {
  const { signal } = app;
  const set = (name) => (value) => { app.view[name] = value; refresh(app); };
  app.base = slider("Base", { min: 0, max: BASES.length - 1, step: 1 }, (k) => String(BASES[k]), (k) => set("base")(BASES[k]), signal);
  app.width = slider("Width", { min: 4, max: 256, step: 4 }, (v) => `${v} channels`, set("width"), signal);
  app.length = slider("Length", { min: 8, max: 400, step: 4 }, (v) => `${v} positions`, set("length"), signal);
  app.canvas = el("canvas", { tabIndex: 0, role: "application" });
  app.canvas.setAttribute("aria-roledescription", "table of positions");
  app.marks = [el("i.line.query"), el("i.line.key"), el("i.line.channel")];
  app.frame = el("div.frame", {}, app.canvas, ...app.marks);
  app.plots = ["Row", "Column", "Distance"].map((name) => {
    const title = el("b");
    const canvas = el("canvas", { role: "img" });
    return { title, canvas, node: el("figure", { "data-plot": name }, title, canvas) };
  });
  app.readout = createReadout();
  app.live = el("div.sr", { "aria-live": "polite" });
  app.host.className = "saccade";
  app.host.dataset.mode = "waves";
  const hint = el("span", {}, "rows: positions, from 0 down; columns: channels. Click a position to make it the amber one.");
  app.host.replaceChildren(
    el("div.sliders", {}, row("Base", app.base.node), row("Width", app.width.node), row("Length", app.length.node)),
    el("div.waves", {}, el("div.left", {}, app.frame, el("div.legend", {}, ramp(app.lut, "−1", "1"), hint)),
      el("div.plots", {}, ...app.plots.map((one) => one.node))),
    app.readout.node, app.live,
  );
}

/** The table and the curve of distances anew, after a slider moved. */
function refresh(app) {
  const { view } = app;
  const { length, width, base } = view;
  app.table = sinusoid(length, width, base);
  app.curve = byDistance(length, width, base);
  app.paper = byDistance(length, width, PAPER);
  view.anchor = Math.min(view.anchor, length - 1);
  view.position = Math.min(view.position, length - 1);
  view.channel = Math.min(view.channel, width - 1);
  app.map = createMap(app.canvas, length, width);
  paintMap(app.map, app.table, 1, app.lut);
  app.base.set(BASES.reduce((best, b, k) => (Math.abs(b - base) < Math.abs(BASES[best] - base) ? k : best), 0));
  app.width.set(width);
  app.length.set(length);
  app.schedule();
}

function draw(app) {
  app.pending = 0;
  if (!app.table || app.signal.aborted) return;
  const { length, width, anchor, position, channel } = app.view;
  app.host.dataset.width = app.host.clientWidth >= 720 ? "wide" : "slim";
  const style = getComputedStyle(app.host);
  const ink = { text: style.color, line: "rgba(128,128,150,.25)", font: style.fontFamily };
  place(app.marks[0], { top: anchor / length, height: 1 / length });
  place(app.marks[1], { top: position / length, height: 1 / length });
  place(app.marks[2], { left: channel / width, width: 1 / width });
  for (const mark of app.marks.slice(0, 2)) mark.classList.toggle("thin", app.frame.clientHeight / length < 7);
  const sines = (p) => Float64Array.from({ length: width / 2 }, (_, k) => app.table[p * width + 2 * k]);
  const column = Float64Array.from({ length }, (_, p) => app.table[p * width + channel]);
  const accent = style.getPropertyValue("--accent").trim() || "#5b4bdb";
  const [across, down, apart] = app.plots;
  const distance = Math.abs(anchor - position);
  say(across.title, `Rows: the sines of positions ${anchor} and ${position}`);
  plot(across.canvas, [{ values: sines(anchor), colour: QUERY }, { values: sines(position), colour: KEY }],
    { y: [-1, 1], ticks: ["channel 0, fast", `${width - 2}, slow`], mark: { at: Math.floor(channel / 2), colour: "rgba(128,128,150,.4)" }, ink });
  const wave = (2 * Math.PI) / frequencies(width, app.view.base)[Math.floor(channel / 2)];
  say(down.title, `Column: channel ${channel}, a ${channel % 2 ? "cosine" : "sine"} of ${number(wave)} positions`);
  plot(down.canvas, [{ values: column, colour: accent, dots: [position] }],
    { y: [-1, 1], ticks: ["position 0", String(length - 1)], ink });
  say(apart.title, "Cosine of two positions against their distance");
  plot(apart.canvas, [{ values: app.paper, colour: "#94a3b8", width: 1 }, { values: app.curve, colour: accent, width: 2, dots: [distance] }],
    { y: [Math.min(-0.5, Math.floor(4 * Math.min(...app.curve)) / 4), 1], ticks: ["0 apart", `${length - 1} apart; grey: base ${PAPER}`], ink });
  tell(app, distance);
}

function place(mark, part) {
  for (const [name, share] of Object.entries(part)) mark.style[name] = `${100 * share}%`;
}

function tell(app, apart) {
  const { length, width, anchor, position } = app.view;
  const here = dot(app.table, width, anchor, position);
  const fact = (id, label, raw, value, note) => ({ id, label, raw, value, note });
  const most = length - 1 - apart;
  const other = (share) => {
    const p = Math.round(share * most);
    return fact(`shifted${share}`, `p${sub(p)} · p${sub(p + apart)}`, dot(app.table, width, p, p + apart), number(dot(app.table, width, p, p + apart)), `also ${apart} apart`);
  };
  const half = halfAt(app.curve);
  const facts = [
    fact("dot", `p${sub(anchor)} · p${sub(position)}`, here, number(here), `${apart} apart`),
    other(0), other(1),
    fact("cosine", "Cosine at this distance", app.curve[apart], number(app.curve[apart]), `dot product ÷ ${width / 2}`),
    fact("half", "Below 0.5 from", half, half < 0 ? "never" : `${half} apart`, "how fast similarity falls"),
  ];
  showReadout(app.readout, { title: `Positions ${anchor} and ${position}`, note: "", facts });
  const text = `Positions ${anchor} and ${position}, ${apart} apart: dot product ${number(here)}.`;
  app.canvas.setAttribute("aria-label", text);
  speak(app, text);
}

const sub = (value) => String(value).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

function listen(app) {
  const { canvas, signal, view } = app;
  const here = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    view.position = within((event.clientY - box.top) / box.height, view.length);
    view.channel = within((event.clientX - box.left) / box.width, view.width);
    app.schedule();
  };
  canvas.addEventListener("pointermove", here, { signal });
  canvas.addEventListener("pointerdown", here, { signal });
  canvas.addEventListener("click", () => { view.anchor = view.position; app.schedule(); }, { signal });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (event.key === "Enter" || event.key === "p") view.anchor = view.position;
    else if (steps[event.key]) {
      const [down, right] = steps[event.key];
      view.position = Math.max(0, Math.min(view.length - 1, view.position + down));
      view.channel = Math.max(0, Math.min(view.width - 1, view.channel + right));
    } else return;
    event.preventDefault();
    app.schedule();
  }, { signal });
}
