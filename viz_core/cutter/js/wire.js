// Reads what patch_frames.pack wrote: u32 length | JSON header | parts, each at a multiple of 4.

export class WireError extends Error {}

/** {header, parts}: parts are views into the bytes, by name. */
export function open(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length < 4) {
    throw new WireError("The view did not arrive: the data from the server is empty.");
  }
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + words.getUint32(0, true);
  if (start > bytes.length) throw new WireError("The data from the server is cut short.");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const parts = {};
  for (const [name, [at, length]] of Object.entries(header.parts)) {
    if (start + at + length > bytes.length) {
      throw new WireError("The data from the server is cut short.");
    }
    parts[name] = bytes.subarray(start + at, start + at + length);
  }
  return { header, parts };
}

export const signed = (part) => new Int8Array(part.buffer, part.byteOffset, part.length);

export const floats = (part) => new Float32Array(part.slice().buffer);

export const bitmapOf = (part) => createImageBitmap(new Blob([part], { type: "image/jpeg" }));

/** Mounts one instance an element: `start(host, send)` gives {show(opened), end()}; `send(name,
 * value)` tells the server. */
export function mounted(start) {
  const instances = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    let instance = instances.get(parentElement);
    if (!instance) {
      const host = parentElement.querySelector(".saccade");
      const send = (name, value) => instance.tell(name, value);
      instance = { ...start(host, send), host };
      instances.set(parentElement, instance);
    }
    instance.tell = setStateValue;
    Promise.resolve()
      .then(() => instance.show(open(data)))
      .catch((problem) => fail(instance.host, problem));
    return () => {
      instance.end();
      instances.delete(parentElement);
    };
  };
}

function fail(host, problem) {
  const text = problem instanceof WireError
    ? problem.message
    : `The view cannot be drawn: ${problem.message}.`;
  if (!(problem instanceof WireError)) console.error(problem);
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  host.replaceChildren(line);
}
