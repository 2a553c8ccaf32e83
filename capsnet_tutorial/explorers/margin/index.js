// Margin loss: ten lengths to drag, what each costs, and where the loss pulls.  Chapter 5.

import { explorer } from "../kit/frame.js";
import { only, REST, tenOf } from "./maths.js";
import { link } from "./traits.js";
import { view } from "./view.js";

/** @import { Try } from "../kit/chips.js" */
/** @import { Traits } from "./traits.js" */

/** @type {Partial<Traits>} */
const START = {
  present: only(true, false, 3),
  together: false,
  bug: "none",
  down_weight: 0.5,
  chosen: 3,
};

/** @type {Try<Traits>[]} */
const tries = [
  {
    title: "Knowing nothing",
    set: { ...START, lengths: tenOf(0), together: true },
    ask: "All ten bars are bound together. At 0 the loss is 0.81. How low can it go?",
    answers: ["0", "0.52", "0.81"],
    right: 1,
    reveal: { lengths: tenOf(REST) },
    tell: [
      "0.5236, at length 0.2455: one pull is then as strong as nine pushes. ",
      "A loss that rests near 0.52 has learned nothing. At ",
      ["the full price λ = 1", { down_weight: 1, lengths: tenOf(0.18) }],
      " the best length falls to 0.18, nearer to dead; ",
      ["half the price", { down_weight: 0.5, lengths: tenOf(REST) }],
      " is there to prevent that.",
    ],
  },
  {
    title: "Enough is enough",
    set: { ...START, lengths: only(0.9, 0.1, 3) },
    ask: "The ringed bar is at 0.9, the others at 0.1. Push on, to 1 and 0. Does it pay?",
    answers: ["yes", "no"],
    right: 1,
    reveal: { lengths: only(1, 0, 3) },
    tell: [
      "The margin loss was exactly 0 and stays 0; no arrow is left. Cross-entropy goes on ",
      "asking, and at this perfect answer it still is 1.4612: the largest share that a softmax ",
      "gives is 0.2320.",
    ],
  },
  {
    title: "Two digits at once",
    set: { ...START, lengths: only(0.95, 0.1, 3), present: only(true, false, 3, 5), chosen: 5 },
    ask: "3 and 5 lie on top of each other. Both are ringed. Can both be certain?",
    answers: ["yes", "no, they share"],
    right: 0,
    reveal: { lengths: only(0.95, 0.1, 3, 5) },
    tell: [
      "Both are 0.95 long, and the margin loss is 0: each class is asked its own question. ",
      "In a softmax they share one cake, so with any lengths at all cross-entropy stays above ",
      "ln 2 = 0.6931.",
    ],
  },
];

export default explorer({
  name: "MarginExplorer",
  question: "What does the loss want, and when is it content?",
  insight:
    "Each class is judged by itself, and only up to its margin. Nine weak pushes outweigh " +
    "one pull even at half price: with all lengths at 0.5, they are 3.6 against 0.8.",
  missing:
    "the reconstruction loss, and the weights. Learning moves weights, and lengths follow; " +
    "here a step moves the lengths themselves.",
  link,
  tries,
  view,
});
