// Who votes for whom in one image: shares of |s_j|, and the ink that they come from.
//
// No DOM in here.  Axis key: i capsules below, type first, then place; j classes; c h w
// channels, height, width.  A place is one of the 6 x 6: row * columns + column.

import { attribution, meanEntropy, norm } from "../model/capsules.js";
import { STRIDE } from "../model/network.js";
import constants from "./constants.json" with { type: "json" };

/** @import { Step, Vector } from "../model/capsules.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Config } from "../model/tensors.js" */

/** @typedef {Config["image_shape"]} ImageShape  c h w */

/**
 * What one pass of routing adds to the step of `route`.
 *
 * @typedef {object} Votes
 * @property {number[][]} shares  [i][j]; over i they sum to before[j], but for a bias
 * @property {number[]} before  |s_j|
 * @property {number} weighted  entropy, where each capsule counts as much as it is long
 * @property {number} largest  coupling of all
 */

/** @typedef {Step & Votes} Pass */

export const PASSES = constants.passes;
export const RUBBER = constants.rubber; // pixels from the middle of the eraser to its edge

/**
 * Every pass of routing for one image.
 *
 * @param {Network} net
 * @param {Vector} image
 * @returns {Pass[]}
 */
export function see(net, image) {
  const { children, votes, steps } = net.forward(image, PASSES);
  const loud = children.map(norm);
  return steps.map((step) => ({
    ...step,
    shares: attribution(votes, step),
    before: step.sum.map(norm),
    weighted: meanEntropy(step.coupling, loud),
    largest: Math.max(...step.coupling.map((row) => Math.max(...row))),
  }));
}

/**
 * Numbers of all capsules (i), added over the types, or those of one type only.
 *
 * @param {number[]} numbers
 * @param {number} places
 * @param {number | null} [type]
 * @returns {number[]}
 */
export function byPlace(numbers, places, type = null) {
  const sums = Array(places).fill(0);
  numbers.forEach((x, i) => {
    if (type === null || type === Math.floor(i / places)) sums[i % places] += x;
  });
  return sums;
}

/**
 * The pixels that the capsules of a place see: [row, column] of the first one.
 *
 * @param {number} place
 * @param {number} columns
 */
export const windowAt = (place, columns) =>
  [Math.floor(place / columns), place % columns].map((n) => n * STRIDE);

/**
 * Ink of each pixel (h w), the mean of the channels of an image (c h w).
 *
 * @param {Vector} image
 * @param {ImageShape} shape
 */
export function inkOf(image, [channels, height, width]) {
  const ink = new Float32Array(height * width);
  image.forEach((dark, k) => {
    ink[k % ink.length] += dark / channels;
  });
  return ink;
}

/**
 * The pixels under the eraser at a spot (row * width + column).
 *
 * @param {number} spot
 * @param {number} height
 * @param {number} width
 */
export function under(spot, height, width) {
  const [row, column] = [Math.floor(spot / width), spot % width];
  const found = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (Math.hypot(y - row, x - column) <= RUBBER) found.push(y * width + x);
  return found;
}

/**
 * The image (c h w) without the ink under the eraser at these spots.
 *
 * @param {Vector} image
 * @param {number[]} spots
 * @param {ImageShape} shape
 */
export function rubbed(image, spots, [, height, width]) {
  const rest = Float32Array.from(image);
  const size = height * width;
  for (const spot of spots)
    for (const k of under(spot, height, width))
      for (let at = k; at < rest.length; at += size) rest[at] = 0;
  return rest;
}

/**
 * The lengths without the ink at a spot.
 *
 * @typedef {{ spot: number, lengths: number[][] }} Rubbing  lengths[pass][j]
 */

/**
 * What each piece of ink does: rub out one piece after the other, every second pixel.
 *
 * @param {Network} net
 * @param {Vector} image
 * @param {ImageShape} shape
 * @returns {Generator<Rubbing, void, void>}
 */
export function* rubbings(net, image, shape) {
  const [, height, width] = shape;
  const ink = inkOf(image, shape);
  for (let row = 1; row < height; row += 2)
    for (let column = 1; column < width; column += 2) {
      const spot = row * width + column;
      if (!under(spot, height, width).some((k) => ink[k] > 0)) continue;
      const { steps } = net.forward(rubbed(image, [spot], shape), PASSES);
      yield { spot, lengths: steps.map((step) => step.lengths) };
    }
}

/**
 * Effects of rubbings of one class in one pass, on each pixel: how much longer the
 * capsule is with that ink than without it, the mean of all rubbings that hit the pixel.
 *
 * @param {Rubbing[]} found
 * @param {number[]} lengths  with all ink
 * @param {number} j
 * @param {number} pass
 * @param {number} height
 * @param {number} width
 * @returns {number[]} (h w)
 */
export function effects(found, lengths, j, pass, height, width) {
  const sums = Array(height * width).fill(0);
  const counts = Array(height * width).fill(0);
  for (const { spot, lengths: without } of found)
    for (const k of under(spot, height, width)) {
      sums[k] += lengths[j] - without[pass][j];
      counts[k] += 1;
    }
  return sums.map((sum, k) => sum / Math.max(counts[k], 1));
}
