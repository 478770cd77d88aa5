// The wall: the table of every head of every block, all with the same offset marked.

import { el } from "../../canvas/js/dom.js";
import { paintSigned, opaqueLut } from "../../canvas/js/colour.js";

/** `point(map, down, right)` follows the pointer, `pick(map)` a click. */
export function createWall(app, { point, pick }) {
  const node = el("div.tables-wall", { role: "group", "aria-label": "Tables of all heads" });
  const lut = opaqueLut(app.tables.PuOr);
  let tiles = [];
  const at = (event) => {
    const button = event.target.closest?.(".tile");
    const tile = button && tiles[Number(button.dataset.map)];
    if (!tile) return null;
    const box = tile.canvas.getBoundingClientRect();
    const { side, window: M } = tile.map;
    const [u, v] = [(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height];
    if (u < 0 || v < 0 || u >= 1 || v >= 1) return null;
    const [row, column] = [Math.floor(v * side), Math.floor(u * side)];
    const turn = app.stored ? -1 : 1;
    return { map: tile.map, down: turn * (row - M + 1), right: turn * (column - M + 1) };
  };
  node.addEventListener("pointermove", (event) => {
    const found = at(event);
    if (found) point(found.map, found.down, found.right);
  }, { signal: app.signal });
  node.addEventListener("pointerleave", () => point(null, app.down, app.right), { signal: app.signal });
  node.addEventListener("click", (event) => {
    const button = event.target.closest?.(".tile");
    if (button) pick(tiles[Number(button.dataset.map)].map);
  }, { signal: app.signal });
  return {
    node,
    fill: () => { tiles = fill(app, node); },
    draw: () => draw(app, tiles, lut),
  };
}

function fill(app, node) {
  const tiles = [];
  const rows = [];
  for (const map of app.maps) {
    const canvas = el("canvas", { width: map.side, height: map.side, "aria-hidden": "true" });
    const label = `Stage ${map.stage + 1}, block ${map.number + 1}, head ${map.head + 1}`;
    const button = el("button.tile", { type: "button", title: label, "aria-label": label }, canvas, el("i.spot"));
    button.dataset.map = String(tiles.length);
    button.style.setProperty("--side", map.side);
    tiles.push({ map, canvas, button });
    rows[map.stage] ??= { grid: map.grid, blocks: [] };
    (rows[map.stage].blocks[map.number] ??= { shift: map.shift, buttons: [] }).buttons.push(button);
  }
  node.replaceChildren(...rows.map(({ grid, blocks }, stage) => el("div.stage-row", {},
    el("div.stage-name", {}, el("b", {}, `Stage ${stage + 1}`), `${grid[0]} × ${grid[1]} tokens`),
    el("div.stage-blocks", {}, ...blocks.map(({ shift, buttons }, k) => el("div.block", {},
      el("span", {}, `block ${k + 1}${shift ? ", shifted" : ""}`), el("div.tiles", {}, ...buttons)))))));
  return tiles;
}

function draw(app, tiles, lut) {
  for (const { map, canvas, button } of tiles) {
    const limit = app.common ? app.most : map.most;
    if (canvas.dataset.limit !== String(limit)) {
      canvas.dataset.limit = String(limit);
      const context = canvas.getContext("2d");
      const image = context.createImageData(map.side, map.side);
      const seen = Float32Array.from(map.values, (_, k) => map.values[map.values.length - 1 - k] - map.centre);
      paintSigned(seen, 0, limit, lut, new Uint32Array(image.data.buffer));
      context.putImageData(image, 0, 0);
    }
    const chosen = String(map === app.map);
    if (button.getAttribute("aria-pressed") !== chosen) button.setAttribute("aria-pressed", chosen);
  }
  const sign = app.stored ? -1 : 1;
  const { style } = app.wall.node;
  style.setProperty("--down", sign * app.down);
  style.setProperty("--right", sign * app.right);
}
