// The page Compact: three tokenizers on one picture, shifts of it, and what the heads read.

import { mounted } from "../../cutter/js/wire.js";
import { startPooling } from "./pooling.js";
import { startShift } from "./shift.js";
import { startStage } from "./stage.js";

const KINDS = { tokens: startStage, shift: startShift, pooling: startPooling };

/** One component; a message's `kind` says what it holds. */
export const streamlit = (tables) => mounted((host) => {
  let kind = null;
  let inner = null;
  return {
    show: (opened) => {
      if (kind !== opened.header.kind) {
        inner?.end();
        kind = opened.header.kind;
        inner = KINDS[kind](host, tables);
      }
      return inner.show(opened);
    },
    end: () => inner?.end(),
  };
});
