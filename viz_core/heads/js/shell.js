// What every view does: receives messages, keeps what a person set, measures, draws in frames.

import { kept } from "../../canvas/js/dom.js";
import { bitmapOf } from "../../cutter/js/wire.js";

/**
 * A view is {name, memory, fresh, remembered, receive, build, draw, question}; see the four of them. What is taken along
 * holds what views remember, and finds it by the names that stand in the source: each writes out its own.
 */
export function startView(host, tables, send, view) {
  const ends = new AbortController();
  const memory = view.memory();
  const app = { host, tables, signal: ends.signal, serial: 0, pending: 0, asked: 0, ...view.fresh(), ...memory };
  app.schedule = () => { app.pending ||= requestAnimationFrame(() => frame(app, view, memory)); };
  app.change = (values) => { Object.assign(app, values); app.schedule(); };
  app.tell = () => tell(app, view, send);
  app.aim = (target) => aim(app, target);
  const watch = new ResizeObserver(() => { measure(app); app.schedule(); });
  return {
    show: async (opened) => {
      const serial = ++app.serial;
      if (opened.parts.picture && app.header?.subject !== opened.header.subject) {
        const photo = await bitmapOf(opened.parts.picture);
        if (serial !== app.serial || app.signal.aborted) return photo.close();
        app.photo?.close();
        app.photo = photo;
      }
      receive(app, view, opened);
      if (!app.node?.isConnected) {
        app.node = view.build(app);
        host.replaceChildren(app.node);
        watch.observe(host);
      }
      suggest(app, view, opened.header.view);
      measure(app);
      app.schedule();
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      cancelAnimationFrame(app.pending);
      app.photo?.close();
      host.replaceChildren();
    },
  };
}

function receive(app, view, opened) {
  const { header, parts } = opened;
  app.other = app.header?.subject !== header.subject;
  app.header = header;
  const [label, against] = header.target;
  const known = kept("heads-target", {});
  const chosen = known.subject === header.subject;
  app.target = chosen ? { label: known.label, against: known.against } : { label, against };
  if (!chosen) Object.assign(known, { subject: header.subject, ...app.target });
  view.receive(app, header, parts);
  // The class was chosen in another step: the server does not know it yet.
  if (view.question && (app.target.label !== label || app.target.against !== against)) app.tell();
}

/** Ask the server, once for one question. */
function tell(app, view, send) {
  const question = { subject: app.header.subject, ...app.target, ...view.question(app) };
  const text = JSON.stringify(question);
  if (text === app.told) return;
  app.told = text;
  send("asked", question);
}

function aim(app, target) {
  app.change({ target });
  Object.assign(kept("heads-target", {}), { subject: app.header.subject, ...target });
  app.tell();
}

/** A button below the stage set a view: take it over and bring the stage back into sight. */
function suggest(app, view, { serial, ...wanted }) {
  if (!serial || serial === app.asked) return;
  app.asked = serial;
  view.suggest(app, wanted);
  if (app.node.getBoundingClientRect().top < 0) app.node.scrollIntoView({ block: "start" });
}

function measure(app) {
  if (!app.host.clientWidth) return;
  app.host.dataset.width = app.host.clientWidth >= 720 ? "wide" : "slim";
  app.ratio = Math.min(2.5, window.devicePixelRatio || 1);
  const style = getComputedStyle(app.host);
  app.accent = style.getPropertyValue("--accent").trim() || "#5b4bdb";
  app.line = style.getPropertyValue("--line").trim() || "#e2e1ee";
  app.text = style.color;
  app.quiet = `color-mix(in srgb, ${style.color} 66%, transparent)`;
}

function frame(app, view, memory) {
  app.pending = 0;
  if (!app.header || !app.host.clientWidth) return;
  view.draw(app);
  for (const name of ["asked", ...view.remembered]) memory[name] = app[name];
}
