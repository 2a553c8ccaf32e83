// The traits of the swap explorer, as links have them; Python: __init__.py.

import { fixed, jumping, oneOf } from "../kit/link.js";
import { DIGITS } from "../model/digits.js";

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { NetworkTraits } from "../model/trained.js" */

const digit = jumping(fixed(0, 0, DIGITS.length - 1));

export const link = {
  one: digit,
  two: digit,
  couplings: oneOf("own", "even", "other"), // whose
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {State<Traits, NetworkTraits>} SwapState */
