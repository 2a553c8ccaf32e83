// Routing of a real digit: a trained network, pass by pass, and who votes for whom.

import { button, stepper } from "../kit/controls.js";
import { explorer, term, vector } from "../kit/frame.js";
import { fixed, listOf, maybe, oneOf } from "../kit/link.js";
import { html, put } from "../kit/marks.js";
import { trained, whenNear } from "../model/trained.js";
import { longest, presets } from "./look.js";
import { PASSES } from "./maths.js";
import { stage } from "./stage.js";

const number = (most) => ({ ...maybe(fixed(0, 0, most)), jumps: true }); // or nothing

const link = {
  digit: number(presets.length - 1), // nothing: the image that Python brought
  iterations: fixed(0, 1, PASSES),
  chosen: number(99), // class; nothing: the longest
  type: number(99), // of capsules below; nothing: all
  place: number(9999), // row * columns + column; nothing: all
  squares: oneOf("votes", "couplings"),
  ink: oneOf("votes", "effect"),
  erased: { ...listOf(fixed(0, 0, 99999), undefined, "."), jumps: true }, // spots of the eraser
};

const shown = (x, digits = 3) => x.toFixed(digits).replace("-", "−");
const spread = (list) =>
  list.length === 1
    ? shown(list[0])
    : [Math.min(...list), Math.max(...list)].map((x) => shown(x, 2)).join(" to ");
const sub = (name, index) => [name, html("sub", {}, index)];

// p_ij = c_ij (vote . s / |s|), and the sum over i: symbols with their present numbers.
function formula() {
  const share = term(sub("p", "ij"), "places");
  const coupling = term(sub("c", "ij"), "classes");
  const along = term(
    [
      vector("û"),
      html("sub", {}, "j|i"),
      " · ",
      vector("s"),
      html("sub", {}, "j"),
      "/|",
      vector("s"),
      html("sub", {}, "j"),
      "|",
    ],
    "places",
  );
  const sum = term(
    [...sub("Σ", "i"), " ", ...sub("p", "ij"), " = |", vector("s"), html("sub", {}, "j"), "|"],
    "ink",
  );
  const length = term(["|", vector("v"), html("sub", {}, "j"), "|"], "classes");
  const line = (...nodes) => html("span", { class: "cx-line-of" }, ...nodes);
  function draw({ step, chosen, shares, coupling: c, picked, total }) {
    const before = step.before[chosen];
    const rest = before - total; // what a bias brings
    share.show(spread(picked.map((i) => shares[i])));
    coupling.show(spread(picked.map((i) => c[i])));
    along.show(spread(picked.map((i) => shares[i] / c[i])));
    sum.show(
      `${shown(total)} = ${before.toFixed(3)}${Math.abs(rest) < 1e-3 ? " ✓" : ` − ${rest.toFixed(3)} of bias`}`,
    );
    length.show(step.lengths[chosen].toFixed(3));
  }
  return {
    els: [
      line(share.el, "=", coupling.el, "·", along.el),
      line(sum.el),
      line("squashed:", length.el),
    ],
    draw,
  };
}

