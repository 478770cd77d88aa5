// Tokens as people see them: a patch cut from the picture, or a word; and the picture to choose in.

import { el } from "../../canvas/js/dom.js";

/** A small face of a token, for the head of a row or a column. */
export function tile(side, role, index) {
  const node = el("span.tile", { title: side.labels[index] });
  node.dataset.role = role;
  node.dataset.index = index;
  if (!side.image) {
    node.classList.add("word");
    node.append(side.labels[index]);
    return node;
  }
  cut(node, side, side.patches[index]);
  node.append(el("b", {}, String(index + 1)));
  return node;
}

function cut(node, side, patch) {
  const [rows, columns] = side.grid;
  const [r, c] = [Math.floor(patch / columns), patch % columns];
  node.style.backgroundImage = `url(${side.image})`;
  node.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
  node.style.backgroundPosition = `${(100 * c) / Math.max(1, columns - 1)}% ${(100 * r) / Math.max(1, rows - 1)}%`;
}

/** "patch 2" or “cat”: how the read-out calls a token. */
export function tokenName(data, role, index) {
  const side = role === "key" && data.memory ? data.memory : data.tokens;
  return side.image ? `patch ${index + 1}` : `“${side.labels[index]}”`;
}

/** The picture with a numbered frame for each token; frames can be dragged to other patches. */
export function createPicture(side, role, choose, signal) {
  const [rows, columns] = side.grid;
  const image = el("img", { src: side.image, alt: `${side.title} with the chosen patches`, draggable: false });
  const node = el("div.photo", {}, image);
  node.dataset.role = role;
  let chosen = [...side.patches];
  let armed = chosen.length - 1;
  const frames = chosen.map((_, k) => {
    const frame = el("button.frame", { type: "button", "aria-label": `Patch ${k + 1}: move it with the arrow keys` }, el("b", {}, String(k + 1)));
    frame.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -columns, ArrowDown: columns, ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      armed = k;
      put(chosen[k] + step, true);
    }, { signal });
    return frame;
  });
  node.append(...frames);
  const patchAt = (event) => {
    const box = node.getBoundingClientRect();
    const at = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return at((event.clientY - box.top) / box.height, rows) * columns
      + at((event.clientX - box.left) / box.width, columns);
  };
  const place = () => frames.forEach((frame, k) => {
    frame.style.left = `${(100 * (chosen[k] % columns)) / columns}%`;
    frame.style.top = `${(100 * Math.floor(chosen[k] / columns)) / rows}%`;
    frame.style.width = `${100 / columns}%`;
    frame.style.height = `${100 / rows}%`;
    frame.classList.toggle("armed", k === armed);
  });
  const put = (patch, tell) => {
    const free = patch >= 0 && patch < rows * columns && !chosen.some((one, k) => k !== armed && one === patch);
    const moved = free && chosen[armed] !== patch;
    if (free) chosen[armed] = patch;
    place();
    if (tell && (moved || dirty)) choose([...chosen]);
    dirty = !tell && (dirty || moved);
  };
  let dirty = false;
  let dragging = false;
  node.addEventListener("pointerdown", (event) => {
    const hit = chosen.indexOf(patchAt(event));
    if (hit >= 0) armed = hit;
    dragging = true;
    node.setPointerCapture(event.pointerId);
    put(patchAt(event), false);
  }, { signal });
  node.addEventListener("pointermove", (event) => { if (dragging) put(patchAt(event), false); }, { signal });
  node.addEventListener("pointerup", (event) => {
    if (!dragging) return;
    dragging = false;
    put(patchAt(event), true);
  }, { signal });
  place();
  return node;
}
