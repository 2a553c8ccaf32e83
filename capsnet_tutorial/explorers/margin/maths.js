// What the margin explorer computes: what ten lengths cost, and where the loss pulls.
// Pure; tests compare it with PyTorch.

import { crossEntropy, marginLoss, softmax } from "../model/capsules.js";
import constants from "./constants.json" with { type: "json" };

export const MARGINS = { mPos: 0.9, mNeg: 0.1 };
export const BUGS = { none: null, square: "missing square", softmax: "softmax first" };
export const CLASSES = Array.from({ length: 10 }, (_, j) => j);
export const STEP = 0.25; // of learning: the arrow for a slope of 1 is 0.25 long
export const REST = constants.rest; // one pull is as strong as nine pushes

export const sum = (list) => list.reduce((total, x) => total + x, 0);
export const clamp = (x) => Math.min(Math.max(x, 0), 1);
export const all = (x) => CLASSES.map(() => x);
export const only = (yes, no, ...digits) => CLASSES.map((j) => (digits.includes(j) ? yes : no));

// All that the figure shows, from its traits: `right` is the loss of the paper, `used`
// the one that is asked for, and `seen` is what that one compares with the margins.
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
    shares,
    seen: bug === "softmax" ? shares : lengths,
    cross: crossEntropy(lengths, present),
    pull: sum(used.gradients.map((slope) => Math.max(-slope, 0))),
    push: sum(used.gradients.map((slope) => Math.max(slope, 0))),
  };
}

// The lengths after a step of learning; what is bound together moves by the mean.
export function stepped(lengths, gradients, together) {
  const slopes = together ? all(sum(gradients) / gradients.length) : gradients;
  return lengths.map((x, j) => clamp(x - STEP * slopes[j]));
}

// What one class costs by itself.
export function price(length, there, options) {
  return marginLoss([length], [there], { ...MARGINS, ...options }).total;
}

// Digits as on a bill: nothing to pay is a plain 0.
export const shown = (x) => (Number.isFinite(x) ? (x === 0 ? "0" : x.toFixed(4)) : "undefined");
