// The page Heads: one component, a view for every kind of message.

import { mounted } from "../../cutter/js/wire.js";
import { ablateView } from "./ablate.js";
import { edgesView, knockoutView } from "./knockout.js";
import { lensView } from "./lens.js";
import { normsView } from "./norms.js";
import { startView } from "./shell.js";
import { togetherView } from "./together.js";

const VIEWS = { ablate: ablateView, together: togetherView, lens: lensView, norms: normsView, knockout: knockoutView, edges: edgesView };

export const streamlit = (tables) => mounted((host, send) => {
  let kind = null;
  let inner = null;
  return {
    show: (opened) => {
      if (kind !== opened.header.kind) {
        inner?.end();
        kind = opened.header.kind;
        inner = startView(host, tables, send, VIEWS[kind]);
      }
      return inner.show(opened);
    },
    end: () => inner?.end(),
  };
});
