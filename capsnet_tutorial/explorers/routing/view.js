// The routing explorer on the screen: two planes, the couplings between them, Procedure 1.

import { check } from "../kit/controls.js";
import { decode } from "../kit/link.js";
import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { angle, PRESETS, routed } from "./maths.js";
import { middle } from "./middle.js";
import { parentPlane } from "./plane.js";
import { both, procedure } from "./procedure.js";
import { starts } from "./starts.js";
import { link } from "./traits.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Row } from "../kit/readout.js" */
/** @import { Routed } from "./maths.js" */
/** @import { RoutingState } from "./traits.js" */

/**
 * @param {RoutingState} state
 * @returns {View}
 */
export function view(state) {
  const { get, set, all } = state;
  /** @type {Routed | null} */
  let known = null; // until something changes
  const now = () => {
    known ??= routed(all());
    return known;
  };
  /** @type {(i: number, j: number) => number[]} */
  const home = (i, j) => (decode(link, get("first")).arrows?.[i] ?? PRESETS.stray[i])[j];
  const planes = [0, 1].map((j) => parentPlane(state, j, now, home));
  const parts = [planes[0], middle(state), planes[1]];
  const formula = procedure();
  const child = () => Math.min(get("child"), get("arrows").length - 1);
  return {
    figure: [html("div", { class: "cx-routing" }, ...parts.map((part) => part.el))],
    controls: [
      starts(state),
      check("softmax over the wrong axis", {
        get: () => get("axis") === "children",
        set: (wrong) => set({ axis: wrong ? "children" : "parents" }),
      }),
    ],
    more: [
      check("votes up to 2 long", {
        get: () => get("reach") === 2,
        set: (far) => set({ reach: far ? 2 : 1 }),
      }),
    ],
    formula: formula.els,
    draw() {
      known = null;
      for (const part of parts) part.draw(now());
      formula.draw(now(), child(), get("iterations"));
    },
    readout: () => rows(now(), child(), get("iterations")),
    say: () => sentence(now(), child(), get("iterations")),
  };
}

/** @type {(now: Routed, i: number, iterations: number) => Row[]} */
function rows(now, i, iterations) {
  const { used, shares } = now;
  /** @type {(pose: number[], j: number) => string} */
  const direction = (pose, j) =>
    used.lengths[j] < 0.0005 ? "nowhere" : `${decimals(angle(pose), 1)}°`;
  const directions = used.pose.map(direction).join(" | ");
  return [
    decision(now, i, iterations),
    [`child ${i + 1} brings`, both(shares[i], 3), "its part of |s| of A and B", `c${i}`],
    ["v points to", directions, "where the poses of A and B point", "v"],
  ];
}

/**
 * How decided the couplings are; with the wrong axis, what a child spends.
 *
 * @type {(now: Routed, i: number, iterations: number) => Row}
 */
function decision({ used, right }, i, iterations) {
  const [a, b] = used.coupling[i];
  if (iterations === 1) return ["iteration 1", "a plain average", "no routing yet", "c"];
  if (used !== right) {
    return [`child ${i + 1} spends`, decimals(a + b, 2), "it should spend 1", "c"];
  }
  const bits = `${decimals(used.entropy, 3)} bits`;
  return ["entropy", bits, "mean of the children; 1 is undecided, 0 decided", "c"];
}

/** @type {(now: Routed, i: number, iterations: number) => string} */
function sentence({ used }, i, iterations) {
  const [a, b] = used.lengths.map((x) => decimals(x, 3));
  const [toA, toB] = used.coupling[i].map((x) => decimals(x, 2));
  return (
    `Iteration ${iterations}: A is ${a} long, B ${b}. ` +
    `Child ${i + 1} gives ${toA} to A and ${toB} to B.`
  );
}
