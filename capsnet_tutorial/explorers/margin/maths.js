// What the margin explorer computes: what ten lengths cost, and where the loss pulls.
// Pure; tests compare it with PyTorch.

import { clamp, decimals } from "../kit/numbers.js";
import { crossEntropy, marginLoss, softmax } from "../model/capsules.js";
import constants from "./constants.json" with { type: "json" };

/** @import { Bug, Loss, MarginOptions } from "../model/capsules.js" */
/** @import { Traits } from "./traits.js" */

export const MARGINS = { mPos: 0.9, mNeg: 0.1 };
export const CLASSES = Array.from({ length: 10 }, (_, j) => j);
export const STEP = 0.25; // of learning: the arrow for a slope of 1 is 0.25 long
export const REST = constants.rest; // one pull is as strong as nine pushes

/** @type {Record<Traits["bug"], Bug | null>} */
export const BUGS = { none: null, square: "missing square", softmax: "softmax first" };

/** @param {number[]} list */
export const sum = (list) => list.reduce((total, x) => total + x, 0);

/**
 * The same for all ten classes.
 *
 * @param {number} x
 */
export const tenOf = (x) => CLASSES.map(() => x);

/**
 * One thing for these digits, another for the rest of the ten.
 *
 * @template T
 * @param {T} yes
 * @param {T} no
 * @param {...number} digits
 */
export const only = (yes, no, ...digits) => CLASSES.map((j) => (digits.includes(j) ? yes : no));

/**
 * All that the figure shows; lists are of the ten classes.
 *
 * @typedef {object} Judged
 * @property {number[]} lengths
 * @property {boolean[]} present
 * @property {Traits["bug"]} bug
 * @property {Loss} right  the loss of the paper
 * @property {Loss} used  the one that is asked for
 * @property {number[]} seen  what that one compares with the margins
 * @property {number[]} shares  that a softmax of the lengths gives
 * @property {Loss} cross  the cross-entropy
 * @property {number} pull  slopes to the right, added
 * @property {number} push  slopes to the left, added
 */

/**
 * @param {Pick<Traits, "lengths" | "present" | "bug" | "down_weight">} traits
 * @returns {Judged}
 */
export function judged({ lengths, present, bug, down_weight: downWeight }) {
  const right = marginLoss(lengths, present, { ...MARGINS, downWeight });
  const used = marginLoss(lengths, present, { ...MARGINS, downWeight, bug: BUGS[bug] });
  const shares = softmax(lengths);
  return {
    lengths,
    present,
    bug,
    right,
    used,
    seen: bug === "softmax" ? shares : lengths,
    shares,
    cross: crossEntropy(lengths, present),
    pull: sum(used.gradients.map((slope) => Math.max(-slope, 0))),
    push: sum(used.gradients.map((slope) => Math.max(slope, 0))),
  };
}

/**
 * The lengths after a step of learning; what is bound together moves by the mean.
 *
 * @param {number[]} lengths
 * @param {number[]} gradients
 * @param {boolean} together
 */
export function stepped(lengths, gradients, together) {
  const slopes = together ? tenOf(sum(gradients) / gradients.length) : gradients;
  return lengths.map((x, j) => clamp(x - STEP * slopes[j], 0, 1));
}

/**
 * What one class costs by itself.
 *
 * @param {number} length
 * @param {boolean} there
 * @param {MarginOptions} options
 */
export function price(length, there, options) {
  return marginLoss([length], [there], { ...MARGINS, ...options }).total;
}

/**
 * A cost as on a bill: nothing to pay is a plain 0.
 *
 * @param {number} x
 */
export const shown = (x) => (x === 0 ? "0" : decimals(x, 4));
