// The tiles' wire format: see wire.py, which documents it byte for byte. Pure.

export class TilesError extends Error {}

const pad = (length) => length + (-length & 3);

/** Header of a frame and a function that takes its parts one after the other. */
export function openTiles(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 4) {
    throw new TilesError("The view did not arrive: the data from the server is empty.");
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (4 + length > bytes.length) throw new TilesError("The data from the server is cut short.");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const take = (Type, count) => {
    const size = count * Type.BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw new TilesError("The data from the server is cut short.");
    const part = bytes.slice(at, at + size);
    at += pad(size);
    return new Type(part.buffer, 0, count);
  };
  return { header, take };
}

export const ONE = 32767;

/** The board's kinds with their cosines, [as it is, without the shared part]. */
export function kindsOf({ header, take }) {
  const picture = take(Uint8Array, header.picture.bytes);
  const size = (header.grid[0] * header.grid[1]) ** 2;
  const kinds = header.kinds.map((kind) => ({
    ...kind, cosines: kind.empty ? null : [take(Int16Array, size), take(Int16Array, size)],
  }));
  return { picture, kinds };
}

/** The maps of a gallery with their numbers. */
export function mapsOf({ header, take }) {
  return header.maps.map((map) => {
    const count = map.grid[0] * map.grid[1];
    return { ...map, values: map.colour ? take(Uint8Array, 3 * count) : take(Float32Array, count) };
  });
}
