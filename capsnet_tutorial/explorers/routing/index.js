// Routing by hand: drag votes, step iterations, see who listens to whom.  Chapter 4.

import { explorer } from "../kit/frame.js";
import { agreeing, PRESETS } from "./maths.js";
import { link, startFrom } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

/** @param {number} n */
const many = (n) => startFrom(agreeing(n));

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Where does the stray go?",
    set: startFrom(PRESETS.stray, { iterations: 1 }),
    ask:
      "Child 6 is alone in A. Routing will take its vote away from A and give it to B, where " +
      "votes scatter. What becomes of |v| of B, now 0.157?",
    answers: ["shorter", "as it is", "longer"],
    right: 2,
    reveal: { iterations: 3 },
    tell: [
      "Longer, 0.505: child 6 must spend its 1 somewhere, and 0.87 of it lands on B. Let it ",
      ["agree with the bundle", startFrom(PRESETS.agree)],
      ", and B falls to 0.051, ",
      ["after ten", startFrom(PRESETS.agree, { iterations: 10 })],
      " to 0.000; A only grows from 0.944 to 0.963. A child cannot say “none of the above”.",
    ],
  },
  {
    title: "A fourth vote",
    focus: "A",
    set: many(3),
    ask:
      "Two votes that agree make |v| of A 0.67, three make it 0.86. A fourth joins, and " +
      "agrees. How long is it then?",
    answers: ["0.86", "0.92", "1.04"],
    right: 1,
    reveal: many(4),
    tell: [
      "0.92: a fourth vote adds less than the third did, for squash keeps every length below 1. ",
      ["One", many(1)],
      " vote gives 0.20, ",
      ["two", many(2)],
      " 0.67, ",
      ["three", many(3)],
      " 0.86, ",
      ["four", many(4)],
      " 0.92, ",
      ["five", many(5)],
      " 0.95. It also wins the others over: each of them now gives A as much as before, or more.",
    ],
  },
  {
    title: "One loud against five",
    focus: "A",
    set: startFrom(PRESETS.loud, { iterations: 1 }),
    ask:
      "Five votes for A of length 0.4 point to 90°, one of length 2 to 0°. Their average " +
      "points to 45°. Where does v of A point after three iterations?",
    answers: ["nearer 90°", "still to 45°", "nearer 0°"],
    right: 2,
    reveal: { iterations: 3 },
    tell: [
      "To 33.5°, nearer the loud one. It gives A 0.89 of its vote, the five 0.59 of theirs: " +
        "agreement is a dot product, so length counts. ",
      ["Ten iterations", { iterations: 10 }],
      " bring the five back, to 40.5°.",
    ],
  },
];

export default explorer({
  name: "RoutingExplorer",
  question: "Six capsules vote for two parents. Who listens to whom?",
  insight:
    "Routing is a vote that is counted again and again: each child must spend exactly 1, and " +
    "spends it where it is already agreed with.",
  missing: "the learned matrices that make the votes, 1152 children, and learning.",
  link,
  tries,
  view,
});
