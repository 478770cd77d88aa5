// The message of `road/wire.py` with names for its numbers, and what a station shows first. Pure.

const ORDER = ["block", "entry", "stem", "head"];
export const VIEWS = [
  ["block", "Block", "An ordinary block of the chosen stage"],
  ["entry", "Into the stage", "What brings the map into the chosen stage: a layer of its own, if there is one, and the first block"],
  ["stem", "Stem", "The layers before the first stage"],
];

export function readStations(message) {
  return message.stations.map((station, index) => ({
    ...station,
    index,
    views: Object.fromEntries(Object.entries(station.views).map(([name, view]) => [name, {
      ...view, main: view.main.map(named), around: view.around.map(named),
    }])),
  }));
}

function named([kind, label, entering, leaving, shape, parameters, macs, status]) {
  return { kind, label, entering, leaving, shape, parameters, macs, status };
}

/** The column to open with: the first kind that changed on the way to a station. */
export const opening = (station) => ORDER.find((kind) => station.changed.includes(kind) && kind !== "head") ?? "block";

/** Name of a column: "stem", "block2", "entry3". */
export const viewName = (view, stage) => (view === "stem" ? "stem" : `${view}${stage}`);

/** The columns of a station and of the one before it, the latter with what became of it. */
export function pair(stations, station, name) {
  const now = station.views[name];
  const origin = station.before === null ? null : stations[station.before].views[name];
  const marked = (ops, words) => ops.map((op, i) => ({ ...op, status: words[i] === "gone" ? "gone" : "same" }));
  const was = origin && { ...origin, main: marked(origin.main, now.was), around: marked(origin.around, now.wasAround) };
  return { now, was };
}

/** What changed in a column, in words. */
export function sentence({ now, was }) {
  if (!was) return "The start of the road.";
  const all = [...now.main, ...now.around];
  const counts = {
    new: all.filter((op) => op.status === "new").length,
    resized: all.filter((op) => op.status === "resized").length,
    gone: [...was.main, ...was.around].filter((op) => op.status === "gone").length,
  };
  const words = Object.keys(counts).filter((key) => counts[key]).map((key) => `${counts[key]} ${key}`);
  return words.length ? `Operations: ${words.join(", ")}.` : "Nothing changes here.";
}
