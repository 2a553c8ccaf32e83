// The state of a playground, as links have it, and some states that are often set.

import { fixed, flag, listOf, maybe, oneOf } from "../kit/link.js";
import { DIGITS } from "../model/digits.js";
import { decodeStrokes, encodeStrokes } from "./strokes.js";

const drawing = {
  write: encodeStrokes,
  read(text) {
    const strokes = decodeStrokes(text);
    if (!strokes) throw new RangeError(`cannot read ${text}`);
    return strokes;
  },
};
// A chip brings these at once: between two digits there is none.
const jumping = (kind) => ({ ...kind, jumps: true });
const twenty = jumping(maybe(fixed(0, 0, DIGITS.length - 1)));
export const playgroundLink = {
  show: oneOf("digit", "turn", "pose", "second"),
  digit: twenty,
  strokes: jumping(drawing),
  second: twenty,
  angle: fixed(0, -180, 180),
  scale: fixed(2, 0.3, 2),
  right: fixed(1, -14, 14),
  down: fixed(1, -14, 14),
  capsule: jumping(maybe(fixed(0, 0, 99))),
  change: listOf(fixed(1, -2, 2)),
  pen: fixed(1, 1, 4),
  centred: flag,
};

export const BLANK = { digit: null, strokes: [], capsule: null };
export const PLAIN = {
  second: null,
  change: [],
  capsule: null,
  angle: 0,
  scale: 1,
  right: 0,
  down: 0,
};
