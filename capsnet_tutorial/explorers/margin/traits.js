// The traits of the margin explorer, as links have them; Python: __init__.py.

import { fixed, flag, listOf, oneOf } from "../kit/link.js";

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */

export const link = {
  lengths: listOf(fixed(5, 0, 1), 10),
  present: listOf(flag, 10, ""),
  together: flag, // all bars move as one
  bug: oneOf("none", "square", "softmax"), // without the square, or of a softmax
  down_weight: fixed(2, 0, 1), // the price of an absent class
  chosen: fixed(0, 0, 9), // the class that the formula is about
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits>} MarginState */
