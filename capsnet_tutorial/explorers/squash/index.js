// Squash in the plane: one vector or two votes, before and after.  Chapter 2.

import { explorer } from "../kit/frame.js";
import { link } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

const ALONE = { second: null, each: false, printed: false };

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Double it",
    set: { s: [0.8, 0.6], ...ALONE },
    ask: "|s| is 1, and |v| is 0.5. Now |s| doubles. What does |v| do?",
    answers: ["it doubles", "it grows by 0.3", "it stays"],
    right: 1,
    reveal: { s: [1.6, 1.2] },
    tell: [
      "From 0.5 to 0.8. ",
      ["Three times", { s: [2.4, 1.8] }],
      " gives 0.9, and for 0.99 you must go ",
      ["to 9.95", { s: [7.96, 5.97] }],
      ". Short vectors are silenced: ",
      ["0.1", { s: [0.08, 0.06] }],
      " becomes 0.0099.",
    ],
  },
  {
    title: "Two votes",
    focus: "plane",
    set: { ...ALONE, s: [1, 0], second: 0 },
    ask:
      "Two votes of length 1 agree, and |v| is 0.8; one alone has 0.5. " +
      "Turn the second away. At which angle does it add nothing?",
    answers: ["90°", "120°", "180°"],
    right: 1,
    reveal: { second: 120 },
    tell: [
      "At 120° |v| is 0.500, as if there were no second vote. At ",
      ["60°", { second: 60 }],
      " it is 0.750; at ",
      ["150°", { second: 150 }],
      " the second vote takes away, and 0.211 is left; at ",
      ["180°", { second: 180 }],
      " nothing is left.",
    ],
  },
  {
    title: "Spot the bug",
    focus: "plane",
    set: { ...ALONE, s: [2, 0], each: true },
    ask:
      "The purple arrow squashes each number by itself, a bug of public programs. " +
      "Does it show, with s on an axis?",
    answers: ["yes", "no"],
    right: 1,
    reveal: { s: [3, 0.5] },
    tell: [
      "On an axis both are equal, so a test with such vectors passes. Beside it the arrow " +
        "turns, here from 9.5° to 12.5°, and ",
      ["at (10, 10)", { s: [10, 10] }],
      " the “probability” is 1.400.",
    ],
  },
];

export default explorer({
  name: "SquashExplorer",
  question: "What does a capsule do with a vector?",
  insight:
    "Squash keeps the direction and turns agreement into length: one, two or three votes " +
    "of length 1 that agree give 0.5, 0.8 and 0.9. Three just reach the margin of 0.9.",
  missing: "8 or 16 dimensions. The curve is the same: it does not depend on their number.",
  link,
  tries,
  view,
});
