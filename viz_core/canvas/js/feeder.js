// The invisible second mount: hands the other layers to every canvas that shows their frame.

/** Frames that arrived apart from their picture, and who waits for them. One per page. */
export function hub() {
  globalThis.saccadeHub ??= { rest: new Map(), listeners: new Set() };
  return globalThis.saccadeHub;
}

const owned = new WeakMap();

/** Streamlit's entry point of the feeder. */
export function feeder({ data, parentElement }) {
  const { rest, listeners } = hub();
  const before = owned.get(parentElement);
  if (before && before !== data && rest.get(idOf(before)) === before) rest.delete(idOf(before));
  const id = idOf(data);
  owned.set(parentElement, data);
  if (id) {
    rest.set(id, data);
    for (const listen of listeners) listen(id, data);
  }
  return () => {
    const last = owned.get(parentElement);
    if (last && rest.get(idOf(last)) === last) rest.delete(idOf(last));
    owned.delete(parentElement);
  };
}

/** Cheap look at a frame's id; the canvas itself checks the frame. */
function idOf(bytes) {
  const head = new TextDecoder().decode(bytes.subarray(12, Math.min(400, bytes.length)));
  return /"id":"([0-9a-f]+)"/.exec(head)?.[1] ?? "";
}
