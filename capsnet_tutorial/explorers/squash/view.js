// The squash explorer on the screen: the plane, the curve, and the formula with its numbers.

import { check, choice } from "../kit/controls.js";
import { fraction, rightAndWrong, term, vector } from "../kit/formula.js";
import { put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { norm } from "../model/capsules.js";
import { curve } from "./curve.js";
import {
  angle,
  angleOf,
  between,
  computed,
  directed,
  pair,
  squashedLength,
  squashSlope,
} from "./maths.js";
import { plane } from "./plane.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Row } from "../kit/readout.js" */
/** @import { Squashed } from "./maths.js" */
/** @import { SquashState } from "./traits.js" */

// What the three choices below the figure set.
const KINDS = {
  one: { second: null, each: false },
  two: { s: [1, 0], second: 60, each: false },
  each: { second: null, each: true },
};
const NAMES = { one: "one vector", two: "two votes", each: "a bug" };

/**
 * @param {SquashState} state
 * @returns {View}
 */
export function view(state) {
  const { get, set, all } = state;
  const panels = [plane(state), curve(state)];
  const equation = formula();
  function kind() {
    if (get("each")) return "each";
    return get("second") === null ? "one" : "two";
  }
  return {
    figure: panels.map((panel) => panel.el),
    controls: [choice("Show", NAMES, { get: kind, set: (name) => set(KINDS[name]) })],
    more: [
      check("Divide by |s|, as the formula is printed (drag s to 0)", {
        get: () => get("printed"),
        set: (printed) => set({ printed }),
      }),
    ],
    formula: equation.els,
    draw() {
      const now = computed(all());
      for (const part of [...panels, equation]) part.draw(now);
    },
    readout: () => rows(computed(all()), state),
    say: () => sentence(computed(all())),
  };
}

function formula() {
  const length = term([fraction("|s|²", "1 + |s|²")], "length");
  const way = term([fraction(vector("s"), "|s|")], "direction");
  const result = term([vector("v")], "v");
  const code = rightAndWrong("squash(s)", "squash(s[:, None])");
  /** @param {Squashed} now */
  function draw({ total, v, wrong, before }) {
    length.show(decimals(squashedLength(before), 3));
    way.show(directed(total) ? pair(total.map((x) => x / before)) : "0 / 0");
    result.show(pair(v));
    put(code, { hidden: !wrong });
  }
  return { els: [result.el, "=", length.el, way.el, code], draw };
}

/**
 * @param {Squashed} now
 * @param {SquashState} state
 * @returns {Row[]}
 */
function rows({ total, wrong, before, after }, { get }) {
  /** @type {Row[]} */
  const always = [
    ["|s|", decimals(before, 2), "length before", "s"],
    ["|v|", decimals(after, 3), "length after", "v"],
    ["angle", angleOf(total), "of both s and v", "direction"],
  ];
  if (wrong) {
    return [
      ...always,
      ["wrong |v|", decimals(norm(wrong), 3), "each number by itself", "wrong"],
      ["wrong angle", angleOf(wrong), "of the wrong v", "wrong"],
    ];
  }
  const s = get("s");
  const second = get("second");
  if (second === null) {
    return [...always, ["slope", decimals(squashSlope(before), 3), "of the curve", "length"]];
  }
  const apart = directed(s) ? `${decimals(between(angle(s), second), 0)}°` : "undefined";
  return [...always, ["between votes", apart, "angle between the two votes"]];
}

/** @param {Squashed} now */
function sentence({ total, wrong, before, after }) {
  const right =
    `s has length ${decimals(before, 2)} at angle ${angleOf(total)}; ` +
    `v has length ${decimals(after, 3)}.`;
  if (!wrong) return right;
  const length = decimals(norm(wrong), 3);
  return `${right} Each number by itself: length ${length}, angle ${angleOf(wrong)}.`;
}
