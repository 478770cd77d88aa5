// Which step of a tokenizer is shown.

/** The step of network k whose maps are shown: the last one until another is chosen. */
export function stepOf(app, k) {
  const { key, steps } = app.networks[k];
  return steps[Math.min(app.state.steps[key] ?? steps.length - 1, steps.length - 1)];
}
