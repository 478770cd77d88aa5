// Regions with borders between the places: at each point the region with the largest weight wins.

const FINE = 32; // points a place and side
const LARGEST = 448; // points along a side

/** Labels on a finer grid: bilinear weights of the four nearest places, the heaviest region. */
export function smoothed(labels, { rows, columns }) {
  const times = Math.max(2, Math.min(FINE, Math.floor(LARGEST / Math.max(rows, columns))));
  const [high, wide] = [rows * times, columns * times];
  const columnsAround = Array.from({ length: wide }, (_, x) => around(x, times, columns));
  const found = new Uint8Array(high * wide);
  for (let y = 0; y < high; y++) {
    const [top, bottom, down] = around(y, times, rows);
    for (let x = 0; x < wide; x++) {
      const [left, right, across] = columnsAround[x];
      const [a, b] = [labels[top * columns + left], labels[top * columns + right]];
      const [c, d] = [labels[bottom * columns + left], labels[bottom * columns + right]];
      found[y * wide + x] = a === b && b === c && c === d ? a
        : heaviest([a, b, c, d], [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across]);
    }
  }
  return { labels: found, rows: high, columns: wide };
}

function around(point, times, count) {
  const at = Math.max(0, Math.min(count - 1, (point + 0.5) / times - 0.5));
  const low = Math.floor(at);
  return [low, Math.min(count - 1, low + 1), at - low];
}

function heaviest(regions, weights) {
  let [best, most] = [regions[0], -1];
  for (let k = 0; k < 4; k++) {
    let sum = 0;
    for (let j = 0; j < 4; j++) if (regions[j] === regions[k]) sum += weights[j];
    if (sum > most + 1e-9) [best, most] = [regions[k], sum];
  }
  return best;
}
