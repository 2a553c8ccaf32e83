// What the squash explorer computes and says: one vector or two votes, before and after.
// Pure; tests compare it with PyTorch.

import { norm, squash, squashEachNumber } from "../model/capsules.js";

const TURN = Math.PI / 180;

export const unit = (degrees) => [Math.cos(degrees * TURN), Math.sin(degrees * TURN)];
export const angle = ([x, y]) => Math.atan2(y, x) / TURN;

// Between two directions, from 0 to 180 degrees.
export const between = (a, b) => Math.abs(((((a - b) % 360) + 540) % 360) - 180);

export const squashedLength = (n) => (n * n) / (1 + n * n);
export const squashSlope = (n) => (2 * n) / (1 + n * n) ** 2;

// Eq. 1 with |s| below the line, as it is printed: 0 / 0 at zero.
export function squashAsPrinted(s) {
  const n = norm(s);
  return s.map((x) => squashedLength(n) * (x / n));
}

// All that the figure shows, from its traits; the second vote has length 1.
export function computed({ s, second, each, printed }) {
  const other = second === null ? [0, 0] : unit(second);
  const total = s.map((x, d) => x + other[d]);
  const v = printed ? squashAsPrinted(total) : squash(total);
  const wrong = each ? squashEachNumber(total) : null;
  return { total, v, wrong, before: norm(total), after: norm(v) };
}

// In words: no "-0.000", no angle of a vector that is only a rounding error.
export function decimals(x, digits) {
  return Number.isFinite(x) ? x.toFixed(digits).replace(/^-(0\.?0*)$/, "$1") : "undefined";
}
export const directed = (s) => norm(s) > 1e-9;
export const angleOf = (s) => (directed(s) ? `${decimals(angle(s), 1)}°` : "undefined");
export const pair = ([x, y]) =>
  Number.isFinite(x) ? `(${decimals(x, 2)}, ${decimals(y, 2)})` : "0 / 0";
