// The traits of the squash explorer, as links have them; Python: __init__.py.

import { fixed, flag, listOf, maybe } from "../kit/link.js";

export const link = {
  s: listOf(fixed(3, -20, 20), 2), // the vector before squash
  second: maybe(fixed(0, -180, 180)), // degrees of a second vote, of length 1
  each: flag, // show the bug: each number squashed by itself
  printed: flag, // divide by |s|
};

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits>} SquashState */
