// Votes of two digits, weighed by couplings that may be those of the other.
// Axis key, as in Python: i capsules below, j classes, e pose size.

import { norm, squash } from "../model/capsules.js";

/** @import { Vector } from "../model/capsules.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Traits } from "./traits.js" */

/**
 * What a network has made of one image.
 *
 * @typedef {{ votes: Vector[][], coupling: number[][], start: Vector[] }} Seen  votes
 *   [i][j][e], its own couplings [i][j], and what is added to each sum [j][e]
 */

/**
 * How two digits are read.
 *
 * @typedef {object} Read
 * @property {number[]} lengths  [j]
 * @property {number} answer  the longest
 * @property {number[]} given  [j], the coupling, mean over the children
 */

/**
 * Once for each image: the network overwrites its votes at the next.
 *
 * @param {Network} net
 * @param {Vector} image
 * @returns {Seen}
 */
export function look(net, image) {
  const { votes, steps } = net.forward(image);
  const last = steps[steps.length - 1];
  const kept = votes.map((row) => row.map((vote) => vote.slice()));
  const start = last.sum.map((sum, j) => {
    return sum.map((x, e) => x - total(kept, last.coupling, j)[e]); // a bias, or nothing
  });
  return { votes: kept, coupling: last.coupling, start };
}

/**
 * @param {Vector[][]} votes
 * @param {number[][]} coupling
 * @param {number} j
 */
function total(votes, coupling, j) {
  const sum = Array(votes[0][j].length).fill(0);
  for (let i = 0; i < votes.length; i++) {
    for (let e = 0; e < sum.length; e++) sum[e] += coupling[i][j] * votes[i][j][e];
  }
  return sum;
}

/**
 * @param {Seen} seen
 * @param {number[][]} coupling  that of this digit, or any
 * @returns {Read}
 */
export function read({ votes, start }, coupling) {
  const lengths = start.map((more, j) => {
    const sum = total(votes, coupling, j);
    return norm(squash(sum.map((x, e) => x + more[e])));
  });
  const given = lengths.map((_, j) => {
    return coupling.reduce((sum, row) => sum + row[j], 0) / coupling.length;
  });
  return { lengths, answer: lengths.indexOf(Math.max(...lengths)), given };
}

/**
 * Both digits, by the couplings that the reader has asked for.
 *
 * @param {Seen[]} both
 * @param {Pick<Traits, "share" | "even">} asked
 */
export function readBoth(both, { share, even }) {
  return both.map((seen, n) => {
    const other = both[1 - n].coupling;
    /** @type {(c: number, i: number, j: number) => number} */
    const mixed = (c, i, j) => (1 - share) * c + share * other[i][j];
    const used = seen.coupling.map((row, i) => {
      return row.map((c, j) => (even ? 1 / row.length : mixed(c, i, j)));
    });
    return read(seen, used);
  });
}
