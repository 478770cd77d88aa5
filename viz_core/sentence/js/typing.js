// The box that a sentence is typed into, the switch of networks and their example sentences.

import { el, segmented } from "../../canvas/js/dom.js";

const PAUSE = 90; // milliseconds without a key before the server is asked
const PATIENCE = 4000; // after which an answer no longer comes
const SLOW = 400; // from here on the old view is dimmed
const LONGEST_LINK = 200;

/** `app.ask()` asks the server for what stands in the box; `take` shows what it sent. */
export function createTyping(app) {
  const { signal } = app;
  const box = el("textarea", { rows: 1, spellcheck: false, dir: "auto", "aria-label": "Your sentence",
    autocomplete: "off", placeholder: "Type a sentence in English" });
  const problem = el("p.problem", { role: "status", hidden: true });
  const networks = el("div.networks");
  const examples = el("div.examples", { role: "group", "aria-label": "Example sentences" });
  const node = el("section.typing", {}, networks, box, problem, examples);
  const state = { serial: 0, waiting: 0, again: false, sentAt: 0, texts: {}, length: 0, network: "", built: "" };

  app.ask = (delay = 0) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(fire, delay);
  };
  app.pad = (length) => {
    state.length = length;
    app.ask(30);
  };
  app.read = (sentence) => {
    box.value = sentence;
    grow(box);
    app.ask();
  };

  function fire() {
    const waited = performance.now() - state.sentAt;
    if (state.waiting && waited < PATIENCE) {
      state.again = true;
      state.timer = setTimeout(fire, PATIENCE - waited);
      return;
    }
    state.again = false;
    const { network, length } = state;
    state.waiting = ++state.serial;
    state.sentAt = performance.now();
    state.texts[network] = box.value;
    clearTimeout(state.dimming);
    state.dimming = setTimeout(() => app.host.classList.add("waiting"), SLOW);
    app.send({ network, sentence: box.value, length, serial: state.serial });
  }

  box.addEventListener("input", () => {
    grow(box);
    app.ask(PAUSE);
  }, { signal });
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    app.ask();
  }, { signal });
  app.host.addEventListener("widthchange", () => grow(box), { signal });

  function choose(name) {
    if (name === state.network) return;
    state.network = name;
    const known = app.store.networks.find((one) => one.name === name);
    app.pinned = null;
    app.read(state.texts[name] ?? known.examples[0]);
  }

  /** Takes the header of a frame; the box is only changed where the person does not type. */
  function take(header, obey) {
    clearTimeout(state.dimming);
    app.host.classList.remove("waiting");
    state.serial = Math.max(state.serial, header.answers);
    if (header.answers >= state.waiting) state.waiting = 0;
    if (obey) {
      Object.assign(state, { network: header.network, length: header.length, again: false });
      clearTimeout(state.timer);
      box.value = header.sentence;
      grow(box);
    }
    problem.hidden = !header.problem;
    problem.textContent = header.problem;
    box.setAttribute("aria-invalid", String(Boolean(header.problem)));
    build(header);
    if (state.again && !state.waiting) app.ask();
    else keepLink(state, box.value, header.problem);
  }

  function build(header) {
    const key = JSON.stringify([header.networks, header.network]);
    if (key === state.built) return;
    state.built = key;
    const { examples: sentences } = header.networks.find((one) => one.name === header.network);
    const options = header.networks.map((one) => [one.name, one.title, one.task]);
    const pick = segmented("Network", options, choose, signal);
    pick.set(header.network);
    networks.replaceChildren(...(options.length > 1 ? [pick.node] : []));
    examples.replaceChildren(...sentences.map((sentence) => {
      const chip = el("button.chip", { type: "button", title: sentence }, sentence);
      chip.addEventListener("click", () => app.read(sentence), { signal });
      return chip;
    }));
  }
  signal.addEventListener("abort", () => [state.timer, state.dimming, state.linking].forEach(clearTimeout));
  return { node, box, take };
}

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 104)}px`;
}

/** ?network=&sentence= follow without a rerun; a long sentence would make a link that breaks. */
function keepLink(state, sentence, problem) {
  clearTimeout(state.linking);
  if (problem) return;
  state.linking = setTimeout(() => {
    const url = new URL(location.href);
    url.searchParams.set("network", state.network);
    if (sentence.length <= LONGEST_LINK) url.searchParams.set("sentence", sentence);
    else url.searchParams.delete("sentence");
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }, 400);
}
