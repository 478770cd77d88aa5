// Wire format, version 1: see wire.py, which documents it byte for byte. Pure.

const MAGIC = 0x43434153; // "SACC", little endian
const VERSION = 1;
const KINDS = ["attention", "regions", "mask", "maps", "windowed", "compare", "mount", "unmask", "masks", "pictures"];

export class FrameError extends Error {}

const pad = (length) => length + (-length & 3);

/** Header and body of a frame; throws a FrameError with a sentence for a reader. */
export function openFrame(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 12) {
    throw new FrameError("The view did not arrive: the data from the server is empty.");
  }
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (words.getUint32(0, true) !== MAGIC) {
    throw new FrameError("The data from the server is not a canvas frame.");
  }
  const version = words.getUint32(4, true);
  if (version !== VERSION) {
    throw new FrameError(`The data has version ${version}, this page reads ${VERSION}: reload it.`);
  }
  const end = 12 + words.getUint32(8, true);
  if (end > bytes.length) throw new FrameError("The data from the server is cut short.");
  let header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, end)));
  } catch {
    throw new FrameError("The header of the data cannot be read.");
  }
  if (!header || !KINDS.includes(header.kind)) {
    throw new FrameError(`The canvas does not know data of kind "${header?.kind}".`);
  }
  return { header, body: bytes.subarray(end) };
}

/** The frames inside a `mount` or `compare` frame. */
export function innerFrames({ header, body }) {
  let at = 0;
  return header.parts.map((length) => {
    const part = slice(body, at, length);
    at += pad(length);
    return part;
  });
}

/** The encoded picture, a view into the frame; empty when it came in another frame. */
export function pictureOf({ header, body }) {
  return slice(body, 0, header.picture.bytes);
}

/** Layers of an attention frame: [[layer, {scale, levels}]], views into the frame. */
export function layersOf({ header, body }) {
  if (header.kind === "windowed") return blocksOf({ header, body });
  const { heads, tokens, present } = header;
  const cells = heads * tokens;
  const size = 4 * cells + pad(cells * tokens);
  const start = pad(header.picture.bytes);
  if (body.length !== start + present.length * size) {
    throw new FrameError("The attention maps from the server are cut short.");
  }
  return present.map((layer, k) => {
    const at = start + k * size;
    const scale = new Float32Array(aligned(slice(body, at, 4 * cells)));
    return [layer, { scale, levels: slice(body, at + 4 * cells, cells * tokens) }];
  });
}

/** Blocks of a windowed frame: [[layer, {scale, levels, token, region}]]; see wire_windows.py. */
function blocksOf({ header, body }) {
  let at = pad(header.picture.bytes);
  const take = (length) => {
    const part = slice(body, at, length);
    at += pad(length);
    return part;
  };
  const found = header.present.map((layer) => {
    const { grid: [rows, columns], heads, window } = header.blocks[layer];
    const cells = heads * rows * columns;
    const slots = window * window * Math.ceil(rows / window) * Math.ceil(columns / window);
    const scale = new Float32Array(aligned(take(4 * cells)));
    const levels = take(cells * window * window);
    const token = new Uint16Array(aligned(take(2 * slots)));
    return [layer, { scale, levels, token, region: take(slots) }];
  });
  if (at !== body.length) throw new FrameError("The attention maps from the server are cut short.");
  return found;
}

/** Numbers after the picture as one typed array. */
export function numbersOf({ header, body }, Type, count) {
  const start = pad(header.picture.bytes);
  return new Type(aligned(slice(body, start, count * Type.BYTES_PER_ELEMENT)));
}

function slice(body, at, length) {
  if (!(length >= 0) || at + length > body.length) {
    throw new FrameError("The data from the server is cut short.");
  }
  return body.subarray(at, at + length);
}

const aligned = (part) => part.slice().buffer;
