// Where the maps of the pyramid stand, and which of their tokens lie on the same pixels. Pure.

const TAPER = 0.83; // side of a face over that of the one before it
export const LEAN = 0.72; // how far a slab leans right and up for each pixel of its depth
const HEAD = 46; // px for the words above a face
const GAP = 22;
const APART = 22; // more room before the other network
const SLABS = [3, 30]; // depth in px of the thinnest and the thickest slab

/** All maps from left to right: the pixels, the stages, the other network. */
export function mapsOf({ side, patch, stages, peer }) {
  const widest = Math.max(...stages.map((stage) => stage.width), peer.width);
  const slab = (width) => SLABS[0] + (SLABS[1] - SLABS[0]) * (width / widest);
  return [
    { kind: "pixels", name: "Pixels", grid: side, span: 1, width: 3, depth: slab(3) },
    ...stages.map((stage, k) => ({
      kind: "stage", stage: k, name: `Stage ${k + 1}`, grid: stage.grid, span: patch * 2 ** k,
      width: stage.width, depth: slab(stage.width), window: stage.window,
    })),
    {
      kind: "peer", name: peer.title, grid: peer.grid, span: side / peer.grid, width: peer.width,
      depth: slab(peer.width),
    },
  ];
}

/** Panels with their faces {x, y, side} in `width` px, and the height of all. */
export function placed(maps, width) {
  return width >= 680 ? inOneRow(maps, width) : inRows(maps, width);
}

function inOneRow(maps, width) {
  const leaning = maps.reduce((sum, map) => sum + LEAN * map.depth, 0);
  const shares = maps.map((map, k) => (map.kind === "peer" ? TAPER ** 2 : TAPER ** k));
  const room = width - leaning - GAP * (maps.length - 1) - APART - 4;
  const base = Math.min(270, room / shares.reduce((sum, share) => sum + share, 0));
  const spare = (room - base * shares.reduce((sum, share) => sum + share, 0)) / (maps.length - 1);
  const top = HEAD + LEAN * SLABS[1];
  let x = 2;
  const panels = maps.map((map, k) => {
    if (map.kind === "peer") x += APART;
    const side = Math.floor(base * shares[k]);
    const panel = { ...map, x: Math.round(x), y: Math.round(top + (base - side) / 2), side, index: k };
    x += side + LEAN * map.depth + GAP + spare;
    return panel;
  });
  return { panels, height: Math.ceil(top + base + 4), inRow: true };
}

function inRows(maps, width) {
  const lean = LEAN * SLABS[1];
  const side = Math.floor((width - GAP - 2 * lean) / 2);
  const step = side + HEAD + lean + 14;
  const panels = maps.map((map, k) => ({
    ...map, side, index: k,
    x: 2 + (k % 2) * (side + lean + GAP), y: Math.round(HEAD + lean + Math.floor(k / 2) * step),
  }));
  return { panels, height: Math.ceil(maps.length / 2) * step, inRow: false };
}

/** The tokens of `map` on the pixels of token (row, column) of `from`: {row, column, rows, columns}. */
export function related(from, { row, column }, map) {
  const along = (at) => {
    const first = Math.floor((at * from.span) / map.span + 1e-6);
    const end = Math.ceil(((at + 1) * from.span) / map.span - 1e-6);
    return [Math.min(first, map.grid - 1), Math.max(1, Math.min(end, map.grid) - first)];
  };
  const [top, rows] = along(row);
  const [left, columns] = along(column);
  return { row: top, column: left, rows, columns };
}

/** A block of tokens on a panel's face, in px. */
export function boxOf({ x, y, side, grid }, { row, column, rows, columns }) {
  const cell = side / grid;
  return { x: x + column * cell, y: y + row * cell, w: columns * cell, h: rows * cell };
}

/** {panel, row, column} under a point, or null. */
export function under(panels, x, y) {
  for (const panel of panels) {
    const column = Math.floor(((x - panel.x) / panel.side) * panel.grid);
    const row = Math.floor(((y - panel.y) / panel.side) * panel.grid);
    if (Math.min(row, column) >= 0 && Math.max(row, column) < panel.grid) return { panel: panel.index, row, column };
  }
  return null;
}
