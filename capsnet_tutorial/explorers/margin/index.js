// Margin loss: ten lengths to drag, what each costs, and where the loss pulls.  Chapter 5.

import { button, check, choice, slider } from "../kit/controls.js";
import { explorer, term } from "../kit/frame.js";
import { fixed, flag, listOf, oneOf } from "../kit/link.js";
import { html, put } from "../kit/marks.js";
import { all, BUGS, CLASSES, judged, MARGINS, only, REST, shown, stepped, sum } from "./maths.js";
import { capsule, curves, row, styled, totals } from "./rows.js";

const link = {
  lengths: listOf(fixed(5, 0, 1), 10),
  present: listOf(flag, 10, ""),
  together: flag,
  bug: oneOf(...Object.keys(BUGS)),
  down_weight: fixed(2, 0, 1),
  chosen: fixed(0, 0, 9),
};

const KEY = "Length of each capsule. An arrow is one step of learning;";
const GOAL = "the shaded end is where a class is content.";
const SHARE = "a dashed mark is the share that a softmax gives, and all that this loss sees.";
const CODE = {
  none: ["", ""],
  square: ["(m_pos - lengths).clamp(min=0) ** 2", "(m_pos - lengths).clamp(min=0)"],
  softmax: ["margin_loss(lengths, present)", "margin_loss(lengths.softmax(-1), present)"],
};

// Eq. 4 for the class that was touched last, with its numbers; below it, a bug's line.
function formula({ get }) {
  const pieces = (...kinds) => kinds.map((kind) => html(kind));
  const names = pieces("sub", "sub", "sub", "sub", "sub");
  const [before, after] = [pieces("span", "span"), pieces("span", "span")];
  const squares = [html("sup", {}, "2"), html("sup", {}, "2")];
  const length = (n) => [before[n], names[3 + n], after[n]];
  const loss = term(["L", names[0]], "chosen");
  const there = term(["T", names[1]], "present");
  const short = term(["max(0, m⁺ − ", ...length(0), ")", squares[0]], "present");
  const price = term(["λ (1 − T", names[2], ")"], "absent");
  const long = term(["max(0, ", ...length(1), " − m⁻)", squares[1]], "absent");
  const branches = [
    [there, short],
    [price, long],
  ].map((terms) => html("span", { class: "cx-branch" }, ...terms.map((one) => one.el)));
  const [right, wrong] = pieces("code", "code");
  const code = html(
    "p",
    { class: "cx-code" },
    html("span", {}, "right: ", right),
    html("span", { class: "cx-wrong" }, "wrong: ", wrong),
  );
  function draw({ seen: at, present, used, bug }) {
    const j = get("chosen");
    const power = bug === "square" ? "" : "²";
    for (const name of names) name.textContent = j;
    for (const node of before) node.textContent = bug === "softmax" ? "share" : "|v";
    for (const node of after) node.textContent = bug === "softmax" ? "" : "|";
    for (const node of squares) put(node, { hidden: !power });
    put(loss.el, { "data-lights": `c${j}` });
    loss.show(shown(used.terms[j]));
    there.show(present[j] ? "1" : "0");
    short.show(shown(Math.max(0, MARGINS.mPos - at[j])) + power);
    price.show(present[j] ? "0" : get("down_weight").toFixed(2));
    long.show(shown(Math.max(0, at[j] - MARGINS.mNeg)) + power);
    branches.forEach((branch, n) => branch.classList.toggle("cx-active", present[j] === (n === 0)));
    put(code, { hidden: bug === "none" });
    [right.textContent, wrong.textContent] = CODE[bug];
  }
  return { nodes: [loss.el, "=", branches[0], "+", branches[1], code], draw };
}

// The axis of the bars, and what the marks mean.
function legend() {
  const ticks = [0, 0.1, 0.5, 0.9, 1].map((x) =>
    styled(html("span", {}, String(x)), { left: `${100 * x}%` }),
  );
  const axis = html("div", { class: "cx-ticks", "aria-hidden": "true" }, ...ticks);
  const key = html("p", { class: "cx-key" });
  return {
    els: [row(html("span"), axis, html("span")), key],
    draw({ bug }) {
      key.textContent = `${KEY} ${bug === "softmax" ? SHARE : GOAL}`;
    },
  };
}

