// The learned tables: a wall of all heads, one map large, its bias matrix, and the picture.

import { divergingLut, parseTable } from "../../canvas/js/colour.js";
import { el, say, segmented } from "../../canvas/js/dom.js";
import { createReadout, showReadout, speak } from "../../canvas/js/readout.js";
import { number } from "../../canvas/js/words.js";
import { cutMap } from "../../shift/js/cut.js";
import { bitmapOf } from "../../shift/js/wire.js";
import { cellAt, createGrid, drawGrid, KEY, QUERY } from "./grid.js";
import { plus, signed, where, windowOf } from "./numbers.js";
import { drawWindow, tokenUnder } from "./picture.js";
import { createApp, createRange, follow, inks, signedColour, stepped } from "./shared.js";
import { createWall } from "./wall.js";

const WHITE = "#ffffff";

export function startTables(host, tables, memory) {
  const app = createApp(host, tables, paint);
  Object.assign(app, {
    memory, colours: parseTable(tables.PuOr), over: divergingLut(tables.PuOr, 0.94), squares: new Map(),
    down: 2, right: -1, stored: false, common: true, under: null, lit: false,
  });
  build(app);
  return { show: (opened) => show(app, opened), end: () => { remember(app); app.picture?.close(); app.end(); } };
}

function remember(app) {
  const { asked, down, right, stored, common, map, token } = app;
  if (map) app.memory.set("tables", { asked, down, right, stored, common, block: map.block, head: map.head, token });
}

async function show(app, opened) {
  const { header } = opened;
  if (app.pictureKey !== header.picture) {
    const picture = await bitmapOf(opened.bytes("picture"));
    if (app.signal.aborted) return picture.close();
    app.picture?.close();
    Object.assign(app, { picture, pictureKey: header.picture });
  }
  if (app.network !== header.network) load(app, opened);
  const asked = JSON.stringify([header.network, header.view]);
  if (asked !== app.asked) {
    app.asked = asked;
    const kept = app.memory.get("tables");
    const { block, head, offset, stored, common } = header.view;
    if (kept?.asked === asked) {
      Object.assign(app, { down: kept.down, right: kept.right, stored: kept.stored, common: kept.common });
      choose(app, kept.block, kept.head, kept.token);
    } else {
      Object.assign(app, { down: offset[0], right: offset[1], stored, common });
      choose(app, block, head);
    }
  }
  app.schedule();
}

/** The maps of a network, each as seen from the query, with the head's own largest value. */
function load(app, { header, numbers }) {
  app.network = header.network;
  app.blocks = header.blocks;
  app.maps = header.blocks.flatMap((told, block) => {
    const all = numbers(`table${block}`);
    const count = (2 * told.window - 1) ** 2;
    return Array.from({ length: told.heads }, (_, head) => {
      const values = all.slice(head * count, (head + 1) * count); // as stored
      const mean = values.reduce((sum, one) => sum + one, 0) / count;
      const centre = told.computed ? mean : 0;
      const most = values.reduce((top, one) => Math.max(top, Math.abs(one - centre)), 0);
      return { ...told, block, number: told.block, head, values, centre, most, side: 2 * told.window - 1 };
    });
  });
  app.most = Math.max(...app.maps.map((map) => map.most));
  app.computed = header.blocks[0].computed;
  app.wall.fill(app);
}

function build(app) {
  const { host, signal } = app;
  app.live = el("div.sr", { "aria-live": "polite" });
  app.turn = segmented("Orientation", [
    ["seen", "Seen from the query", "The query in the middle; each entry stands where its key lies"],
    ["stored", "As stored", "Row 0 of the stored table comes first: query minus key"],
  ], (value) => { app.stored = value === "stored"; app.schedule(); }, signal);
  app.scaling = segmented("Scale", [
    ["common", "Common scale", "One scale for all maps: their strengths can be compared"],
    ["own", "Own scale", "Each map to its own largest value: shapes can be compared"],
  ], (value) => { app.common = value === "common"; app.schedule(); }, signal);
  app.range = createRange(app.tables.PuOr, "");
  app.wall = createWall(app, {
    point: (map, down, right) => { app.lit = true; aim(app, down, right, map); },
    pick: (map) => { choose(app, map.block, map.head, app.token); app.schedule(); },
  });
  app.readout = createReadout();
  app.large = createGrid("One table, large", { header: false });
  app.matrix = createGrid("Bias of every pair of tokens of a window");
  app.view = el("canvas.cells.view", { tabIndex: 0, role: "application", "aria-label": "The picture with one window" });
  app.title = { large: el("span"), matrix: el("span"), view: el("span") };
  app.edges = Object.fromEntries(["top", "left", "right", "bottom"].map((name) => [name, el(`span.edge.${name}`)]));
  const figure = (name, title, node) => el(`figure.panel.${name}`, {},
    el("figcaption", {}, el("strong", {}, title), app.title[name]), node);
  const box = el("div.compass", {}, app.edges.top, app.edges.left, el("div.turning", {}, app.large.canvas), app.edges.right, app.edges.bottom);
  listen(app);
  host.className = "saccade relative learned";
  host.replaceChildren(
    el("div.bar-row", {}, app.turn.node, app.scaling.node, el("div.legend", {}, app.range.node)),
    app.wall.node, app.readout.node,
    el("div.three", {}, figure("large", "This head", box), figure("matrix", "As added to the scores", app.matrix.canvas),
      figure("view", "On your picture", app.view)),
    el("div.legend", {}, el("span.marks", {}, el("i.mark"), "query"), el("span.marks", {}, el("i.mark.key"), "key"),
      el("span.marks", {}, el("i.mark.offset"), "pairs of the same offset"),
      el("span.marks", {}, el("i.mark.hidden"), "closed by the mask, or no token")),
    app.live,
  );
}

