// The traits of the digit explorer, as links have them; Python: __init__.py.

import { fixed, jumping, listOf, maybe, oneOf } from "../kit/link.js";
import { PASSES } from "./maths.js";
import { presets } from "./presets.js";

/** @import { TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { NetworkTraits } from "../model/trained.js" */

/** @param {number} most  or nothing */
const number = (most) => jumping(maybe(fixed(0, 0, most)));

export const link = {
  digit: number(presets.length - 1), // nothing: the image that Python brought
  iterations: fixed(0, 1, PASSES),
  chosen: number(99), // class; nothing: the longest
  type: number(99), // of capsules below; nothing: all
  place: number(9999), // row * columns + column; nothing: all
  squares: oneOf("votes", "couplings"),
  ink: oneOf("votes", "effect"),
  erased: jumping(listOf(fixed(0, 0, 99999), undefined, ".")), // spots of the eraser
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {NetworkTraits & { image: DataView | null }} OtherTraits  image: floats (c h w) */
/** @typedef {State<Traits, OtherTraits>} DigitState */
