// Keyboard: which key does what, for the handler and for the "?" sheet. Pure.

export const SHEET = [
  ["← ↑ → ↓", "move the patch"],
  ["[ ]", "head"],
  ["{ }", "layer"],
  ["Enter or P", "pin the patch"],
  ["Shift", "who looks at this patch"],
  ["Space", "play through the layers"],
  ["Escape", "clear"],
];

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** {name, step} for a key, or null for keys that are none of ours. */
export function action({ key, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return null;
  if (ARROWS[key]) return { name: "move", step: ARROWS[key] };
  switch (key) {
    case "[": return { name: "head", step: -1 };
    case "]": return { name: "head", step: 1 };
    case "{": return { name: "layer", step: -1 };
    case "}": return { name: "layer", step: 1 };
    case "Enter":
    case "p":
    case "P": return { name: "pin" };
    case " ": return { name: "play" };
    case "Escape": return { name: "clear" };
    case "?": return { name: "help" };
    default: return null;
  }
}

export const wrap = (value, step, count) => (value + step + count) % count;
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
