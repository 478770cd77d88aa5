// The stations between picture and logits: names, shapes for any patch size, where they lead.

const count = (n) => n.toLocaleString("en");

/** Stations of a network; `of` are the facts of patch_frames.ribbon, `patch` the chosen size. */
export function stations(of, patch) {
  const grid = of.side / patch;
  const n = grid * grid;
  const all = n + of.prefix;
  const own = patch === of.native;
  const learned = own ? `${3 * patch * patch} × ${of.width} matrix` : "no matrix learned for this size";
  const read = of.prefix ? "class token" : "mean";
  return [
    { id: "picture", name: "Picture", shape: [3, of.side, of.side], how: "red, green, blue" },
    { id: "cut", name: "Patches", shape: [n, 3 * patch * patch], how: `cut at ${patch} px`,
      anchor: "filters", leads: "↓ the filters" },
    { id: "embedded", name: "Embedding", shape: [n, of.width], how: learned,
      anchor: "reshape", leads: "↓ the proof" },
    of.prefix && { id: "class", name: of.prefix > 1 ? "+ prefix" : "+ class token",
      shape: [all, of.width], how: `${of.prefix} more`, anchor: "pooling", leads: "↓ what is read" },
    { id: "positions", name: "+ positions", shape: [all, of.width], how: "added on top",
      page: "positions", leads: "→ Positions" },
    { id: "pattern", name: "Attention", shape: [of.heads, all, all],
      how: `in each of ${of.depth} blocks`, page: "zero", leads: "→ From zero" },
    { id: "blocks", name: `${of.depth} blocks`, shape: [all, of.width], how: `${of.heads} heads each`,
      page: "attention", leads: "→ Attention" },
    { id: "read", name: "Read", shape: [of.width], how: `the ${read}`,
      anchor: "pooling", leads: "↓ what is read" },
    { id: "head", name: of.classes ? "Logits" : "Features", shape: [of.classes || of.width],
      how: of.guess ? of.guess[0] : "no classes", anchor: "cost", leads: "↓ the cost" },
  ].filter(Boolean).map((station) => ({
    ...station, size: station.shape.map(count).join(" × "),
    numbers: count(station.shape.reduce((a, b) => a * b)),
  }));
}
