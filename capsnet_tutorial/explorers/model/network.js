// A trained CapsNet of this package, forward only: from pixels to capsules, and back.
//
// Source: capsnet.py and layers.py, which the tests compare with this file.
// No DOM in here: a page, a notebook and node run the same lines.
//
// Axis key, as in Python: c h w channels, height, width; i = (t h w) capsules below,
// type first, then place; d e pose sizes below and above; j classes.

import { norm, route, squash } from "./capsules.js";
import { convolution, linear, product, unpack, views } from "./tensors.js";

const KERNEL = 9; // of both convolutions, without padding
export const STRIDE = 2; // of the second: so far apart are two capsules, in pixels
export const WINDOW = 2 * KERNEL - 1; // a capsule sees so many pixels each way

const rectify = (numbers) => numbers.forEach((x, k) => (numbers[k] = x > 0 ? x : 0));

// Eq. 2: vote = pose of the child times a matrix (d e), child's numbers first.
function transform(child, matrix, vote) {
  const [d, e] = [child.length, vote.length];
  for (let n = 0; n < e; n++) {
    let sum = 0;
    for (let m = 0; m < d; m++) sum += child[m] * matrix[m * e + n];
    vote[n] = sum;
  }
}

// header and block come from parts.py.  Returns
//   config   that of the model; grid is [rows, columns] of capsules of one type
//   forward(image, iterations)   image: pixels from 0 to 1, flat (c h w).  Returns
//     { children[i][d], votes[i][j][e], steps, pose[j][e], lengths[j] }, where `steps`
//     are those of `route`.  The next call overwrites children and votes, nothing else.
//   decode(pose, j)   the image (c h w) that the decoder draws from a pose of class j;
//                     null if the model has no decoder
export function createNetwork(header, block) {
  const { config } = header;
  const { image_shape: shape, primary_dim: d, class_dim: e } = config;
  const weights = unpack(header, block);
  const of = (layer) => ["weight", "bias"].map((end) => weights[`${layer}.${end}`]);
  const features = convolution(...of("conv"), shape, KERNEL, 1);
  const [kernels, offsets] = of("primary_caps.conv");
  const scaled = kernels.map((x) => x * config.primary_scale);
  const primary = convolution(scaled, offsets, features.shape, KERNEL, STRIDE);
  const [, ...grid] = primary.shape;
  const places = product(grid);
  const count = config.primary_types * places;
  const [children] = views(new Float32Array(count * d), 1, d);
  const votes = views(new Float32Array(count * config.n_classes * e), count, e);
  const matrices = views(weights["class_caps.weight"], count, d * e);
  const [bias] = config.class_bias ? views(weights["class_caps.bias"], 1, e) : [null];

  function vote(maps, i) {
    const [type, place] = [Math.floor(i / places), i % places];
    const child = children[i].map((_, k) => maps[(type * d + k) * places + place]);
    children[i].set(squash(child));
    votes[i].forEach((vote, j) => transform(children[i], matrices[i][j], vote));
  }

  function forward(image, iterations = config.n_iters) {
    if (image.length !== product(shape))
      throw Error(
        `forward: the image has ${image.length} pixels; pass ${product(shape)}, ` +
          `(channels, height, width) = (${shape.join(", ")})`,
      );
    const maps = features.run(image);
    rectify(maps);
    const capsules = primary.run(maps);
    for (let i = 0; i < count; i++) vote(capsules, i);
    const steps = route(votes, iterations, { bias });
    const { pose, lengths } = steps.at(-1);
    return { children, votes, steps, pose, lengths };
  }

  function decode(pose, j) {
    const hidden = config.decoder_hidden.length;
    let x = linear(...of("decoder.net.0"), pose, j * e);
    for (let layer = 1; layer <= hidden; layer++) {
      rectify(x);
      x = linear(...of(`decoder.net.${2 * layer}`), x);
    }
    return x.map((logit) => 1 / (1 + Math.exp(-logit)));
  }

  const drawing = config.decoder_hidden ? decode : null;
  return { config: { ...config, grid }, forward, decode: drawing };
}

// Where on an image the shares p[i] of one class come from (see `attribution`).  Each
// capsule's share is spread over the ink in its window, and what has no ink in its
// window is `background`: { map (h w), background }, together the sum of all shares.
export function spreadOverInk(image, shares, { image_shape, grid: [rows, columns] }) {
  const [, height, width] = image_shape;
  const ink = new Float32Array(height * width);
  image.forEach((dark, k) => (ink[k % ink.length] += dark)); // all channels
  const places = new Float64Array(rows * columns);
  shares.forEach((share, i) => (places[i % places.length] += share)); // all types
  const map = new Float64Array(ink.length);
  let background = 0;
  places.forEach((share, place) => {
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
