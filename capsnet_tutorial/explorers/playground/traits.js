// The traits of the playground, as links have them, and states that are often set; Python:
// __init__.py.

import { fitting, fixed, flag, jumping, listOf, maybe, oneOf } from "../kit/link.js";
import { DIGITS } from "../model/digits.js";
import { sizesOf } from "../model/trained.js";
import { decodeStrokes, encodeStrokes } from "./strokes.js";

/** @import { Kind, TraitsOf } from "../kit/link.js" */
/** @import { State } from "../kit/state.js" */
/** @import { Stroke } from "../model/pad.js" */
/** @import { NetworkTraits } from "../model/trained.js" */

/** @type {Kind<Stroke[]>} */
const drawing = {
  write: encodeStrokes,
  read(text) {
    const strokes = decodeStrokes(text);
    if (!strokes) throw new RangeError(`cannot read ${text}`);
    return strokes;
  },
};
const twenty = jumping(maybe(fixed(0, 0, DIGITS.length - 1)));

export const link = {
  show: oneOf("digit", "turn", "pose", "second"),
  digit: twenty,
  strokes: jumping(drawing),
  second: twenty,
  angle: fixed(0, -180, 180),
  scale: fixed(2, 0.3, 2),
  right: fixed(1, -14, 14),
  down: fixed(1, -14, 14),
  capsule: fitting(
    jumping(maybe(fixed(0, 0, 99))),
    (j, get) => j === null || j < sizesOf(get("header")).classes,
  ),
  change: fitting(listOf(fixed(1, -2, 2)), (list, get) =>
    [0, sizesOf(get("header")).numbers].includes(list.length),
  ),
  pen: fixed(1, 1, 4),
  centred: flag,
};

/** @typedef {TraitsOf<typeof link>} Traits */

/**
 * Traits that no link has; lengths and picture of `example` are there for the first view,
 * before the network is.
 *
 * @typedef {object} OtherTraits
 * @property {number[][]} spread  for each class and number, one unit of `change`
 * @property {{ lengths?: number[], remembered?: string }} example
 */

/** @typedef {State<Traits, OtherTraits & NetworkTraits>} PlaygroundState */

/** @type {Pick<Traits, "digit" | "strokes" | "capsule">} */
export const BLANK = { digit: null, strokes: [], capsule: null };

/** @type {Omit<Traits, "show" | "digit" | "strokes" | "pen" | "centred">} */
export const PLAIN = {
  second: null,
  change: [],
  capsule: null,
  angle: 0,
  scale: 1,
  right: 0,
  down: 0,
};
