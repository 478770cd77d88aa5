// The whole network with kernels of other sizes: its answer, and the maps that leave its stages.

import { el, say } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";

export function createSizes() {
  const cards = el("div.cards");
  const note = el("p.note-line");
  return { node: el("div.sizes", {}, el("div.sizes-title"), cards, note), cards, note };
}

export function showSizes(app, { node, cards, note }) {
  const { header } = app.store;
  node.hidden = !header.variants.length;
  if (cards.dataset.id !== header.id) {
    cards.dataset.id = header.id;
    say(node.firstChild, `${header.title} with kernels of another size in all its blocks`);
    say(note, `A crop keeps the middle of the trained ${header.own} × ${header.own} kernels and sets the rest to nothing; a larger size adds zeros around them. Neither is a network trained at that size. Colours: the first three principal components of each stage, one basis for all sizes. Below them: mean cosine to the trained network’s maps.`);
    cards.replaceChildren(...header.variants.map((variant) => card(app, variant, header.own)));
  }
  for (const one of cards.children) one.setAttribute("aria-pressed", String(Number(one.dataset.size) === app.size));
}

function card(app, { size, guesses, stages }, own) {
  const kind = size === own ? "as trained" : size < own ? "cropped" : "zeros added";
  const maps = stages.map((stage) => {
    const canvas = el("canvas", { width: stage.side, height: stage.side });
    const context = canvas.getContext("2d");
    const image = context.createImageData(stage.side, stage.side);
    for (let k = 0; k < stage.side ** 2; k++) {
      for (let p = 0; p < 3; p++) image.data[4 * k + p] = app.store.colours[stage.at + 3 * k + p];
      image.data[4 * k + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return el("span.stage-map", {}, canvas, el("span", {}, size === own ? "1" : number(stage.likeness)));
  });
  const rows = guesses.map(([label, share]) => {
    const bar = el("i");
    bar.style.width = `${100 * share}%`;
    return el("span.guess-row", {}, el("span.guess-name", {}, label), el("span.guess-share", {}, percent(share)), el("span.track", {}, bar));
  });
  const node = el("button.card", { type: "button", title: "Show the kernels at this size" },
    el("span.card-title", {}, el("b", {}, `${size} × ${size}`), kind),
    el("span.stage-maps", {}, ...maps), ...rows);
  node.dataset.size = size;
  node.addEventListener("click", () => app.setSize(size), { signal: app.signal });
  return node;
}
