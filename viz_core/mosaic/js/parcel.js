// What Python's `viz_core.mosaic.pack` sends: u32 length, JSON header, body. Pure.

export class ParcelError extends Error {}

/** {header, body}; throws a ParcelError with a sentence for a reader. */
export function open(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 4) {
    throw new ParcelError("The picture did not arrive: the data from the server is empty.");
  }
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (end > bytes.length) throw new ParcelError("The data from the server is cut short: reload the page.");
  try {
    return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))), body: bytes.subarray(end) };
  } catch {
    throw new ParcelError("The data from the server cannot be read: reload the page.");
  }
}
