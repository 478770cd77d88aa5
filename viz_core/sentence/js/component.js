// Entry point: a Streamlit v2 component.

import { el } from "../../canvas/js/dom.js";
import { WireError, openFrame } from "../../shift/js/wire.js";
import { createBoard } from "./board.js";

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    const host = parentElement.querySelector(".saccade");
    let instance = instances.get(parentElement);
    if (!instance) {
      instance = { send: () => {} };
      instance.board = createBoard(host, tables, (told) => instance.send(told));
      instances.set(parentElement, instance);
    }
    instance.send = (told) => setStateValue("asked", told);
    try {
      instance.board.show(openFrame(data));
    } catch (problem) {
      if (!(problem instanceof WireError)) console.error(problem);
      host.replaceChildren(el("p.error", { role: "alert" }, problem.message));
    }
    return () => {
      instance.board.end();
      instances.delete(parentElement);
    };
  };
}
