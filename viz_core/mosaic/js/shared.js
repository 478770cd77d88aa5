// One board and the cards beside it are two components: they meet here, by the board's name.

/** {steps, serial, slate, busy, listeners} of a board. */
export function meeting(name) {
  globalThis.saccadeBoards ??= new Map();
  const all = globalThis.saccadeBoards;
  if (!all.has(name)) all.set(name, { steps: null, serial: -1, slate: null, busy: false, listeners: new Set() });
  return all.get(name);
}

export function tell(place) {
  for (const listen of place.listeners) listen();
}
