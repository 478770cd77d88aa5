// Values of a map for people. Pure.

import { number } from "../../canvas/js/words.js";

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Three significant digits; small ones as 4.21 × 10⁻⁵, because maps of pixels are made of them. */
export function value(amount) {
  const size = Math.abs(amount);
  if (!Number.isFinite(amount) || size === 0 || (size >= 0.001 && size < 1e5)) return number(amount);
  const [digits, power] = size.toExponential(2).split("e");
  const raised = [...power.replace("+", "")].map((digit) => (digit === "-" ? "⁻" : DIGITS[Number(digit)])).join("");
  return `${amount < 0 ? "−" : ""}${digits} × 10${raised}`;
}
