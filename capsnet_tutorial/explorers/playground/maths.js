// From a drawing to what the network gets, and from its lengths to a sentence.
//
// No DOM in here.  A state has the traits of the playground; images are 28 x 28, flat.

import { DIGITS } from "../model/digits.js";
import { drawStrokes, inkPixels, moveImage, overlay } from "../model/pad.js";

const FEWEST = 15; // pixels of ink that can be a digit
const SURE = 0.5; // the length of a capsule that counts
const FAR = 2; // spreads from the middle of a slider to its end
export const POINTS = 72; // around the compass, 5 degrees each

// ---------------------------------------------------------------- what is seen

// All digits of a state on one picture, before they are moved; null without any ink.
function inkOf({ digit, strokes, second, pen, centred }) {
  const layers = [digit, second].filter((n) => n !== null).map((n) => DIGITS[n].pixels);
  if (strokes.length) layers.push(drawStrokes(strokes, { pen, centred }));
  return layers.length ? layers.reduce((one, other) => overlay(one, other)) : null;
}

export const toBytes = (image) => Uint8Array.from(image, (x) => Math.round(255 * x));

// What the network gets: bytes, as in MNIST.
export function seenBy(state) {
  const ink = inkOf(state);
  if (!ink) return new Uint8Array(28 * 28);
  const { angle, scale, right, down } = state;
  const still = !angle && !right && !down && scale === 1;
  return toBytes(still ? ink : moveImage(ink, { angle, scale, right, down }));
}

// ---------------------------------------------------------------- what is said

export const longestFirst = (lengths) =>
  [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a]);

// How many digits lie on each other.
export const layersOf = ({ digit, strokes, second }) =>
  [digit !== null, strokes.length > 0, second !== null].filter(Boolean).length;

// Is there enough to see?  "nothing", "little", or "ink".
export function amountOf(state, seen) {
  if (!layersOf(state)) return "nothing";
  const { strokes, pen, digit, second } = state;
  const drawn = inkPixels(drawStrokes(strokes, { pen, centred: false }));
  const own = digit === null && second === null;
  const left = seen.filter((x) => x >= 128).length;
  return Math.min(own ? drawn : FEWEST, left) < FEWEST ? "little" : "ink";
}

// The answer in words, and what is wrong with it.
export function verdictOf(amount, lengths, layers) {
  const [first, next] = longestFirst(lengths);
  const at = (j) => `${j} (${lengths[j].toFixed(2)})`;
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

// A pose, moved by so many spreads along each number.
export const changed = (pose, change, spread) =>
  change.length ? Array.from(pose, (x, n) => x + change[n] * spread[n]) : Array.from(pose);

// What a decoder draws at the ends of each slider: [{ n, less, more, effect }], the number
// that changes the picture most first.
export function sliderEnds(pose, spread, decode) {
  const moved = (n, by) => decode(Array.from(pose, (x, m) => (m === n ? x + by : x)));
  const ends = spread.map((step, n) => {
    const [less, more] = [moved(n, -FAR * step), moved(n, FAR * step)];
    return { n, less, more, effect: less.reduce((sum, x, k) => sum + (x - more[k]) ** 2, 0) };
  });
  return ends.sort((a, b) => b.effect - a.effect);
}

// ---------------------------------------------------------------- the compass

// Angles from -180 to 175; 0 is upright, and positive is to the left, as in pad.js.
export const angleAt = (k) => (k * 360) / POINTS - 180;

// What the lengths at one angle say: the longest capsule, or null where none is sure.
function readAs(lengths) {
  const [first] = longestFirst(lengths);
  return lengths[first] < SURE ? null : first;
}

// Stretches of neighbours that read the same: [{ from, to, longest }], in points; what
// crosses -180 begins below 0.
export function stretches(readings) {
  const runs = [];
  for (const [k, longest] of readings.map(readAs).entries()) {
    if (runs.at(-1)?.longest === longest) runs.at(-1).to = k;
    else runs.push({ from: k, to: k, longest });
  }
  if (runs.length > 1 && runs[0].longest === runs.at(-1).longest) {
    runs[0].from = runs.pop().from - readings.length;
  }
  return runs;
}

// How many degrees are read as `upright`, as something else, and as nothing sure.
export function around(readings, upright) {
  const read = readings.map(readAs);
  const part = (test) => (read.filter(test).length * 360) / readings.length;
  const is = part((j) => j === upright);
  const unsure = part((j) => j === null);
  return { is, not: 360 - is - unsure, unsure };
}
