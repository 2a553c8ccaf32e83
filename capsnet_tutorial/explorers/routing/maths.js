// Votes as arrows: six children, two parents, all by hand.  Pure: node tests it.
//
// arrows[i][j] = [degrees, length] is what child i predicts for parent j, A or B.

import { fixed, listOf } from "../kit/link.js";
import { attribution, norm, route } from "../model/capsules.js";
import constants from "./constants.json" with { type: "json" };

const DEGREE = Math.PI / 180;
export const MOST = constants.most; // children

export const polar = ([turn, length]) => [
  length * Math.cos(turn * DEGREE),
  length * Math.sin(turn * DEGREE),
];
const whole360 = (turn) => ((turn % 360) + 360) % 360;
export const whole = (turn) => whole360(Math.round(turn));
export const angle = ([x, y]) => Math.atan2(y, x) / DEGREE;

const arrows = (A, B, a = [], b = []) =>
  A.map((turn, i) => [
    [turn, a[i] ?? 1],
    [B[i], b[i] ?? 1],
  ]);
const bundle = [40, 35, 46, 38, 43];
const around = [10, 80, 150, 220, 290, 355];

// What "Start from" offers.  The numbers of the book come from these.
export const PRESETS = {
  stray: arrows([...bundle, 190], around),
  agree: arrows([...bundle, 41], around),
  disagree: arrows([20, 75, 140, 205, 265, 325], [5, 60, 130, 185, 240, 300]),
  tie: arrows(
    [...bundle, 190],
    [...bundle, 190].map((turn) => (turn + 90) % 360),
  ),
  loud: arrows(
    [90, 90, 90, 90, 90, 0],
    [0, 72, 144, 216, 288, 30],
    [0.4, 0.4, 0.4, 0.4, 0.4, 2],
    Array(6).fill(0.4),
  ),
  one: arrows([40], [10]),
};
// The tie with 1 % more of one vote.
export const nearlyTied = PRESETS.tie.map((row, i) => (i ? row : [[40, 1.01], row[1]]));
// So many children that agree about A, and about nothing else.
export const agreeing = (n) => arrows([...bundle, 41], [10, 130, 250, 310, 70, 190]).slice(0, n);

// One more child: as the first view has it, so the fourth and the fifth agree.
export const joined = (children) => [...children, PRESETS.stray[children.length]];
export const changed = (children, i, j, vote) =>
  children.map((row, n) => (n === i ? row.map((old, m) => (m === j ? vote : old)) : row));
// All votes for parent j, turned together.
export const turned = (children, j, by) =>
  children.map((row) =>
    row.map(([turn, length], m) => [m === j ? whole(turn + by) : turn, length]),
  );

// What the figure shows.  `right` is routing; `used` is what is drawn, right or wrong.
export function routed({ arrows: children, iterations, axis }) {
  const votes = children.map((row) => row.map(polar));
  const right = route(votes, iterations).at(-1);
  const used = axis === "parents" ? right : route(votes, iterations, { axis }).at(-1);
  return { votes, right, used, shares: attribution(votes, used), sums: used.sum.map(norm) };
}

// In a link a vote is its angle, and its length in hundredths where that is not 1:
// "40.10,0_200.30_40" are two children.
const [turns, lengths] = [fixed(0, 0, 359), fixed(2, 0, 2)];
const vote = {
  write([turn, length]) {
    const long = lengths.write(length);
    return turns.write(whole(turn)) + (long === "100" ? "" : `_${long}`);
  },
  read(text) {
    const [turn, length = "100", ...rest] = text.split("_");
    return [turns.read(rest.length ? "" : turn), lengths.read(length)];
  },
};
const rows = listOf(listOf(vote, 2, "."));
export const linkOfArrows = {
  write: rows.write,
  read(text) {
    const list = rows.read(text);
    if (list.length < 1 || list.length > MOST) throw new RangeError(`cannot read ${text}`);
    return list;
  },
};

// Marks on arcs, [degrees, radius], turned until they stand `gap` apart: new degrees.
// Their order round the middle stays, so a bundle opens like a fan.
export function fanned(marks, gap) {
  const at = marks.map(([turn]) => turn);
  const pairs = marks
    .flatMap((p, a) => marks.slice(a + 1).map((q, n) => [a, a + 1 + n, p, q]))
    .filter(([, , p, q]) => Math.abs(p[1] - q[1]) < gap)
    .map(([a, b, p, q]) => [
      a,
      b,
      between(p[0], q[0]) < 0 ? -1 : 1,
      gap / Math.min(p[1], q[1]) / DEGREE,
    ]);
  for (let round = 0; round < 90; round++) {
    for (const [a, b, way, least] of pairs) {
      const missing = least - way * between(at[a], at[b]);
      if (missing <= 0) continue;
      at[a] -= (way * missing) / 3;
      at[b] += (way * missing) / 3;
    }
  }
  return at;
}

// From one angle to another, the short way round.
export const between = (from, to) => whole360(to - from + 180) - 180;
