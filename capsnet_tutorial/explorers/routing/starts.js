// What to start from, and what to see there.  The chips ask about the stray and the loud
// one, so no answer stands here.

import { words } from "../kit/chips.js";
import { choice } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { nearlyTied, PRESETS } from "./maths.js";
import { linkOfArrows, startFrom } from "./traits.js";

/** @import { Words } from "../kit/chips.js" */
/** @import { Part } from "../kit/marks.js" */
/** @import { Arrows } from "./maths.js" */
/** @import { RoutingState, Traits } from "./traits.js" */

const NAMES = {
  stray: "a stray",
  agree: "all agree",
  disagree: "all disagree",
  tie: "a tie",
  loud: "one loud",
  one: "one child",
};

/** @typedef {keyof typeof NAMES} Start  of PRESETS, too */

/** @type {Record<Start, Words<Traits>>} */
const CLAIMS = {
  stray: "Five agree about A. The sixth does not.",
  agree: [
    "All agree about A, and little is left for B: nothing ",
    ["after ten", { iterations: 10 }],
    ".",
  ],
  disagree: [
    "Both stay short, yet ",
    ["twenty iterations", { iterations: 20 }],
    " make two camps of three. Routing finds groups where there are none.",
  ],
  tie: [
    "It stays a tie. With ",
    ["1 % more", startFrom(nearlyTied, { child: 0 })],
    " of vote 1 for A, ",
    ["twenty iterations", startFrom(nearlyTied, { child: 0, iterations: 20 })],
    " break it; three hardly see it.",
  ],
  loud: "One vote of length 2 against five of 0.4.",
  one: "Alone, it agrees with both parents alike: a half each, for ever.",
};

/**
 * Which start has these votes, to the accuracy of a link.
 *
 * @param {Arrows} arrows
 */
function startWith(arrows) {
  const now = linkOfArrows.write(arrows);
  /** @param {Arrows} others */
  const is = (others) => linkOfArrows.write(others) === now;
  if (is(nearlyTied)) return "tie";
  const starts = /** @type {Start[]} */ (Object.keys(NAMES));
  return starts.find((name) => is(PRESETS[name]));
}

/**
 * @param {RoutingState} state
 * @returns {Part}
 */
export function starts(state) {
  const same = () => startWith(state.get("arrows"));
  const names = choice("Start from", NAMES, {
    get: same,
    set: (name) => state.glide(startFrom(PRESETS[name])),
  });
  const claim = html("p", { class: "cx-claim" });
  /** @type {Start | undefined} */
  let told;
  function draw() {
    names.draw();
    const start = same();
    if (start === told) return;
    told = start;
    claim.replaceChildren(...(start ? words(CLAIMS[start], state) : []));
  }
  return { el: html("div", { class: "cx-starts" }, names.el, claim), draw };
}
