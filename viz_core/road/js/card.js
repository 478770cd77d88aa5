// What a station is: what changed and why, the paper's numbers, ours, and times measured here.

import { el, say } from "../../canvas/js/dom.js";
import { counted } from "../../labs/js/chart.js";
import { number } from "../../canvas/js/words.js";

const THIN = "\u2009";

export function createCard(app) {
  const fact = (name, hint) => {
    const [value, note] = [el("span.fact-value"), el("span.fact-note")];
    return { node: el("div.fact", { title: hint }, el("span.fact-label", {}, name), value, note), value, note };
  };
  const facts = {
    top1: fact("Top-1, the paper's", "Percent of ImageNet-1K's validation pictures; not measured here"),
    ours: fact("Top-1, ours, small", "Our own short training of this station: small, few epochs, few pictures; one seed"),
    gflops: fact("GFLOPs, the paper's", "Multiply-adds as the paper counts them"),
    parameters: fact("Weights, counted", "Counted in the network that this station builds"),
    macs: fact("MACs, counted", "Multiply-adds of one picture of 224 pixels, counted while the network ran"),
    time: fact("Time, measured here", "One forward pass of one picture of 224 pixels, with random weights, which cost the same time"),
  };
  const button = el("button.quiet.measure", { type: "button", title: app.costs ?? "" }, "Measure here");
  button.addEventListener("click", () => app.measure(), { signal: app.signal });
  const head = { count: el("span.count"), title: el("h3"), told: el("p"), why: el("p.why") };
  const node = el("div.card", {}, head.count, head.title, head.told, head.why,
    el("div.facts", {}, ...Object.values(facts).map((one) => one.node), button), el("p.caption"), el("p.caption"));
  const [remark, caption] = [...node.children].slice(-2);
  return { node, facts, head, button, remark, caption };
}

export function showCard(card, app) {
  const { station, stations, message } = app;
  const { facts, head } = card;
  const from = station.before === null ? null : stations[station.before];
  say(head.count, `Station ${station.index + 1} of ${stations.length}, section ${station.section}${station.kept ? "" : ": a try beside the road"}`);
  say(head.title, station.title);
  say(head.told, station.told);
  say(head.why, station.why);
  say(card.remark, station.remark);
  say(facts.top1.value, `${station.std ? station.top1.toFixed(2) : station.top1.toFixed(1)}${THIN}%`);
  const spread = station.std ? `± ${station.std.toFixed(2)}, ` : "";
  say(facts.top1.note, from ? `${spread}${signed(station.gain)} points` : "where it starts");
  facts.top1.note.dataset.sign = station.gain === null ? "" : String(Math.sign(station.gain));
  showOurs(facts.ours, station.ours, message.ours);
  say(facts.gflops.value, station.gflops.toFixed(2));
  say(facts.gflops.note, from ? `${signed(station.gflops - from.gflops)} G` : "");
  say(facts.parameters.value, counted(station.parameters));
  say(facts.parameters.note, from ? change(station.parameters, from.parameters) : "");
  say(facts.macs.value, counted(station.macs));
  say(facts.macs.note, from ? change(station.macs, from.macs) : "");
  const time = message.times[station.key];
  say(facts.time.value, time ? `${number(time.milliseconds)}${THIN}ms` : "–");
  say(facts.time.note, time ? `${number(time.ratio)} × ResNet-50` : "not yet");
  say(card.caption, message.told);
  say(card.button, Object.keys(message.times).length ? "Measure again" : "Measure here");
}

/** What our own training of the station reached, with the range of two standard errors. */
function showOurs(fact, own, about) {
  fact.node.hidden = !about;
  if (!about) return;
  say(fact.value, own ? `${own.top1.toFixed(1)}${THIN}%` : "–");
  say(fact.note, own ? `± ${(2 * own.error).toFixed(1)}, ${about.classes} classes` : "the same training for all");
  fact.node.title = about.told;
}

const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(2);

function change(now, was) {
  const share = now / was - 1;
  if (Math.abs(share) < 0.0005) return now === was ? "as before" : `${now > was ? "+" : "−"}${counted(Math.abs(now - was))}`;
  return `${share > 0 ? "+" : "−"}${number(100 * Math.abs(share))}${THIN}%`;
}
