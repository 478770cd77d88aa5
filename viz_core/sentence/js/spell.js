// Numbers and names as people read them. Pure.

import { figures, power } from "../../labs/js/chart.js";

/** A difference of shares: "+12.3 points"; less than a twentieth of a point counts as none. */
export function points(difference) {
  if (Math.abs(difference) < 5e-4) return "0\u2009points";
  return `${difference > 0 ? "+" : ""}${figures(100 * difference)}\u2009points`;
}

/** A tiny number: "1.2 × 10⁻⁷". */
export function tiny(value) {
  if (value === 0) return "exactly 0";
  const exponent = Math.floor(Math.log10(value));
  return `${(value / 10 ** exponent).toPrecision(2)} × ${power(exponent)}`;
}

export const wordName = (store, k) => (store.padding[k] ? "padding" : `“${store.words[k]}”`);

/** The words of a token in quotation marks. */
export function tokenName(store, token) {
  if (token < store.prefix) return "the class token";
  if (store.token_padding[token]) return "nothing but padding";
  return `“${store.words.slice(...store.windows[token]).join(" ")}”`;
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
