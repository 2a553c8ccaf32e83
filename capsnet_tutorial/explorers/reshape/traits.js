// The traits of the reshape explorer, as links have them; Python: __init__.py.

import { fixed, flag, maybe, oneOf } from "../kit/link.js";

export const link = {
  program: oneOf("view", "PrimCap", "capsule"),
  mended: flag, // the program with its line mended
  step: fixed(2, 0, 5), // how many lines have run; between two, the cells are on their way
  followed: maybe(fixed(0, 0, 23)), // a number of the first tensor, or none
};

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits>} ReshapeState */
