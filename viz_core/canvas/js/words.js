// Numbers and sentences for people: thin spaces, three significant digits, counted from 1. Pure.

const THIN = "\u2009";

/** At most three significant digits, no exponent. */
export function number(value) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.001) return value < 0 ? "> −0.001" : "< 0.001";
  const digits = Math.max(0, Math.min(5, 2 - Math.floor(Math.log10(size))));
  const short = Number(size.toPrecision(3)) >= 100 ? 0 : digits;
  const text = size >= 1000 ? String(Math.round(size)) : size.toFixed(short);
  return (value < 0 ? "−" : "") + text;
}

export const percent = (share) => `${number(share * 100)}${THIN}%`;

/** Distances: "1 patch", "5.39 patches". */
export function patches(count) {
  if (!Number.isFinite(count)) return "–";
  return `${Number.isInteger(count) ? count : number(count)} patch${count === 1 ? "" : "es"}`;
}

/** "Row 4, column 7", or the name of a prefix token. */
export function tokenName(store, token) {
  if (token < store.skip) {
    const name = store.prefix[token];
    return name[0].toUpperCase() + name.slice(1);
  }
  const patch = token - store.skip;
  return `Row ${Math.floor(patch / store.columns) + 1}, column ${(patch % store.columns) + 1}`;
}

export const lower = (text) => text[0].toLowerCase() + text.slice(1);

/** "layer 3, head 2", "layer 3, mean of 12 heads", "rollout through layers 1–3". */
export function viewName(store, view) {
  const layer = `layer ${view.layer + 1}`;
  if (view.reading === "mean") return `${layer}, mean of ${store.heads} heads`;
  if (view.reading === "max") return `${layer}, maximum of ${store.heads} heads`;
  if (view.reading === "rollout") {
    return view.layer ? `rollout through layers 1–${view.layer + 1}` : "rollout through layer 1";
  }
  return `${layer}, head ${view.head + 1}`;
}

/** What the colours mean. */
export function unitName(store, view, token) {
  const what = token < store.skip ? lower(tokenName(store, token)) : "patch";
  if (view.reading === "max") {
    return view.direction === "column"
      ? `% that each patch gives this ${what} in its keenest head`
      : `% of this ${what}’s attention in the keenest of ${store.heads} heads`;
  }
  const noun = view.reading === "rollout" ? "rollout" : "attention";
  return view.direction === "column"
    ? `% of each patch’s ${noun} that lands on this ${what}`
    : `% of this ${what}’s ${noun}`;
}

/** The sentence a screen reader gets. */
export function spoken(store, view, token, top, share) {
  const verb = view.direction === "column" ? "is looked at most by" : "looks most at";
  const name = tokenName(store, token);
  return `${name} ${verb} ${lower(tokenName(store, top))}, ${percent(share)}; ${viewName(store, view)}.`;
}
