// What hands do on the paper of the playground: draw, take back, clear.

import { BLANK } from "./traits.js";

/** @import { Stroke } from "../model/pad.js" */
/** @import { PlaygroundState, Traits } from "./traits.js" */

/**
 * `ink` sets traits of what is seen, and with it the pose as it is encoded; `strokes` are
 * those of the trait, and those that are not done yet.
 *
 * @param {PlaygroundState} state
 */
export function handsOn({ get, set, redraw }) {
  /** @type {Stroke[]} */
  let live = []; // not done yet
  /** @param {Partial<Traits>} traits */
  const ink = (traits) => set({ change: [], ...traits });
  const strokes = () => [...get("strokes"), ...live];
  // A drawing takes the place of a stored digit; with two, of the second.
  function begin() {
    const two = get("show") === "second";
    if (get("digit") !== null) ink(two ? { second: null, capsule: null } : BLANK);
  }
  function undo() {
    if (get("strokes").length) ink({ strokes: get("strokes").slice(0, -1) });
    else ink(get("second") !== null ? { second: null } : { digit: null });
  }
  /** @param {Stroke[]} drawn */
  function grow(drawn) {
    live = drawn;
    redraw();
  }
  /** @param {Stroke[]} drawn */
  function end(drawn) {
    live = [];
    if (drawn.length) ink({ strokes: [...get("strokes"), ...drawn] });
    redraw();
  }
  const clear = () => ink({ ...BLANK, second: null });
  return { ink, strokes, acts: { begin, grow, end, undo, clear } };
}
