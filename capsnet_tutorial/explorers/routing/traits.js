// The traits of the routing explorer, as links have them; Python: __init__.py.
// Pure: node tests it.

import { fixed, listOf, oneOf } from "../kit/link.js";
import { MOST, PRESETS, whole } from "./maths.js";

/** @import { Kind, TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { Arrow, Arrows } from "./maths.js" */

// A vote is its angle, and its length in hundredths where that is not 1:
// "40.10,0_200.30_40" are two children.
const [turns, lengths] = [fixed(0, 0, 359), fixed(2, 0, 2)];
/** @type {Kind<Arrow>} */
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

/** @type {Kind<Arrows>} */
export const linkOfArrows = {
  write: rows.write,
  read(text) {
    const list = rows.read(text);
    if (list.length < 1 || list.length > MOST) throw new RangeError(`cannot read ${text}`);
    return list;
  },
};

export const link = {
  arrows: linkOfArrows,
  iterations: fixed(0, 1, 20),
  axis: oneOf("parents", "children"), // what the softmax goes over
  child: fixed(0, 0, MOST - 1), // whose numbers are shown
  reach: fixed(0, 1, 2), // of the planes: 2 shows longer votes
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits>} RoutingState */

/**
 * The state that begins with some votes.
 *
 * @param {Arrows} arrows
 * @param {Partial<Traits>} [more]
 * @returns {Partial<Traits>}
 */
export const startFrom = (arrows, more = {}) => ({
  arrows,
  child: arrows.length - 1,
  iterations: 3,
  axis: "parents",
  reach: arrows === PRESETS.loud ? 2 : 1,
  ...more,
});
