// The digit explorer on the screen: what there is before the network comes, and after.

import { stepper } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { arrival } from "../model/arrival.js";
import { formula } from "./formula.js";
import { longest } from "./look.js";
import { PASSES } from "./maths.js";
import { stage } from "./stage.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Row } from "../kit/readout.js" */
/** @import { Look } from "./look.js" */
/** @import { Stage } from "./stage.js" */
/** @import { DigitState } from "./traits.js" */

/**
 * @param {DigitState} state
 * @returns {View}
 */
export function view(state) {
  const terms = formula();
  const table = html("div", { class: "cx-wide" });
  /** @type {Stage | null} */
  let live = null;
  state.frame.classList.toggle("cx-own", !state.get("weights")); // chips tell about ours
  const place = arrival(state, (net, place) => {
    live = stage(state, net);
    place.replaceChildren(live.el);
    table.replaceChildren(live.table.el);
  });
  return {
    figure: [place],
    controls: [
      stepper("Iterations", {
        min: 1,
        max: PASSES,
        get: () => state.get("iterations"),
        set: (iterations) => state.set({ iterations }),
      }),
    ],
    more: [{ el: table, draw: () => live?.table.draw() }],
    formula: terms.els,
    draw() {
      if (!live) return;
      live.draw();
      terms.draw(live.look());
    },
    readout: () => (live ? rows(live.look()) : []),
    say: () => (live ? sentence(live.look()) : "The trained network is on its way."),
  };
}

/**
 * @param {Look} look
 * @returns {Row[]}
 */
function rows({ step, loss, painted, chosen }) {
  /** @type {Row[]} */
  const always = [
    [
      "entropy",
      `${decimals(step.entropy, 3)} bits`,
      "of the couplings, mean over the capsules",
      "entropy",
    ],
    [
      "weighted",
      `${decimals(step.weighted, 3)} bits`,
      "where each capsule counts as much as it is long",
      "entropy",
    ],
    ["largest c", decimals(step.largest, 3), "the largest coupling of all capsules", "places"],
    ["background", decimals(painted.background, 3), "votes of windows without ink", "ink"],
  ];
  if (!loss) return always;
  const mapped = `what the map of votes said about the ink that is gone, for |s| of ${chosen}`;
  return [
    ...always,
    ["map", decimals(loss.mapped, 3), mapped, "ink"],
    ["in fact", decimals(loss.real, 3), `how |s| of ${chosen} has changed`, "classes"],
  ];
}

/** @param {Look} look */
function sentence({ step, chosen, passes, spots, place, shares, picked }) {
  const { lengths } = step;
  const first = longest(lengths);
  const second = longest(lengths.map((x, j) => (j === first ? -1 : x)));
  const sum = picked.reduce((total, i) => total + shares[i], 0);
  /** @param {number} j */
  const long = (j) => decimals(lengths[j], 3);
  return [
    `After iteration ${passes.indexOf(step) + 1}, ${first} is longest, ${long(first)}`,
    lengths.length > 1 ? `, then ${second}, ${long(second)}.` : ".",
    chosen === first ? "" : ` ${chosen} is chosen, ${long(chosen)}.`,
    place === null
      ? ""
      : ` The capsules there give ${decimals(sum, 2)} of ${decimals(step.before[chosen], 2)}.`,
    spots.length ? " Some ink is rubbed out." : "",
    ` Entropy ${decimals(step.entropy, 2)} bits.`,
  ].join("");
}
