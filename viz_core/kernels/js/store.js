// Kernels and maps out of the message, and the convolution itself. Pure.

import { floats } from "../../cutter/js/wire.js";

const FINE = 32767;

/** Banks with typed arrays; values come back by each channel's own scale. */
export function storeOf({ header, parts }) {
  const numbers = floats(parts.numbers);
  const levels = new Int16Array(parts.levels.slice().buffer);
  const banks = header.banks.map((bank, index) => {
    const { channels, planes, size, rows, columns } = bank;
    const maps = planes === 1 ? channels : planes;
    const from = bank.numbers / 4;
    const weights = channels * planes * size * size;
    return {
      ...bank, index, area: planes * size * size,
      outRows: Math.floor((rows + 2 * bank.padding - size) / bank.step) + 1,
      outColumns: Math.floor((columns + 2 * bank.padding - size) / bank.step) + 1,
      weights: levels.subarray(bank.kernels / 2, bank.kernels / 2 + weights),
      values: levels.subarray(bank.maps / 2, bank.maps / 2 + maps * rows * columns),
      tops: numbers.subarray(from, from + channels),
      bias: numbers.subarray(from + channels, from + 2 * channels),
      mapTops: numbers.subarray(from + 2 * channels, from + 2 * channels + maps),
      shared: shared(numbers.subarray(from, from + channels)),
    };
  });
  return { header, banks, grey: greyOf(parts.grey), colours: parts.colours };
}

const shared = (tops) => Array.from(tops).sort((a, b) => a - b)[Math.floor(0.98 * (tops.length - 1))];

/** Grey values from black 0 to white 1, less their mean. */
function greyOf(bytes) {
  const values = Float32Array.from(bytes, (byte) => byte / 255);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** A channel's weights, (plane, row, column). */
export function kernelOf(bank, channel) {
  const unit = bank.tops[channel] / FINE;
  return Float32Array.from(bank.weights.subarray(channel * bank.area, (channel + 1) * bank.area), (level) => level * unit);
}

/** The weights cut to their middle, or with zeros around them; as they are for a stem. */
export function resized(weights, from, to) {
  if (from === to) return weights;
  const made = new Float32Array(to * to);
  const shift = (from - to) / 2;
  for (let row = 0; row < to; row++) {
    for (let column = 0; column < to; column++) {
      const [r, c] = [row + shift, column + shift];
      if (r >= 0 && r < from && c >= 0 && c < from) made[row * to + column] = weights[r * from + c];
    }
  }
  return made;
}

/** One plane of what a bank reads. */
export function mapOf(bank, plane) {
  const count = bank.rows * bank.columns;
  const unit = bank.mapTops[plane] / FINE;
  return Float32Array.from(bank.values.subarray(plane * count, (plane + 1) * count), (level) => level * unit);
}

/**
 * What the lens shows: {planes, rows, columns, kernel, size, bias, step, padding, output, ...}.
 * `grey` convolves with the picture's grey values instead of the bank's own map.
 */
export function sceneOf(store, bank, channel, size, grey) {
  const own = bank.planes > 1;
  const side = own ? bank.size : size;
  const kernel = own ? kernelOf(bank, channel) : resized(kernelOf(bank, channel), bank.size, side);
  const useGrey = grey && !own;
  const [rows, columns] = useGrey ? [store.header.grey, store.header.grey] : [bank.rows, bank.columns];
  const planes = useGrey ? [store.grey] : own ? [0, 1, 2].map((plane) => mapOf(bank, plane)) : [mapOf(bank, channel)];
  const scene = {
    planes, rows, columns, kernel, size: side, step: bank.step, grey: useGrey,
    padding: own ? bank.padding : side >> 1, bias: useGrey ? 0 : bank.bias[channel],
  };
  scene.outRows = Math.floor((rows + 2 * scene.padding - side) / bank.step) + 1;
  scene.outColumns = Math.floor((columns + 2 * scene.padding - side) / bank.step) + 1;
  scene.output = convolved(scene);
  scene.inTop = Math.max(...planes.map(largest));
  scene.outTop = largest(scene.output);
  scene.kernelTop = largest(kernel);
  return scene;
}

export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function convolved(scene) {
  const { outRows, outColumns } = scene;
  const output = new Float32Array(outRows * outColumns);
  for (let row = 0; row < outRows; row++) {
    for (let column = 0; column < outColumns; column++) output[row * outColumns + column] = at(scene, row, column);
  }
  return output;
}

function at({ planes, rows, columns, kernel, size, step, padding, bias }, row, column) {
  let sum = bias;
  const [top, left] = [row * step - padding, column * step - padding];
  for (let p = 0; p < planes.length; p++) {
    const plane = planes[p];
    for (let i = Math.max(0, -top); i < size && top + i < rows; i++) {
      const from = (top + i) * columns + left;
      const weight = (p * size + i) * size;
      for (let j = Math.max(0, -left); j < size && left + j < columns; j++) sum += plane[from + j] * kernel[weight + j];
    }
  }
  return sum;
}

/** Neighbourhood, products and their sum at a place of the output; null beyond the border. */
export function stepOf(scene, row, column) {
  const { planes, rows, columns, kernel, size, step, padding, bias } = scene;
  const [top, left] = [row * step - padding, column * step - padding];
  const cells = [];
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const inside = top + i >= 0 && top + i < rows && left + j >= 0 && left + j < columns;
      const given = planes.map((plane) => (inside ? plane[(top + i) * columns + left + j] : 0));
      const product = given.reduce((all, value, p) => all + value * kernel[(p * size + i) * size + j], 0);
      sum += product;
      cells.push({ inside, given, product });
    }
  }
  return { top, left, cells, sum, value: sum + bias };
}
