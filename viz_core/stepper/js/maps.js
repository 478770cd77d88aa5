// Three attentions of an encoder-decoder beside each other: who may look at whom.

import { el, segmented } from "../../canvas/js/dom.js";
import { createMatrix, fillMatrix, palette, thumbnail } from "./grid.js";
import { percent } from "./spell.js";

const [LARGEST_CELL, SMALLEST_CELL, HEAD] = [46, 26, 66];
const NARROW = 37;
const KINDS = [
  { id: "encoder", title: "Encoder: self-attention", note: "Every source word may look at every source word.",
    rows: "source", columns: "source" },
  { id: "decoder", title: "Decoder: masked self-attention", note: "A target word may look at itself and at what came before.",
    rows: "target", columns: "target" },
  { id: "cross", title: "Decoder: cross-attention", note: "Queries from the target; keys and values from the encoder.",
    rows: "target", columns: "source" },
];

export function createMaps(host, tables, dark) {
  const ending = new AbortController();
  const { signal } = ending;
  const app = { layer: 0, head: 0, data: null, at: null, mounted: [] };
  const readout = el("div.spelled", { "aria-live": "polite" });
  const cards = el("div.cards");
  const badge = el("span.badge");
  const top = el("div.pick");
  const foot = el("div.legends", {}, badge,
    el("span", {}, el("i.swatch.query"), "looks (query)"), el("span", {}, el("i.swatch.key"), "is looked at (key)"),
    el("span.range", {}, "0", el("i.ramp.shares"), "100 % of a row"),
    el("span", {}, el("i.swatch.shut"), "closed: exactly 0 %"));
  host.classList.add("stepper", "maps");
  host.replaceChildren(top, cards, readout, foot);

  function draw() {
    const { data } = app;
    const [layers, heads] = [data.maps.encoder.length, data.maps.encoder[0].length];
    const options = (count, name) => Array.from({ length: count }, (_, k) => [String(k), `${name} ${k + 1}`]);
    const layer = segmented("Layer", options(layers, "Layer"), (k) => choose({ layer: Number(k) }), signal);
    const head = segmented("Head", options(heads, "Head"), (k) => choose({ head: Number(k) }), signal);
    layer.set(String(app.layer));
    head.set(String(app.head));
    top.replaceChildren(layer.node, head.node);
    const colours = palette(tables, dark(host));
    badge.textContent = data.badge;
    const width = Math.floor(host.clientWidth);
    const slim = width < 700;
    host.dataset.width = slim ? "slim" : "wide";
    app.mounted = KINDS.map((kind) => {
      const columns = data[kind.columns];
      const room = slim ? width - 30 : (width - 2 * 18) / 3 - 30;
      const cell = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, Math.floor((room - HEAD) / columns.length)));
      const shares = data.maps[kind.id][app.layer][app.head];
      const values = shares.map((line, r) => line.map((v, c) => (closed(data, kind, r, c) ? -1e9 : v)));
      const face = (role, k) => label(role, data[role === "query" ? kind.rows : kind.columns], k);
      const spec = { id: kind.id, name: "", values, rows: "query", columns: "key", kind: "share" };
      const matrix = createMatrix(spec, face);
      matrix.grid.setAttribute("aria-label", kind.title);
      matrix.node.firstElementChild.remove();
      fillMatrix(matrix, spec, colours, { narrow: cell < NARROW, marks: () => false });
      for (const one of matrix.grid.querySelectorAll(".cell.closed")) one.textContent = "0";
      matrix.node.style.setProperty("--cw", `${cell}px`);
      matrix.node.style.setProperty("--ch", `${Math.min(34, Math.max(26, cell))}px`);
      matrix.node.style.setProperty("--head", `${HEAD}px`);
      matrix.node.classList.toggle("narrow", cell < NARROW);
      return { kind, matrix, shares };
    });
    cards.replaceChildren(...app.mounted.map(({ kind, matrix }) => el("section.map-card", {},
      el("h4", {}, kind.title), el("p", {}, noteOf(data, kind)), el("div.scroller", {}, matrix.node),
      thumbs(data, kind, colours, choose, app))));
    point(app.at ?? { k: 2, r: Math.min(1, data.target.length - 1), c: 0 });
  }

  function choose(change) {
    Object.assign(app, change);
    draw();
  }

  function point(at) {
    app.at = at;
    const found = app.mounted[at.k];
    const [r, c] = [Math.min(at.r, found.shares.length - 1), Math.min(at.c, found.shares[0].length - 1)];
    app.mounted.forEach(({ matrix }, k) => matrix.cells.forEach((line, i) => line.forEach((cell, j) => {
      const lit = k !== at.k ? "" : i === r && j === c ? "hit" : i === r ? "query" : j === c ? "key" : "";
      if (lit) cell.dataset.lit = lit;
      else delete cell.dataset.lit;
    })));
    const { kind, shares } = found;
    const [asks, answers] = [app.data[kind.rows][r], app.data[kind.columns][c]];
    readout.replaceChildren(el("div.what", {}, `${kind.title}, layer ${app.layer + 1}, head ${app.head + 1}`),
      el("div.sum", {}, el("b.query", {}, `“${asks}”`), " looks at ", el("b.key", {}, `“${answers}”`), " with ",
        el("b.total", {}, `${percent(shares[r][c])} %`), why(app.data, kind, r, c)));
    readout.dataset.value = shares[r][c];
  }

  cards.addEventListener("pointerover", (event) => {
    const cell = event.target.closest?.(".cell");
    if (cell) look(cell);
  }, { signal });
  cards.addEventListener("focusin", (event) => { if (event.target.matches?.(".cell")) look(event.target); }, { signal });
  cards.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const cell = event.target.closest?.(".cell");
    if (!step || !cell) return;
    event.preventDefault();
    const { matrix } = app.mounted.find((one) => one.matrix.grid.contains(cell));
    matrix.cells[Number(cell.dataset.row) + step[0]]?.[Number(cell.dataset.column) + step[1]]?.focus();
  }, { signal });
  function look(cell) {
    const k = app.mounted.findIndex(({ matrix }) => matrix.grid.contains(cell));
    point({ k, r: Number(cell.dataset.row), c: Number(cell.dataset.column) });
  }
  let width = 0;
  const watch = new ResizeObserver(() => {
    if (!app.data || Math.abs(host.clientWidth - width) < 2) return;
    width = host.clientWidth;
    draw();
  });
  watch.observe(host);
  signal.addEventListener("abort", () => watch.disconnect());
  return {
    show(data) {
      app.data = data;
      draw();
    },
    end: () => ending.abort(),
  };
}

