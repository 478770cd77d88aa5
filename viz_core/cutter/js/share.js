// The patch size that one component of the page sets and others follow, without the server.

export function share() {
  globalThis.saccadePatches ??= { patch: 0, listeners: new Set(), played: false };
  return globalThis.saccadePatches;
}

export function tellPatch(patch) {
  const shared = share();
  if (shared.patch === patch) return;
  shared.patch = patch;
  for (const listen of shared.listeners) listen(patch);
}

const NEAR = 140; // px: close enough to the top of the window
const RETRY = 700; // ms

/** Brings a section of this page into view; again if the page was still being filled meanwhile. */
export function scrollToSection(name, times = 4) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const section = document.querySelector(`.st-key-patches-${name}`);
  if (section && Math.abs(section.getBoundingClientRect().top) < NEAR) return;
  section?.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
  if (times > 1) setTimeout(scrollToSection, RETRY, name, times - 1);
}
