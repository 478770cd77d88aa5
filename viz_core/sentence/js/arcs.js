// Arcs from token to token below a sentence that stands in one line: who looks at whom.

import { svg } from "../../labs/js/chart.js";
import { largest } from "./store.js";

const HEIGHT = 78;
const FAINTEST = 0.04; // of the largest share; weaker looks are not drawn

/** Where the tokens hang, or none where the sentence takes several lines. */
export function placeArcs(words, boxes, below) {
  const single = boxes.every((box) => box.base === boxes[0].base);
  const left = new Map();
  for (const { node, token } of words.pieces) {
    left.set(token, parseFloat(node.style.left) + parseFloat(node.style.width) / 2);
  }
  words.hooks = single && left.size > 1 ? left : null;
  words.node.classList.toggle("arched", Boolean(words.hooks));
  words.arcs.style.top = `${boxes[0].base + below}px`;
  words.arcs.setAttribute("height", HEIGHT);
}

/** What `tokens` look at; with none of them chosen, the strongest looks of all. */
export function drawArcs(app, words, tokens) {
  const { arcs, hooks } = words;
  arcs.replaceChildren();
  if (!hooks) return;
  const { store, matrix } = app;
  const n = store.count;
  const asking = tokens.length ? tokens : [...hooks.keys()];
  const looks = asking.flatMap((query) => [...hooks.keys()].map((key) => ({
    query, key, share: hooks.has(query) ? matrix.values[query * n + key] : 0,
  })));
  const most = looks[largest(looks.map((look) => look.share))]?.share || 1;
  for (const { query, key, share } of looks.sort((a, b) => a.share - b.share)) {
    const strength = (share / most) ** (tokens.length ? 1 : 2);
    if (strength < FAINTEST) continue;
    arcs.append(svg("path", {
      d: path(hooks.get(query), hooks.get(key)), "stroke-width": (0.6 + 4.4 * strength).toFixed(2),
      opacity: (0.15 + 0.75 * strength).toFixed(3), "data-query": query, "data-key": key,
    }));
  }
}

function path(from, to) {
  if (from === to) return `M${from - 6} 2C${from - 20} 26 ${from + 20} 26 ${from + 6} 2`;
  const depth = Math.min(HEIGHT - 6, 20 + Math.abs(to - from) * 0.22) * 1.3;
  return `M${from} 2C${from + (to - from) * 0.12} ${depth} ${to - (to - from) * 0.12} ${depth} ${to} 2`;
}
