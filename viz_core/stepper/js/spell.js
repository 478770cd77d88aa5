// What one number is made of, spelled out: pieces of text with a role for their colour. Pure.

const MINUS = "−";

/** At most three significant digits, two decimals for small numbers. */
export function number(value, decimals = 2) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${value < 0 ? MINUS : ""}10${power(Math.round(Math.log10(size)))}`;
  const digits = size >= 100 ? 0 : size >= 10 ? Math.min(1, decimals) : decimals;
  const text = size.toFixed(digits);
  return (value < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

const power = (n) => String(n).replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);
const enclosed = (value) => (value < 0 && number(value) !== "0.00" ? `(${number(value)})` : number(value));
/** Two digits where they matter: 34 %, 3.4 %, 0 % only for nothing at all. */
export function percent(share) {
  if (share === 0) return "0";
  const value = 100 * share;
  if (value < 0.1) return "< 0.1";
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

const plain = (text) => ({ text });
const query = (text) => ({ text, role: "query" });
const key = (text) => ({ text, role: "key" });
const total = (text) => ({ text, role: "total" });

/** Which cells of the operands made the cell (r, c) of the result: [part, row, column, role]. */
export function makers(scene, r, c) {
  const all = (part, where) => scene.parts[part].values.flatMap((row, i) =>
    row.flatMap((_, j) => (where(i, j) ? [[part, i, j]] : [])));
  if (scene.layout === "product") {
    return [
      ...all(0, (i) => i === r).map((at) => [...at, "query"]),
      ...all(1, (_, j) => j === c).map((at) => [...at, "key"]),
    ];
  }
  if (scene.step === "pattern") return all(0, (i) => i === r).map((at) => [...at, at[2] === c ? "hit" : "query"]);
  if (scene.layout === "gather") {
    const width = scene.parts[0].values[0].length;
    return [[Math.floor(c / width), r, c % width, "query"]];
  }
  return scene.parts.map((_, part) => [part, r, c, part ? "key" : "query"]);
}

/** The sum behind a cell: [{text, role}]. */
export function spelled(data, scene, r, c) {
  const value = scene.result.values[r][c];
  const [a, b] = scene.parts;
  if (scene.layout === "product") {
    const terms = a.values[r].flatMap((left, i) => [
      ...(i ? [plain(" + ")] : []),
      query(enclosed(left)), plain("·"), key(enclosed(b.values[i][c])),
    ]);
    return [...terms, plain(" = "), total(number(value))];
  }
  switch (scene.step) {
    case "scaled": {
      const root = data.scale ? `√${data.head_width}` : "1";
      return [query(number(a.values[r][c])), plain(` ÷ ${root} = `), total(number(value))];
    }
    case "scores": {
      const mask = b.values[r][c];
      const shown = mask ? `(${number(mask)})` : "0";
      return [query(number(a.values[r][c])), plain(" + "), key(shown), plain(" = "),
        total(mask ? `${number(value)}` : number(value))];
    }
    case "pattern": return softmax(a.values[r], c, value);
    case "joined":
      return [plain(data.heads > 1 ? `from head ${Math.floor(c / data.head_width) + 1}: ` : "the only head: "),
        total(number(value))];
    case "x":
      return a
        ? [query(number(a.values[r][c])), plain(" + "), key(enclosed(b.values[r][c])), plain(" = "), total(number(value))]
        : [total(number(value))];
    default: return [total(number(value))];
  }
}

const exponential = (value) => [query("e"), { text: number(value), role: "query", raised: true }];

function softmax(row, c, share) {
  if (row[c] < -1e6) return [plain("exp("), query(number(row[c])), plain(") = 0, so the share is "), total("0 %")];
  const sum = row.map((_, j) => [...(j ? [plain(" + ")] : []), ...(row[j] < -1e6 ? [query("0")] : exponential(row[j]))]);
  return [
    ...exponential(row[c]), plain(" ÷ ("), ...sum.flat(), plain(") = "),
    total(`${percent(share)} %`),
  ];
}

const ORDINAL = (n) => `number ${n + 1}`;

/** What a cell is, in words; `name` gives a token's name. */
export function called(data, scene, r, c, name) {
  const asks = (i) => ({ text: name("query", i), role: "query" });
  const answers = (i) => ({ text: name("key", i), role: "key" });
  switch (scene.step) {
    case "x": {
      const place = data.tokens.image ? ` (${data.tokens.labels[r]})` : "";
      return [asks(r), plain(`${place}, ${ORDINAL(c)} of ${scene.result.values[r].length}`)];
    }
    case "query": return [plain("query of "), asks(r), plain(`, ${ORDINAL(c)}`)];
    case "key": return [plain("key of "), { ...answers(r), role: "query" }, plain(`, ${ORDINAL(c)}`)];
    case "value": return [plain("value of "), { ...answers(r), role: "query" }, plain(`, ${ORDINAL(c)}`)];
    case "mixed": return [plain("what "), asks(r), plain(` takes from all values, ${ORDINAL(c)}`)];
    case "joined": return [plain("all heads of "), asks(r), plain(`, ${ORDINAL(c)}`)];
    case "output": return [plain("output for "), asks(r), plain(`, ${ORDINAL(c)}`)];
    case "pattern": return [plain("share of "), asks(r), plain("’s attention for "), answers(c)];
    default: return [asks(r), plain(" asks "), answers(c)];
  }
}
