// Tokens of two pictures: whole numbers with a scale each become vectors of length 1. Pure.

/** {count, width, values}: vectors as the network has them. */
export function vectors(levels, scales, width) {
  const whole = new Int16Array(levels.slice().buffer);
  const values = new Float32Array(whole.length);
  for (let k = 0; k < values.length; k++) values[k] = whole[k] * scales[(k / width) | 0];
  return { count: whole.length / width, width, values };
}

/** The mean token of a picture: what all of its tokens share. */
export function meanOf({ count, width, values }) {
  const mean = new Float64Array(width);
  for (let k = 0; k < values.length; k++) mean[k % width] += values[k] / count;
  return mean;
}

/** Vectors of length 1, of what is left when `mean` is taken off. */
export function units({ count, width, values }, mean = null) {
  const out = new Float32Array(values.length);
  for (let t = 0; t < count; t++) {
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const value = values[t * width + k] - (mean ? mean[k] : 0);
      out[t * width + k] = value;
      sum += value * value;
    }
    const length = Math.sqrt(sum) || 1;
    for (let k = 0; k < width; k++) out[t * width + k] /= length;
  }
  return { count, width, values: out };
}

/** Cosine of one token with all tokens of a set. */
export function cosines(from, token, to) {
  const { width } = from;
  const out = new Float32Array(to.count);
  for (let t = 0; t < to.count; t++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += from.values[token * width + k] * to.values[t * width + k];
    out[t] = Math.max(-1, Math.min(1, sum));
  }
  return out;
}

/** The largest value; `but` is left out. */
export function largest(values, but = -1) {
  let at = -1;
  for (let k = 0; k < values.length; k++) if (k !== but && (at < 0 || values[k] > values[at])) at = k;
  return at;
}
