// Entry point: from offsets to one index, or the learned tables, as the frame says.

import { mounted } from "../../shift/js/wire.js";
import { startIndex } from "./index.js";
import { startTables } from "./tables.js";

const STARTS = { index: startIndex, tables: startTables };
// What was looked at stays when the view leaves the page and comes back with the same request.
const memory = new Map();

export const streamlit = (tables) => mounted((host) => start(host, tables));

function start(host, tables) {
  let kind = null;
  let view = null;
  return {
    show: (opened) => {
      if (opened.header.kind !== kind) {
        view?.end();
        kind = opened.header.kind;
        view = STARTS[kind](host, tables, memory);
      }
      return view.show(opened);
    },
    end: () => view?.end(),
  };
}
