// Swap the couplings of two digits, and see whose they were.  Chapter 17.

import { explorer } from "../kit/frame.js";
import { link } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Swap them",
    focus: "one two",
    set: { one: 0, two: 2, share: 0, even: false },
    ask:
      "The couplings of the 0 lie between 0.0995 and 0.1039, nearly even, and those of the 1 " +
      "do, too. Each digit now gets the other's. What changes?",
    answers: ["nothing", "both answers"],
    right: 1,
    reveal: { share: 1 },
    tell: [
      "The 0 is read as a 1, 0.34 long, and the 1 as a 0, 0.66 long. ",
      ["A 4 and a 9", { one: 8, two: 18, share: 1, even: false }],
      " become each other even 0.89 and 0.85 long.",
    ],
  },
  {
    title: "Throw them away",
    focus: "one two",
    set: { one: 0, two: 2, share: 0, even: false },
    ask: "Every coupling exactly a tenth, as if nothing had been routed. Are both still named?",
    answers: ["yes, only shorter", "no"],
    right: 0,
    reveal: { even: true },
    tell:
      "Both, 0.28 and 0.27 long instead of 0.89 and 0.95. So couplings do not find the class; " +
      "they say aloud what the first sum has found.",
  },
  {
    title: "Two zeros",
    focus: "one two",
    set: { one: 0, two: 1, share: 0, even: false },
    ask: "Two zeros, drawn by two hands. Each gets the other's couplings. Do they stay zeros?",
    answers: ["yes", "no"],
    right: 0,
    reveal: { share: 1 },
    tell:
      "They do, 0.94 and 0.90 long. What a digit's couplings know is its class, and hardly more: " +
      "not where its strokes are.",
  },
];

export default explorer({
  name: "SwapExplorer",
  question: "Whose couplings are these, and what do they know?",
  insight:
    "Couplings differ by a few per cent, for all children alike: a gain for each class. With " +
    "those of another class the answer goes with the couplings.",
  missing: "the single children; here is the mean of all 288 of them.",
  link,
  tries,
  view,
});
