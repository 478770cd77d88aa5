// A board of doses and the sweeps that follow it are several components: they meet here, by name.

/** {sweeps, listeners}: sweeps by transform are [{shares, classes}] in the order of the networks. */
export function meeting(name) {
  globalThis.saccadeSweeps ??= new Map();
  const all = globalThis.saccadeSweeps;
  if (!all.has(name)) all.set(name, { sweeps: new Map(), listeners: new Set() });
  return all.get(name);
}

export function leave(name, listener) {
  const found = globalThis.saccadeSweeps?.get(name);
  found?.listeners.delete(listener);
  if (found && !found.listeners.size) globalThis.saccadeSweeps.delete(name);
}

/** The shares of one dose. */
export const at = ({ shares, classes }, dose) => shares.subarray(dose * classes, (dose + 1) * classes);

export const best = (shares) => shares.reduce((top, share, k) => (share > shares[top] ? k : top), 0);

/** The class named first for the unchanged picture, its share at each dose, and where it stays;
    doses that change nothing do not count. */
export function kept(sweep, still) {
  const first = best(at(sweep, still[0]));
  const count = sweep.shares.length / sweep.classes;
  const rows = Array.from({ length: count }, (_, dose) => at(sweep, dose));
  const stays = rows.map((row) => best(row) === first);
  const others = stays.filter((_, dose) => !still.includes(dose));
  return { first, share: rows.map((row) => row[first]), stays, steady: others.filter(Boolean).length, of: others.length };
}

/** A transform of the board, and its sweep once it is there. */
export const kind = (app, name) => app.kinds.get(name);

export const sweepOf = (app, name) => meeting(app.header.name).sweeps.get(name);
