// Where things stand on a canvas, in its pixels. Pure.

/** Rectangles of `count` panels of one aspect (width / height), and the height they need. */
export function panels(count, width, aspect, gap, perRow = count) {
  const columns = Math.max(1, Math.min(count, perRow));
  const w = (width - gap * (columns - 1)) / columns;
  const h = w / aspect;
  const rects = Array.from({ length: count }, (_, k) => {
    const x = (k % columns) * (w + gap);
    return { x, y: Math.floor(k / columns) * (h + gap), w, h };
  });
  const rows = Math.ceil(count / columns);
  return { rects, height: rows * h + (rows - 1) * gap };
}

/** {panel, u, v} under a point, u and v from 0 to 1, or null between the panels. */
export function pointAt(rects, x, y) {
  for (let panel = 0; panel < rects.length; panel++) {
    const r = rects[panel];
    const u = (x - r.x) / r.w;
    const v = (y - r.y) / r.h;
    if (u >= 0 && u < 1 && v >= 0 && v < 1) return { panel, u, v };
  }
  return null;
}

/** The patch of a grid under a relative point. */
export const patchAt = ({ u, v }, { rows, columns }) =>
  Math.floor(v * rows) * columns + Math.floor(u * columns);

/** The relative point in the middle of a patch. */
export const middleOf = (patch, { rows, columns }) => ({
  u: ((patch % columns) + 0.5) / columns,
  v: (Math.floor(patch / columns) + 0.5) / rows,
});

/** Rectangle of a patch inside a panel, on whole pixels so that outlines are crisp. */
export function patchRect(rect, row, column, rows, columns) {
  const x = Math.round(rect.x + (column / columns) * rect.w);
  const y = Math.round(rect.y + (row / rows) * rect.h);
  return {
    x,
    y,
    w: Math.round(rect.x + ((column + 1) / columns) * rect.w) - x,
    h: Math.round(rect.y + ((row + 1) / rows) * rect.h) - y,
  };
}

/** The patch reached by a step of [rows, columns], held inside the grid. */
export function moved(patch, { rows, columns }, [down, right]) {
  const row = Math.max(0, Math.min(rows - 1, Math.floor(patch / columns) + down));
  const column = Math.max(0, Math.min(columns - 1, (patch % columns) + right));
  return row * columns + column;
}

/** Size and cells of the wall of thumbnails in map pixels: one pixel a patch, `gap` between. */
export function wallGrid(layers, heads, rows, columns, gap) {
  return {
    width: heads * (columns + gap) - gap,
    height: layers * (rows + gap) - gap,
    cell: (layer, head) => [head * (columns + gap), layer * (rows + gap)],
    at: (x, y) => {
      const layer = Math.floor(y / (rows + gap));
      const head = Math.floor(x / (columns + gap));
      const inside = layer >= 0 && layer < layers && head >= 0 && head < heads;
      return inside ? { layer, head } : null;
    },
  };
}
