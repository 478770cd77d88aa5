// The row below the wall: the sample pictures that excite the shown channel most.

import { el, say } from "../../canvas/js/dom.js";
import { number } from "../../canvas/js/words.js";
import { bitmapOf, floats } from "../../cutter/js/wire.js";
import { fit } from "./paint.js";

const WHOLE = 0.8; // from this share of the picture on, all of it is shown

export function startGallery(host) {
  const ends = new AbortController();
  const head = el("div.gallery-head", {}, el("b"), el("span"));
  const row = el("div.gallery");
  const app = { host, head, row, signal: ends.signal, serial: 0 };
  const show = () => paintGallery(app);
  globalThis.addEventListener("saccade-channel", show, { signal: ends.signal });
  const watch = new ResizeObserver(show);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      const strip = app.header?.id === header.id ? app.strip : await bitmapOf(parts.strip);
      if (serial !== app.serial || ends.signal.aborted) return;
      if (app.header?.id !== header.id) app.drawn = "";
      Object.assign(app, { header, parts, strip });
      if (!head.isConnected) {
        host.replaceChildren(head, row);
        watch.observe(host);
      }
      show();
    },
    end: () => {
      ends.abort();
      watch.disconnect();
      app.strip?.close();
      host.replaceChildren();
    },
  };
}

function paintGallery(app) {
  const shown = globalThis.saccadeChannel;
  const place = shown && app.header?.places[shown.name];
  if (!place || shown.channel >= place.channels) return;
  const width = app.host.clientWidth;
  const key = `${shown.name} ${shown.channel} ${width} ${app.header.id}`;
  if (app.drawn === key) return;
  app.drawn = key;
  const { names, side } = app.header;
  const whole = place.field >= WHOLE * side;
  const [title, text] = app.head.children;
  say(title, `Channel ${shown.channel + 1}, ${shown.where}: the samples that excite it most`);
  say(text, whole
    ? `Its places can see ${place.field >= side ? "the whole picture" : `${place.field} × ${place.field} pixels`}: the frame marks where it answers most.`
    : `Crops as large as what a place can see: ${place.field} × ${place.field} of ${side} × ${side} pixels.`);
  while (app.row.children.length < place.ranks) {
    app.row.append(el("figure.sample", {}, el("canvas"), el("figcaption", {}, el("b"), el("span"))));
  }
  read(app, place, shown.channel).forEach((one, k) => {
    const [canvas, caption] = app.row.children[k].children;
    say(caption.children[0], number(one.value));
    say(caption.children[1], names[one.picture]);
    canvas.title = names[one.picture];
    draw(app, canvas, one, place, whole);
  });
}

function read({ parts }, { channels, ranks, at }, channel) {
  const count = channels * ranks;
  const body = parts.peaks.slice(at, at + 7 * count);
  const values = floats(body.subarray(0, 4 * count));
  const places = new Uint16Array(body.slice(4 * count, 6 * count).buffer);
  return Array.from({ length: ranks }, (_, rank) => {
    const k = channel * ranks + rank;
    return { value: values[k], place: places[k], picture: body[6 * count + k] };
  });
}

function draw({ strip, header: { side } }, canvas, one, { rows, columns, field }, whole) {
  const ratio = Math.min(2.5, window.devicePixelRatio || 1);
  const shown = canvas.clientWidth || 100;
  fit(canvas, shown, shown, ratio);
  const context = canvas.getContext("2d");
  const full = canvas.width;
  const high = strip.height;
  const scale = high / side; // strip pixels for one pixel of the input
  const cell = [side / rows, side / columns];
  const centre = [(Math.floor(one.place / columns) + 0.5) * cell[0], ((one.place % columns) + 0.5) * cell[1]];
  const wide = whole ? side : Math.min(field, side);
  const [top, left] = centre.map((at) => Math.min(side - wide, Math.max(0, at - wide / 2)));
  context.imageSmoothingQuality = "high";
  context.drawImage(strip, one.picture * high + left * scale, top * scale, wide * scale, wide * scale, 0, 0, full, full);
  const unit = full / wide;
  for (const [colour, thick] of [["rgba(0,0,0,0.6)", 3.5], ["#ffb224", 2]]) {
    context.strokeStyle = colour;
    context.lineWidth = thick * ratio;
    context.strokeRect((centre[1] - cell[1] / 2 - left) * unit, (centre[0] - cell[0] / 2 - top) * unit, cell[1] * unit, cell[0] * unit);
  }
}
