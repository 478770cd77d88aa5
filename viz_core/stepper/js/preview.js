// What an edit changes, at once: the chain of matrices as Python calculates it. Pure.

const transposed = (m) => m[0].map((_, c) => m.map((row) => row[c]));
const times = (a, b) => a.map((row) => b[0].map((_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)));
const each = (heads, act) => heads.map((m) => m.map((row, r) => row.map((value, c) => act(value, r, c))));

function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** Fills in everything that follows from x, y and the weights, until Python's own answer is here. */
export function recompute(data) {
  const { matrices: m, heads, head_width: width, root } = data;
  const split = (tokens, weight) => {
    const all = times(tokens, weight);
    return Array.from({ length: heads }, (_, h) => all.map((row) => row.slice(h * width, (h + 1) * width)));
  };
  m.query = split(m.x, m.wq);
  m.key = split(m.y ?? m.x, m.wk);
  m.value = split(m.y ?? m.x, m.wv);
  m.products = m.query.map((query, h) => times(query, transposed(m.key[h])));
  m.scaled = each(m.products, (value) => value / root);
  m.scores = each(m.scaled, (value, r, c) => value + m.mask[r][c]);
  m.pattern = m.scores.map((scores) => scores.map(softmax));
  m.mixed = m.pattern.map((shares, h) => times(shares, m.value[h]));
  m.joined = m.x.map((_, r) => m.mixed.flatMap((mixed) => mixed[r]));
  m.output = times(m.joined, m.wo);
  if (m.letters) m.letters = m.x.map((row, r) => row.map((value, c) => value - m.positions[r][c]));
}
