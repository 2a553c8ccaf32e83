// What the figure shows now, from the traits.

import { film, origins } from "./maths.js";

/** @import { Film, Origin, Step } from "./maths.js" */
/** @import { Traits } from "./traits.js" */

/**
 * @typedef {object} Shown
 * @property {Film} film
 * @property {Origin[]} kinds
 * @property {Step} last  the tensor that was reached
 * @property {Step} next  the one on the way to which the cells are
 * @property {number} part  of that way
 * @property {Step} near  the nearer of the two
 * @property {number} now  how many lines have run: which step `near` is
 * @property {number | null} followed
 */

/**
 * @param {Traits} traits
 * @returns {Shown}
 */
export function shown({ program, mended, step, followed }) {
  const whole = film(program, mended);
  const { steps } = whole;
  const at = Math.min(step, steps.length - 1);
  const reached = Math.floor(at);
  const next = Math.min(reached + 1, steps.length - 1);
  const now = Math.round(at);
  return {
    film: whole,
    kinds: origins(program),
    last: steps[reached],
    next: steps[next],
    part: at - reached,
    near: steps[now],
    now,
    followed,
  };
}
