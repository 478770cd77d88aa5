// Saving the view: one PNG with the pictures side by side and what they are.

import { VIEWS } from "./draw.js";
import { download } from "../../take/js/page.js";
import { hiddenIn } from "./store.js";
import { VIEWS as NAMES } from "./build.js";

const SIDE = 448;
const GAP = 16;
const FOOT = 84;

/** The sheet as a canvas: masked, painted back, what stands beside it, the original. */
export function sheetOf(app, seen) {
  const names = ["masked", "painted", ...(app.view.baseline === "none" ? [] : ["fill"]), "truth"];
  const sheet = document.createElement("canvas");
  sheet.width = names.length * (SIDE + GAP) + GAP;
  sheet.height = SIDE + 2 * GAP + FOOT;
  const context = sheet.getContext("2d");
  const theme = getComputedStyle(app.host);
  const ink = theme.getPropertyValue("--st-text-color") || "#111";
  context.fillStyle = theme.getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.textBaseline = "top";
  names.forEach((name, k) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    VIEWS[name]({ context: pen, side: SIDE, ratio: 2 }, app, { ...seen, age: () => 1 });
    const x = GAP + k * (SIDE + GAP);
    context.drawImage(canvas, x, GAP);
    context.fillStyle = ink;
    context.font = `600 24px ${theme.fontFamily}`;
    const title = app.views.get(name)?.title.textContent ?? NAMES.find(([known]) => known === name)[1];
    context.fillText(title, x, SIDE + 2 * GAP, SIDE);
    context.font = `20px ${theme.fontFamily}`;
    const hidden = `${hiddenIn(seen.mask)} of ${seen.mask.length} patches hidden`;
    context.fillText(name === "masked" ? hidden : app.views.get(name)?.note.textContent ?? "", x, SIDE + 2 * GAP + 34, SIDE);
  });
  return sheet;
}

export function savePng(app) {
  if (!app.seen) return;
  sheetOf(app, app.seen).toBlob((blob) => {
    download(blob, `saccade-mae-${app.view.strategy}.png`);
  }, "image/png");
}
