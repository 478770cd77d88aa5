// Colour maps: hexadecimal tables from colour_maps.json to lookup tables for pixels. Pure.

// What a value of zero leaves of the overlay: dark enough to make the bright patches stand out.
const CLEAREST_SHARE = 0.28;

/** [[r, g, b], ...] of a table. */
export function parseTable(hex) {
  const colours = [];
  for (let at = 0; at < hex.length; at += 6) {
    const rgb = parseInt(hex.slice(at, at + 6), 16);
    colours.push([rgb >> 16, (rgb >> 8) & 255, rgb & 255]);
  }
  return colours;
}

/** 256 pixels (ABGR words); alpha grows with the value up to `opacity`. */
export function sequentialLut(hex, opacity) {
  return parseTable(hex).reduce((lut, rgb, k) => {
    const share = CLEAREST_SHARE + (1 - CLEAREST_SHARE) * (k / 255);
    lut[k] = pixel(rgb, Math.floor(255 * opacity * share + 0.5));
    return lut;
  }, new Uint32Array(256));
}

/** As above for signed values: level 127.5 is zero and leaves the picture clear. */
export function divergingLut(hex, opacity) {
  return parseTable(hex).reduce((lut, rgb, k) => {
    const share = Math.abs(k - 127.5) / 127.5;
    lut[k] = pixel(rgb, Math.floor(255 * opacity * Math.sqrt(share) + 0.5));
    return lut;
  }, new Uint32Array(256));
}

/** 256 opaque pixels. */
export function opaqueLut(hex) {
  return parseTable(hex).reduce((lut, rgb, k) => {
    lut[k] = pixel(rgb, 255);
    return lut;
  }, new Uint32Array(256));
}

/** A CSS gradient with the colours of a table. */
export function gradient(hex, stops = 16) {
  const colours = parseTable(hex);
  const css = Array.from({ length: stops }, (_, k) => {
    return `rgb(${colours[Math.round((k / (stops - 1)) * 255)]})`;
  });
  return `linear-gradient(to right,${css})`;
}

export const css = (rgb, alpha = 1) => `rgba(${rgb},${alpha})`;

/** Values into pixels: value / top picks the colour. Starts at value index `from`. */
export function paintValues(values, from, top, lut, pixels) {
  const unit = top > 0 ? 255 / top : 0;
  for (let k = 0; k < pixels.length; k++) pixels[k] = lut[(values[from + k] * unit + 0.5) | 0];
}

/** Signed values into pixels: -top to top spans the table. */
export function paintSigned(values, from, top, lut, pixels) {
  const unit = top > 0 ? 127.5 / top : 0;
  for (let k = 0; k < pixels.length; k++) pixels[k] = lut[(values[from + k] * unit + 128) & 255];
}

const pixel = (rgb, alpha) => ((alpha << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0]) >>> 0;
