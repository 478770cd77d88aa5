// The paper's two equations, and what the browser is told of measured times. Pure.

export const KINDS = {
  global: { name: "global", colour: "#8b7cf6" },
  window: { name: "windows", colour: "#20b2a6" },
};
export const SIDES = [4, 128];

/** Multiply-adds of the projections and of scores and mixing; equations 1 and 2, h = w = side. */
export function work(kind, { side, width, window }) {
  const tokens = side * side;
  const keys = kind === "global" ? tokens : Math.min(window, side) ** 2;
  const own = 4 * tokens * width * width;
  const pairs = 2 * keys * tokens * width;
  return { own, pairs, total: own + pairs };
}

/** The measurement for this width and window, or null. */
export const measured = ({ clocks }, { width, window }) =>
  clocks.find((clock) => clock.width === width && clock.window === window) ?? null;
