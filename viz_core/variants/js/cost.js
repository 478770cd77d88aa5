// What a compact transformer costs, as viz_core/compact_macs.py counts it, and its parameters. Pure.

const POOL = { kernel: 3, stride: 2, padding: 1 };

const after = (side, { kernel, stride, padding }) => Math.floor((side + 2 * padding - kernel) / stride) + 1;

/** Maps of the tokenizer: [{before, channels, convolved, side}], or null where nothing is left. */
export function maps(made) {
  const found = [];
  let { side } = made;
  let before = 3;
  for (let k = 1; k <= made.convolutions; k++) {
    const channels = k === made.convolutions ? made.width : 64;
    const convolved = after(side, made);
    side = made.pooled ? after(convolved, POOL) : convolved;
    if (side < 1) return null;
    found.push({ before, channels, convolved, side });
    before = channels;
  }
  return found;
}

/** Side in pixels of the square that one token reads, and pixels from one token to the next. */
export function window(made) {
  let [side, step] = [1, 1];
  for (let k = 0; k < made.convolutions; k++) {
    side += (made.kernel - 1) * step;
    step *= made.stride;
    if (made.pooled) {
      side += (POOL.kernel - 1) * step;
      step *= POOL.stride;
    }
  }
  return { side, step };
}

/** {tokens, parameters, macs, parts} of one picture; null where the tokenizer leaves nothing. */
export function cost(made) {
  const found = maps(made);
  if (!found) return null;
  const { width, depth, classes } = made;
  const hidden = Math.floor(width * made.ratio);
  const tokens = found.at(-1).side ** 2 + (made.pool ? 0 : 1);
  const area = made.kernel ** 2;
  const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
  const parts = {
    tokenizer: sum(found.map((map) => map.convolved ** 2 * area * map.before * map.channels)),
    projections: depth * 4 * tokens * width ** 2,
    attention: depth * 2 * tokens ** 2 * width,
    mlp: depth * 2 * tokens * width * hidden,
    head: (made.pool ? 2 * tokens * width : 0) + width * classes,
  };
  const weights = {
    tokenizer: sum(found.map((map) => area * map.before * map.channels + (made.bias ? map.channels : 0))),
    positions: tokens * width + (made.pool ? 0 : width),
    blocks: depth * (4 * width ** 2 + width + 4 * width + 2 * width * hidden + hidden + width),
    head: 2 * width + (made.pool ? width + 1 : 0) + (width + 1) * classes,
  };
  return { tokens, macs: sum(Object.values(parts)), parts, parameters: sum(Object.values(weights)), weights };
}
