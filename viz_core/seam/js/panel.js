// What stands on the page: the chooser, the matrix, the controls, four maps, answer and proof.

import { el, row, segmented, slider } from "../../canvas/js/dom.js";
import { createReadout } from "../../canvas/js/readout.js";

const MATRICES = [
  ["mask", "Mask", "0 where a pair may meet, −100 where it may not"],
  ["scores", "Scores", "Query times key, before anything is added"],
  ["sums", "Sum", "Scores with bias and mask: what the softmax sees"],
  ["shares", "Softmax", "What is left after the softmax, each row to its largest"],
];
const RUNS = [
  ["none", "On", "The network as it is"],
  ["this", "Off here", "This block's mask is replaced by zeros"],
  ["all", "Off in all", "The masks of all blocks are replaced by zeros"],
];
const MOST_BUTTONS = 8;
const MAPS = [
  ["scores", "Scores", "query times key"],
  ["sums", "+ bias + mask", "what the softmax sees"],
  ["shares", "After softmax", "% of this token’s attention"],
  ["place", "Back in the picture", "where those tokens really are"],
];

export function build(app) {
  const { host, signal } = app;
  app.live = el("div.sr", { "aria-live": "polite" });
  app.chooser = el("canvas.map", { tabIndex: 0, role: "application", "aria-label": "Windows of the rolled map: click one; the arrows move the query" });
  app.matrix = el("canvas.map", { tabIndex: 0, role: "application", "aria-label": "Matrix of one window: a row is a query, a column is a key" });
  app.matrices = segmented("Matrix", MATRICES, (matrix) => app.change({ matrix }), signal);
  app.runs = segmented("Mask", RUNS, (run) => app.change({ run }), signal);
  app.runs.node.classList.add("switch");
  app.heads = el("div.choices");
  app.readout = createReadout();
  app.title = el("b");
  app.legend = el("div.legend");
  app.size = el("b");
  app.hint = el("span");
  const left = figure("The rolled map", app.title, app.hint, app.chooser);
  const middle = figure("Who may see whom", app.size, app.matrices.node, app.matrix);
  app.scale = el("div.legend");
  middle.append(app.scale);
  const side = el("section.side", {}, row("Mask", app.runs.node), row("Head", app.heads), app.readout.node);
  app.maps = Object.fromEntries(MAPS.map(([kind, title, note], k) => {
    const canvas = el("canvas.map", { tabIndex: 0, role: "application", "aria-label": `${title}: ${note}` });
    const value = el("b");
    const text = el("span", {}, note);
    return [kind, { canvas, value, text, node: figure(`${k + 1}  ${title}`, value, text, canvas) }];
  }));
  app.answer = el("section.answer");
  app.proof = createReadout();
  app.proof.node.setAttribute("aria-label", "Proof");
  app.proof.node.classList.add("proof");
  host.replaceChildren(el("div.top", {}, left, middle, side),
    el("div.four", {}, ...Object.values(app.maps).map(({ node }) => node)), app.legend,
    el("div.bottom", {}, app.answer, app.proof.node), app.live);
}

function figure(title, value, note, canvas) {
  const text = typeof note === "string" ? el("span", {}, note) : note;
  return el("figure.panel", {}, el("figcaption", {}, el("strong", {}, title), value, text), canvas);
}

/** A button a head, or a slider where there are many. */
export function offerHeads(app, heads) {
  if (app.offered === heads) return;
  app.offered = heads;
  if (heads > MOST_BUTTONS) {
    const chosen = slider("Head", { min: 1, max: heads, step: 1 }, (head) => `${head} of ${heads}`,
      (head) => app.change({ head: head - 1 }), app.signal);
    app.setHead = (head) => chosen.set(head + 1);
    return app.heads.replaceChildren(chosen.node);
  }
  const names = Array.from({ length: heads }, (_, k) => [String(k), String(k + 1), `Head ${k + 1}`]);
  const chosen = segmented("Head", names, (head) => app.change({ head: Number(head) }), app.signal);
  app.setHead = (head) => chosen.set(String(head));
  app.heads.replaceChildren(chosen.node);
}
