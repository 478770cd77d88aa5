// Where patches and tokens stand, in CSS pixels. Pure.

const LINE_NUMBER = 34;
const BAR = 1.45; // height of a token's column of numbers, in widths of its patch
export const MOST_DRAWN = 4096; // tokens drawn one by one; more become coloured dots

/** Picture and sequence side by side, or one below the other on a phone. */
export function boxes(width) {
  const wide = width >= 680;
  const side = Math.round(wide ? Math.min(0.42 * width, 450) : Math.min(width, 270));
  const picture = { x: wide ? 0 : Math.round((width - side) / 2), y: 0, side };
  const sequence = wide
    ? { x: side + 34, y: 0, w: width - side - 34, h: side }
    : { x: 0, y: side + 18, w: width, h: Math.round(1.15 * side) };
  return { picture, sequence, height: sequence.y + sequence.h + 2 };
}

/** Rectangle of a patch; apart 0 is the whole picture, 1 is gently apart. */
export function patchRect({ x, y, side }, grid, patch, apart) {
  const gap = apart * Math.min(9, (0.17 * side) / grid);
  const cell = (side - gap * (grid - 1)) / grid;
  const row = Math.floor(patch / grid);
  const column = patch % grid;
  return { x: x + column * (cell + gap), y: y + row * (cell + gap), w: cell, h: cell };
}

export function patchAt(picture, grid, x, y) {
  const column = Math.floor(((x - picture.x) / picture.side) * grid);
  const row = Math.floor(((y - picture.y) / picture.side) * grid);
  return row < 0 || column < 0 || row >= grid || column >= grid ? -1 : row * grid + column;
}

/** The largest tokens with which the sequence fits, wrapped like a text. */
export function sequence(box, count) {
  const bar = count > MOST_DRAWN ? 0 : BAR;
  const wide = box.w - LINE_NUMBER;
  const try_ = (size) => {
    const gap = Math.max(0.5, 0.16 * size);
    const columns = Math.floor((wide + gap) / (size + gap));
    const lines = Math.ceil(count / columns);
    const pitch = size * (1 + bar) + (bar ? 3 * gap : gap);
    return { size, gap, columns, lines, pitch, bar: bar * size, high: lines * pitch };
  };
  let size = 76;
  let best = try_(size);
  while ((best.high > box.h || best.columns < 1) && size > 1) best = try_((size *= 0.97));
  // Text starts at the top; a short sequence hangs in the middle.
  return { ...best, x: box.x + LINE_NUMBER, y: box.y + Math.max(0, (box.h - best.high) / 2), count };
}

export function tokenRect(line, token) {
  const row = Math.floor(token / line.columns);
  const column = token % line.columns;
  const x = line.x + column * (line.size + line.gap);
  return { x, y: line.y + row * line.pitch, w: line.size, h: line.size };
}

export function tokenAt(line, x, y) {
  const column = Math.floor((x - line.x + line.gap / 2) / (line.size + line.gap));
  const row = Math.floor((y - line.y) / line.pitch);
  if (column < 0 || column >= line.columns || row < 0) return -1;
  const token = row * line.columns + column;
  return token < line.count ? token : -1;
}
