// One frame of the story on a canvas.

import { QUERY } from "../../canvas/js/stage.js";
import { apart, arrived, between, flown, ghost, written } from "./flight.js";
import { MOST_DRAWN, patchRect, tokenRect } from "./layout.js";

const SHADE = "rgba(9,10,18,.8)";

/** Where token `token` is drawn at this moment. */
export function rectAt(app, token) {
  const { picture, line, grid, prefix, time } = app;
  const count = grid * grid;
  const to = tokenRect(line, token);
  if (token < prefix) {
    const share = arrived(time);
    return { ...to, y: to.y - 46 * (1 - share), share };
  }
  const share = flown(time, token - prefix, count);
  const from = patchRect(picture, grid, token - prefix, apart(time));
  return { ...between(from, to, share), share };
}

export function paintAll(app, context) {
  const { width, height, ratio } = app;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = !app.raw;
  context.imageSmoothingQuality = "low";
  if (app.grid * app.grid + app.prefix > MOST_DRAWN) return paintDots(app, context);
  paintGhost(app, context);
  paintTokens(app, context);
  paintPrefix(app, context);
  paintLineNumbers(app, context);
}

function paintPatch(app, context, patch, r) {
  const { source, grid } = app; // source: the picture at the size it is drawn, or the pixels
  const cell = source.width / grid;
  const column = patch % grid;
  const row = Math.floor(patch / grid);
  context.drawImage(source, column * cell, row * cell, cell, cell, r.x, r.y, r.w, r.h);
}

function paintGhost(app, context) {
  const { picture, grid, time } = app;
  const alpha = ghost(time);
  context.globalAlpha = alpha;
  for (let patch = 0; patch < grid * grid; patch++) {
    paintPatch(app, context, patch, patchRect(picture, grid, patch, apart(time)));
  }
  context.globalAlpha = 1;
}

function paintTokens(app, context) {
  const { grid, prefix, line, atlas, time } = app;
  const count = grid * grid;
  const aloft = [];
  for (let patch = 0; patch < count; patch++) {
    const r = rectAt(app, prefix + patch);
    if (r.share <= 0) continue;
    if (r.share < 1) aloft.push([patch, r]);
    else paintPatch(app, context, patch, r);
    const shown = written(time, prefix + patch, prefix + count);
    if (shown > 0) paintBar(context, line, atlas, prefix + patch, r, shown);
  }
  for (const [patch, r] of aloft) {
    // A plain rectangle: a blurred shadow costs more than all patches together.
    const lift = 6 * Math.sin(Math.PI * r.share);
    context.fillStyle = "rgba(0,0,0,.28)";
    if (count < 900) context.fillRect(r.x + lift / 2, r.y + lift, r.w, r.h);
    paintPatch(app, context, patch, r);
  }
}

function paintBar(context, line, atlas, token, r, shown) {
  const smooth = context.imageSmoothingEnabled;
  context.imageSmoothingEnabled = false;
  const high = Math.max(1, atlas.height * shown);
  const y = r.y + r.h + line.gap * 0.6;
  context.drawImage(atlas, token, 0, 1, high, r.x, y, r.w, line.bar * shown);
  context.imageSmoothingEnabled = smooth;
}

