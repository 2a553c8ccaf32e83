// Asks the network what it would read at all angles, a few at a time.

import { angleAt, longestFirst, POINTS, seenBy } from "./maths.js";

/** @import { Source } from "./network.js" */
/** @import { PlaygroundState, Traits } from "./traits.js" */

const REST = 150; // milliseconds without a change before the first question
const BUDGET = 12; // milliseconds of work at a time

/** @type {(keyof Traits)[]} */
const INPUT = ["digit", "strokes", "second", "pen", "centred", "scale", "right", "down"];

/**
 * @typedef {object} Answers
 * @property {number[][]} readings  lengths at the first points of the compass
 * @property {number | null} upright  the longest capsule at 0 degrees
 */

/**
 * answers(traits): what is known by now about this input, whatever its angle.
 *
 * @param {PlaygroundState} state
 * @param {Source} source
 */
export function scout({ signal, redraw }, source) {
  /** @type {Answers} */
  let found = { readings: [], upright: null };
  let asked = "";
  let waiting = 0;
  /** @param {Traits} traits */
  function work(traits) {
    const { net } = source;
    if (!net || signal.aborted) return;
    const end = performance.now() + BUDGET;
    /** @param {number} angle */
    const lengthsAt = (angle) => {
      const seen = seenBy({ ...traits, angle });
      return net.forward(Float32Array.from(seen, (x) => x / 255)).lengths;
    };
    found.upright ??= longestFirst(lengthsAt(0))[0];
    const { readings } = found;
    while (readings.length < POINTS && performance.now() < end) {
      readings.push(lengthsAt(angleAt(readings.length)));
    }
    redraw();
    if (readings.length < POINTS) later(traits, 0);
  }
  /** @type {(traits: Traits, wait: number) => void} */
  function later(traits, wait) {
    clearTimeout(waiting);
    waiting = setTimeout(() => work(traits), wait);
  }
  /** @param {Traits} traits */
  return (traits) => {
    const input = JSON.stringify(INPUT.map((name) => traits[name]));
    if (input !== asked) {
      asked = input;
      found = { readings: [], upright: null };
      later(traits, REST);
    }
    return found;
  };
}
