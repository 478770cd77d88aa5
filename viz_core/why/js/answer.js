// The answer: a bar for each of the likeliest classes. A click explains that class.

import { el, say } from "../../canvas/js/dom.js";
import { number, percent } from "../../canvas/js/words.js";
import { largest, rowsOf, scoreOf, softmax } from "./store.js";

const THIN = "\u2009";

export function createAnswer(app) {
  const title = el("strong", {}, "What it says");
  const score = el("span.score");
  const list = el("div.classes", { role: "group", "aria-label": "Class that is explained" });
  const first = el("p.first");
  const any = picker(app, "Explain any class", (label) => app.ask({ label }));
  const against = picker(app, "against…", (label) => app.ask({ against: label }));
  const names = el("datalist", { id: "why-classes" });
  const node = el("section.answer", {}, el("div.head", {}, title, score), list, first,
    el("div.pickers", {}, any, against), names);
  return { node, title, score, list, first, any, against, names, rows: new Map() };
}

function picker(app, text, choose) {
  const input = el("input.class", { type: "text", placeholder: text, "aria-label": text, autocomplete: "off", spellcheck: false });
  input.setAttribute("list", "why-classes");
  input.disabled = app.alone;
  input.addEventListener("input", () => {
    const found = app.stage.labels.find((label) => label.toLowerCase() === input.value.trim().toLowerCase());
    input.classList.toggle("unknown", false);
    if (!found) return;
    input.value = "";
    input.blur();
    choose(found);
  }, { signal: app.signal });
  input.addEventListener("change", () => input.classList.toggle("unknown", Boolean(input.value)), { signal: app.signal });
  return input;
}

function createRow(app, label) {
  const bar = el("i.fill");
  const ghost = el("i.ghost");
  const share = el("b");
  const name = el("button.class", { type: "button" }, el("span", {}, label), el("span.track", {}, bar, ghost), share);
  const versus = el("button.versus", { type: "button", "aria-label": `Against ${label}` }, "vs");
  name.addEventListener("click", () => {
    // The first answer is followed when the picture changes; another class stays.
    app.ask({ label: app.stage.labels[app.stage.top[0]] === label ? null : label });
  }, { signal: app.signal });
  versus.addEventListener("click", () => {
    app.ask({ against: app.stage.labels[app.stage.against] === label ? null : label });
  }, { signal: app.signal });
  return { node: el("div.one", {}, name, versus), name, bar, ghost, share, versus };
}

export function paintAnswer(app, seen) {
  const { stage, answer } = app;
  if (answer.of !== stage.id) offer(app);
  const whole = softmax(stage.logits);
  for (const [k, { node, name, bar, ghost, share, versus }] of answer.rows) {
    const now = seen.shares?.[k];
    const [target, against] = [k === stage.target, k === stage.against];
    node.dataset.role = target ? "target" : against ? "against" : "";
    name.setAttribute("aria-pressed", String(target));
    versus.setAttribute("aria-pressed", String(against));
    name.disabled = app.alone;
    versus.disabled = target || app.alone;
    name.title = target ? "This class is explained" : `Explain “${stage.labels[k]}”`;
    versus.title = against ? "No comparison" : `Explain “${stage.labels[stage.target]}” against “${stage.labels[k]}”`;
    bar.style.width = `${100 * (now ?? 0)}%`;
    ghost.style.left = `${100 * whole[k]}%`;
    say(share, now === undefined ? "…" : percent(now));
    share.dataset.share = now ?? "";
  }
  const before = scoreOf(stage, stage.logits);
  const what = stage.against === null ? "logit" : "difference of logits";
  const after = seen.score;
  say(answer.score, after === null || after === before ? `${what} ${number(before)}` : `${what} ${number(before)} → ${number(after)}`);
  say(answer.first, tell(app, seen, whole));
}

/** What is first now, or what the painted cells did compared with random ones. */
function tell({ stage, view }, seen, whole) {
  if (!seen.shares) return view.mode === "hand" ? "Asking the network…" : "Measuring every step…";
  const first = largest(seen.shares);
  const label = stage.labels[first];
  if (first !== largest(whole)) return `Now it says “${label}” with ${percent(seen.shares[first])}.`;
  return seen.erased ? `It still says “${label}”.` : stage.against === null
    ? `Explained: the logit of “${stage.labels[stage.target]}”.`
    : `Explained: “${stage.labels[stage.target]}” against “${stage.labels[stage.against]}”.`;
}

function offer(app) {
  const { stage, answer } = app;
  answer.of = stage.id;
  const wanted = rowsOf(stage);
  answer.rows = new Map(wanted.map((k) => [k, answer.rows.get(k)?.label === stage.labels[k]
    ? answer.rows.get(k) : { ...createRow(app, stage.labels[k]), label: stage.labels[k] }]));
  answer.list.replaceChildren(...[...answer.rows.values()].map(({ node }) => node));
  answer.any.placeholder = `Any of ${stage.labels.length} classes`;
  if (answer.network !== stage.title) {
    answer.network = stage.title;
    answer.names.replaceChildren(...stage.labels.map((value) => el("option", { value })));
  }
}
