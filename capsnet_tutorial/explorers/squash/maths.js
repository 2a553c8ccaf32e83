// What the squash explorer computes and says: one vector or two votes, before and after.
// Pure; tests compare it with PyTorch.

import { decimals } from "../kit/numbers.js";
import { norm, squash, squashEachNumber } from "../model/capsules.js";

/** @import { Traits } from "./traits.js" */

const TURN = Math.PI / 180;

/** @param {number} degrees */
export const unit = (degrees) => [Math.cos(degrees * TURN), Math.sin(degrees * TURN)];

/** @param {number[]} s */
export const angle = ([x, y]) => Math.atan2(y, x) / TURN;

/**
 * Between two directions, from 0 to 180 degrees.
 *
 * @param {number} a
 * @param {number} b
 */
export const between = (a, b) => Math.abs(((((a - b) % 360) + 540) % 360) - 180);

/** @param {number} n  the length before */
export const squashedLength = (n) => (n * n) / (1 + n * n);

/** @param {number} n  the length before */
export const squashSlope = (n) => (2 * n) / (1 + n * n) ** 2;

/**
 * Eq. 1 with |s| below the line, as it is printed: 0 / 0 at zero.
 *
 * @param {number[]} s
 */
function squashAsPrinted(s) {
  const n = norm(s);
  return s.map((x) => squashedLength(n) * (x / n));
}

/**
 * All that the figure shows.
 *
 * @typedef {object} Squashed
 * @property {number[]} total  what is squashed: s, and the second vote if there is one
 * @property {number[]} v
 * @property {number[] | null} wrong  what the bug makes of it, if it is asked for
 * @property {number} before  the length of total
 * @property {number} after  the length of v
 */

/**
 * @param {Traits} traits
 * @returns {Squashed}
 */
export function computed({ s, second, each, printed }) {
  const other = second === null ? [0, 0] : unit(second);
  const total = s.map((x, d) => x + other[d]);
  const v = printed ? squashAsPrinted(total) : squash(total);
  const wrong = each ? squashEachNumber(total) : null;
  return { total, v, wrong, before: norm(total), after: norm(v) };
}

/**
 * Does it point anywhere?  Not if it is only a rounding error.
 *
 * @param {number[]} s
 */
export const directed = (s) => norm(s) > 1e-9;

/** @param {number[]} s */
export const angleOf = (s) => (directed(s) ? `${decimals(angle(s), 1)}°` : "undefined");

/** @param {number[]} s */
export const pair = ([x, y]) =>
  Number.isFinite(x) ? `(${decimals(x, 2)}, ${decimals(y, 2)})` : "0 / 0";
