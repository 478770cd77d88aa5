// Any component as a PNG, twice as large as on screen: its elements, its pixels, a caption.

import { base64, themeAt } from "./page.js";

const RATIO = 2;
const MARGIN = 20;
const FOOT = 44;
const FRAMES = 4;
const LARGEST = 16_000; // pixels a side; browsers give up soon after

/** The component in a shadow root as a canvas. `style` is its style sheet. */
export async function pictureOf(root, { style, caption }) {
  const host = root.querySelector(".saccade");
  return sharply(host, async () => {
    const { width, height } = host.getBoundingClientRect();
    const ratio = Math.min(RATIO, LARGEST / Math.max(width, height));
    const theme = themeAt(host, [style]);
    const picture = await loaded(drawing(host, { style, theme, width, height, fonts: await fonts(host) }));
    const sheet = document.createElement("canvas");
    sheet.width = Math.ceil((width + 2 * MARGIN) * ratio);
    sheet.height = Math.ceil((height + 2 * MARGIN + FOOT) * ratio);
    const pen = sheet.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = theme["--st-background-color"] ?? "#fff";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.drawImage(picture, MARGIN, MARGIN, width, height);
    pen.fillStyle = theme["--st-text-color"] ?? "#111";
    pen.globalAlpha = 0.75;
    pen.font = `13px ${getComputedStyle(host).fontFamily}`;
    pen.fillText(caption, MARGIN, height + 2 * MARGIN + FOOT / 2, width);
    return sheet;
  });
}

/** Lets the component draw for a finer screen while `act` looks at it. */
async function sharply(host, act) {
  const before = Object.getOwnPropertyDescriptor(window, "devicePixelRatio");
  const finer = before?.configurable && window.devicePixelRatio < RATIO;
  if (finer) Object.defineProperty(window, "devicePixelRatio", { configurable: true, get: () => RATIO });
  try {
    await nudged(host, finer ? "1px" : "0px");
    return await act();
  } finally {
    if (finer) Object.defineProperty(window, "devicePixelRatio", before);
    await nudged(host, "");
  }
}

/** Another width by a pixel: components draw anew when theirs changes. */
async function nudged(host, margin) {
  host.style.marginRight = margin;
  for (let k = 0; k < FRAMES; k++) await new Promise(requestAnimationFrame);
}

/** The component as an SVG: an image may hold HTML, but no script and nothing from elsewhere. */
function drawing(host, { style, theme, width, height, fonts: faces }) {
  const copy = host.cloneNode(true);
  copy.style.margin = "0";
  const canvases = [...host.querySelectorAll("canvas")];
  copy.querySelectorAll("canvas").forEach((node, k) => asBackground(node, canvases[k]));
  const inputs = [...host.querySelectorAll("input, textarea")];
  copy.querySelectorAll("input, textarea").forEach((node, k) => asText(node, inputs[k]));
  copy.querySelectorAll(".popover, .sheet").forEach((node) => node.remove());
  const outer = document.createElement("div");
  for (const [name, value] of Object.entries(theme)) outer.style.setProperty(name, value);
  outer.style.cssText += `;width:${width}px;height:${height}px`;
  const sheet = document.createElement("style");
  sheet.textContent = `${faces}${style}`;
  outer.append(sheet, copy);
  const html = new XMLSerializer().serializeToString(outer);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width * RATIO}" height="${height * RATIO}" viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${html}</foreignObject></svg>`;
}

function asBackground(node, canvas) {
  if (!canvas.width || !canvas.height) return;
  const { backgroundImage: own, backgroundSize: size } = getComputedStyle(canvas);
  node.style.backgroundImage = `url(${canvas.toDataURL()})${own === "none" ? "" : `, ${own}`}`;
  node.style.backgroundSize = `100% 100%, ${size}`;
}

function asText(node, input) {
  if (node.tagName === "TEXTAREA") node.textContent = input.value;
  else node.setAttribute("value", input.value);
  node.toggleAttribute("checked", Boolean(input.checked));
}

async function loaded(svg) {
  const picture = new Image();
  // A data address: a drawing from a blob's address would make the canvas unreadable.
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  return picture;
}

let known = null;

/** The page's own text font, to stand inside the drawing; the next best one if it cannot be had. */
function fonts(host) {
  const [family] = getComputedStyle(host).fontFamily.split(",").map(unquoted);
  const fetched = async () => {
    const faces = [...document.styleSheets].flatMap(rulesOf).filter((rule) =>
      rule instanceof CSSFontFaceRule && unquoted(rule.style.getPropertyValue("font-family")) === family && rule.style.getPropertyValue("font-style") !== "italic");
    return (await Promise.all(faces.map(inlined))).join("");
  };
  known ??= fetched().catch(() => "");
  return known;
}

const unquoted = (name) => name.trim().replace(/^["']|["']$/g, "");

function rulesOf(sheet) {
  try {
    return [...sheet.cssRules];
  } catch {
    return []; // of another origin
  }
}

async function inlined(rule) {
  const [, address] = /url\(["']?([^"')]+)/.exec(rule.cssText) ?? [];
  if (!address) return "";
  const url = new URL(address, rule.parentStyleSheet.href ?? document.baseURI);
  if (url.origin !== location.origin) return "";
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  return rule.cssText.replace(/src:[^;]+;/, `src: url(data:font/woff2;base64,${base64(bytes)}) format("woff2");`);
}