const padded = (data, side, k) => k >= data.lengths[side];
const ahead = (data, kind, r, c) => kind.id === "decoder" && data.causal && c > r;
const closed = (data, kind, r, c) => padded(data, kind.columns, c) || ahead(data, kind, r, c);

function noteOf(data, kind) {
  return kind.id === "decoder" && !data.causal ? "The mask is off: target words see what comes after them." : kind.note;
}

function why(data, kind, r, c) {
  if (padded(data, kind.columns, c)) return ": it only fills up the length, so its key is closed";
  if (ahead(data, kind, r, c)) return ": it comes later, so it is masked";
  return "";
}

function label(role, words, k) {
  const node = el("span.tile.word", { title: words[k] }, words[k]);
  node.dataset.role = role;
  return node;
}

function thumbs(data, kind, colours, choose, app) {
  const every = data.maps[kind.id].flatMap((layer, l) => layer.map((shares, h) => {
    const button = el("button.head-thumb", { type: "button", "aria-label": `${kind.title}: layer ${l + 1}, head ${h + 1}` },
      thumbnail(shares.map((line, r) => line.map((v, c) => (closed(data, kind, r, c) ? -1e9 : v))), "share", colours));
    button.setAttribute("aria-pressed", String(l === app.layer && h === app.head));
    button.addEventListener("click", () => choose({ layer: l, head: h }));
    return button;
  }));
  return el("div.thumbs-row", {}, ...every);
}
