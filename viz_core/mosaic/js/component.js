// Entry point: the header's kind says whether this is the board, the cards beside it or the proofs.

import { createBoard } from "./board.js";
import { createCards, createProofs } from "./cards.js";
import { open } from "./parcel.js";
import { el } from "../../canvas/js/dom.js";

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    const host = parentElement.querySelector(".saccade");
    let instance = instances.get(parentElement);
    try {
      const { header, body } = open(data);
      if (!instance) {
        instance = start(host, header.kind, tables);
        instances.set(parentElement, instance);
      }
      instance.send = (state) => setStateValue("board", state);
      instance.made.show(header, body);
    } catch (problem) {
      host.replaceChildren(el("p.error", { role: "alert" }, problem.message));
    }
    return () => {
      instance?.made.end();
      instances.delete(parentElement);
    };
  };
}

function start(host, kind, tables) {
  const instance = { send: () => {} };
  host.dataset.kind = kind;
  const make = {
    board: () => createBoard(host, (state) => instance.send(state)),
    cards: () => createCards(host, tables),
    proofs: () => createProofs(host),
  };
  instance.made = make[kind]();
  return instance;
}
