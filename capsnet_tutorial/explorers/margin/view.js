// The margin explorer on the screen: curves, ten bars and three sums on one ruler.

import { button, check, choice, slider } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { bar } from "./bars.js";
import { curves } from "./curves.js";
import { equation } from "./equation.js";
import { CLASSES, judged, shown, stepped, sum, tenOf } from "./maths.js";
import { row, styled } from "./ruler.js";
import { totals } from "./totals.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Part } from "../kit/marks.js" */
/** @import { Judged } from "./maths.js" */
/** @import { MarginState } from "./traits.js" */

const KEY = "Length of each capsule. An arrow is one step of learning;";
const GOAL = "the shaded end is where a class is content.";
const SHARE = "a dashed mark is the share that a softmax gives, and all that this loss sees.";

/**
 * @param {MarginState} state
 * @returns {View}
 */
export function view(state) {
  const now = () => judged(state.all());
  const rows = [curves(state), ...CLASSES.map((j) => bar(j, state)), ruler(), key(), ...totals()];
  const lines = equation(state);
  const figure = html("div", { class: "cx-panel cx-margin" }, ...rows.map((one) => one.el));
  return {
    figure: [figure],
    formula: lines.els,
    controls: controls(state, now),
    more: [price(state)],
    draw() {
      const seen = now();
      for (const part of [...rows, lines]) part.draw(seen);
    },
    readout() {
      const { pull, push, shares } = now();
      const j = state.get("chosen");
      return [
        ["pull", decimals(pull, 3), "all arrows to the right: slopes, added", "present"],
        ["push", decimals(push, 3), "all arrows to the left: slopes, added", "absent"],
        [`share of ${j}`, decimals(shares[j], 3), "in a softmax of the lengths", `c${j}`],
      ];
    },
    say: () => sentence(now(), state.get("chosen")),
  };
}

/**
 * The axis of the bars.
 *
 * @returns {Part<Judged>}
 */
function ruler() {
  const ticks = [0, 0.1, 0.5, 0.9, 1].map((x) =>
    styled(html("span", {}, x), { left: `${100 * x}%` }),
  );
  const axis = html("div", { class: "cx-ticks", "aria-hidden": "true" }, ...ticks);
  return { el: row(html("span"), axis, html("span")), draw() {} };
}

/**
 * What the marks mean.
 *
 * @returns {Part<Judged>}
 */
function key() {
  const el = html("p", { class: "cx-key" });
  return {
    el,
    draw({ bug }) {
      el.textContent = `${KEY} ${bug === "softmax" ? SHARE : GOAL}`;
    },
  };
}

/**
 * @param {MarginState} state
 * @param {() => Judged} now
 */
function controls({ get, set, glide }, now) {
  function learn() {
    glide({ lengths: stepped(get("lengths"), now().used.gradients, get("together")) });
  }
  /** @param {boolean} together  bars that are bound start from their mean */
  function bind(together) {
    if (together) glide({ together, lengths: tenOf(sum(get("lengths")) / 10) });
    else glide({ together });
  }
  return [
    choice(
      "Loss",
      { none: "right", square: "no square", softmax: "softmax first" },
      { get: () => get("bug"), set: (bug) => set({ bug }) },
    ),
    check("all bars together", { get: () => get("together"), set: bind }),
    { el: button("Take a step", learn, { "data-key": "]" }), draw() {} },
  ];
}

/** @param {MarginState} state */
const price = ({ get, set }) =>
  slider("λ, the price of an absent class", {
    min: 0,
    max: 1,
    step: 0.05,
    text: (x) => decimals(x, 2),
    get: () => get("down_weight"),
    set: (down_weight) => set({ down_weight }),
  });

/**
 * @param {Judged} now
 * @param {number} j  the class that was touched last
 */
function sentence({ lengths, present, used, right, bug, cross }, j) {
  const there = CLASSES.filter((k) => present[k]).join(" and ") || "nothing";
  const wrong = bug === "none" ? "" : ` With the bug it is ${shown(used.total)}.`;
  return (
    `Present: ${there}. Capsule ${j} has length ${decimals(lengths[j], 2)} and costs ` +
    `${shown(used.terms[j])}. The margin loss is ${shown(right.total)}, the cross-entropy ` +
    `${shown(cross.total)}.${wrong}`
  );
}
