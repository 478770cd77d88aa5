// Hiding and showing patches: strokes, boxes, and what stays. Pure.

/** Sets the square of `width` patches around a patch. */
function dab(mask, { rows, columns }, patch, width, on) {
  const [row, column] = [Math.floor(patch / columns), patch % columns];
  const back = Math.floor((width - 1) / 2);
  for (let r = Math.max(0, row - back); r < Math.min(rows, row - back + width); r++) {
    for (let c = Math.max(0, column - back); c < Math.min(columns, column - back + width); c++) {
      mask[r * columns + c] = on;
    }
  }
}

/** A stroke between two patches, without holes however fast the pointer is. */
export function stroke(mask, grid, from, to, width, on) {
  const { columns } = grid;
  const [y0, x0, y1, x1] = [Math.floor(from / columns), from % columns, Math.floor(to / columns), to % columns];
  const steps = Math.max(Math.abs(y1 - y0), Math.abs(x1 - x0), 1);
  const out = mask.slice();
  for (let k = 0; k <= steps; k++) {
    const [y, x] = [Math.round(y0 + ((y1 - y0) * k) / steps), Math.round(x0 + ((x1 - x0) * k) / steps)];
    dab(out, grid, y * columns + x, width, on);
  }
  return out;
}

/** Sets the rectangle between two patches. */
export function box(mask, { columns }, from, to, on) {
  const rows = [Math.floor(from / columns), Math.floor(to / columns)].sort((a, b) => a - b);
  const sides = [from % columns, to % columns].sort((a, b) => a - b);
  const out = mask.slice();
  for (let r = rows[0]; r <= rows[1]; r++) out.fill(on, r * columns + sides[0], r * columns + sides[1] + 1);
  return out;
}

export const TOOLS = {
  brush: { width: 1 },
  wide: { width: 2 },
  wider: { width: 3 },
  box: { box: true },
  keep: { keep: true },
};

/** The mask while a tool is dragged; `held` is {mask, from, last, on, draft}. */
export function dragged(tool, grid, held, patch) {
  const { width, keep } = TOOLS[tool];
  if (width) return stroke(held.draft ?? held.mask, grid, held.last, patch, width, held.on);
  if (keep) return box(held.mask.map(() => 1), grid, held.from, patch, 0);
  return box(held.mask, grid, held.from, patch, held.on);
}

export const inverted = (mask) => mask.map((on) => 1 - on);
export const filled = (mask, on) => mask.map(() => on);
