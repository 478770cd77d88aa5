// The stage of the page “Regions”: one board, and messages that bring cuts and answers to it.

import { mounted } from "../../cutter/js/wire.js";
import { startBoard } from "./board.js";
import { add } from "./store.js";

export const streamlit = (tables) => mounted((host, send) => {
  let board = null;
  return {
    show: (opened) => {
      if (opened.header.kind !== "stage") return add(opened);
      board ??= startBoard(host, tables, send);
      return board.show(opened);
    },
    end: () => board?.end(),
  };
});
