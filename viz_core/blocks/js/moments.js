// Batch norm and layer norm of one picture's tensor, learned scale and shift left out. Pure.

const EPS = 1e-6;

/** Mean and deviation of every channel over the first `size` pictures, from their moments. */
export function batchMoments(mean, square, channels, size) {
  const [centre, spread] = [new Float32Array(channels), new Float32Array(channels)];
  for (let c = 0; c < channels; c++) {
    let [sum, squares] = [0, 0];
    for (let n = 0; n < size; n++) {
      sum += mean[n * channels + c];
      squares += square[n * channels + c];
    }
    centre[c] = sum / size;
    spread[c] = Math.sqrt(Math.max(0, squares / size - (sum / size) ** 2) + EPS);
  }
  return { centre, spread };
}

/** Mean and deviation of every place over the channels. */
export function placeMoments(given, channels) {
  const places = given.length / channels;
  const [centre, spread] = [new Float32Array(places), new Float32Array(places)];
  for (let p = 0; p < places; p++) {
    let [sum, squares] = [0, 0];
    for (let c = 0; c < channels; c++) {
      const value = given[c * places + p];
      sum += value;
      squares += value * value;
    }
    centre[p] = sum / channels;
    spread[p] = Math.sqrt(Math.max(0, squares / channels - (sum / channels) ** 2) + EPS);
  }
  return { centre, spread };
}

/** (value - mean) / deviation; `by(c, p)` says which mean. */
export function normalised(given, channels, { centre, spread }, by) {
  const places = given.length / channels;
  const out = new Float32Array(given.length);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < places; p++) {
      const k = by(c, p);
      out[c * places + p] = (given[c * places + p] - centre[k]) / spread[k];
    }
  }
  return out;
}

/** Mean of every channel (row) and of every place (column) of a tensor. */
export function means(values, channels) {
  const places = values.length / channels;
  const rows = new Float32Array(channels);
  const columns = new Float32Array(places);
  values.forEach((value, k) => {
    rows[Math.floor(k / places)] += value / places;
    columns[k % places] += value / channels;
  });
  return { rows, columns };
}

/** Root mean square of the difference of two tensors. */
export function apart(one, other) {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += (one[k] - other[k]) ** 2;
  return Math.sqrt(sum / one.length);
}

/** Root mean square of numbers: how far means are from 0. */
export const size = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** The absolute value below which 98 % of the numbers lie. */
export function top(values) {
  const sorted = Float32Array.from(values, Math.abs).sort();
  return sorted[Math.floor(0.98 * (sorted.length - 1))] || 1;
}
