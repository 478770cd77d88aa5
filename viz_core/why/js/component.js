// Page “Why”: a map on the picture, what is erased by it, and sheets of maps further down.

import { mounted } from "../../cutter/js/wire.js";
import { startSheet } from "./sheet.js";
import { startStage } from "./stage.js";
import { add } from "./store.js";

/** One component, three messages: the stage, answers that follow it, and a sheet of maps. */
export const streamlit = (tables) => mounted((host, send) => {
  let inner = null;
  return {
    show: (opened) => {
      const { kind } = opened.header;
      if (kind === "curves" || kind === "hand") return add(opened);
      inner ??= kind === "sheet" ? startSheet(host, tables, send) : startStage(host, tables, send);
      return inner.show(opened);
    },
    end: () => inner?.end(),
  };
});
