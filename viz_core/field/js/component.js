// Step “Field” of the ConvNeXt page: effective receptive fields of several networks, side by side.

import { mounted } from "../../cutter/js/wire.js";
import { startBoard } from "./board.js";
import { add } from "./store.js";

/** One component, two kinds of message: the board, and fields that follow it. */
export const streamlit = (tables) => mounted((host, send) => {
  let board = null;
  return {
    show: (opened) => {
      add(opened);
      if (!opened.header.networks.length) return null;
      board ??= startBoard(host, tables, send);
      return board.show(opened);
    },
    end: () => board?.end(),
  };
});
