// The numbers beside the pictures: read-out, legend, answer of the network, proof.

import { el, say } from "../../canvas/js/dom.js";
import { showReadout } from "../../canvas/js/readout.js";
import { number, percent } from "../../canvas/js/words.js";
import { crossed, mean, rowOf, tiny } from "./rows.js";

const NOTHING = 1e-12; // exp(-100) is 4e-44: nothing, to a person

const share = (value) => (value < NOTHING ? percent(0) : percent(value));

/** "row 3, column 12" of a slot, in the picture. */
export function slotName({ store: { header }, cut, view }, slot) {
  const token = header.members[view.window][slot];
  if (token < 0) return "a place that was filled up";
  return `row ${Math.floor(token / cut.columns) + 1}, column ${(token % cut.columns) + 1}`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

export function tell(app) {
  const { store, view, run, row } = app;
  const { header } = store;
  app.matrices.set(view.matrix);
  app.runs.set(run);
  app.setHead(view.head);
  app.host.dataset.run = run;
  say(app.title, `window ${view.window + 1} of ${header.members.length}`);
  const apart = header.members.length - header.sent.length;
  say(app.hint, apart ? `Click one of the ${header.sent.length} windows at the seam. The other ${apart} need no mask and were not sent.`
    : "Click a window; inside it the pointer is the query.");
  say(app.size, `${store.n} × ${store.n}`);
  tellRow(app);
  tellMaps(app, row);
  tellLegend(app);
  tellScale(app);
  tellAnswer(app);
  tellProof(app);
}

function tellRow(app) {
  const { store: { header }, view, run, row } = app;
  const off = run === "none" ? "this" : run;
  const without = crossed(rowOf(app.store, { ...view, query: app.query, run: off }));
  const own = row.closed.reduce((sum, shut) => sum + !shut, 0);
  const open = run === "none" ? own : app.store.n;
  const leak = crossed(row);
  const crossing = header.crossing[run];
  const instead = (value) => (run === "none" ? `${share(value)} without the mask` : "0 % with the mask");
  showReadout(app.readout, {
    title: capital(slotName(app, app.query)), note: `region ${header.regions[view.window][app.query]}`, facts: [
      { id: "open", label: "Keys it may see", value: `${open} of ${app.store.n}`, raw: open, note: run === "none" ? "of its own region" : `${own} of its own region` },
      { id: "row", label: "It sends across the seam", value: share(leak), raw: leak, note: instead(without) },
      { id: "window", label: "Its window does", value: share(crossing[view.window]), raw: crossing[view.window], note: `${instead(header.crossing[off][view.window])}, all heads` },
      { id: "total", label: "The whole block does", value: share(mean(crossing)), raw: mean(crossing), note: `${instead(mean(header.crossing[off]))}, all heads` },
    ],
  });
}

function tellMaps(app, row) {
  const { maps, key } = app;
  const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));
  const none = key === null;
  say(maps.scores.value, none ? "" : signed(row.scores[key]));
  say(maps.sums.value, none ? "" : signed(row.sums[key]));
  say(maps.shares.value, none ? "" : share(row.shares[key]));
  say(maps.place.text, none ? "where those tokens really are" : `the key: ${slotName(app, key)}`);
  app.host.dataset.key = none ? "" : JSON.stringify({ score: row.scores[key], sum: row.sums[key], share: row.shares[key] });
}

function tellLegend(app) {
  const { signed, share: most } = app.tops;
  const text = [number(signed), percent(most)].join();
  if (app.legend.dataset.text === text) return;
  app.legend.dataset.text = text;
  const bar = (ramp) => el("i.bar", { style: `background:${ramp}` });
  app.legend.replaceChildren(
    el("span.range", {}, `−${number(signed)}`, bar(app.ramps.signed), `+${number(signed)}`), "scores, no unit",
    el("span.range", {}, percent(0), bar(app.ramps.share), percent(most)), "of this token’s attention, in this head",
    el("span.marks", {}, el("i.mark"), "query", el("i.mark.key"), "key", el("i.mark.hidden"), "closed: −100 added"),
    el("span.marks", {}, el("i.seam-line"), "the seam"));
}

/** What the matrix's colours mean: its scale is the whole window's. */
function tellScale({ view, run, scale, ramps, matrixTop }) {
  const text = [view.matrix, run === "none", matrixTop].join();
  if (scale.dataset.text === text) return;
  scale.dataset.text = text;
  const bar = (ramp) => el("i.bar", { style: `background:${ramp}` });
  const closed = el("span.marks", {}, el("i.mark.solid.closed"), "−100: may not meet");
  const parts = {
    mask: [el("span.marks", {}, el("i.mark.solid.open"), "0: may meet"), 
      run === "none" ? closed : el("span.marks", {}, el("i.mark.solid.leak"), "0: meets across the seam")],
    scores: [el("span.range", {}, `−${number(matrixTop)}`, bar(ramps.signed), `+${number(matrixTop)}`)],
    sums: [el("span.range", {}, `−${number(matrixTop)}`, bar(ramps.signed), `+${number(matrixTop)}`), run === "none" ? closed : ""],
    shares: [el("span.range", {}, percent(0), bar(ramps.share), "the row’s largest"), run === "none" ? closed : ""],
  };
  scale.replaceChildren(...parts[view.matrix]);
}

/** The likeliest classes with the mask on, and how they move when it is off. */
function tellAnswer(app) {
  const { store: { header }, run } = app;
  const name = `${app.serial} ${run}`;
  if (app.answer.dataset.name === name) return;
  app.answer.dataset.name = name;
  app.answer.hidden = !header.logits.length;
  const other = run === "none" ? "this" : run;
  const rows = header.logits.map(({ label, logit, share: shares }) => {
    const moved = logit[other] - logit.none;
    return el("div.guess", { role: "listitem" }, el("span.name", {}, label),
      el("span.track", {}, el("i.on", { style: `width:${100 * shares.none}%` }), el("i.off", { style: `left:${100 * shares[other]}%` })),
      el("span.num", {}, percent(shares[run])),
      el("span.num.moved", { title: `logit ${number(logit.none)} with the mask, ${number(logit[other])} without` },
        `${moved > 0 ? "+" : moved < 0 ? "−" : ""}${number(Math.abs(moved))}`));
  });
  const where = other === "all" ? "off in all" : "off here";
  app.answer.replaceChildren(
    el("div.guess.heading", {}, el("strong", {}, "What the network says"), el("span", {}, el("i.swatch.on"), "on", el("i.swatch.off"), where),
      el("span.num", {}, run === "none" ? "mask on" : "off"), el("span.num", { title: "How the logit moves when the mask is off" }, "Δ logit")),
    el("div", { role: "list" }, ...rows));
}

function tellProof(app) {
  const { store: { header } } = app;
  const { proof } = header;
  app.proof.node.hidden = !proof;
  if (!proof || app.proven === app.serial) return;
  app.proven = app.serial;
  showReadout(app.proof, {
    title: "Proof: rolled and masked = each piece alone", note: "", facts: [
      { id: "float32", label: "Largest difference, float32", value: tiny(proof.difference.float32), raw: proof.difference.float32, note: `outputs reach ${number(proof.largest)}` },
      { id: "float64", label: "Largest difference, float64", value: tiny(proof.difference.float64), raw: proof.difference.float64, note: "the same weights" },
      { id: "unmasked", label: "Without the mask", value: tiny(proof.unmasked), raw: proof.unmasked, note: "no longer the same" },
    ],
  });
  app.proof.note.textContent = `${header.members.length} rolled windows against ${proof.windows} ragged ones, computed apart on your picture`;
}
