// What closing patches did, beside the same shape closed elsewhere: a sentence and an axis.

import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { signed } from "./facts.js";

/** What the patches did, and in how many other places the same shape does more of it. */
export function told(change, elsewhere) {
  const places = elsewhere.length;
  const beside = (more, what) => (places ? `, and in ${more} of ${places} other places the same shape ${what}.` : "; the shape has no other place to compare with.");
  if (Math.abs(change) < 0.005) return `Your patches leave the answer as it is${beside(elsewhere.filter((value) => value < -0.005).length, "lowers it")}`;
  const falls = change < 0;
  const more = elsewhere.filter((value) => (falls ? value < change : value > change)).length;
  const what = falls ? "lowers" : "raises";
  return `Closing your patches ${what} the answer by ${number(Math.abs(change))} logits${beside(more, `${what} it more`)}`;
}

/** One axis: the change by these patches in violet, by the same shape elsewhere as grey dots, zero as a line. */
export function strip(app, { change, elsewhere }) {
  const values = [change, 0, ...elsewhere];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at = (value) => `${4 + (92 * (value - low)) / (high - low || 1)}%`;
  const dot = (value, name, title) => {
    const node = el(`i.${name}`, { title });
    node.style.left = at(value);
    return node;
  };
  app.strip.replaceChildren(dot(0, "zero", "no change"), ...elsewhere.map((value) => dot(value, "elsewhere", `elsewhere: ${signed(value)}`)), dot(change, "own", `yours: ${signed(change)}`));
  app.strip.setAttribute("aria-label", `Yours ${signed(change)}, elsewhere ${elsewhere.map(signed).join(", ")} logits`);
  say(app.least, `${signed(low)} logits`);
  say(app.most, `${signed(high)} logits`);
  app.nought.style.left = at(0);
  const place = parseFloat(at(0));
  app.nought.hidden = place < 24 || place > 76; // an end of the axis says so itself, or has no room
  app.elsewhere.replaceChildren(...(elsewhere.length ? [el("i.versus-key.elsewhere"), "the same shape elsewhere"] : []));
}
