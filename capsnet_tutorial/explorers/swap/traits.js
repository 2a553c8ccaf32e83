// The traits of the swap explorer, as links have them; Python: __init__.py.

import { fixed, flag, jumping } from "../kit/link.js";
import { DIGITS } from "../model/digits.js";

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { NetworkTraits } from "../model/trained.js" */

const digit = jumping(fixed(0, 0, DIGITS.length - 1));

export const link = {
  one: digit,
  two: digit,
  share: fixed(2, 0, 1), // of the other's couplings
  even: flag,
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits, NetworkTraits>} SwapState */
