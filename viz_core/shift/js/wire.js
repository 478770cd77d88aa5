// Reads what wire.py packs: u32 length | JSON header | parts, each at a multiple of 4.

export class WireError extends Error {}

/** {header, bytes(name), numbers(name)} of a frame; throws a WireError with a sentence. */
export function openFrame(frame) {
  if (!(frame instanceof Uint8Array) || frame.length < 4) {
    throw new WireError("The view did not arrive: the data from the server is empty.");
  }
  const start = 4 + new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (start > frame.length) throw new WireError("The data from the server is cut short.");
  const header = JSON.parse(new TextDecoder().decode(frame.subarray(4, start)));
  const bytes = (name) => {
    const { at, bytes: length } = header.parts[name];
    if (start + at + length > frame.length) throw new WireError("The data from the server is cut short.");
    return frame.slice(start + at, start + at + length);
  };
  return { header, bytes, numbers: (name) => new Float32Array(bytes(name).buffer) };
}

export const bitmapOf = (bytes) => createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));

/** Mounts one instance an element: `start(host)` gives {show(opened), end()}. */
export function mounted(start) {
  const instances = new WeakMap();
  return ({ data, parentElement }) => {
    const host = parentElement.querySelector(".saccade");
    if (!instances.has(parentElement)) instances.set(parentElement, start(host));
    const instance = instances.get(parentElement);
    Promise.resolve()
      .then(() => instance.show(openFrame(data)))
      .catch((problem) => fail(host, problem));
    return () => {
      instance.end();
      instances.delete(parentElement);
    };
  };
}

function fail(host, problem) {
  if (!(problem instanceof WireError)) console.error(problem);
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = problem instanceof WireError ? problem.message
    : `The view cannot be drawn: ${problem.message}.`;
  host.replaceChildren(line);
}
