// What was cut stays while another step is on the page.

import { kept } from "../../canvas/js/dom.js";

const NAME = "swin-windows";
const serves = ({ asked, known }) => `${asked} ${known}`;

export function remember(app) {
  if (!app.cut) return;
  const { map, half, share, cut: { window, shift } } = app;
  Object.assign(kept(NAME, {}), { for: serves(app), map, cut: { window, shift }, app: { half, share: Math.round(share) } });
}

/** True if it is all as it was; false where other maps or another view are asked for now. */
export function recall(app, preset, recut) {
  const memory = kept(NAME, {});
  if (memory.for !== serves(app)) return false;
  preset(app, memory.map);
  recut(app, memory.cut);
  Object.assign(app, memory.app);
  return true;
}
