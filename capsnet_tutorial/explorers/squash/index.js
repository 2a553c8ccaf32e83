// Squash in the plane: one vector or two votes, before and after.  Chapter 2.

import { check, choice } from "../kit/controls.js";
import { explorer, fraction, term, vector } from "../kit/frame.js";
import { fixed, flag, listOf, maybe } from "../kit/link.js";
import { html, put } from "../kit/marks.js";
import { norm } from "../model/capsules.js";
import {
  angle,
  angleOf,
  between,
  computed,
  decimals,
  directed,
  pair,
  squashedLength,
  squashSlope,
} from "./maths.js";
import { curve, plane } from "./panels.js";

const link = {
  s: listOf(fixed(3, -20, 20), 2),
  second: maybe(fixed(0, -180, 180)),
  each: flag,
  printed: flag,
};

// What the three choices below the figure set.
const KINDS = {
  one: { second: null, each: false },
  two: { s: [1, 0], second: 60, each: false },
  each: { second: null, each: true },
};

function view(hand) {
  const { get, set } = hand;
  const parts = [plane(hand), curve(hand)];
  const now = () =>
    computed(Object.fromEntries(Object.keys(link).map((name) => [name, get(name)])));
  const kind = () => (get("each") ? "each" : get("second") === null ? "one" : "two");
  const names = [
    ["one", "one vector"],
    ["two", "two votes"],
    ["each", "a bug"],
  ];
  const printed = "Divide by |s|, as the formula is printed (drag s to 0)";
  const formula = formulaOf();
  return {
    figure: parts.map((part) => part.el),
    controls: [choice("Show", names, { get: kind, set: (name) => set(KINDS[name]) })],
    more: [check(printed, { get: () => get("printed"), set: (yes) => set({ printed: yes }) })],
    formula: formula.els,
    readout: () => rows(now(), hand),
    say: () => sentence(now()),
    draw() {
      const state = now();
      for (const part of [...parts, formula]) part.draw(state);
    },
  };
}

function formulaOf() {
  const length = term(fraction("|s|²", "1 + |s|²"), "length");
  const way = term(fraction(vector("s"), "|s|"), "direction");
  const result = term(vector("v"), "v");
  const code = html(
    "p",
    { class: "cx-code" },
    html("span", {}, "right: ", html("code", {}, "squash(s)")),
    html("span", { class: "cx-wrong" }, "wrong: ", html("code", {}, "squash(s[:, None])")),
  );
  function draw({ total, v, wrong, before }) {
    length.show(decimals(squashedLength(before), 3));
    way.show(directed(total) ? pair(total.map((x) => x / before)) : "0 / 0");
    result.show(pair(v));
    put(code, { hidden: !wrong });
  }
  return { els: [result.el, "=", length.el, way.el, code], draw };
}

function rows({ total, wrong, before, after }, { get }) {
  const [s, second] = [get("s"), get("second")];
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
  const apart = directed(s) ? `${decimals(between(angle(s), second), 0)}°` : "undefined";
  return second === null
    ? [...always, ["slope", decimals(squashSlope(before), 3), "of the curve", "length"]]
    : [...always, ["between votes", apart, "angle between the two votes"]];
}

function sentence({ total, wrong, before, after }) {
  const right =
    `s has length ${decimals(before, 2)} at angle ${angleOf(total)}; ` +
    `v has length ${decimals(after, 3)}.`;
  if (!wrong) return right;
  const length = decimals(norm(wrong), 3);
  return `${right} Each number by itself: length ${length}, angle ${angleOf(wrong)}.`;
}

const ONE = { second: null, each: false, printed: false };
const tries = [
  {
    title: "Double it",
    set: { s: [0.8, 0.6], ...ONE },
    ask: "|s| is 1, and |v| is 0.5. Now |s| doubles. What does |v| do?",
    answers: ["it doubles", "it grows by 0.3", "it stays"],
    right: 1,
    then: { s: [1.6, 1.2] },
    tell: [
      "From 0.5 to 0.8. ",
      ["Three times", { s: [2.4, 1.8] }],
      " gives 0.9, and for 0.99 you must go ",
      ["to 9.95", { s: [7.96, 5.97] }],
      ". Short vectors are silenced: ",
      ["0.1", { s: [0.08, 0.06] }],
      " becomes 0.0099.",
    ],
  },
  {
    title: "Two votes",
    focus: "plane",
    set: { ...ONE, s: [1, 0], second: 0 },
    ask:
      "Two votes of length 1 agree, and |v| is 0.8; one alone has 0.5. " +
      "Turn the second away. At which angle does it add nothing?",
    answers: ["90°", "120°", "180°"],
    right: 1,
    then: { second: 120 },
    tell: [
      "At 120° |v| is 0.500, as if there were no second vote. At ",
      ["60°", { second: 60 }],
      " it is 0.750; at ",
      ["150°", { second: 150 }],
      " the second vote takes away, and 0.211 is left; at ",
      ["180°", { second: 180 }],
      " nothing is left.",
    ],
  },
  {
    title: "Spot the bug",
    focus: "plane",
    set: { ...ONE, s: [2, 0], each: true },
    ask:
      "The purple arrow squashes each number by itself, a bug of public programs. " +
      "Does it show, with s on an axis?",
    answers: ["yes", "no"],
    right: 1,
    then: { s: [3, 0.5] },
    tell: [
      "On an axis both are equal, so a test with such vectors passes. Beside it the arrow " +
        "turns, here from 9.5° to 12.5°, and ",
      ["at (10, 10)", { s: [10, 10] }],
      " the “probability” is 1.400.",
    ],
  },
];

export default explorer({
  name: "SquashExplorer",
  question: "What does a capsule do with a vector?",
  insight:
    "Squash keeps the direction and turns agreement into length: one, two or three votes " +
    "of length 1 that agree give 0.5, 0.8 and 0.9. Three just reach the margin of 0.9.",
  missing: "8 or 16 dimensions. The curve is the same: it does not depend on their number.",
  link,
  tries,
  view,
});
