// What the norms lab shows: the numbers of one setting as one scene. Pure.

/** Scene: groups of tokens with their channels, and what each norm subtracts and divides by. */
export function sceneOf(payload, state) {
  return payload.source === "sentences" ? ragged(payload, state) : pictured(payload, state);
}

function ragged({ sentences }, { words, counted, running }) {
  const now = sentences.variants[words];
  const most = Math.max(...sentences.variants.map((variant) => variant.x[0].length));
  const last = now.x.length - 1;
  const batch = running ? sentences.running[counted] : now.batch[counted];
  return {
    groups: now.x.map((x, g) => ({
      name: `sentence ${g + 1}`, x, slots: most, real: now.real[g],
      labels: now.words[g], mean: now.layer.mean[g], std: now.layer.std[g], edited: g === last && words > 0,
    })),
    channels: now.x[0][0].map((_, c) => `channel ${c + 1}`),
    width: sentences.channels,
    batch, own: now.batch[counted],
    first: sentences.variants[0], firstBatch: running ? sentences.running[counted] : sentences.variants[0].batch[counted],
    changed: { layer: now.changed.layer, batch: running ? 0 : now.changed[counted] },
  };
}

function pictured({ pictures, names, places }, { layer, size, tokens, running }) {
  const now = pictures.layers[layer];
  const kept = tokens === "class" ? [0] : pictures.tokens.map((_, t) => t);
  const own = now[tokens].batch[size - 1];
  return {
    groups: names.slice(0, size).map((name, g) => ({
      name, x: kept.map((t) => now.x[g][t]), slots: kept.length, real: kept.map(() => true),
      labels: kept.map((t) => places[t]), mean: kept.map((t) => now.layer.mean[g][t]), std: kept.map((t) => now.layer.std[g][t]),
    })),
    channels: now.channels.map((c) => `channel ${c + 1}`),
    width: pictures.width,
    batch: running ? now[tokens].running : own, own,
  };
}

/** One number before and after; null where batch norm has no statistics. */
export function valuesAt(scene, { g, t, c }) {
  const group = scene.groups[g];
  const x = group.x[t][c];
  const { batch } = scene;
  return {
    x,
    layer: (x - group.mean[t]) / group.std[t],
    batch: batch && (x - batch.mean[c]) / batch.std[c],
  };
}

/** How far the number is from what it was before words were appended; null for padding then. */
export function changesAt(scene, { g, t, c }) {
  const { first, firstBatch } = scene;
  if (!first?.real[g][t]) return null;
  const before = {
    x: first.x[g][t][c],
    layer: (first.x[g][t][c] - first.layer.mean[g][t]) / first.layer.std[g][t],
    batch: (first.x[g][t][c] - firstBatch.mean[c]) / firstBatch.std[c],
  };
  const now = valuesAt(scene, { g, t, c });
  return { x: Math.abs(now.x - before.x), layer: Math.abs(now.layer - before.layer), batch: Math.abs(now.batch - before.batch) };
}

/** The same cell, or the nearest one that is there and no padding. */
export function inside(scene, { g, t, c }) {
  const at = Math.min(g, scene.groups.length - 1);
  const { real } = scene.groups[at];
  return { g: at, t: Math.min(t, real.lastIndexOf(true)), c: Math.min(c, scene.channels.length - 1) };
}

/** Mean and spread that the channels have after batch norm with other statistics than their own. */
export function mismatch({ own, batch }) {
  if (!own || !batch) return null;
  const means = own.mean.map((m, c) => Math.abs((m - batch.mean[c]) / batch.std[c]));
  const spreads = own.std.map((s, c) => s / batch.std[c]);
  return { mean: Math.max(...means), least: Math.min(...spreads), most: Math.max(...spreads) };
}
