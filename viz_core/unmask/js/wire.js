// Reads what wire.py packs: the stage in its mount, masks, and pictures. Pure.

import { innerFrames, openFrame, pictureOf } from "../../canvas/js/frame.js";

const pad = (length) => length + (-length & 3);

/** {view, header, jpeg, truth} of what Streamlit mounts. */
export function openStage(bytes) {
  const mount = openFrame(bytes);
  const frame = openFrame(innerFrames(mount)[0]);
  const { header, body } = frame;
  const start = pad(header.picture.bytes);
  const truth = body.slice(start, start + 3 * header.size ** 2);
  return { view: mount.header.view, header, jpeg: pictureOf(frame).slice(), truth };
}

/** {header, masks: {strategy: [mask of each ratio]}}. */
export function masksOf({ header, body }) {
  const { strategies, ratios } = header;
  const n = Math.floor(body.length / (strategies.length * ratios.length));
  const at = (k, slot) => (k * ratios.length + slot) * n;
  return Object.fromEntries(strategies.map((name, k) => [
    name, ratios.map((_, slot) => body.slice(at(k, slot), at(k, slot) + n)),
  ]));
}

/** [[slot, {mask, picture, score}], ...] of a frame of pictures. */
export function picturesOf({ header, body }) {
  const { slots, grid: [rows, columns], size, scores } = header;
  const [n, length] = [rows * columns, 3 * size * size];
  const step = pad(n) + pad(length);
  return slots.map((slot, k) => {
    const start = k * step + pad(n);
    const picture = body.slice(start, start + length);
    return [slot, { mask: body.slice(k * step, k * step + n), picture, score: scores[k] }];
  });
}