function paintPrefix(app, context) {
  const { prefix, grid, line, atlas, time, names } = app;
  for (let token = 0; token < prefix; token++) {
    const r = rectAt(app, token);
    if (r.share <= 0) continue;
    const shown = written(time, token, prefix + grid * grid);
    if (shown > 0 && app.embedded) paintBar(context, line, atlas, token, r, shown);
    context.globalAlpha = r.share;
    context.fillStyle = names[token] === "class token" ? QUERY : "#c9a46a";
    context.beginPath();
    context.roundRect(r.x, r.y, r.w, r.h, Math.min(5, r.w / 5));
    context.fill();
    if (r.w >= 11) {
      context.fillStyle = "#241500";
      context.font = `700 ${Math.min(22, r.w * 0.62)}px ${app.font}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(names[token] === "class token" ? "C" : "R", r.x + r.w / 2, r.y + r.h / 2 + 0.5);
    }
    context.globalAlpha = 1;
  }
}

function paintLineNumbers(app, context) {
  const { line, time, prefix } = app;
  const alpha = arrived(time);
  if (alpha <= 0 || line.pitch < 9) return;
  context.globalAlpha = 0.75 * alpha;
  context.fillStyle = app.colours.text;
  context.font = `11px ${app.font}`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const skip = Math.ceil(13 / line.pitch);
  for (let row = 0; row < line.lines; row += skip) {
    const r = tokenRect(line, row * line.columns);
    const token = row * line.columns;
    const text = token < prefix && app.names[0] !== "class token" ? token + 1 : token;
    context.fillText(String(text), r.x - 7, r.y + r.h / 2);
  }
  context.globalAlpha = 1;
}

/** Very many tokens: each is a dot of its mean colour, written straight into the pixels. */
function paintDots(app, context) {
  const { width, height, ratio, prefix, grid, colours } = app;
  const wide = Math.round(width * ratio);
  const image = context.createImageData(wide, Math.round(height * ratio));
  const words = new Uint32Array(image.data.buffer);
  const faded = Math.round(255 * ghost(app.time)) << 24;
  const stamp = (r, colour) => {
    const right = Math.min(wide, Math.ceil((r.x + r.w) * ratio));
    const bottom = Math.min(image.height, Math.ceil((r.y + r.h) * ratio));
    for (let y = Math.max(0, Math.floor(r.y * ratio)); y < bottom; y++) {
      words.fill(colour, y * wide + Math.max(0, Math.floor(r.x * ratio)), y * wide + right);
    }
  };
  const spread = apart(app.time);
  for (let patch = 0; patch < grid * grid; patch++) {
    const colour = colours.means[patch];
    stamp(patchRect(app.picture, grid, patch, spread), ((colour & 0xffffff) | faded) >>> 0);
  }
  for (let patch = 0; patch < grid * grid; patch++) {
    const r = rectAt(app, prefix + patch);
    if (r.share > 0) stamp(r, colours.means[patch]);
  }
  context.putImageData(image, 0, 0);
  paintPrefix(app, context);
  paintLineNumbers(app, context);
}

/** The token under the pointer: outlined in both places, joined by a line. */
export function paintMark(app, context, token, pinned) {
  if (token < 0) return;
  const { ratio, prefix, picture, grid, time, line } = app;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const now = rectAt(app, token);
  const high = now.h + (written(time, token, app.count) > 0.5 ? line.bar + line.gap * 0.6 : 0);
  const target = { ...now, h: high };
  const apartNow = apart(time);
  const from = token < prefix ? null : patchRect(picture, grid, token - prefix, apartNow);
  if (now.share > 0) {
    if (from) join(context, from, target);
    outline(context, target, pinned);
  }
  if (from) outline(context, from, pinned);
}

function outline(context, r, pinned) {
  const w = Math.max(r.w, 5);
  const h = Math.max(r.h, 5);
  const x = r.x - (w - r.w) / 2;
  const y = r.y - (h - r.h) / 2;
  for (const [colour, width] of [[SHADE, 5], [QUERY, 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(x, y, w, h);
  }
  if (!pinned) return;
  const side = Math.max(6, 0.35 * r.w);
  context.fillStyle = QUERY;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + side, y);
  context.lineTo(x, y + side);
  context.fill();
}

function join(context, from, to) {
  const [x0, y0] = [from.x + from.w / 2, from.y + from.h / 2];
  const [x1, y1] = [to.x + to.w / 2, to.y + Math.min(to.h, to.w) / 2];
  const bend = Math.abs(x1 - x0) > 30 ? (x1 - x0) * 0.45 : 0;
  context.beginPath();
  context.moveTo(x0, y0);
  context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
  for (const [colour, width] of [["rgba(9,10,18,.55)", 4], [QUERY, 1.8]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
