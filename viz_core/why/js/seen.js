// What is seen now: which cells are erased, and what the head says of the rest.

import { countOf, curvesOf, erasedBy, handOf, scoreOf, softmax } from "./store.js";

export const curves = (app) => curvesOf(app.stage.ask);

/** Which steps there are: those of the curves, or of a first guess until they come. */
export function countsOf(app) {
  const known = curves(app);
  if (known) return known.counts;
  const cells = app.stage.order.length;
  const steps = Math.min(49, cells);
  return Array.from({ length: steps + 1 }, (_, k) => Math.round((k * cells) / steps));
}

/** What is seen now: erased cells, and what the head says of it (null while it is not known). */
export function now(app) {
  const { stage, view } = app;
  const counts = countsOf(app);
  if (app.wanted !== null && app.wanted !== undefined) {
    const cells = (app.wanted / 100) * stage.order.length;
    view.step = counts.reduce((best, count, k) => (Math.abs(count - cells) < Math.abs(counts[best] - cells) ? k : best), 0);
    app.wanted = null;
  }
  const step = Math.min(view.step, counts.length - 1);
  if (view.mode === "hand") return byHand(app);
  const kept_ = view.mode === "keep";
  const count = counts[step];
  const walk = curves(app)?.walks[kept_ ? "insertion" : "deletion"];
  const classes = stage.logits.length;
  const whole = view.mode === "map" || (!kept_ && !count);
  const logits = whole ? stage.logits : walk?.logits.subarray(step * classes, (step + 1) * classes) ?? null;
  return {
    erased: view.mode === "map" ? null : erasedBy(stage, count, kept_), step, count, counts, logits,
    shares: logits && softmax(logits), score: logits && scoreOf(stage, logits),
  };
}

function byHand(app) {
  const { stage, view } = app;
  const painted = app.draft ?? app.mask;
  const erased = view.keep ? painted.map((on) => 1 - on) : painted;
  const count = countOf(painted);
  const answer = count && !app.draft ? handOf(stage.of, app.code(), view.keep) : null;
  const logits = count ? answer?.logits ?? null : stage.logits;
  return {
    erased: count ? erased : null, painted, count, answer, logits, counts: countsOf(app), step: 0,
    shares: logits && softmax(logits), score: logits && scoreOf(stage, logits),
  };
}

/** The map that lies over the picture: at the method's own resolution, or on the cells. */
export const mapOf = ({ stage, view }) => (view.cells || stage.same ? stage.coarse : stage.own);

/** What the strongest colour stands for: the largest value, or for pixels the 99th percentile. */
export function scaleOf(app) {
  const map = mapOf(app);
  const cut = map.values.length > 2000 && !app.view.all && map.most > 0;
  return { top: cut ? map.most : map.top, cut };
}
