// Draw a digit: what the network sees of it, believes, and remembers.  Chapter 6.

import { explorer } from "../kit/frame.js";
import { BLANK, link, PLAIN } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

/**
 * A change of one number of the pose.
 *
 * @param {number} n
 * @param {number} by
 */
const only = (n, by) => Array.from({ length: 16 }, (_, m) => (m === n ? by : 0));

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "One number",
    set: { ...PLAIN, ...BLANK, digit: 11, show: "pose", change: only(0, 0) },
    ask: "Sixteen numbers describe this 5. How many of them change its thickness?",
    answers: ["one", "nine", "all"],
    right: 1,
    reveal: { change: only(9, 2) },
    tell: [
      "Number 9 does, and little else. ",
      ["Number 15", { change: only(15, -2) }],
      " does, and changes the width, too; ",
      ["number 7", { change: only(7, -2) }],
      " takes the slant along. Nine of them change it; chapter 8 measures how much.",
    ],
  },
  {
    title: "Turn it",
    set: { ...PLAIN, ...BLANK, digit: 12, show: "turn" },
    ask: "This 6 is turned until it stands on its head. What is read there?",
    answers: ["a 6", "a 9", "nothing sure"],
    right: 1,
    reveal: { angle: 180 },
    tell: [
      "A 9, as it happens to 132 of 158 sixes of the test set. On the way ",
      ["it is a 5", { angle: -60 }],
      ". Quarter turns leave 353 of 2,000 digits right, ",
      "and for 1,164 a wrong capsule is longer than 0.5: it does not know that it is lost.",
    ],
  },
  {
    title: "Two at once",
    set: { ...PLAIN, ...BLANK, digit: 7, show: "second" },
    ask: "An 8 is put on top of this 3. How many capsules will be longer than 0.5?",
    answers: ["one", "two"],
    right: 1,
    reveal: { second: 17 },
    tell: [
      "Two, and each remembers its own digit. But that is luck: with ",
      ["the other 8", { second: 16 }],
      " it is one, and of 10,000 pairs of test digits, both ",
      "capsules are longer than 0.5 in 515. This network learned from single digits.",
    ],
  },
];

export default explorer({
  name: "Playground",
  question: "What does the network see, believe and remember?",
  insight:
    "The capsule answers twice. How long: is it there? Which way: how is it written? " +
    "The second answer is what the decoder draws.",
  missing: "the 288 capsules below, which vote; training.",
  link,
  tries,
  view,
});
