// One panel of the norms lab: groups of columns (tokens) and rows (channels) on a canvas.

const GAP = 9;

/** Where everything is, in CSS pixels. */
export function layOut(scene, width, rowHeight) {
  const slots = scene.groups.reduce((sum, group) => sum + group.slots, 0);
  const slot = Math.min(46, (width - GAP * (scene.groups.length - 1)) / slots);
  let left = 0;
  const starts = scene.groups.map((group) => {
    const start = left;
    left += group.slots * slot + GAP;
    return start;
  });
  return { slot, starts, rowHeight, width: left - GAP, height: scene.channels.length * rowHeight };
}

/** The cell under a point, or null between the groups, on padding or below. */
export function cellAt(layout, scene, x, y) {
  const c = Math.floor(y / layout.rowHeight);
  if (c < 0 || c >= scene.channels.length) return null;
  for (let g = scene.groups.length - 1; g >= 0; g--) {
    if (x < layout.starts[g]) continue;
    const t = Math.floor((x - layout.starts[g]) / layout.slot);
    return scene.groups[g].real[t] ? { g, t, c } : null;
  }
  return null;
}

/**
 * Paints the cells. `value(g, t, c)` is a number from 0 to 1 or null; `member(g, t, c)` says
 * whether a cell is in the group that is normalised together; others step back.
 */
export function paint(canvas, scene, layout, { value, table, member, lines, counted }) {
  const ratio = window.devicePixelRatio || 1;
  const { slot, starts, rowHeight } = layout;
  canvas.width = Math.max(1, Math.round(layout.width * ratio));
  canvas.height = Math.max(1, Math.round(layout.height * ratio));
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  scene.groups.forEach((group, g) => {
    for (let t = 0; t < group.slots; t++) {
      const left = starts[g] + t * slot;
      if (!group.real[t]) {
        if (t < group.x.length) hatch(context, left, slot, layout.height, counted);
        continue;
      }
      for (let c = 0; c < scene.channels.length; c++) {
        const share = value(g, t, c);
        if (share === null) {
          context.globalAlpha = 0.25;
          context.fillStyle = "#94a3b8";
        } else {
          context.globalAlpha = member(g, t, c) ? 1 : 0.5;
          context.fillStyle = `rgb(${table[Math.round(255 * Math.max(0, Math.min(1, share)))]})`;
        }
        context.fillRect(left + 0.5, c * rowHeight + 0.5, slot - 1, rowHeight - 1);
      }
    }
  });
  context.globalAlpha = 1;
  for (const line of lines) outline(context, layout, line);
}

function outline(context, { slot, starts, rowHeight }, { g, t, c, columns = 1, rows = 1, colour, thick }) {
  context.strokeStyle = colour;
  context.lineWidth = thick ? 2.5 : 2;
  context.strokeRect(starts[g] + t * slot, c * rowHeight, columns * slot, rows * rowHeight);
}

/** Padding: slate, hatched; stronger where it counts. */
function hatch(context, left, slot, height, counted) {
  context.save();
  context.globalAlpha = counted ? 0.75 : 0.3;
  context.beginPath();
  context.rect(left + 0.5, 0.5, slot - 1, height - 1);
  context.clip();
  context.fillStyle = "rgba(148, 163, 184, 0.25)";
  context.fillRect(left, 0, slot, height);
  context.strokeStyle = "#64748b";
  context.lineWidth = 1;
  context.beginPath();
  for (let y = -slot; y < height + slot; y += 5) {
    context.moveTo(left, y + slot);
    context.lineTo(left + slot, y);
  }
  context.stroke();
  context.restore();
}
