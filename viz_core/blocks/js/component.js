// Step “Blocks” of the ConvNeXt page: blocks side by side, batch norm or layer norm, ReLU or GELU.

import { mounted } from "../../cutter/js/wire.js";
import { createActivations } from "./activations.js";
import { createColumns } from "./columns.js";
import { createNorms } from "./norms.js";

const PARTS = { blocks: createColumns, norms: createNorms, activations: createActivations };

export const streamlit = (tables) => mounted((host) => start(host, tables));

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, pending: 0, still: matchMedia("(prefers-reduced-motion: reduce)").matches };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => { app.pending = 0; draw(app); }); };
  const watch = new ResizeObserver(app.schedule);
  return {
    show(opened) {
      const { part } = opened.header;
      if (!app.part) {
        host.classList.add("blocks-host", part);
        app.part = PARTS[part](app);
        watch.observe(host);
      }
      app.part.receive(opened);
      draw(app);
    },
    end() {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      host.replaceChildren();
    },
  };
}

function draw(app) {
  if (!app.part || !app.host.clientWidth || app.signal.aborted) return;
  app.host.dataset.width = app.host.clientWidth >= 680 ? "wide" : "slim";
  app.part.draw();
}
