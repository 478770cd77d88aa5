// What is on the page, ready to be taken along: a PNG of each view, and all of them in one page.

import { el, icon, say } from "../../canvas/js/dom.js";
import { download, livePage, themeAt } from "./page.js";
import { pictureOf } from "./png.js";
import { mounts } from "./watched.js";

const MIB = 2 ** 20;
const AROUND = 12_000; // bytes of a page besides code, style and data, about

export function streamlit() {
  const told = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    const end = new AbortController();
    const views = onPage();
    build(parentElement.querySelector(".saccade"), JSON.parse(new TextDecoder().decode(data)), views, end.signal);
    const states = JSON.stringify(statesOf(views));
    if (told.get(parentElement) !== states) setStateValue("views", JSON.parse(states));
    told.set(parentElement, states);
    return () => end.abort();
  };
}

/** What is on screen, for the numbers: much of it moves without the server hearing of it. */
function statesOf(views) {
  const canvas = views.find(({ about, visible }) => visible && about.state)?.about.state();
  return { ...keptBy(views.map(({ about }) => about)), ...(canvas && { canvas }) };
}

function build(host, about, views, signal) {
  host.classList.add("take");
  const status = el("p.status", { role: "status" });
  const app = { host, about, signal, views, status };
  if (!views.length) return host.replaceChildren(el("p.status", {}, "No view on this page can be saved as a picture."));
  const seen = views.filter(({ visible }) => visible);
  const rows = seen.map((view, k) => row(app, view, k, seen.length > 1));
  const page = action(app, "HTML", "One file in which the pointer still works, without a server", () => savePage(app));
  const living = el("div.row", {}, el("span.name", {}, "A page that lives offline"), el("span.size", {}, `about ${sizeText(sizeOf(views))}`), page);
  host.replaceChildren(...rows, living, status);
}

function sizeOf(views) {
  const kinds = new Map(views.map(({ about }) => [about.name, about.source.length + about.style.length]));
  const rest = [...(globalThis.saccadeHub?.rest.values() ?? [])];
  const data = [...views.map(({ about }) => about.data), ...rest];
  return AROUND + [...kinds.values()].reduce((a, b) => a + b, 0) + data.reduce((sum, { length }) => sum + length * 4 / 3, 0);
}

const sizeText = (bytes) => bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toPrecision(2)} MiB`;

function row(app, view, k, several) {
  const save = () => savePicture(app, view, k, several ? `-${k + 1}` : "");
  const name = several ? view.called : "A picture";
  return el("div.row", {}, el("span.name", {}, name), action(app, "PNG", "This view as a picture, twice as large as on screen", save));
}

function action(app, label, title, act) {
  const button = el("button.quiet", { type: "button", title }, icon("save"), label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    say(app.status, "Drawing…");
    try {
      await act();
      say(app.status, "Saved.");
    } catch (problem) {
      console.error(problem);
      say(app.status, `This browser cannot save it: ${problem.message}.`);
    }
    button.disabled = false;
  }, { signal: app.signal });
  return button;
}

/** What is mounted and belongs to the page, in its order, with the heading above it. */
function onPage() {
  const headings = [...document.querySelectorAll('[data-testid="stMain"] :is(h1, h2, h3)')];
  const views = [...mounts()]
    .filter(([root, { name }]) => name !== "take" && (root.host ?? root).isConnected)
    .map(([root, about]) => ({ root, about, node: root.host ?? root }))
    .sort((a, b) => before(a.node, b.node) ? -1 : 1);
  for (const view of views) {
    const above = headings.filter((node) => before(node, view.node)).at(-1);
    view.title = document.querySelector('[data-testid="stMain"] h1')?.textContent.trim() ?? "Saccade";
    view.heading = above && above.tagName !== "H1" ? above.textContent.trim() : "";
    const same = views.slice(0, views.indexOf(view)).filter(({ heading }) => heading === view.heading).length;
    view.called = (view.heading || view.title) + (same ? ` (${same + 1})` : "");
    view.visible = view.root.querySelector(".saccade")?.offsetHeight > 8;
  }
  return views;
}

const before = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);

/** What the take says belongs to the first view; of another one only its heading is known. */
async function savePicture({ about }, view, k, part) {
  const place = `Saccade, ${view.heading ? `${view.title}: ${view.heading}` : view.title}`;
  const caption = k ? [place, about.pictured].filter(Boolean).join(", ") : `${about.caption}. ${place}`;
  const sheet = await pictureOf(view.root, { style: view.about.style, caption });
  const blob = await new Promise((done) => sheet.toBlob(done, "image/png"));
  if (!blob) throw new Error("the picture is too large");
  download(blob, `${about.stem}${part}.png`);
}

function savePage({ about, views, host }) {
  let last = "";
  const parts = views.map(({ about: one, heading }) => {
    const part = { ...one, data: one.now?.() ?? one.data, heading: heading === last ? "" : heading };
    last = heading;
    return part;
  });
  const theme = themeAt(host, parts.map(({ style }) => style));
  const options = { title: `Saccade: ${views[0].title}`, caption: about.caption, theme, rest: globalThis.saccadeHub?.rest, kept: keptBy(parts) };
  download(new Blob([livePage(parts, options)], { type: "text/html" }), `${about.stem}.html`);
}

/** Of what was set in this visit, only what these components set themselves, and only plain data. */
function keptBy(parts) {
  const all = Object.entries(globalThis.saccadeKept ?? {});
  const mine = ([name, value]) => plain(value) && parts.some(({ source }) => source.includes(`kept("${name}"`));
  return Object.fromEntries(all.filter(mine));
}

function plain(value) {
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(plain);
  return value?.constructor === Object && Object.values(value).every(plain);
}
