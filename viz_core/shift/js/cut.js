// How a shifted block cuts its map: viz_core/windows.py and window_mask.py once more. Pure.

/** The nine colours of Paul Tol's "light" scheme: colour-blind safe, made for labelled cells. */
export const REGION_COLOURS = [
  [119, 170, 221], [238, 136, 102], [238, 221, 136], [255, 170, 187], [153, 221, 255],
  [68, 187, 153], [187, 204, 51], [170, 170, 0], [221, 221, 221],
];

const ceil = (value, unit) => Math.ceil(value / unit) * unit;

/** Band of a place of the rolled frame: 0 far from the seam, 1 before it, 2 behind it. */
const band = (place, size, window, shift) =>
  shift ? (place >= size - window) + (place >= size - shift) : 0;

/**
 * Everything about one cut. Tokens count row by row over the map, windows row by row over the
 * rolled frame. For every token: `regular` its window without a shift, `homes` its window after
 * the roll, `id` Swin's region id, `group` what it may see (window and id together).
 */
export function cutMap([rows, columns], window, shift) {
  const padded = [ceil(rows, window), ceil(columns, window)];
  const across = padded[1] / window;
  const size = rows * columns;
  const cut = {
    rows, columns, window, shift, padded, windows: [padded[0] / window, across], size,
    regular: new Uint16Array(size), inside: new Uint16Array(size), homes: new Uint16Array(size),
    id: new Uint8Array(size), group: new Uint16Array(size), place: new Uint32Array(size),
    ragged: new Uint32Array(size),
  };
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const token = r * columns + c;
      const [y, x] = [(r - shift + rows) % rows, (c - shift + columns) % columns];
      cut.regular[token] = Math.floor(r / window) * across + Math.floor(c / window);
      cut.place[token] = y * padded[1] + x;
      cut.homes[token] = Math.floor(y / window) * across + Math.floor(x / window);
      cut.inside[token] = (y % window) * window + (x % window);
      cut.id[token] = 3 * band(y, padded[0], window, shift) + band(x, padded[1], window, shift);
      cut.group[token] = cut.homes[token] * 9 + cut.id[token];
      cut.ragged[token] = 1000 * Math.floor((r - shift) / window + 1) + Math.floor((c - shift) / window + 1);
    }
  }
  cut.raggedCount = new Set(cut.ragged).size;
  cut.idCount = new Set(cut.id).size;
  return cut;
}

const equal = (list, token) => list.reduce((sum, one) => sum + (one === list[token]), 0);

/** What one token may see: counts of keys. `seam`: open keys that came from the far side. */
export function countsOf(cut, token) {
  const open = equal(cut.group, token);
  let fresh = 0;
  let seam = 0;
  cut.group.forEach((group, other) => {
    if (group !== cut.group[token]) return;
    fresh += cut.regular[other] !== cut.regular[token];
    seam += cut.ragged[other] !== cut.ragged[token];
  });
  const keys = cut.window ** 2;
  const real = equal(cut.homes, token);
  return { regular: equal(cut.regular, token), keys, open, closed: real - open, filled: keys - real, fresh, seam };
}

/** Share of all pairs of tokens in common windows that the mask closes. */
export function closedShare(cut) {
  const inWindow = new Map();
  const inGroup = new Map();
  for (let token = 0; token < cut.size; token++) {
    inWindow.set(cut.homes[token], (inWindow.get(cut.homes[token]) ?? 0) + 1);
    inGroup.set(cut.group[token], (inGroup.get(cut.group[token]) ?? 0) + 1);
  }
  const squares = (counts) => [...counts.values()].reduce((sum, n) => sum + n * n, 0);
  return 1 - squares(inGroup) / squares(inWindow);
}

/** Tokens of the smallest window that a shift without a roll leaves. */
export function smallestPiece({ ragged }) {
  const counts = new Map();
  ragged.forEach((one) => counts.set(one, (counts.get(one) ?? 0) + 1));
  return Math.min(...counts.values());
}

/** How far a token has moved, in rows and columns, when the roll is done to `share`. */
export function moved(cut, row, column, share) {
  const step = (at, size) => share * (at < cut.shift ? size - cut.shift : -cut.shift);
  return [step(row, cut.rows), step(column, cut.columns)];
}

/** The four pieces of the roll, [row, column, rows, columns]; the last is lifted highest. */
export function pieces({ rows, columns, shift }) {
  if (!shift) return [{ name: "", box: [0, 0, rows, columns] }];
  return [
    { name: "", box: [shift, shift, rows - shift, columns - shift] },
    { name: "B", box: [0, shift, shift, columns - shift] },
    { name: "C", box: [shift, 0, rows - shift, shift] },
    { name: "A", box: [0, 0, shift, shift] },
  ];
}

/** Boxes [row, column, rows, columns] of what shares a label, with that label's first token. */
export function boxes({ rows, columns }, labels) {
  const found = new Map();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const token = r * columns + c;
      const box = found.get(labels[token]) ?? { token, top: r, left: c, bottom: r, right: c, count: 0 };
      Object.assign(box, { bottom: r, left: Math.min(box.left, c), right: Math.max(box.right, c) });
      box.count += 1;
      found.set(labels[token], box);
    }
  }
  return [...found.values()].map(({ token, top, left, bottom, right, count }) => {
    const box = [top, left, bottom - top + 1, right - left + 1];
    return { token, box, whole: count === box[2] * box[3] };
  });
}
