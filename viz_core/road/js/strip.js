// The whole network as a strip: a bar for every block, as high as its stage is wide.

import { el } from "../../canvas/js/dom.js";
import { brief } from "../../blocks/js/flow.js";
import { counted } from "../../labs/js/chart.js";

const HIGH = 38;

export function drawStrip(node, app) {
  const { stations, station, stage, view } = app;
  const before = station.before === null ? station : stations[station.before];
  const most = Math.max(...station.stages.map((one) => one.width), ...before.stages.map((one) => one.width));
  const stem = el("button.part.stem", { type: "button", title: "The layers before the first stage" },
    el("span.bars", {}, bar(station.views.stem.main.at(-1).leaving, most, station.changed.includes("stem"))),
    el("b", {}, "Stem"), el("span", {}, brief(station.views.stem.main[0].label).replace(" conv", "")));
  stem.setAttribute("aria-pressed", String(view === "stem"));
  stem.addEventListener("click", () => app.set({ view: "stem" }));
  const stages = station.stages.map((one, i) => {
    const was = before.stages[i];
    const bars = Array.from({ length: one.depth }, (_, k) => bar(one.width, most, k >= was.depth));
    const fewer = Array.from({ length: Math.max(0, was.depth - one.depth) }, () => bar(one.width, most, false, true));
    const depth = was.depth === one.depth ? `× ${one.depth}` : `× ${was.depth} → ${one.depth}`;
    const button = el("button.part", { type: "button", title: `${counted(one.parameters)} weights, ${counted(one.macs)}MACs` },
      el("span.bars", {}, ...bars, ...fewer), el("b", {}, `Stage ${i + 1} ${depth}`), el("span", {}, `${one.width} ch, ${one.side} × ${one.side}`));
    button.style.flexGrow = String(one.depth + Math.max(0, was.depth - one.depth) + 1.5);
    button.setAttribute("aria-pressed", String(view !== "stem" && stage === i + 1));
    button.dataset.changed = String(was.depth !== one.depth || was.width !== one.width);
    button.addEventListener("click", () => app.set({ stage: i + 1, view: view === "stem" ? "block" : view }));
    return button;
  });
  node.replaceChildren(stem, ...stages);
}

function bar(width, most, fresh, missing) {
  const node = el(`i.bar${fresh ? ".fresh" : ""}${missing ? ".missing" : ""}`, { "aria-hidden": "true" });
  node.style.height = `${Math.max(4, (HIGH * width) / most)}px`;
  return node;
}
