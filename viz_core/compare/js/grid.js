// All networks and all transforms: at how many doses the first answer stays.

import { el, say } from "../../canvas/js/dom.js";
import { kept, kind, sweepOf } from "./sweeps.js";

const SHORT = { "Patch shuffle": "Shuffle", Saturation: "Satur.", Brightness: "Bright." };
const TITLE = "Doses at which the first answer stays";

export function createGrid(app) {
  const names = [...app.kinds.keys()];
  const heads = names.map((name) => {
    const button = el("button", { type: "button", title: `Show ${kind(app, name).title.toLowerCase()}` }, SHORT[kind(app, name).title] ?? kind(app, name).title);
    button.addEventListener("click", () => app.choose(name), { signal: app.signal });
    return { name, button, node: el("th", { scope: "col" }, button) };
  });
  const rows = app.header.networks.map((network) => ({
    network,
    cells: names.map((name) => ({ name, node: el("td") })),
  }));
  const table = el("table.steady", { "aria-label": TITLE },
    el("thead", {}, el("tr", {}, el("th"), ...heads.map((head) => head.node))),
    el("tbody", {}, ...rows.map(({ network, cells }) => el("tr", {}, el("th", { scope: "row", style: `--c:${network.colour}` }, el("i.dot"), network.title.split(/[ ,]/)[0]), ...cells.map((cell) => cell.node)))));
  table.style.setProperty("--kinds", names.length);
  return { node: el("div.grid", {}, el("p.chart-title", {}, TITLE), table), heads, rows };
}

export function showGrid(app) {
  const { heads, rows } = app.grid;
  for (const { name, button } of heads) button.setAttribute("aria-pressed", String(name === app.state.chosen));
  for (const name of app.kinds.keys()) {
    const found = sweepOf(app, name);
    rows.forEach(({ network, cells }, k) => {
      const { node } = cells.find((cell) => cell.name === name);
      if (!found) {
        node.style.background = "";
        return say(node, "·");
      }
      const { steady, of } = kept(found[k], kind(app, name).still);
      say(node, `${steady}/${of}`);
      node.title = `${network.title}: the first answer stays at ${steady} of ${of} doses of ${kind(app, name).title.toLowerCase()}`;
      node.style.background = `color-mix(in srgb, var(--accent) ${Math.round(8 + (62 * steady) / of)}%, transparent)`;
    });
  }
}
