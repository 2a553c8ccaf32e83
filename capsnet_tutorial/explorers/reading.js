// From a drawing to what the network gets, and from its lengths to a sentence.
//
// No DOM in here.  A state has the traits of the playground; images are 28 x 28, flat.

import { DIGITS } from "./digits.js";
import { drawStrokes, inkPixels, moveImage, overlay } from "./pad.js";

const FEWEST = 15; // pixels of ink

// All digits of a state on one picture, before they are moved; null without any ink.
export function inkOf({ digit, strokes, second, pen, centred }) {
  const layers = [digit, second].filter((n) => n !== null).map((n) => DIGITS[n].pixels);
  if (strokes.length) layers.push(drawStrokes(strokes, { pen, centred }));
  return layers.length ? layers.reduce((one, other) => overlay(one, other)) : null;
}

// What the network gets: 28 x 28 bytes, as in MNIST.
export function seenBy(state) {
  const ink = inkOf(state);
  if (!ink) return new Uint8Array(28 * 28);
  const { angle, scale, right, down } = state;
  const moved = angle || scale !== 1 || right || down ? moveImage(ink, { angle, scale, right, down }) : ink;
  return Uint8Array.from(moved, (x) => Math.round(255 * x));
}

export const longestFirst = (lengths) => [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a]);

// How many digits lie on each other.
export const layersOf = ({ digit, strokes, second }) =>
  [digit !== null, strokes.length > 0, second !== null].filter(Boolean).length;

// Is there enough to see?  "nothing", "little", or "ink".
export function amountOf(state, seen) {
  if (!layersOf(state)) return "nothing";
  const drawn = drawStrokes(state.strokes, { pen: state.pen, centred: false });
  const own = state.digit === null && state.second === null;
  const fewest = Math.min(own ? inkPixels(drawn) : FEWEST, inkPixels(seen.map((x) => (x >= 128 ? 1 : 0))));
  return fewest < FEWEST ? "little" : "ink";
}

// The answer in words, and what is wrong with it.
export function verdictOf(amount, lengths, layers) {
  const [first, next] = longestFirst(lengths);
  const at = (j) => `${j} (${lengths[j].toFixed(2)})`;
  if (amount === "nothing") return `No ink yet. Even so the longest capsule is ${at(first)}: that is bias, not sight.`;
  if (amount === "little") return `Too little ink for a digit. The longest capsule is ${at(first)}, whatever that means.`;
  if (lengths[first] < 0.5) return `Not sure: no capsule is longer than 0.5. The longest is ${at(first)}.`;
  if (layers > 1) {
    return lengths[next] < 0.5 ? `Two digits, and only one long capsule: ${at(first)}.` : `Two long capsules: ${at(first)} and ${at(next)}.`;
  }
  return lengths[next] < 0.5 ? `It reads a ${first}.` : `Two capsules are long for one drawing: ${at(first)} and ${at(next)}.`;
}
