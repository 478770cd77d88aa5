// Entry point: the board of similarities, or a gallery of maps, by what the frame holds.

import { createBoard } from "./board.js";
import { createGallery } from "./gallery.js";
import { el } from "../../canvas/js/dom.js";
import { TilesError, openTiles } from "./wire.js";

const MAKERS = { board: createBoard, maps: createGallery };

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    let instance = instances.get(parentElement);
    if (!instance) {
      instance = { host: parentElement.querySelector(".saccade"), shown: null };
      instances.set(parentElement, instance);
    }
    instance.send = (state) => setStateValue("tiles", state);
    show(instance, tables, data);
    return () => {
      instance.shown?.end();
      instances.delete(parentElement);
    };
  };
}

function show(instance, tables, data) {
  const { host } = instance;
  try {
    const frame = openTiles(data);
    if (instance.kind !== frame.header.kind) {
      instance.shown?.end();
      host.replaceChildren();
      instance.shown = MAKERS[frame.header.kind](host, tables, (state) => instance.send(state));
      instance.kind = frame.header.kind;
    }
    instance.shown.show(frame);
  } catch (problem) {
    if (!(problem instanceof TilesError)) console.error(problem);
    instance.shown?.end();
    instance.kind = instance.shown = null;
    host.replaceChildren(el("p.error", { role: "alert" }, `${problem.message}`));
  }
}
