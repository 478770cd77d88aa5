// Step “Features” of the ConvNeXt page: every channel of every block, on the picture.

import { mounted } from "../../cutter/js/wire.js";
import { startGallery } from "./gallery.js";
import { startWall } from "./board.js";

/** One component, two messages: the stage with its wall, and the row of samples below it. */
export const streamlit = (tables) => mounted((host, send) => {
  let kind = null;
  let inner = null;
  return {
    show: (opened) => {
      if (kind !== opened.header.kind) {
        inner?.end();
        kind = opened.header.kind;
        inner = kind === "gallery" ? startGallery(host) : startWall(host, tables, send);
      }
      return inner.show(opened);
    },
    end: () => inner?.end(),
  };
});
