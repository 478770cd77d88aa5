// Entry point: a Streamlit v2 component.

import { createCanvas, stateOf } from "./canvas.js";
import { kept } from "./dom.js";
import { mountNow } from "./exports.js";
import { hub } from "./feeder.js";

/** Streamlit calls this for each new payload; state lives on the element it hands over. */
export function streamlit(tables, style, source) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    let instance = instances.get(parentElement);
    if (!instance) {
      instance = start(parentElement, { tables, style, source });
      instances.set(parentElement, instance);
    }
    instance.send = (state) => setStateValue("canvas", state);
    instance.show(data);
    const end = () => {
      instance.end();
      instances.delete(parentElement);
    };
    return Object.assign(end, {
      now: () => mountNow(instance.app) ?? data,
      state: () => stateOf(instance.app),
    });
  };
}

function start(parentElement, { tables, style, source }) {
  const host = parentElement.querySelector(".saccade");
  const instance = { send: () => {} };
  const hooks = {
    style,
    source,
    commit: (state) => instance.send(state),
    moved: () => keepAddress(canvas.app),
    ready: () => {
      recall(instance, canvas.app);
      const bytes = hub().rest.get(canvas.app.shownId);
      if (bytes) canvas.feed(bytes);
    },
    painted: () => { globalThis.saccadePainted?.(canvas.app); },
  };
  const canvas = createCanvas(host, tables, hooks);
  const listen = (id, bytes) => { if (id === canvas.app.shownId) canvas.feed(bytes); };
  hub().listeners.add(listen);
  instance.app = canvas.app;
  instance.show = canvas.show;
  instance.end = () => {
    remember(canvas.app);
    hub().listeners.delete(listen);
    canvas.destroy();
  };
  return instance;
}

/** What was set in windows stays while another step is on the page: `keep` names the memory. */
function remember({ asked, view, placed }) {
  const { keep } = JSON.parse(asked || "{}");
  if (keep && placed) Object.assign(kept(keep, {}), { asked, view: { ...view }, places: [...placed.places] });
}

function recall(instance, app) {
  if (instance.recalled) return;
  instance.recalled = true;
  const { keep } = JSON.parse(app.asked);
  const known = keep ? kept(keep, {}) : {};
  if (known.asked !== app.asked) return;
  app.placed = { pins: app.pins, places: known.places };
  app.change(known.view);
}

/** ?layer=&head= follow the view without a rerun; browsers limit how often, so not each step. */
function keepAddress(app) {
  if (!app.address) return;
  clearTimeout(app.telling);
  app.telling = setTimeout(() => {
    const url = new URL(location.href);
    url.searchParams.set("layer", app.view.layer);
    url.searchParams.set("head", app.view.head);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }, 300);
}
