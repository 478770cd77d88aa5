// The labs of "Attention from zero": one component, the payload says which lab it is.

import { createCosts } from "./costs.js";
import { createNorms } from "./norms.js";
import { createSoftmax } from "./softmax.js";

const LABS = { softmax: createSoftmax, norms: createNorms, costs: createCosts };

/** Streamlit calls this for each new payload; what a person set lives on as long as the lab. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement }) => {
    const payload = JSON.parse(new TextDecoder().decode(data));
    let instance = instances.get(parentElement);
    if (!instance) {
      instance = start(parentElement.querySelector(".saccade"), payload.kind, tables);
      instances.set(parentElement, instance);
    }
    instance.show(payload);
    return () => {
      instance.end();
      instances.delete(parentElement);
    };
  };
}

function start(host, kind, tables) {
  const stop = new AbortController();
  host.classList.add("lab", kind);
  const lab = LABS[kind](host, { tables, signal: stop.signal });
  let payload = null;
  let asked = 0;
  const draw = () => {
    asked = 0;
    if (!payload || !host.clientWidth) return;
    host.dataset.width = host.clientWidth >= 760 ? "wide" : host.clientWidth >= 460 ? "medium" : "slim";
    lab.draw(payload);
  };
  lab.schedule = () => { asked ||= requestAnimationFrame(draw); };
  const watch = new ResizeObserver(lab.schedule);
  watch.observe(host);
  return {
    show(next) {
      payload = next;
      lab.take?.(next);
      draw();
    },
    end() {
      stop.abort();
      watch.disconnect();
      cancelAnimationFrame(asked);
    },
  };
}
