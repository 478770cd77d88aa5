// Pictures side by side in one JPEG: a row a mask or a moment, a column a way to fill it in.

/** Draws one tile of a sheet onto a canvas, as large as it is stored. */
export function drawTile(canvas, sheet, side, column, row) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d").drawImage(sheet, column * side, row * side, side, side, 0, 0, side, side);
}

/** Hatches the patches of a square canvas for which `hidden(patch)` holds. */
export function hatch(context, side, grid, hidden) {
  const patch = side / grid;
  context.save();
  context.beginPath();
  for (let k = 0; k < grid * grid; k++) {
    if (hidden(k)) context.rect((k % grid) * patch, Math.floor(k / grid) * patch, patch, patch);
  }
  context.clip();
  context.fillStyle = "#475569";
  context.fillRect(0, 0, side, side);
  context.strokeStyle = "#94a3b8";
  context.lineWidth = Math.max(0.5, side / 448);
  context.beginPath();
  for (let x = -side; x < side; x += patch / 2) {
    context.moveTo(x, side);
    context.lineTo(x + side, 0);
  }
  context.stroke();
  context.restore();
}
