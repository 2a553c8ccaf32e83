// Routing of a real digit: a trained network, pass by pass, and who votes for whom.

import { explorer } from "../kit/frame.js";
import { link } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

/** @type {Partial<Traits>} */
const START = {
  type: null,
  place: null,
  erased: [],
  squares: "votes",
  ink: "votes",
  iterations: 3,
};

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Turn routing off",
    focus: "classes lengths",
    set: { ...START, digit: 8, chosen: null },
    ask:
      "In the first iteration all couplings are equal: nothing is routed yet. Does the answer " +
      "change if we stop there?",
    answers: ["yes", "no, it is only shorter"],
    right: 1,
    reveal: { iterations: 1 },
    tell: [
      "Still a 4, 0.42 long instead of 0.94. Where two classes are close, iterations can turn ",
      "the answer: ",
      ["this 4", { digit: 20, iterations: 1 }],
      " becomes ",
      ["a 9", { digit: 20, iterations: 3 }],
      ". Of 10,000 test digits 15 change their class from one iteration to three: 49 are wrong ",
      "after one, 43 after three.",
    ],
  },
  {
    title: "Whose stroke is it?",
    focus: "ink classes",
    set: { ...START, digit: 20, chosen: 9 },
    ask: "The network reads this 4 as a 9. Which stroke makes it a 9 and not a 4?",
    answers: ["the tip at the top left", "the bar in the middle", "the stem on the right"],
    right: 0,
    reveal: { ink: "effect" },
    tell: [
      ["Without the tip", { erased: [205] }],
      ", 12 pixels, it is a 4: 9 falls from 0.50 to 0.10, and 4 rises to 0.67. ",
      ["Without the middle of the bar", { erased: [434] }],
      " 9 rises to 0.86. The ",
      ["map of votes", { erased: [], ink: "votes" }],
      " could not tell: each capsule sees 17 × 17 pixels, and its vote is spread over all ",
      "ink in there.",
    ],
  },
  {
    title: "Ten iterations",
    focus: "lengths entropy",
    set: { ...START, digit: 8, chosen: null, squares: "couplings" },
    ask: "Seven more iterations. Does the network get surer and better, or only surer?",
    answers: ["surer and better", "only surer"],
    right: 1,
    reveal: { iterations: 10 },
    tell:
      "The other classes grow, too. Over 10,000 test digits the second longest goes from 0.09 " +
      "to 0.93 on average, and 60 are wrong instead of 43. The network has learned with three " +
      "iterations.",
  },
];

export default explorer({
  name: "DigitRoutingExplorer",
  question: "In a trained network, how much does routing decide?",
  insight:
    "The answer is nearly always there before anything is routed. Three iterations make its " +
    "capsule long; ten make other capsules long, too, and more digits wrong.",
  missing: "the first convolution; routing while the network learns.",
  link,
  tries,
  view,
});
