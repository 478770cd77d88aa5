// Small building blocks of the controls. Every listener hangs on the instance's abort signal.

/** An element: el("button.pill", {title: "x", onclick}, "text", child). */
export function el(name, props = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (key in node && !key.includes("-")) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets text without touching the page when nothing changed. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What a person set, by name: another page and back loses nothing while the tab is open. */
export function kept(name, fresh) {
  globalThis.saccadeKept ??= {};
  return (globalThis.saccadeKept[name] ??= fresh);
}

const PATHS = {
  play: "M7 5v14l12-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  tune: "M4 7h9v2H4zm13 0h3v2h-3zm-3-2h2v6h-2zM4 15h3v2H4zm7 0h9v2h-9zm-3-2h2v6H8z",
  save: "M11 4h2v8l3-3 1.4 1.4L12 15.8l-5.4-5.4L8 9l3 3zM5 18h14v2H5z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A labelled row of controls. */
export const row = (label, ...children) =>
  el("div.row", {}, el("span.label", {}, label), ...children);

/** Exclusive options: `set` marks one, `pick` is called on a click. */
export function segmented(label, options, pick, signal) {
  const buttons = options.map(([value, text, hint]) => {
    const button = el("button", { type: "button", title: hint ?? "" }, text);
    button.dataset.value = value;
    button.addEventListener("click", () => pick(value), { signal });
    return button;
  });
  const node = el("div.segmented", { role: "group", "aria-label": label }, ...buttons);
  const set = (value) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.value === value));
    }
  };
  return { node, set, buttons };
}

/** A range input with its value as text. `change` is called at every step of a drag. */
export function slider(label, { min, max, step }, text, change, signal) {
  const input = el("input", { type: "range", min, max, step, "aria-label": label });
  const output = el("output");
  input.addEventListener("input", () => change(Number(input.value)), { signal });
  const set = (value) => {
    input.value = String(value);
    const share = (value - input.min) / (input.max - input.min || 1);
    input.style.setProperty("--share", `${100 * share}%`);
    input.setAttribute("aria-valuetext", text(value));
    say(output, text(value));
  };
  return { node: el("div.slider", {}, input, output), set, input };
}

export function toggle(label, change, signal) {
  const input = el("input", { type: "checkbox" });
  input.addEventListener("change", () => change(input.checked), { signal });
  const node = el("label.toggle", {}, input, el("i"), label);
  return { node, set: (on) => (input.checked = on) };
}

/** A button that opens a small sheet above it; Escape and a click elsewhere close it. */
export function popover(label, iconName, content, signal) {
  const sheet = el("div.sheet", { hidden: true, role: "dialog", "aria-label": label }, ...content);
  const face = iconName ? [icon(iconName), label] : [label];
  const button = el("button.quiet", { type: "button", "aria-expanded": "false" }, ...face);
  const node = el("div.popover", {}, button, sheet);
  const open = (on) => {
    sheet.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
  };
  button.addEventListener("click", () => open(sheet.hidden), { signal });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || sheet.hidden) return;
    open(false);
    button.focus();
    event.stopPropagation();
  }, { signal });
  document.addEventListener("pointerdown", (event) => {
    if (!sheet.hidden && !event.composedPath().includes(node)) open(false);
  }, { signal });
  return { node, open, isOpen: () => !sheet.hidden };
}
