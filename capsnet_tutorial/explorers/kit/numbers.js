// Numbers as people read them, and numbers that stay in their range.
// Pure: no page is needed, so node tests it.

/**
 * @param {number} x
 * @param {number} low
 * @param {number} high
 */
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/**
 * A number with a true minus sign, which is as wide as a plus.
 *
 * @param {number | string} x
 */
export const minus = (x) => String(x).replace("-", "−");

/**
 * No "-0.00", which is only a rounding error, and no NaN.
 *
 * @param {number} x
 * @param {number} digits  after the point
 */
export const decimals = (x, digits) =>
  Number.isFinite(x) ? minus(x.toFixed(digits).replace(/^-(0\.?0*)$/, "$1")) : "undefined";

/**
 * With a plus, too; nothing is a plain 0.
 *
 * @param {number} x
 * @param {number} digits  after the point
 */
export const signed = (x, digits) => (x ? `${x > 0 ? "+" : ""}${decimals(x, digits)}` : "0");
