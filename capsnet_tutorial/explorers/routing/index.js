// Routing by hand: drag votes, step iterations, see who listens to whom.  Chapter 4.

import { check, choice, stepper } from "../kit/controls.js";
import { explorer, term, vector, words } from "../kit/frame.js";
import { decode, fixed, oneOf } from "../kit/link.js";
import { html, put } from "../kit/marks.js";
import { fixedText, middle } from "./bars.js";
import { agreeing, angle, linkOfArrows, MOST, nearlyTied, PRESETS, routed } from "./maths.js";
import { parentPlane } from "./planes.js";

const link = {
  arrows: linkOfArrows,
  iterations: fixed(0, 1, 20),
  axis: oneOf("parents", "children"),
  child: fixed(0, 0, MOST - 1),
  reach: fixed(0, 1, 2),
};
const from = (arrows, more = {}) => ({
  arrows,
  child: arrows.length - 1,
  iterations: 3,
  axis: "parents",
  reach: arrows === PRESETS.loud ? 2 : 1,
  ...more,
});
// What to start from: its name, and what to see there.  The chips ask about the stray
// and the loud one, so no answer stands here.
const STARTS = {
  stray: ["a stray", ["Five agree about A. The sixth does not."]],
  agree: [
    "all agree",
    [
      "All agree about A, and little is left for B: nothing ",
      ["after ten", { iterations: 10 }],
      ".",
    ],
  ],
  disagree: [
    "all disagree",
    [
      "Both stay short, yet ",
      ["twenty iterations", { iterations: 20 }],
      " make two camps of three. Routing finds groups where there are none.",
    ],
  ],
  tie: [
    "a tie",
    [
      "It stays a tie. With ",
      ["1 % more", from(nearlyTied, { child: 0 })],
      " of vote 1 for A, ",
      ["twenty iterations", from(nearlyTied, { child: 0, iterations: 20 })],
      " break it; three hardly see it.",
    ],
  ],
  loud: ["one loud", ["One vote of length 2 against five of 0.4."]],
  one: ["one child", ["Alone, it agrees with both parents alike: a half each, for ever."]],
};
const both = (numbers, digits) => numbers.map((x) => fixedText(x, digits)).join(" | ");
const hat = (letter) => html("b", { class: "cx-hat" }, letter);
const symbol = (letter, index = "") => html("span", {}, html("i", {}, letter), index);

// The four lines of Procedure 1, with the numbers of one child; a new iteration lights
// them one after the other.
function procedure() {
  const whose = Array.from({ length: 3 }, () => html("sub"));
  const terms = [
    term([symbol("c", whose[0]), " = softmax(", symbol("b", whose[1]), ")"], "c"),
    term([vector("s"), " = Σ ", symbol("c"), hat("u")], "s"),
    term([vector("v"), " = squash(", vector("s"), ")"], "v"),
    term([symbol("b"), " += ", hat("u"), whose[2], " · ", vector("v")], "a"),
  ];
  const code = html(
    "p",
    { class: "cx-code" },
    html("span", {}, "right: ", html("code", {}, "logits.softmax(dim=-1)")),
    html("span", { class: "cx-wrong" }, "wrong: ", html("code", {}, "logits.softmax(dim=-2)")),
  );
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let last = null;
  function draw({ used, sums, right }, i, iterations) {
    for (const sub of whose) sub.textContent = i + 1;
    const texts = [
      both(used.coupling[i], 2),
      both(sums, 2),
      both(used.lengths, 3),
      both(used.agreement[i], 2),
    ];
    terms.forEach((one, n) => {
      one.show(texts[n]);
      if (last === null || last === iterations || still.matches) return;
      one.el.animate(
        { background: ["var(--soft)", "transparent"] },
        { duration: 500, delay: 180 * n },
      );
    });
    last = iterations;
    put(code, { hidden: used === right });
  }
  const after = terms.map((one, n) =>
    html(
      "span",
      { class: "cx-step" },
      n ? html("span", { "aria-hidden": "true" }, "→") : "",
      one.el,
    ),
  );
  return { els: [...after, code], draw };
}

function starts(hand, same) {
  const names = choice(
    "Start from",
    Object.entries(STARTS).map(([name, [title]]) => [name, title]),
    { get: same, set: (name) => hand.glide(from(PRESETS[name])) },
  );
  const claim = html("p", { class: "cx-claim" });
  let last;
  return {
    el: html("div", { class: "cx-starts" }, names.el, claim),
    draw() {
      names.draw();
      if (last === same()) return;
      last = same();
      claim.replaceChildren(...(last ? words(STARTS[last][1], hand) : []));
    },
  };
}

