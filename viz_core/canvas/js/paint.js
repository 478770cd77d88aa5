// Mode `paint`: patches are hidden and shown again by click, drag or rectangle.

import { footer } from "./controls.js";
import { el, row, segmented } from "./dom.js";
import { numbersOf } from "./frame.js";
import { patchAt, patchRect } from "./layout.js";
import { createReadout, showReadout, speak } from "./readout.js";
import { createPanel, hatch } from "./stage.js";
import { percent } from "./words.js";

/** Sets the patches of the rectangle between two patches. Pure. */
export function fillRectangle(mask, columns, from, to, on) {
  const rows = [Math.floor(from / columns), Math.floor(to / columns)].sort((a, b) => a - b);
  const sides = [from % columns, to % columns].sort((a, b) => a - b);
  const out = mask.slice();
  for (let r = rows[0]; r <= rows[1]; r++) out.fill(on, r * columns + sides[0], r * columns + sides[1] + 1);
  return out;
}

/** Sets the patches on the line between two patches, so that fast drags leave no holes. Pure. */
export function fillLine(mask, columns, from, to, on) {
  const [y0, x0, y1, x1] = [Math.floor(from / columns), from % columns, Math.floor(to / columns), to % columns];
  const steps = Math.max(Math.abs(y1 - y0), Math.abs(x1 - x0), 1);
  for (let k = 0; k <= steps; k++) {
    const y = Math.round(y0 + ((y1 - y0) * k) / steps);
    const x = Math.round(x0 + ((x1 - x0) * k) / steps);
    mask[y * columns + x] = on;
  }
  return mask;
}

export const inverted = (mask) => mask.map((on) => 1 - on);

function build(app) {
  const [part] = app.parts;
  const [rows, columns] = part.header.grid;
  app.mask = numbersOf(part, Uint8Array, rows * columns);
  app.panels = [];
  app.tool ??= "brush";
  app.readout = createReadout();
  const tools = segmented("Tool", [["brush", "Brush"], ["rectangle", "Rectangle"]], (tool) => {
    app.tool = tool;
    tools.set(tool);
  }, app.signal);
  tools.set(app.tool);
  const act = (text, make) => {
    const button = el("button.quiet", { type: "button" }, text);
    button.addEventListener("click", () => {
      app.mask = make(app.mask);
      app.schedule();
      app.commit();
    }, { signal: app.signal });
    return button;
  };
  const foot = footer(app, { overlay: false });
  const controls = el("section.controls", {}, row("Tool", tools.node),
    row("All", act("Invert", inverted), act("Clear", (mask) => mask.map(() => 0))), foot.node);
  app.controls = { node: controls, sync: () => foot.set(app.view), help: foot.help };
  app.wrap.append(el("div.under", {}, el("div.legend", {}, el("i.mark.hidden"), el("span.unit", {},
    "hidden patch · click or drag to hide, again to show"))));
  app.side = el("div.side", {}, app.readout.node, controls);
  app.host.append(app.side);
}

function update(app) {
  if (!app.panels.length) {
    const [rows, columns] = app.parts[0].header.grid;
    app.panels = [createPanel(app.pictures[0], rows, columns)];
  }
  const [panel] = app.panels;
  const shown = app.draft ?? app.mask;
  panel.decorate = (context, rect, ratio) => shown.forEach((on, patch) => {
    if (!on) return;
    const row = Math.floor(patch / panel.columns);
    hatch(context, patchRect(rect, row, patch % panel.columns, panel.rows, panel.columns), ratio);
  });
  panel.marks = app.point ? [{ patch: patchAt(app.point, panel), kind: "query" }] : [];
}

function tell(app) {
  const [panel] = app.panels;
  const shown = app.draft ?? app.mask;
  const count = shown.reduce((sum, on) => sum + on, 0);
  const patch = app.point ? patchAt(app.point, panel) : -1;
  const name = `Row ${Math.floor(patch / panel.columns) + 1}, column ${(patch % panel.columns) + 1}`;
  const title = patch < 0 ? "Hide patches" : name;
  const state = shown[patch] ? "hidden" : "visible";
  showReadout(app.readout, {
    title, note: patch < 0 ? "" : state, facts: [
      { id: "hidden", label: "Hidden", value: `${count} of ${shown.length}`, raw: count, note: "patches" },
      { id: "share", label: "Share hidden", value: percent(count / shown.length), raw: count / shown.length },
    ],
  });
  const text = `${title}, ${patch < 0 ? "" : state}; ${count} of ${shown.length} patches hidden.`;
  app.stage.canvas.setAttribute("aria-label", text);
  if (app.point) speak(app, text);
}

function press(app, event) {
  if (!app.point) return;
  app.stage.canvas.setPointerCapture?.(event.pointerId);
  const patch = patchAt(app.point, app.panels[0]);
  app.stroke = { from: patch, last: patch, on: 1 - app.mask[patch] };
  drag(app);
}

function drag(app) {
  if (!app.stroke || !app.point) return;
  const { from, last, on } = app.stroke;
  const { columns } = app.panels[0];
  const patch = patchAt(app.point, app.panels[0]);
  app.draft = app.tool === "rectangle" ? fillRectangle(app.mask, columns, from, patch, on)
    : fillLine(app.draft ?? app.mask.slice(), columns, last, patch, on);
  app.stroke.last = patch;
  app.schedule();
}

function release(app) {
  if (!app.stroke) return;
  app.mask = app.draft ?? app.mask;
  app.stroke = app.draft = null;
  app.schedule();
  app.commit();
}

/** Enter or P toggles the patch that the arrows reached. */
function key(app, { name }) {
  if (name !== "pin" || !app.point) return false;
  const patch = patchAt(app.point, app.panels[0]);
  app.mask[patch] = 1 - app.mask[patch];
  app.schedule();
  app.commit();
  return true;
}

export const paintMode = { build, update, tell, press, drag, release, key };