function view(hand) {
  const { get, set, glide } = hand;
  const now = () => judged(Object.fromEntries(Object.keys(link).map((name) => [name, get(name)])));
  const rows = [curves(hand), ...CLASSES.map((j) => capsule(j, hand))];
  const [sums, key, lines] = [totals(), legend(), formula(hand)];
  const figure = html(
    "div",
    { class: "cx-panel cx-margin" },
    ...rows.map((one) => one.el),
    ...key.els,
    ...sums.map((one) => one.el),
  );
  const learn = () =>
    glide({ lengths: stepped(get("lengths"), now().used.gradients, get("together")) });
  const bind = (together) =>
    glide({ together, ...(together && { lengths: all(sum(get("lengths")) / 10) }) });
  return {
    figure: [figure],
    formula: lines.nodes,
    controls: [
      choice(
        "Loss",
        [
          ["none", "right"],
          ["square", "no square"],
          ["softmax", "softmax first"],
        ],
        { get: () => get("bug"), set: (bug) => set({ bug }) },
      ),
      check("all bars together", { get: () => get("together"), set: bind }),
      { el: button("Take a step", learn, { "data-key": "]" }), draw() {} },
    ],
    more: [
      slider("λ, the price of an absent class", {
        min: 0,
        max: 1,
        step: 0.05,
        text: (x) => x.toFixed(2),
        get: () => get("down_weight"),
        set: (x) => set({ down_weight: x }),
      }),
    ],
    draw() {
      const state = now();
      for (const one of [...rows, ...sums, key, lines]) one.draw(state);
    },
    readout() {
      const { pull, push, shares } = now();
      const j = get("chosen");
      return [
        ["pull", pull.toFixed(3), "all arrows to the right: slopes, added", "present"],
        ["push", push.toFixed(3), "all arrows to the left: slopes, added", "absent"],
        [`share of ${j}`, shares[j].toFixed(3), "in a softmax of the lengths", `c${j}`],
      ];
    },
    say() {
      const { lengths, present, used, right, bug, cross } = now();
      const j = get("chosen");
      const there = CLASSES.filter((k) => present[k]).join(" and ") || "nothing";
      const wrong = bug === "none" ? "" : ` With the bug it is ${shown(used.total)}.`;
      return (
        `Present: ${there}. Capsule ${j} has length ${lengths[j].toFixed(2)} and costs ` +
        `${shown(used.terms[j])}. The margin loss is ${shown(right.total)}, the cross-entropy ` +
        `${shown(cross.total)}.${wrong}`
      );
    },
  };
}

const START = {
  present: only(true, false, 3),
  together: false,
  bug: "none",
  down_weight: 0.5,
  chosen: 3,
};

const tries = [
  {
    title: "Knowing nothing",
    set: { ...START, lengths: all(0), together: true },
    ask: "All ten bars are bound together. At 0 the loss is 0.81. How low can it go?",
    answers: ["0", "0.52", "0.81"],
    right: 1,
    then: { lengths: all(REST) },
    tell: [
      "0.5236, at length 0.2455: one pull is then as strong as nine pushes. ",
      "A loss that rests near 0.52 has learned nothing. At ",
      ["the full price λ = 1", { down_weight: 1, lengths: all(0.18) }],
      " the best length falls to 0.18, nearer to dead; ",
      ["half the price", { down_weight: 0.5, lengths: all(REST) }],
      " is there to prevent that.",
    ],
  },
  {
    title: "Enough is enough",
    set: { ...START, lengths: only(0.9, 0.1, 3) },
    ask: "The ringed bar is at 0.9, the others at 0.1. Push on, to 1 and 0. Does it pay?",
    answers: ["yes", "no"],
    right: 1,
    then: { lengths: only(1, 0, 3) },
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
    then: { lengths: only(0.95, 0.1, 3, 5) },
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
