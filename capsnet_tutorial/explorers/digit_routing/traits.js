// The traits of the digit explorer, as links have them; Python: __init__.py.

import { fitting, fixed, jumping, listOf, maybe, oneOf } from "../kit/link.js";
import { sizesOf } from "../model/trained.js";
import { PASSES } from "./maths.js";
import { presets } from "./presets.js";

/** @import { Kind, TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { NetworkTraits, Sizes } from "../model/trained.js" */

/** @param {number} most  or nothing */
const number = (most) => jumping(maybe(fixed(0, 0, most)));

/**
 * A number, or several, below what the network has.
 *
 * @template {number | null | number[]} T
 * @param {Kind<T>} kind
 * @param {keyof Sizes} name
 */
const below = (kind, name) =>
  fitting(kind, (value, get) => {
    const most = sizesOf(get("header"))[name];
    return Array.isArray(value) ? value.every((n) => n < most) : Number(value) < most;
  });

export const link = {
  digit: number(presets.length - 1), // nothing: the image that Python brought
  iterations: fixed(0, 1, PASSES),
  chosen: below(number(99), "classes"), // nothing: the longest
  type: below(number(99), "types"), // of capsules below; nothing: all
  place: below(number(9999), "places"), // row * columns + column; nothing: all
  squares: oneOf("votes", "couplings"),
  ink: oneOf("votes", "effect"),
  erased: below(jumping(listOf(fixed(0, 0, 99999), undefined, ".")), "pixels"), // spots
};

/** @typedef {TraitsOf<typeof link>} Traits */
/** @typedef {NetworkTraits & { image: DataView | null }} OtherTraits  image: floats (c h w) */
/** @typedef {State<Traits, OtherTraits>} DigitState */
