// Reshapes and transposes as cells that move, in three programs.  Chapters 3 and 11.

import { explorer } from "../kit/frame.js";
import { link } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

const START = { mended: false, step: 0, followed: null };

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Which row?",
    set: { ...START, program: "view" },
    ask:
      "A capsule is a1, a2, a3 of one place; the dot says which. " +
      "view cuts the six maps into rows of three. What is in the first row?",
    answers: ["a1, a2, a3 of one place", "three places of a1", "a1 and b1 of one place"],
    right: 1,
    reveal: { step: 1 },
    tell: [
      "Three places of a1. A reshape moves no number: it reads them in their order, and maps " +
        "lie one behind the other. No row is a capsule; ",
      ["the mended program", { mended: true, step: 3 }],
      " brings the three maps last before it cuts.",
    ],
  },
  {
    title: "A transpose before",
    set: { ...START, program: "PrimCap" },
    ask: "This program transposes, then reshapes. Is a row now one capsule?",
    answers: ["yes", "no"],
    right: 1,
    reveal: { step: 3 },
    tell: [
      "No: ",
      ["after the transpose", { step: 2 }],
      " the places are last, and the reshape takes what is last. With ",
      ["[0, 4, 1, 2, 3]", { mended: true, step: 3 }],
      " the numbers of a capsule are last, and all eight rows are whole.",
    ],
  },
  {
    title: "Length of what?",
    set: { ...START, program: "capsule", step: 2 },
    ask: "s is [16, 10], here [3, 2]. Squash takes lengths over its last axis. Of what are they?",
    answers: ["of a class: its 16 numbers", "of one number, over all classes"],
    right: 1,
    reveal: { step: 3 },
    tell: [
      "Of one number, over all classes: a1 with b1. The numbers of a class stand in ",
      ["a column", { mended: true, step: 3 }],
      ". Nothing fails, for both are lists of numbers.",
    ],
  },
];

export default explorer({
  name: "ReshapeExplorer",
  question: "Which numbers become one capsule?",
  insight:
    "A reshape moves nothing; it draws new borders. Only a transpose moves numbers, and what is " +
    "last when the borders are drawn becomes one capsule.",
  missing:
    "the axis of the batch, and the size: 32 types of 8 numbers at 36 places are here 2 types, " +
    "a and b, of 3 numbers at 4 places.",
  link,
  tries,
  view,
});
