// The story as one number from 0 to 1: picture, apart, sequence, numbers. Pure.

export const STOPS = [
  [0, "Picture"],
  [0.2, "Apart"],
  [0.7, "Sequence"],
  [1, "Numbers"],
];
const LIFT = 0.2;
const LANDED = 0.7;
const ALOFT = 0.22; // share of the story that one patch is in the air

export const clamp = (value) => Math.min(1, Math.max(0, value));
const smooth = (t) => t * t * (3 - 2 * t);

/** How far the picture is pulled apart. */
export const apart = (time) => smooth(clamp(time / LIFT));

/** How far one of `count` patches has flown: the first leaves first. */
export function flown(time, patch, count) {
  const start = LIFT + (LANDED - LIFT - ALOFT) * (patch / Math.max(1, count - 1));
  return smooth(clamp((time - start) / ALOFT));
}

/** How far the class token and its like have come down to the head of the line. */
export const arrived = (time) => smooth(clamp((time - LANDED + 0.16) / 0.14));

/** How much of a token's column of numbers shows; they run along the sequence. */
export function written(time, token, count) {
  const start = LANDED + (1 - LANDED - 0.12) * (token / Math.max(1, count - 1));
  return smooth(clamp((time - start) / 0.12));
}

/** What stays of the picture: it fades while patches leave and returns when all have landed. */
export const ghost = (time) => 1 - 0.72 * clamp((time - LIFT) / 0.12) + 0.62 * clamp((time - LANDED) / 0.2);

/** Between two rectangles, on an arc. */
export function between(from, to, share) {
  const lift = Math.sin(Math.PI * share);
  const mix = (a, b) => a + (b - a) * share;
  const grow = 1 + 0.25 * lift;
  const w = mix(from.w, to.w) * grow;
  const h = mix(from.h, to.h) * grow;
  const reach = Math.min(70, 0.16 * Math.hypot(to.x - from.x, to.y - from.y));
  const x = mix(from.x + from.w / 2, to.x + to.w / 2);
  const y = mix(from.y + from.h / 2, to.y + to.h / 2) - reach * lift;
  return { x: x - w / 2, y: y - h / 2, w, h };
}

export function stageOf(time) {
  if (time < 0.1) return "Picture";
  if (time < LANDED - 0.15) return "Apart";
  return time < 0.9 ? "Sequence" : "Numbers";
}
