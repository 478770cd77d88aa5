// One HTML file with living components: their code, style and data, and nothing from outside.

export const VARIABLE = /--st-[\w-]+/g;

// The network stays with the app; painting, typing and measuring ask for it.
const OFFLINE = "This page needs no server and sends nothing. Of what a network would have to compute, only the answers taken along are there.";

/** Text of the page. `parts` are {name, source, tables, style, data, heading}. */
export function livePage(parts, { title, caption, theme, rest = new Map(), kept = {} }) {
  const names = [...new Set(parts.map(({ name }) => name))];
  const kinds = names.map((name) => parts.find((part) => part.name === name));
  const code = kinds.map(({ name, source, tables, style }) =>
    `add(${JSON.stringify(name)}, ${JSON.stringify(tables)}, ${JSON.stringify(style)}, ${source});`);
  const views = parts.map(({ name, data, heading = "" }) =>
    JSON.stringify({ name, heading, data: base64(data) }));
  const held = [...rest].map(([id, bytes]) => `rest.set(${JSON.stringify(id)}, bytesOf("${base64(bytes)}"));`);
  const values = Object.entries(theme).map(([name, value]) => `${name}:${value}`).join(";");
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${text(title)}</title>
<style>:root{${text(values)}}${SHEET}</style>
<body><main><h1>${text(title)}</h1><p>Saved while it showed: ${text(caption)}</p></main><footer>${OFFLINE}</footer>
<script type="module">
const kinds = {};
const add = (name, tables, style, make) => {
  kinds[name] = { style, run: make().streamlit(tables, style, make.toString()) };
};
const bytesOf = (letters) => Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
const rest = new Map();
globalThis.saccadeHub = { rest, listeners: new Set() };
globalThis.saccadeOffline = true;
globalThis.saccadeKept = ${script(JSON.stringify(kept))};
${held.join("\n")}
${script(code.join("\n"))}
const views = [${script(views.join(",\n"))}];
(${shown})(views, kinds, bytesOf);
</${"script"}></body></html>`;
}

/** Runs in the saved page: mounts every view in a shadow root of its own, as Streamlit does. */
function shown(views, kinds, bytesOf) {
  const main = document.querySelector("main");
  for (const { name, heading, data } of views) {
    if (heading) main.append(Object.assign(document.createElement("h2"), { textContent: heading }));
    const section = document.createElement("section");
    main.append(section);
    const parentElement = section.attachShadow({ mode: "open" });
    const style = Object.assign(document.createElement("style"), { textContent: kinds[name].style });
    const host = Object.assign(document.createElement("div"), { className: "saccade" });
    parentElement.append(style, host);
    const nobody = () => {};
    kinds[name].run({ data: bytesOf(data), parentElement, key: name, name, setStateValue: nobody, setTriggerValue: nobody });
  }
}

const SHEET = `body{margin:0;padding:28px;background:var(--st-background-color,#fff);color:var(--st-text-color,#111);font-family:var(--st-font,sans-serif)}
main{max-width:1180px;margin:auto}h1{font-size:1.7rem;margin:0}h2{font-size:1.2rem;margin:2.2rem 0 0.3rem}p{margin:0.2rem 0 1rem;opacity:.8}
section{margin-bottom:1.6rem}footer{max-width:1180px;margin:2rem auto 0;font-size:.85rem;opacity:.7}`;

const text = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** JSON and code inside a script element: it would end at this tag, even within quotes. */
const script = (code) => code.replace(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");

export function base64(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return btoa(letters);
}

/** The theme's variables that some style sheets use, as they are at a node. */
export function themeAt(node, styles) {
  const now = getComputedStyle(node);
  const names = new Set([...styles, SHEET].flatMap((style) => style.match(VARIABLE) ?? []));
  return Object.fromEntries([...names].map((name) => [name, now.getPropertyValue(name).trim()]).filter(([, value]) => value));
}

export function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob) });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