function listen(app) {
  const flip = (cell) => (app.stored ? app.map.side ** 2 - 1 - cell : cell);
  const fromCell = (cell) => {
    const reach = app.map.window - 1;
    app.lit = true;
    aim(app, Math.floor(cell / app.map.side) - reach, (cell % app.map.side) - reach);
  };
  follow(app, app.large.canvas, {
    // The canvas itself is turned, and the browser gives places on it before that turn.
    at: (event) => cellAt(app.large, event),
    pick: fromCell,
    step: (by) => fromCell(flip(stepped(flip(offsetCell(app)), by, app.map.side, app.map.side))),
  });
  const pair = (cell) => {
    const { size, M } = app.square;
    const [query, key] = [Math.floor(cell / size), cell % size];
    seat(app, query);
    app.lit = false;
    app.schedule();
    aim(app, Math.floor(key / M) - Math.floor(query / M), (key % M) - (query % M));
  };
  follow(app, app.matrix.canvas, {
    at: (event) => cellAt(app.matrix, event),
    pick: pair,
    step: (by) => pair(stepped(pairCell(app) ?? app.query * app.square.size + app.query, by, app.square.size, app.square.size)),
  });
  const stand = (token) => { Object.assign(app, { token, lit: false }); settle(app); app.schedule(); };
  follow(app, app.view, {
    at: (event) => tokenUnder(app.view, app.cut, event), pick: stand,
    step: (by) => stand(stepped(app.token, by, app.cut.rows, app.cut.columns)),
  });
}

/** One map of one block; the query stays at about the same place of the picture. */
function choose(app, block, head, token) {
  const before = app.cut;
  app.map = app.maps.find((map) => map.block === block && map.head === head) ?? app.maps[0];
  const { window: M, grid, shift } = app.map;
  if (!app.squares.has(M)) app.squares.set(M, windowOf(M));
  app.square = app.squares.get(M);
  app.cut = cutMap(grid, M, shift);
  if (token === undefined || !before) {
    app.token = token ?? Math.floor(0.3 * grid[0]) * grid[1] + Math.floor(0.7 * grid[1]);
  } else {
    const row = Math.floor(((Math.floor(token / before.columns) + 0.5) / before.rows) * grid[0]);
    app.token = row * grid[1] + Math.floor((((token % before.columns) + 0.5) / before.columns) * grid[1]);
  }
  const reach = M - 1;
  [app.down, app.right] = [app.down, app.right].map((one) => Math.max(-reach, Math.min(reach, one)));
  settle(app);
}

/** Place in the window of the token under the query. */
function settle(app) {
  app.query = app.cut.inside[app.token];
}

/** Another place in the same window, if there is a token. */
function seat(app, place) {
  const home = app.cut.homes[app.token];
  const token = app.cut.homes.findIndex((one, t) => one === home && app.cut.inside[t] === place);
  if (token >= 0) app.token = token;
  app.query = place;
}

function aim(app, down, right, under = null) {
  if (down === app.down && right === app.right && under === app.under) return;
  Object.assign(app, { down, right, under });
  app.schedule();
}

const reachOf = (app) => app.map.window - 1;
/** Cell of the map as seen from the query. */
const offsetCell = (app) => (app.down + reachOf(app)) * app.map.side + app.right + reachOf(app);
/** Row of the stored table: the same, turned by 180 degrees. */
export const rowOf = (map, down, right) =>
  map.side ** 2 - 1 - ((down + map.window - 1) * map.side + right + map.window - 1);

/** Place of the key in the window, or null where the offset leads out of it. */
function keyOf(app) {
  const { M } = app.square;
  const at = [Math.floor(app.query / M) + app.down, (app.query % M) + app.right];
  return at.every((one) => one >= 0 && one < M) ? at[0] * M + at[1] : null;
}