function view(hand) {
  const { get, set } = hand;
  let state;
  const now = () =>
    (state ??= routed({ arrows: get("arrows"), iterations: get("iterations"), axis: get("axis") }));
  const home = (i, j) => (decode(link, get("first")).arrows[i] ?? PRESETS.stray[i])[j];
  const iteration = stepper("iteration", {
    min: 1,
    max: 20,
    get: () => get("iterations"),
    set: (iterations) => set({ iterations }),
  });
  const plane = { ...hand, now, home };
  const parts = [parentPlane(plane, 0), middle(hand, iteration), parentPlane(plane, 1)];
  const formula = procedure();
  const selected = () => Math.min(get("child"), get("arrows").length - 1);
  const same = () => {
    const now = linkOfArrows.write(get("arrows"));
    const is = (arrows) => linkOfArrows.write(arrows) === now;
    return is(nearlyTied) ? "tie" : Object.keys(STARTS).find((name) => is(PRESETS[name]));
  };
  return {
    figure: [html("div", { class: "cx-routing" }, ...parts.map((part) => part.el))],
    controls: [
      starts(hand, same),
      check("softmax over the wrong axis", {
        get: () => get("axis") === "children",
        set: (bad) => set({ axis: bad ? "children" : "parents" }),
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
      state = null;
      for (const part of parts) part.draw(now());
      formula.draw(now(), selected(), get("iterations"));
    },
    readout() {
      const { used, right, shares } = now();
      const i = selected();
      const c = used.coupling[i];
      return [
        get("iterations") === 1
          ? ["iteration 1", "a plain average", "no routing yet", "c"]
          : used === right
            ? [
                "entropy",
                `${fixedText(used.entropy, 3)} bits`,
                "mean of the children; 1 is undecided, 0 decided",
                "c",
              ]
            : [`child ${i + 1} spends`, fixedText(c[0] + c[1], 2), "it should spend 1", "c"],
        [`child ${i + 1} brings`, both(shares[i], 3), "its part of |s| of A and B", `c${i}`],
        [
          "v points to",
          used.pose
            .map((v, j) => (used.lengths[j] < 0.0005 ? "nowhere" : `${fixedText(angle(v), 1)}°`))
            .join(" | "),
          "where the poses of A and B point",
          "v",
        ],
      ];
    },
    say() {
      const { used } = now();
      const i = selected();
      const [a, b] = used.lengths.map((x) => fixedText(x, 3));
      const [toA, toB] = used.coupling[i].map((x) => fixedText(x, 2));
      return `Iteration ${get("iterations")}: A is ${a} long, B ${b}. Child ${i + 1} gives ${toA} to A and ${toB} to B.`;
    },
  };
}

const many = (n, iterations = 3) => from(agreeing(n), { iterations });
const tries = [
  {
    title: "Where does the stray go?",
    set: from(PRESETS.stray, { iterations: 1 }),
    ask: "Child 6 is alone in A. Routing will take its vote away from A and give it to B, where votes scatter. What becomes of |v| of B, now 0.157?",
    answers: ["shorter", "as it is", "longer"],
    right: 2,
    then: { iterations: 3 },
    tell: [
      "Longer, 0.505: child 6 must spend its 1 somewhere, and 0.87 of it lands on B. Let it ",
      ["agree with the bundle", from(PRESETS.agree)],
      ", and B falls to 0.051, ",
      ["after ten", from(PRESETS.agree, { iterations: 10 })],
      " to 0.000; A only grows from 0.944 to 0.963. A child cannot say “none of the above”.",
    ],
  },
  {
    title: "A fourth vote",
    focus: "A",
    set: many(3),
    ask: "Two votes that agree make |v| of A 0.67, three make it 0.86. A fourth joins, and agrees. How long is it then?",
    answers: ["0.86", "0.92", "1.04"],
    right: 1,
    then: many(4),
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
    set: from(PRESETS.loud, { iterations: 1 }),
    ask: "Five votes for A of length 0.4 point to 90°, one of length 2 to 0°. Their average points to 45°. Where does v of A point after three iterations?",
    answers: ["nearer 90°", "still to 45°", "nearer 0°"],
    right: 2,
    then: { iterations: 3 },
    tell: [
      "To 33.5°, nearer the loud one. It gives A 0.89 of its vote, the five 0.59 of theirs: agreement is a dot product, so length counts. ",
      ["Ten iterations", { iterations: 10 }],
      " bring the five back, to 40.5°.",
    ],
  },
];

export default explorer({
  name: "RoutingExplorer",
  question: "Six capsules vote for two parents. Who listens to whom?",
  insight:
    "Routing is a vote that is counted again and again: each child must spend exactly 1, and spends it where it is already agreed with.",
  missing: "the learned matrices that make the votes, 1152 children, and learning.",
  link,
  tries,
  view,
});
