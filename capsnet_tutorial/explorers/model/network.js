// A trained CapsNet of this package, forward only: from pixels to capsules, and back.
//
// Source: capsnet.py and layers.py, which the tests compare with this file.
// No DOM in here: a page, a notebook and node run the same lines.
//
// Axis key, as in Python: c h w channels, height, width; i = (t h w) capsules below,
// type first, then place; d e pose sizes below and above; j classes.

import { route, squash } from "./capsules.js";
import { convolution, linear, product, unpack, views } from "./tensors.js";

/** @import { Step, Vector } from "./capsules.js" */
/** @import { Config, Header } from "./tensors.js" */

/**
 * Weight and bias of a layer, by its name in Python.
 *
 * @typedef {(name: string) => [weight: Float32Array, bias: Float32Array]} Layers
 */

/**
 * What `forward` gives; the next call overwrites children and votes, nothing else.
 *
 * @typedef {object} Output
 * @property {Float32Array[]} children  [i][d]
 * @property {Float32Array[][]} votes  [i][j][e]
 * @property {Step[]} steps  those of `route`
 * @property {number[][]} pose  [j][e]
 * @property {number[]} lengths  [j]
 */

/**
 * @typedef {object} Network
 * @property {Config & { grid: [rows: number, columns: number] }} config  grid: of the
 *   capsules of one type
 * @property {(image: Vector, iterations?: number) => Output} forward  image: pixels from
 *   0 to 1, flat (c h w)
 * @property {((pose: Vector, j: number) => Float32Array) | null} decode  the image (c h w)
 *   that a pose of class j draws; null if the model has no decoder
 */

const KERNEL = 9; // of both convolutions, without padding
export const STRIDE = 2; // of the second: so far apart are two capsules, in pixels
export const WINDOW = 2 * KERNEL - 1; // a capsule sees so many pixels each way

/** @param {Float32Array} numbers */
function rectify(numbers) {
  numbers.forEach((x, k) => {
    numbers[k] = Math.max(x, 0);
  });
}

/**
 * Eq. 2: vote = pose of the child times a matrix (d e), child's numbers first.
 *
 * @param {Float32Array} child
 * @param {Float32Array} matrix
 * @param {Float32Array} vote  where the numbers go
 */
function transform(child, matrix, vote) {
  const [d, e] = [child.length, vote.length];
  for (let n = 0; n < e; n++) {
    let sum = 0;
    for (let m = 0; m < d; m++) sum += child[m] * matrix[m * e + n];
    vote[n] = sum;
  }
}

/**
 * @param {Header} header
 * @param {ArrayBuffer | DataView} block
 * @returns {Network}
 */
export function createNetwork(header, block) {
  const { config } = header;
  const { image_shape: shape, class_dim: e } = config;
  const weights = unpack(header, block);
  /** @type {Layers} */
  const layers = (name) => [weights[`${name}.weight`], weights[`${name}.bias`]];
  const { children, grid, look } = primaryCapsules(config, layers);
  const count = children.length;
  const votes = views(new Float32Array(count * config.n_classes * e), count, e);
  const matrices = views(weights["class_caps.weight"], count, config.primary_dim * e);
  const [bias] = config.class_bias ? views(weights["class_caps.bias"], 1, e) : [null];

  /** @type {Network["forward"]} */
  function forward(image, iterations = config.n_iters) {
    if (image.length !== product(shape))
      throw Error(
        `forward: the image has ${image.length} pixels; pass ${product(shape)}, ` +
          `(channels, height, width) = (${shape.join(", ")})`,
      );
    look(image);
    votes.forEach((row, i) => {
      row.forEach((vote, j) => {
        transform(children[i], matrices[i][j], vote);
      });
    });
    const steps = route(votes, iterations, { bias });
    const { pose, lengths } = steps[steps.length - 1];
    return { children, votes, steps, pose, lengths };
  }
  return { config: { ...config, grid }, forward, decode: decoder(config, layers) };
}

/**
 * The capsules below: two convolutions, cut into poses and squashed.
 *
 * @param {Config} config
 * @param {Layers} layers
 */
function primaryCapsules(config, layers) {
  const d = config.primary_dim;
  const features = convolution(...layers("conv"), config.image_shape, KERNEL, 1);
  const [kernels, offsets] = layers("primary_caps.conv");
  const scaled = kernels.map((x) => x * config.primary_scale);
  const primary = convolution(scaled, offsets, features.shape, KERNEL, STRIDE);
  const [, rows, columns] = primary.shape;
  const places = rows * columns;
  const [children] = views(new Float32Array(config.primary_types * places * d), 1, d);
  /** @param {Vector} image */
  function look(image) {
    const seen = features.run(image);
    rectify(seen);
    const maps = primary.run(seen);
    children.forEach((child, i) => {
      const [type, place] = [Math.floor(i / places), i % places];
      child.set(squash(child.map((_, k) => maps[(type * d + k) * places + place])));
    });
  }
  return { children, grid: /** @type {[number, number]} */ ([rows, columns]), look };
}

/**
 * @param {Config} config
 * @param {Layers} layers
 * @returns {Network["decode"]}
 */
function decoder({ decoder_hidden: hidden, class_dim: e }, layers) {
  if (!hidden) return null;
  return (pose, j) => {
    let x = linear(...layers("decoder.net.0"), pose, j * e);
    for (let layer = 1; layer <= hidden.length; layer++) {
      rectify(x);
      x = linear(...layers(`decoder.net.${2 * layer}`), x);
    }
    return x.map((logit) => 1 / (1 + Math.exp(-logit)));
  };
}

/**
 * Where on an image the shares of one class come from.  Each capsule's share is spread
 * over the ink in its window; what has no ink in its window is the background.  Map and
 * background together are the sum of all shares.
 *
 * @param {Vector} image  (c h w)
 * @param {number[]} shares  p[i], see `attribution`
 * @param {Network["config"]} config
 * @returns {{ map: Float64Array, background: number }} map (h w)
 */
export function spreadOverInk(image, shares, { image_shape, grid: [rows, columns] }) {
  const [, height, width] = image_shape;
  const ink = added(image, height * width); // of all channels
  const map = new Float64Array(ink.length);
  let background = 0;
  added(shares, rows * columns).forEach((share, place) => {
    const corner = STRIDE * (Math.floor(place / columns) * width + (place % columns));
    const window = Array.from({ length: WINDOW * WINDOW }, (_, n) => {
      return corner + Math.floor(n / WINDOW) * width + (n % WINDOW);
    });
    const total = window.reduce((sum, k) => sum + ink[k], 0);
    if (total === 0) background += share;
    else for (const k of window) map[k] += (share * ink[k]) / total;
  });
  return { map, background };
}

/**
 * Numbers (n k), added over n.
 *
 * @param {Vector} numbers
 * @param {number} size  of k
 */
function added(numbers, size) {
  const sums = new Float64Array(size);
  numbers.forEach((x, k) => {
    sums[k % size] += x;
  });
  return sums;
}
