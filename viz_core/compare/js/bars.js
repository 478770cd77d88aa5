// What every network says of this very dose: its likeliest classes as bars.

import { el, say } from "../../canvas/js/dom.js";
import { percent } from "../../canvas/js/words.js";
import { at } from "./sweeps.js";


export function createBars(app) {
  const count = app.header.networks.length > 4 ? 2 : 3; // five cards of three would be taller than the picture
  const cards = app.header.networks.map((network) => {
    const [answer, was] = [el("b.says"), el("span.was")];
    const rows = Array.from({ length: count }, () => {
      const [name, bar, value] = [el("span.name"), el("i"), el("span.percent")];
      Object.assign(bar.style, { background: network.colour, width: 0 });
      return { name, bar, value, node: el("div.bar-line", { role: "listitem" }, name, el("span.track", {}, bar), value) };
    });
    const node = el("article.card", { style: `--c:${network.colour}` }, el("header", {}, el("i.dot"), el("span.who", {}, network.title), answer), was,
      el("div.lines", { role: "list", "aria-label": `What ${network.title} says` }, ...rows.map((row) => row.node)));
    return { node, answer, was, rows };
  });
  const legend = el("p.changed", {}, el("b", {}, "Underlined"), ": another answer than for the unchanged picture.");
  return { node: el("div.bars", {}, ...cards.map((card) => card.node), legend), cards };
}

export function showBars(app, chosen, found, lines, dose) {
  app.bars.cards.forEach((card, k) => {
    if (!found) return say(card.was, "asking …");
    const { labels } = app.header.networks[k];
    const shares = at(found[k], dose);
    const line = lines[k];
    const ranked = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
    const shown = ranked.slice(0, card.rows.length);
    if (!shown.includes(line.first)) shown[shown.length - 1] = line.first;
    say(card.answer, labels[ranked[0]]);
    card.node.dataset.stays = String(line.stays[dose]);
    const before = percent(line.share[chosen.start]);
    say(card.was, line.stays[dose] ? `unchanged picture: ${before}` : `unchanged picture: ${labels[line.first]}, ${before}`);
    card.rows.forEach((row, place) => {
      const label = shown[place];
      say(row.name, labels[label]);
      row.name.title = labels[label];
      row.node.dataset.first = String(label === line.first);
      row.bar.style.width = `${100 * shares[label]}%`;
      say(row.value, percent(shares[label]));
    });
  });
}
