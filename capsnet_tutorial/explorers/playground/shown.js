// All that is on the screen, from a state and what the network makes of it.

import { amountOf, changed, layersOf, longestFirst, seenBy, toBytes } from "./maths.js";

/** @import { Amount } from "./maths.js" */
/** @import { Reading, Source } from "./network.js" */
/** @import { Traits } from "./traits.js" */

/**
 * `shown` are the capsules whose memories are on the screen; poses and pictures are theirs.
 *
 * @typedef {object} Shown
 * @property {Traits} all
 * @property {Uint8Array} seen  what the network gets
 * @property {Amount} amount
 * @property {Reading | null} read
 * @property {number[]} order  capsules, the longest first
 * @property {number[]} shown
 * @property {number[][] | null} poses
 * @property {(Uint8Array | null)[]} pictures
 */

/**
 * @param {Traits} all
 * @param {Source} source
 * @param {number[][]} spread
 * @returns {Shown}
 */
export function everything(all, source, spread) {
  const seen = seenBy(all);
  const read = source.read(seen);
  const amount = amountOf(all, seen);
  if (!read) return { all, seen, amount, read, order: [], shown: [], poses: null, pictures: [] };
  const order = longestFirst(read.lengths);
  const two = layersOf(all) > 1;
  const shown = all.capsule !== null ? [all.capsule] : order.slice(0, two ? 2 : 1);
  const { pose, stored } = read;
  const poses = pose ? shown.map((j) => changed(pose[j], all.change, spread[j])) : null;
  const decode = source.net?.decode;
  /** @type {(j: number, n: number) => Uint8Array | null} */
  const memory = (j, n) => (decode && poses ? toBytes(decode(poses[n], j)) : null);
  const pictures = stored ? [stored] : shown.map(memory);
  return { all, seen, amount, read, order, shown, poses, pictures };
}
