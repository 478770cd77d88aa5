// Playing through the layers; a step at a time for people who asked for reduced motion.

const STEP = 650; // ms a layer stays

/** app.play(): starts or stops; app.play(false): stops. */
export function startPlayer(app) {
  let timer = 0;
  const layers = () => app.stores[0]?.layers ?? app.steps ?? 1;
  const next = () => app.change({ layer: (app.view.layer + 1) % layers() }, { scrub: true });
  const stop = () => {
    clearInterval(timer);
    app.playing = false;
  };
  app.signal.addEventListener("abort", stop);
  return (on = !app.playing) => {
    if (on && app.still) return next();
    stop();
    if (on) {
      app.playing = true;
      next();
      timer = setInterval(next, STEP);
    }
    app.controlsStale = true;
    app.schedule();
  };
}
