// Step “Variants” of the page Compact: a calculator, and the table of published variants.

import { startCalculator } from "./calculator.js";
import { startTable } from "./table.js";

export function streamlit() {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    const message = JSON.parse(new TextDecoder().decode(data));
    let instance = instances.get(parentElement);
    if (!instance) {
      const host = parentElement.querySelector(".saccade");
      instance = (message.kind === "table" ? startTable : startCalculator)(host, setTriggerValue);
      instances.set(parentElement, instance);
    }
    instance.show(message);
    return () => {
      instance.end();
      instances.delete(parentElement);
    };
  };
}