function view(hand) {
  const bar = html("progress", { max: 1, value: 0, "aria-label": "weights that are loaded" });
  const waiting = html(
    "p",
    { class: "cx-loading", "aria-busy": "true" },
    "The trained network is on its way. ",
    bar,
  );
  const place = html("div", { class: "cx-stage" }, waiting);
  const terms = formula();
  const table = html("div", { class: "cx-wide" });
  let live = null;
  hand.frame.classList.toggle("cx-own", !hand.get("weights")); // chips tell about ours
  // until then, the picture of the page stands in the place of the figure
  queueMicrotask(() => {
    const picture = hand.frame.closest("figure")?.querySelector(":scope > .caps-picture");
    if (picture && !live) place.append(picture.cloneNode(true));
  });
  async function load() {
    try {
      const net = await trained(hand, (share) => (bar.value = share));
      live = stage(hand, net, Object.keys(link));
      place.replaceChildren(live.el);
      table.replaceChildren(live.table);
      hand.frame.classList.remove("cx-failed");
      hand.redraw();
    } catch (error) {
      const again = button(
        "Try again",
        () => {
          put(waiting, { "aria-busy": "true" }).replaceChildren(bar);
          load();
        },
        { kind: "cx-word" },
      );
      hand.frame.classList.add("cx-failed");
      put(waiting, { "aria-busy": null });
      waiting.replaceChildren(`This figure cannot run here: ${error.message}. `, again);
    }
  }
  whenNear(hand, load);
  return {
    figure: [place],
    controls: [
      stepper("Passes of routing", {
        min: 1,
        max: PASSES,
        get: () => hand.get("iterations"),
        set: (iterations) => hand.set({ iterations }),
      }),
    ],
    more: [{ el: table, draw: () => live?.drawTable() }],
    formula: terms.els,
    draw() {
      if (!live) return;
      live.draw();
      terms.draw(live.state());
    },
    readout() {
      if (!live) return [];
      const { step, loss, painted, chosen } = live.state();
      const rows = [
        [
          "entropy",
          `${step.entropy.toFixed(3)} bits`,
          "of the couplings, mean over the capsules",
          "entropy",
        ],
        [
          "weighted",
          `${step.weighted.toFixed(3)} bits`,
          "where each capsule counts as much as it is long",
          "entropy",
        ],
        ["largest c", step.largest.toFixed(3), "the largest coupling of all capsules", "places"],
        ["background", shown(painted.background), "votes of windows without ink", "ink"],
      ];
      if (loss)
        rows.push(
          [
            "map",
            shown(loss.mapped),
            `what the map of votes said about the ink that is gone, for |s| of ${chosen}`,
            "ink",
          ],
          ["in fact", shown(loss.real), `how |s| of ${chosen} has changed`, "classes"],
        );
      return rows;
    },
    say() {
      if (!live) return "The trained network is on its way.";
      const { step, chosen, passes, spots, place: at, shares, picked } = live.state();
      const first = longest(step.lengths);
      const second = longest(step.lengths.map((x, j) => (j === first ? -1 : x)));
      const sum = picked.reduce((total, i) => total + shares[i], 0);
      return [
        `After pass ${passes.indexOf(step) + 1}, ${first} is longest, ${step.lengths[first].toFixed(3)}`,
        second < 0 ? "." : `, then ${second}, ${step.lengths[second].toFixed(3)}.`,
        chosen === first ? "" : ` ${chosen} is chosen, ${step.lengths[chosen].toFixed(3)}.`,
        at === null
          ? ""
          : ` The capsules there give ${sum.toFixed(2)} of ${step.before[chosen].toFixed(2)}.`,
        spots.length ? " Some ink is rubbed out." : "",
        ` Entropy ${step.entropy.toFixed(2)} bits.`,
      ].join("");
    },
  };
}

const start = {
  type: null,
  place: null,
  erased: [],
  squares: "votes",
  ink: "votes",
  iterations: 3,
};
const tries = [
  {
    title: "Turn routing off",
    focus: "classes lengths",
    set: { ...start, digit: 8, chosen: null },
    ask: "In the first pass all couplings are equal: nothing is routed yet. Does the answer change if we stop there?",
    answers: ["yes", "no, it is only shorter"],
    right: 1,
    then: { iterations: 1 },
    tell: [
      "Still a 4, 0.42 long instead of 0.94. Where two classes are close, passes can turn the answer: ",
      ["this 4", { digit: 20, iterations: 1 }],
      " becomes ",
      ["a 9", { digit: 20, iterations: 3 }],
      ". Of 10,000 test digits 15 change their class from one pass to three: 49 are wrong after one, 43 after three.",
    ],
  },
  {
    title: "Whose stroke is it?",
    focus: "ink classes",
    set: { ...start, digit: 20, chosen: 9 },
    ask: "The network reads this 4 as a 9. Which stroke makes it a 9 and not a 4?",
    answers: ["the tip at the top left", "the bar in the middle", "the stem on the right"],
    right: 0,
    then: { ink: "effect" },
    tell: [
      ["Without the tip", { erased: [205] }],
      ", 12 pixels, it is a 4: 9 falls from 0.50 to 0.10, and 4 rises to 0.67. ",
      ["Without the middle of the bar", { erased: [434] }],
      " 9 rises to 0.86. The ",
      ["map of votes", { erased: [], ink: "votes" }],
      " could not tell: each capsule sees 17 × 17 pixels, and its vote is spread over all ink in there.",
    ],
  },
  {
    title: "Ten iterations",
    focus: "lengths entropy",
    set: { ...start, digit: 8, chosen: null, squares: "couplings" },
    ask: "Seven more passes. Does the network get surer and better, or only surer?",
    answers: ["surer and better", "only surer"],
    right: 1,
    then: { iterations: 10 },
    tell: "The other classes grow, too. Over 10,000 test digits the second longest goes from 0.09 to 0.93 on average, and 60 are wrong instead of 43. The network has learned with three passes.",
  },
];

export default explorer({
  name: "DigitRoutingExplorer",
  question: "In a trained network, how much does routing decide?",
  insight:
    "The answer is nearly always there before anything is routed. Three passes make its capsule long; ten make other capsules long, too, and more digits wrong.",
  missing: "the first convolution; routing while the network learns.",
  link,
  tries,
  view,
});
