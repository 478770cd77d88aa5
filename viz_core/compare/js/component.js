// The page Compare: maps under one pointer, doses of change, and tokens that match.

import { mounted } from "../../cutter/js/wire.js";
import { startMatch } from "./match.js";
import { startPanels } from "./panels.js";
import { startSurvive, startSweep } from "./survive.js";

const KINDS = { panels: startPanels, survive: startSurvive, sweep: startSweep, match: startMatch };

/** One component; a message's `kind` says what it holds. */
export const streamlit = (tables) => mounted((host, send) => {
  let kind = null;
  let inner = null;
  return {
    show: (opened) => {
      if (kind !== opened.header.kind) {
        inner?.end();
        kind = opened.header.kind;
        inner = KINDS[kind](host, tables, send);
      }
      return inner.show(opened);
    },
    end: () => inner?.end(),
  };
});
