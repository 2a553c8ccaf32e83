// From a drawing to what the network gets, and from its lengths to a sentence.
//
// No DOM in here.  A state has the traits of the playground; images are 28 x 28, flat.

import { decimals } from "../kit/numbers.js";
import { DIGITS } from "../model/digits.js";
import { drawStrokes, inkPixels, moveImage, overlay } from "../model/pad.js";

/** @import { Vector } from "../model/capsules.js" */
/** @import { Traits } from "./traits.js" */

const FEWEST = 15; // pixels of ink that can be a digit
const SURE = 0.5; // the length of a capsule that counts
const FAR = 2; // spreads from the middle of a slider to its end
export const POINTS = 72; // around the compass, 5 degrees each

// ---------------------------------------------------------------- what is seen

/** @typedef {Pick<Traits, "digit" | "strokes" | "second">} Layers */
/** @typedef {Layers & Pick<Traits, "pen" | "centred">} Drawn */
/** @typedef {Drawn & Pick<Traits, "angle" | "scale" | "right" | "down">} Moved */

/**
 * All digits of a state on one picture, before they are moved; null without any ink.
 *
 * @param {Drawn} state
 */
function inkOf({ digit, strokes, second, pen, centred }) {
  const layers = [digit, second].filter((n) => n !== null).map((n) => DIGITS[n].pixels);
  if (strokes.length) layers.push(drawStrokes(strokes, { pen, centred }));
  return layers.length ? layers.reduce((one, other) => overlay(one, other)) : null;
}

/** @param {ArrayLike<number>} image */
export const toBytes = (image) => Uint8Array.from(image, (x) => Math.round(255 * x));

/**
 * What the network gets: bytes, as in MNIST.
 *
 * @param {Moved} state
 */
export function seenBy(state) {
  const ink = inkOf(state);
  if (!ink) return new Uint8Array(28 * 28);
  const { angle, scale, right, down } = state;
  const still = !angle && !right && !down && scale === 1;
  return toBytes(still ? ink : moveImage(ink, { angle, scale, right, down }));
}

// ---------------------------------------------------------------- what is said

/** @param {number[]} lengths */
export const longestFirst = (lengths) =>
  [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a]);

/**
 * How many digits lie on each other.
 *
 * @param {Layers} state
 */
export const layersOf = ({ digit, strokes, second }) =>
  [digit !== null, strokes.length > 0, second !== null].filter(Boolean).length;

/** @typedef {"nothing" | "little" | "ink"} Amount  is there enough to see? */

/**
 * @param {Drawn} state
 * @param {Uint8Array} seen
 * @returns {Amount}
 */
export function amountOf(state, seen) {
  if (!layersOf(state)) return "nothing";
  const { strokes, pen, digit, second } = state;
  const drawn = inkPixels(drawStrokes(strokes, { pen, centred: false }));
  const own = digit === null && second === null;
  const left = seen.filter((x) => x >= 128).length;
  return Math.min(own ? drawn : FEWEST, left) < FEWEST ? "little" : "ink";
}

/**
 * The answer in words, and what is wrong with it.
 *
 * @param {Amount} amount
 * @param {number[]} lengths
 * @param {number} layers
 */
export function verdictOf(amount, lengths, layers) {
  const [first, next] = longestFirst(lengths);
  /** @param {number} j */
  const at = (j) => `${j} (${decimals(lengths[j], 2)})`;
  const both = `${at(first)} and ${at(next)}`;
  const two = lengths[next] >= SURE;
  if (amount === "nothing")
    return `No ink yet. Even so the longest capsule is ${at(first)}: that is bias, not sight.`;
  if (amount === "little")
    return `Too little ink for a digit. The longest capsule is ${at(first)}.`;
  if (lengths[first] < SURE)
    return `Not sure: no capsule is longer than 0.5. The longest is ${at(first)}.`;
  const alone = `Two digits, and only one long capsule: ${at(first)}.`;
  if (layers > 1) return two ? `Two long capsules: ${both}.` : alone;
  return two ? `Two capsules are long for one drawing: ${both}.` : `It reads a ${first}.`;
}

// ---------------------------------------------------------------- the pose

/**
 * A pose, moved by so many spreads along each number.
 *
 * @param {number[]} pose
 * @param {number[]} change  [] for none
 * @param {number[]} spread
 */
export const changed = (pose, change, spread) =>
  change.length ? pose.map((x, n) => x + change[n] * spread[n]) : pose;

/**
 * What a decoder draws at the ends of each slider; the number that changes the picture
 * most comes first.
 *
 * @param {Vector} pose
 * @param {number[]} spread
 * @param {(pose: number[]) => Vector} decode
 */
export function sliderEnds(pose, spread, decode) {
  /** @type {(n: number, by: number) => Vector} */
  const moved = (n, by) => decode(Array.from(pose, (x, m) => (m === n ? x + by : x)));
  const ends = spread.map((step, n) => {
    const [less, more] = [moved(n, -FAR * step), moved(n, FAR * step)];
    const effect = Array.from(less, (x, k) => (x - more[k]) ** 2).reduce((sum, x) => sum + x, 0);
    return { n, less, more, effect };
  });
  return ends.sort((a, b) => b.effect - a.effect);
}

// ---------------------------------------------------------------- the compass

/**
 * Angles from -180 to 175; 0 is upright, and positive is to the left, as in pad.js.
 *
 * @param {number} k  a point
 */
export const angleAt = (k) => (k * 360) / POINTS - 180;

/**
 * What the lengths at one angle say: the longest capsule, or null where none is sure.
 *
 * @param {number[]} lengths
 */
function readAs(lengths) {
  const [first] = longestFirst(lengths);
  return lengths[first] < SURE ? null : first;
}

/** @typedef {{ from: number, to: number, longest: number | null }} Stretch  in points */

/**
 * Stretches of neighbours that read the same; what crosses -180 begins below 0.
 *
 * @param {number[][]} readings  lengths at each point
 */
export function stretches(readings) {
  /** @type {Stretch[]} */
  const runs = [];
  for (const [k, longest] of readings.map(readAs).entries()) {
    const last = runs.at(-1);
    if (last?.longest === longest) last.to = k;
    else runs.push({ from: k, to: k, longest });
  }
  const [first, last] = [runs[0], runs[runs.length - 1]];
  if (first === last || first.longest !== last.longest) return runs;
  first.from = last.from - readings.length;
  return runs.slice(0, -1);
}

/**
 * How many degrees are read as `upright`, as something else, and as nothing sure.
 *
 * @param {number[][]} readings
 * @param {number | null} upright
 */
export function around(readings, upright) {
  const read = readings.map(readAs);
  /** @param {(j: number | null) => boolean} test */
  const part = (test) => (read.filter(test).length * 360) / readings.length;
  const is = part((j) => j === upright);
  const unsure = part((j) => j === null);
  return { is, not: 360 - is - unsure, unsure };
}
