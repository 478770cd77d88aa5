// Entry point: a Streamlit v2 component.

import { createMaps } from "./maps.js";
import { createStepper, isDark } from "./stepper.js";

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    const message = JSON.parse(new TextDecoder().decode(data));
    let instance = instances.get(parentElement);
    if (!instance) {
      const host = parentElement.querySelector(".saccade");
      instance = { send: () => {} };
      instance.view = message.maps
        ? createMaps(host, tables, isDark)
        : createStepper(host, tables, (told) => instance.send(told));
      instances.set(parentElement, instance);
    }
    instance.send = (told) => setStateValue("stepper", told);
    instance.view.show(message);
    return () => {
      instance.view.end();
      instances.delete(parentElement);
    };
  };
}
