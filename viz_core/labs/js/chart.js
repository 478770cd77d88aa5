// Small SVG charts, drawn in the pixels of their box, so that text keeps its size on a phone.

const SPACE = "http://www.w3.org/2000/svg";
const DIGITS = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹", "-": "⁻" };

/** An SVG element; attributes as they are called there. */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Three significant digits, without exponent where it can be read. */
export function figures(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3) return "< 0.001";
  const text = size >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return text.replace("-", "\u2212");
}

export const percent = (share) => `${figures(100 * share)}\u2009%`;

/** 2 003 828 736 -> "2 G" with three digits: 2.00 G. */
export function counted(value) {
  const at = Math.max(0, Math.min(5, Math.floor(Math.log10(Math.max(value, 1)) / 3 + 1e-9)));
  const number = value / 1000 ** at;
  const text = at ? number.toPrecision(3) : String(Math.round(number));
  const known = number >= 999.5 && at < 5 ? counted(1000 ** (at + 1)) : null;
  return known ?? `${Number(text) >= 1000 ? Math.round(number) : text}\u2009${["", "k", "M", "G", "T", "P"][at]}`;
}

export const power = (exponent) =>
  `10${[...String(exponent)].map((sign) => DIGITS[sign]).join("")}`;

/** From values to pixels and back. */
export function scale({ from, to, start, end, log = false }) {
  const bend = log ? Math.log : (x) => x;
  const low = bend(from);
  const span = bend(to) - low;
  const at = (value) => start + ((bend(value) - low) / span) * (end - start);
  const back = (pixel) => {
    const bent = low + ((pixel - start) / (end - start)) * span;
    return log ? Math.exp(bent) : bent;
  };
  return { at, back, start, end };
}

/** Grid, ticks and titles; ticks are [value, text]. */
export function axes(root, x, y, box, ticks, titles) {
  const group = svg("g", { class: "axes" });
  for (const [value, text] of ticks.x) {
    const at = x.at(value);
    group.append(
      svg("line", { x1: at, x2: at, y1: box.top, y2: box.bottom }),
      svg("text", { x: at, y: box.bottom + 16, "text-anchor": "middle" }, text),
    );
  }
  for (const [value, text] of ticks.y) {
    const at = y.at(value);
    group.append(
      svg("line", { x1: box.left, x2: box.right, y1: at, y2: at }),
      svg("text", { x: box.left - 6, y: at + 4, "text-anchor": "end" }, text),
    );
  }
  group.append(
    svg("text", { x: (box.left + box.right) / 2, y: box.bottom + 34, "text-anchor": "middle", class: "axis-title" }, titles.x),
    svg("text", { x: 2, y: box.top - 9, class: "axis-title" }, titles.y),
  );
  root.append(group);
}

export function polyline(points, attributes) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return svg("path", { d, fill: "none", ...attributes });
}

/** Round numbers from 0 up to `most`, about `count` of them. */
export function steps(most, count = 4) {
  const raw = most / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= raw - 1e-12) * unit;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
}

/** Calls `move(x)` with the pixel under a pointer that is pressed on an SVG and dragged. */
export function draggable(root, move, signal) {
  const place = (event) => move(event.clientX - root.getBoundingClientRect().left);
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    place(event);
  }, { signal });
  root.addEventListener("pointermove", (event) => {
    if (root.hasPointerCapture(event.pointerId)) place(event);
  }, { signal });
}

/** Index of the stop nearest to a value, on a logarithmic scale. */
export function nearest(stops, value) {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(Math.log(stop / value)) < Math.abs(Math.log(stops[best] / value))) best = i;
  });
  return best;
}
