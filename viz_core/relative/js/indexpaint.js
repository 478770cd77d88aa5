// Paints the six grids of the index view, all with the same pair under the pointer.

import { say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { arrow, drawGrid, KEY, QUERY } from "./grid.js";
import { columnPart, largestParts, offsetOf, pairText, plus, rowPart, signed } from "./numbers.js";
import { inks, plainColour, signedColour } from "./shared.js";

const WHITE = "#ffffff";
const PLAIN = [[47, 49, 68], [226, 226, 240]]; // of a token that is nothing special: dark, light
// Which panels a step is about; panels of later steps wait in the shade.
const FIRST = { window: 1, rows: 1, columns: 1, index: 4, table: 5, bias: 5 };
const TITLES = [
  ["y of query − y of key", "x of query − x of key"],
  ["+ (M − 1)", "+ (M − 1)"],
  ["× (2M − 1)", "stays as it is"],
];

export function paintIndex(app) {
  const { square, pair, panels, step } = app;
  app.inks ??= {};
  Object.assign(app.inks, inks(app.host));
  const [query, key] = [Math.floor(pair / square.size), pair % square.size];
  const index = square.index[pair];
  const same = square.pairs[index];
  for (const [name, { node }] of Object.entries(panels)) node.dataset.waits = String(FIRST[name] > step);
  paintWindow(app, query, key, same);
  const marks = [
    { row: query, colour: QUERY }, { column: key, colour: KEY },
    ...(square.M < 6 && !app.all ? same.map((cell) => ({ cell, colour: "rgba(255,255,255,.75)", width: 1 })) : []),
    { cell: pair, colour: WHITE, width: 2.5 },
  ];
  const shared = { lit: app.all ? same : null, marks };
  paintParts(app, shared);
  const limit = square.side ** 2 - 1;
  matrix(app, "index", {
    ...shared, key: "", colour: (k) => plainColour(app.colours.viridis, limit)(square.index[k]),
    text: (k) => String(square.index[k]),
  });
  const top = app.table.reduce((most, one) => Math.max(most, Math.abs(one - app.header.centre)), 0);
  app.range.set(top, app.header.centre ? "bias above the head’s mean" : "bias, added to a score");
  const bias = (value) => signedColour(app.colours.PuOr, top)(value - app.header.centre);
  const values = { key: `${app.header.from}${top}` };
  matrix(app, "bias", {
    ...shared, ...values, colour: (k) => bias(app.table[square.index[k]]), text: (k) => short(app.table[square.index[k]]),
  });
  drawGrid(panels.table.grid, {
    ...values, rows: square.side, columns: square.side, key: `${values.key}${app.inks.ink}`, ...app.inks,
    heads: { columns: (k) => signed(k - square.M + 1), rows: (k) => signed(k - square.M + 1) },
    colour: (k) => bias(app.table[k]), text: (k) => (square.side > 7 ? String(k) : short(app.table[k])),
    marks: [{ cell: index, colour: WHITE, width: 2.5 }],
  });
  tellPanels(app, index, pair);
}

function matrix(app, name, told) {
  const { square } = app;
  const head = (k) => String(k);
  drawGrid(app.panels[name].grid, {
    ...told, rows: square.size, columns: square.size, key: `${square.M} ${told.key} ${app.inks.ink}`, ...app.inks,
    heads: { columns: head, rows: head },
  });
}

/** Row part and column part, on their way from the last step's numbers to this one's. */
function paintParts(app, shared) {
  const { square, step, shown, mix } = app;
  const part = (name, values, of, which) => {
    const [from, to] = [shown, step].map((at) => {
      const limit = largestParts(square, at)[which];
      const colour = at < 2 ? signedColour(app.colours.PuOr, limit) : plainColour(app.colours.viridis, limit);
      return { colour, value: (k) => of(square, values[k], at) };
    });
    const blend = (a, b) => a + (b - a) * mix;
    matrix(app, name, {
      ...shared, key: `${shown} ${step} ${mix.toFixed(2)}`,
      colour: (k) => {
        const [a, b] = [from.colour(from.value(k)), to.colour(to.value(k))];
        return mix === 1 ? b : a.map((one, c) => blend(one, b[c]));
      },
      text: (k) => signed(Math.round(blend(from.value(k), to.value(k)))),
    });
  };
  part("rows", square.down, rowPart, 0);
  part("columns", square.right, columnPart, 1);
}

function paintWindow(app, query, key, same) {
  const { square, panels } = app;
  const { grid } = panels.window;
  const pairs = app.all ? same.slice(0, 64) : [query * square.size + key];
  const coordinates = (k) => (square.M > 5 ? String(k) : pairText(Math.floor(k / square.M), k % square.M));
  drawGrid(grid, {
    rows: square.M, columns: square.M, key: app.inks.ink, ...app.inks, colour: () => PLAIN[light(app.inks.ink) ? 0 : 1],
    text: coordinates, heads: { columns: String, rows: String },
    marks: [{ cell: key, colour: KEY, width: 3.5 }, { cell: query, colour: QUERY, width: 3.5 }],
    after: () => {
      for (const pair of pairs) {
        const one = [pair % square.size, Math.floor(pair / square.size)];
        const chosen = pair === app.pair;
        grid.context.globalAlpha = chosen || !app.all ? 1 : 0.75;
        arrow(grid, ...one, chosen ? WHITE : "#c9c4ff", chosen ? 3 : 2);
      }
      grid.context.globalAlpha = 1;
    },
  });
}

/** Whether a CSS colour is nearer to white. */
const light = (css) => (css.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) > 382;

/** Two digits after the point at most: what fits into a cell. */
const short = (value) => {
  const text = Math.abs(value) >= 9.95 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 0.995 ? 1 : 2);
  return text.replace("-", "−").replace(/^(−?)0\./, "$1.");
};

function tellPanels(app, index, pair) {
  const { square, panels, step } = app;
  const [down, right] = offsetOf(square, index);
  const parts = TITLES[Math.min(step, 3) - 1];
  say(panels.window.value, `${square.M} × ${square.M}`);
  say(panels.rows.value, signed(rowPart(square, down, step)));
  say(panels.rows.line, parts[0]);
  say(panels.columns.value, signed(columnPart(square, right, step)));
  say(panels.columns.line, parts[1]);
  say(panels.index.value, String(index));
  say(panels.table.value, `[${index}]`);
  say(panels.table.line, `${square.side} × ${square.side}: one number an offset`);
  say(panels.bias.value, plus(app.table[index]));
  say(panels.bias.line, `${square.size} × ${square.size}: what is added to the scores`);
  const told = `row ${Math.floor(pair / square.size)}, column ${pair % square.size}: ${number(index)}`;
  panels.index.grid.canvas.setAttribute("aria-label", `Index matrix, ${told}`);
}
