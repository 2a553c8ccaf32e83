// Votes as arrows: six children, two parents, all by hand.  Pure: node tests it.

import { attribution, norm, route } from "../model/capsules.js";
import constants from "./constants.json" with { type: "json" };

/** @import { Axis, Step } from "../model/capsules.js" */

/** @typedef {number[]} Arrow  [degrees, length] */
/** @typedef {Arrow[][]} Arrows  [i][j], what child i predicts for parent j, A or B */

const DEGREE = Math.PI / 180;
export const MOST = constants.most; // children

/** @param {Arrow} arrow */
export function polar([turn, length]) {
  const angle = turn * DEGREE;
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** @param {number} turn */
const whole360 = (turn) => ((turn % 360) + 360) % 360;

/** @param {number} turn */
export const whole = (turn) => whole360(Math.round(turn));

/** @param {number[]} point */
export const angle = ([x, y]) => Math.atan2(y, x) / DEGREE;

/**
 * From one angle to another, the short way round.
 *
 * @param {number} from
 * @param {number} to
 */
export const between = (from, to) => whole360(to - from + 180) - 180;

/**
 * @param {number[]} A  degrees of the votes for parent A
 * @param {number[]} B  and for B
 * @param {number[]} [a]  lengths of the votes for A, if they are not 1
 * @param {number[]} [b]  and for B
 * @returns {Arrows}
 */
const arrows = (A, B, a = [], b = []) =>
  A.map((turn, i) => [
    [turn, a[i] ?? 1],
    [B[i], b[i] ?? 1],
  ]);
const bundle = [40, 35, 46, 38, 43];
const around = [10, 80, 150, 220, 290, 355];
const tied = [...bundle, 190];
const quiet = [0.4, 0.4, 0.4, 0.4, 0.4];

// What "Start from" offers.  The numbers of the book come from these.
export const PRESETS = {
  stray: arrows([...bundle, 190], around),
  agree: arrows([...bundle, 41], around),
  disagree: arrows([20, 75, 140, 205, 265, 325], [5, 60, 130, 185, 240, 300]),
  tie: arrows(
    tied,
    tied.map((turn) => (turn + 90) % 360),
  ),
  loud: arrows([90, 90, 90, 90, 90, 0], [0, 72, 144, 216, 288, 30], [...quiet, 2], [...quiet, 0.4]),
  one: arrows([40], [10]),
};

// The tie with 1 % more of one vote.
export const nearlyTied = PRESETS.tie.map((row, i) => (i ? row : [[40, 1.01], row[1]]));

/**
 * So many children that agree about A, and about nothing else.
 *
 * @param {number} n
 */
export const agreeing = (n) => arrows([...bundle, 41], [10, 130, 250, 310, 70, 190]).slice(0, n);

/**
 * One more child: as the first view has it, so the fourth and the fifth agree.
 *
 * @param {Arrows} children
 */
export const joined = (children) => [...children, PRESETS.stray[children.length]];

/**
 * @param {Arrows} children
 * @param {number} i
 * @param {number} j
 * @param {Arrow} vote  of child i for parent j, from now on
 */
export const changed = (children, i, j, vote) =>
  children.map((row, n) => (n === i ? row.map((old, m) => (m === j ? vote : old)) : row));

/**
 * All votes for parent j, turned together.
 *
 * @param {Arrows} children
 * @param {number} j
 * @param {number} by  degrees
 */
export const turned = (children, j, by) =>
  children.map((row) =>
    row.map(([turn, length], m) => [m === j ? whole(turn + by) : turn, length]),
  );

/**
 * A vote where a hand puts it: near length 1 a hand means 1, and near 0 it means 0.
 *
 * @param {number[]} point
 * @param {number} limit  of the length
 * @returns {Arrow}
 */
export function kept(point, limit) {
  const length = Math.min(norm(point), limit);
  return [whole(angle(point)), [0, 1].find((mark) => Math.abs(length - mark) < 0.06) ?? length];
}

/**
 * What the figure shows.
 *
 * @typedef {object} Routed
 * @property {number[][][]} votes  [i][j][e]
 * @property {Step} right  the last iteration of routing
 * @property {Step} used  what is drawn, right or wrong
 * @property {number[][]} shares  [i][j], what each child brings
 * @property {number[]} sums  [j], of the shares: |s|
 */

/**
 * @param {{ arrows: Arrows, iterations: number, axis: Axis }} traits
 * @returns {Routed}
 */
export function routed({ arrows: children, iterations, axis }) {
  const votes = children.map((row) => row.map(polar));
  const right = /** @type {Step} */ (route(votes, iterations).at(-1));
  const used =
    axis === "parents" ? right : /** @type {Step} */ (route(votes, iterations, { axis }).at(-1));
  return { votes, right, used, shares: attribution(votes, used), sums: used.sum.map(norm) };
}

/**
 * Marks on arcs, turned until they stand `gap` apart.  Their order round the middle
 * stays, so a bundle opens like a fan.
 *
 * @param {number[][]} marks  [degrees, radius]
 * @param {number} gap
 * @returns {number[]} new degrees
 */
export function fanned(marks, gap) {
  const at = marks.map(([turn]) => turn);
  const pairs = marks
    .flatMap((p, a) => marks.slice(a + 1).map((q, n) => ({ a, b: a + 1 + n, p, q })))
    .filter(({ p, q }) => Math.abs(p[1] - q[1]) < gap)
    .map(({ a, b, p, q }) => ({
      a,
      b,
      way: between(p[0], q[0]) < 0 ? -1 : 1,
      least: gap / Math.min(p[1], q[1]) / DEGREE,
    }));
  for (let round = 0; round < 90; round++) {
    for (const { a, b, way, least } of pairs) {
      const missing = least - way * between(at[a], at[b]);
      if (missing <= 0) continue;
      at[a] -= (way * missing) / 3;
      at[b] += (way * missing) / 3;
    }
  }
  return at;
}