function pairCell(app) {
  const key = keyOf(app);
  return key === null ? null : app.query * app.square.size + key;
}

const nameOf = (map) => `stage ${map.stage + 1}, block ${map.number + 1}, head ${map.head + 1}`;

function paint(app) {
  if (!app.map || !app.picture) return;
  const style = inks(app.host);
  app.turn.set(app.stored ? "stored" : "seen");
  app.scaling.set(app.common ? "common" : "own");
  app.host.dataset.stored = String(app.stored);
  const { map, square } = app;
  const limit = app.common ? app.most : map.most;
  const what = app.computed ? "bias above the head’s mean" : "bias, added to a score";
  app.range.set(limit, app.common ? `${what} · one scale for all maps` : `${what} · this map’s own scale`);
  app.wall.draw(app);
  const colour = signedColour(app.colours, limit);
  const last = map.values.length - 1;
  const key = `${app.network} ${map.block} ${map.head} ${limit}`;
  const reach = reachOf(app);
  drawGrid(app.large, {
    rows: map.side, columns: map.side, key, ...style, colour: (k) => colour(map.values[last - k] - map.centre),
    marks: [{ cell: reach * map.side + reach, colour: QUERY, width: 2.5 }, { cell: offsetCell(app), colour: KEY, width: 2.5 }],
  });
  const row = rowOf(map, app.down, app.right);
  const same = square.pairs[row];
  const key2 = keyOf(app);
  drawGrid(app.matrix, {
    rows: square.size, columns: square.size, key: `${key} ${style.ink}`, ...style, lit: app.lit ? same : null,
    colour: (k) => colour(map.values[square.index[k]] - map.centre), heads: { columns: String, rows: String },
    marks: [
      { row: app.query, colour: QUERY }, ...(key2 === null ? [] : [{ column: key2, colour: KEY }]),
      { cell: pairCell(app) ?? -1, colour: WHITE, width: 2.5 },
    ],
  });
  drawWindow(app.view, {
    picture: app.picture, cut: app.cut, token: app.token, key: key2, lut: app.over,
    value: (place) => (map.values[square.index[app.query * square.size + place]] - map.centre) / limit,
  });
  tell(app, row, same.length, key2);
}

function tell(app, row, count, key) {
  const { map, square } = app;
  const shown = app.under ?? map;
  const value = shown.values[rowOf(shown, app.down, app.right)];
  const rank = [...shown.values].filter((one) => one > value).length + 1;
  const title = !app.down && !app.right ? "The query itself as key" : `Key ${where(app.down, app.right)}`;
  const factor = Math.exp(value - shown.centre);
  const strongest = shown.values.reduce((best, one, k, all) => (one > all[best] ? k : best), 0);
  const reach = shown.window - 1;
  const place = [reach - Math.floor(strongest / shown.side), reach - (strongest % shown.side)];
  const above = app.computed ? `${plus(value - shown.centre)} against the head’s mean` : `rank ${rank} of ${shown.values.length} offsets`;
  showReadout(app.readout, {
    title, note: nameOf(shown), byKey: true, facts: [
      { id: "bias", label: "Bias", value: plus(value), raw: value, note: above },
      { id: "factor", label: "Weight before dividing", value: `× ${number(factor)}`, raw: factor, note: `e to the power of ${plus(value - shown.centre)}` },
      { id: "row", label: "Row of the stored table", value: String(row), raw: row, note: `query − key = (${signed(-app.down)}, ${signed(-app.right)})` },
      { id: "pairs", label: "Pairs that share it", value: String(count), raw: count, note: `of ${square.size ** 2} in every window` },
      { id: "most", label: "This head’s largest", value: plus(shown.values[strongest]), raw: shown.values[strongest], note: place[0] || place[1] ? `${where(...place).replace(/( of)? the query$/, "")}` : "the query itself" },
    ],
  });
  say(app.title.large, app.stored ? `${nameOf(map)}, turned by 180°` : nameOf(map));
  say(app.title.matrix, `${square.size} × ${square.size}: a row for each query, a column for each key`);
  say(app.title.view, key === null ? "this offset leads out of the window" : "point: the bias moves with the query");
  const words = app.stored ? [`row 0: key ${reach} below`, `key ${reach} right`, `key ${reach} left`, `last row: key ${reach} above`]
    : [`key ${reach} above`, `key ${reach} left`, `key ${reach} right`, `key ${reach} below`];
  ["top", "left", "right", "bottom"].forEach((name, k) => say(app.edges[name], words[k]));
  speak(app, `${title}, ${nameOf(shown)}: ${plus(value)}.`);
}
