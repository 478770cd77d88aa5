// The ribbon of shapes: one small picture of each tensor, its shape live with the patch size.

import { parseTable } from "../../canvas/js/colour.js";
import { el, say } from "../../canvas/js/dom.js";
import { bitmapOf, mounted, signed } from "../../cutter/js/wire.js";
import { scrollToSection, share } from "../../cutter/js/share.js";
import { stations } from "./stations.js";

const SIDE = 168; // pixels of a thumbnail

export function streamlit(tables) {
  return mounted((host) => start(host, tables));
}

function start(host, tables) {
  const ends = new AbortController();
  const app = { host, tables, signal: ends.signal, layer: -1, cards: [], serial: 0 };
  const follow = () => refresh(app);
  share().listeners.add(follow);
  return {
    show: async ({ header, parts }) => {
      const serial = ++app.serial;
      if (app.model?.id === header.id) return;
      const photo = await bitmapOf(parts.picture);
      if (serial !== app.serial || app.signal.aborted) return;
      app.model = header;
      app.parts = parts;
      app.layer = header.depth - 1;
      build(app, photo);
      photo.close();
      refresh(app);
    },
    end: () => {
      ends.abort();
      share().listeners.delete(follow);
      host.replaceChildren();
    },
  };
}

function build(app, photo) {
  const { model } = app;
  app.cards = stations(model, model.native).map((station) => card(app, station));
  app.cards.forEach((one) => {
    if (one.id === "picture") drawPhoto(one.canvas, photo);
    else if (one.id === "head") drawBars(app, one.canvas);
    else drawMatrix(app, one.canvas, one.id === "blocks" ? `block${app.layer}` : one.id);
  });
  app.note = el("p.hint");
  app.host.replaceChildren(
    el("nav.ribbon", { "aria-label": "From picture to logits" }, ...app.cards.map((one) => one.node)),
    app.note);
}

function card(app, { id, page, anchor }) {
  const canvas = el("canvas", { width: SIDE, height: SIDE });
  const [name, size, how, leads] = ["b.name", "span.size", "span.how", "span.leads"].map((tag) => el(tag));
  const node = el("button.station", { type: "button" }, el("span.frame", {}, canvas), name, size, how, leads);
  node.dataset.station = id;
  node.addEventListener("click", () => {
    if (page) open(page);
    else if (anchor) scrollToSection(anchor);
  }, { signal: app.signal });
  if (id === "blocks") {
    node.addEventListener("pointermove", (event) => {
      const box = node.getBoundingClientRect();
      scrub(app, Math.floor(((event.clientX - box.left) / box.width) * app.model.depth));
    }, { signal: app.signal });
    node.addEventListener("pointerleave", () => scrub(app, app.model.depth - 1), { signal: app.signal });
  }
  return { id, node, canvas, name, size, how, leads };
}

/** As a click in the sidebar: another page of the same session. A new visit only without it. */
function open(page) {
  const link = document.querySelector(`[data-testid="stSidebarNavLink"][href$="/${page}"]`);
  if (link) link.click();
  else location.assign(page);
}

function scrub(app, asked) {
  const layer = Math.min(app.model.depth - 1, Math.max(0, asked));
  if (layer === app.layer) return;
  app.layer = layer;
  const blocks = app.cards.find((one) => one.id === "blocks");
  drawMatrix(app, blocks.canvas, `block${layer}`);
  refresh(app);
}

function refresh(app) {
  if (!app.model) return;
  const patch = share().patch || app.model.native;
  const fits = app.model.side % patch === 0 ? patch : app.model.native;
  const own = fits === app.model.native;
  const now = stations(app.model, fits);
  app.cards.forEach((one, k) => {
    const station = now[k];
    say(one.name, station.name);
    say(one.size, station.size);
    const scrubbed = one.id === "blocks" && app.layer !== app.model.depth - 1;
    say(one.how, scrubbed ? `after layer ${app.layer + 1}` : station.how);
    say(one.leads, station.leads ?? "");
    one.node.title = `${station.name}: ${station.size} = ${station.numbers} numbers`;
    one.node.classList.toggle("stale", !own && !["picture"].includes(one.id));
  });
  app.host.dataset.patch = String(fits);
  say(app.note, own
    ? `Each thumbnail is the real tensor of this picture in ${app.model.title}, one row a token (a selection where it is large). Brown is negative, violet positive, the amber notch marks the class token; attention runs from 0, black.`
    : `The shapes are those of ${fits}-pixel patches. The faded thumbnails still show the ${app.model.native}-pixel patches that ${app.model.title} learned.`);
}

function drawPhoto(canvas, photo) {
  canvas.getContext("2d").drawImage(photo, 0, 0, SIDE, SIDE);
}

function drawMatrix(app, canvas, name) {
  const { rows, columns } = app.model.matrices[name];
  const shares = name === "pattern"; // never negative
  const colours = parseTable(app.tables[shares ? "magma" : "PuOr"]);
  const values = signed(app.parts[name]);
  const image = new ImageData(columns, rows);
  for (let k = 0; k < rows * columns; k++) image.data.set([...colours[shares ? 2 * values[k] : values[k] + 128], 255], 4 * k);
  const small = el("canvas", { width: columns, height: rows });
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, SIDE, SIDE);
  if (["class", "positions"].includes(name) || name.startsWith("block")) {
    context.fillStyle = "#ffb224";
    for (let k = 0; k < Math.min(rows, app.model.prefix); k++) {
      context.fillRect(0, (k * SIDE) / rows, 30, Math.max(5, SIDE / rows));
    }
  }
}

function drawBars(app, canvas) {
  const { columns } = app.model.matrices.head;
  const values = signed(app.parts.head);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, SIDE, SIDE);
  const best = values.indexOf(Math.max(...values));
  const wide = SIDE / columns;
  for (let k = 0; k < columns; k++) {
    const high = (values[k] / 127) * (SIDE / 2 - 4);
    context.fillStyle = k === best ? "#ffb224" : "#8b7cf6";
    context.fillRect(k * wide, SIDE / 2 - Math.max(0, high), Math.max(1, wide - 0.6), Math.max(1, Math.abs(high)));
  }
}
