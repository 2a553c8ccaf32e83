// Margin loss: ten lengths to drag, what each costs, and where the loss pulls.  Chapter 5.

import { crossEntropy, marginLoss, softmax } from "./capsules.js";
import { button, check, choice, slider } from "./controls.js";
import { explorer, term } from "./kit.js";
import { fixed, flag, listOf, oneOf } from "./link.js";
import { drag, html, keyed, put, svg } from "./marks.js";

const MARGINS = { mPos: 0.9, mNeg: 0.1 };
const BUGS = { none: null, square: "missing square", softmax: "softmax first" };
const STEP = 0.25; // of learning: the arrow for a slope of 1 is 0.25 long
const REST = 0.24545; // one pull is as strong as nine pushes
const HIGH = 1; // loss at the upper end of the curves
const FULL = 5; // loss at the end of the bars below
const CLASSES = Array.from({ length: 10 }, (_, j) => j);
const NAMES = ["lengths", "present", "together", "bug", "down_weight", "chosen"];

const link = {
  lengths: listOf(fixed(5, 0, 1), 10),
  present: listOf(flag, 10, ""),
  together: flag,
  bug: oneOf(...Object.keys(BUGS)),
  down_weight: fixed(2, 0, 1),
  chosen: fixed(0, 0, 9),
};

const sum = (list) => list.reduce((total, x) => total + x, 0);
const clamp = (x) => Math.min(Math.max(x, 0), 1);
const all = (x) => CLASSES.map(() => x);
const only = (...digits) => CLASSES.map((j) => digits.includes(j));

// All that the figure shows, from its traits: `right` is the loss of the paper, `used`
// the one that is asked for, and `seen` is what that one compares with the margins.
export function judged({ lengths, present, bug, down_weight: downWeight }) {
  const right = marginLoss(lengths, present, { ...MARGINS, downWeight });
  const used = marginLoss(lengths, present, { ...MARGINS, downWeight, bug: BUGS[bug] });
  const shares = softmax(lengths);
  return {
    lengths, present, bug, right, used, shares,
    seen: bug === "softmax" ? shares : lengths,
    cross: crossEntropy(lengths, present),
    pull: sum(used.gradients.map((slope) => Math.max(-slope, 0))),
    push: sum(used.gradients.map((slope) => Math.max(slope, 0))),
  };
}

// The lengths after a step of learning; what is bound together moves by the mean.
export function stepped(lengths, gradients, together) {
  const slopes = together ? all(sum(gradients) / gradients.length) : gradients;
  return lengths.map((x, j) => clamp(x - STEP * slopes[j]));
}

// What one class costs by itself.
export function price(length, there, options) {
  return marginLoss([length], [there], { ...MARGINS, ...options }).total;
}

const shown = (x) => (Number.isFinite(x) ? (x === 0 ? "0" : x.toFixed(4)) : "undefined");
const part = (x) => `${(100 * x).toFixed(3)}%`;
const styled = (node, style) => (Object.assign(node.style, style), node);
const worn = (node, ...looks) => { // and lit, if it is
  node.className = [...looks, node.classList.contains("cx-lit") && "cx-lit"].filter(Boolean).join(" ");
};
const kind = (there) => (there ? "cx-agreement" : "cx-above");
const group = (there) => (there ? "present" : "absent");
const row = (...cells) => html("div", { class: "cx-row" }, ...cells);

// What every length costs, and where the ten are.
function curves({ get }) {
  const made = (colour) => [true, false].map((there) =>
    svg("path", { class: `cx-line ${colour ?? kind(there)}`, "data-mark": group(there) }));
  const [right, wrong] = [made(), made("cx-wrong cx-dashed")];
  const dots = CLASSES.map((j) => html("span", { "data-mark": `c${j}` }));
  const word = (words, x, y, look) =>
    styled(html("span", { class: `cx-word-at ${look}` }, words), { left: part(x), bottom: part(y / HIGH) });
  const drawing = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...right, ...wrong);
  const strip = html("div", { class: "cx-strip cx-ruled" }, drawing,
    word("m⁻ = 0.1", 0.1, 1, "cx-data"), word("m⁺ = 0.9", 0.9, 1, "cx-data cx-before"),
    word("present", 0.11, 0.12, kind(true)), word("absent", 0.88, 0.42, `${kind(false)} cx-before`),
    ...dots);
  const way = (there, options) => Array.from({ length: 51 }, (_, n) => n / 50)
    .map((x, n) => `${n ? "L" : "M"}${100 * x} ${(100 * (1 - price(x, there, options) / HIGH)).toFixed(2)}`).join("");
  let drawn = "";
  function redraw(downWeight, bug) {
    if (drawn === `${downWeight} ${bug}`) return;
    drawn = `${downWeight} ${bug}`;
    [true, false].forEach((there, n) => {
      put(right[n], { d: way(there, { downWeight }) });
      put(wrong[n], { d: bug === "square" ? way(there, { downWeight, bug: BUGS.square }) : "" });
    });
  }
  return { el: row(html("span", { class: "cx-side" }, "loss"), strip, html("span")), draw({ seen, used, present, bug }) {
    redraw(get("down_weight"), bug);
    dots.forEach((dot, j) => {
      worn(dot, "cx-spot", bug === "none" ? kind(present[j]) : "cx-wrong", get("chosen") === j && "cx-chosen");
      styled(dot, { left: part(seen[j]), bottom: part(Math.min(used.terms[j] / HIGH, 1)) });
    });
  } };
}

// One class: a ring if it is present, its bar, and its part of the bill.
function capsule(j, { get, set, signal }) {
  const ring = button(String(j), () => set({ present: get("present").map((there, k) => (k === j ? !there : there)), chosen: j }),
    { kind: "cx-ring-button", "aria-label": `${j} is present` });
  const [zone, bar, seen, arrow, grip] = ["cx-zone", "cx-length", "cx-seen", "cx-step", "cx-knob"].map((name) => html("span", { class: name }));
  const track = html("div", { tabindex: 0, role: "slider",
    "aria-label": `length of capsule ${j}`, "aria-valuemin": 0, "aria-valuemax": 1 }, zone, seen, bar, arrow, grip);
  const cost = html("span", { "data-lights": `c${j}` });
  const move = (x) => set({ chosen: j,
    lengths: get("together") ? all(clamp(x)) : get("lengths").map((old, k) => (k === j ? clamp(x) : old)) });
  const sideways = (x) => { // in steps of 0.01; a finger that scrolls moves nothing
    if (Math.abs(x - get("lengths")[j]) >= 0.005) move(Math.round(100 * x) / 100);
  };
  const ruler = { point(event) {
    const box = track.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, 0];
  } };
  drag(track, ruler, { at: () => [get("lengths")[j], 0], move: ([x]) => sideways(x), signal });
  keyed(track, { nudge: ([dx, dy]) => move(get("lengths")[j] + (dx + dy) / 100), home: () => move(REST), signal });
  track.addEventListener("focus", () => { if (get("chosen") !== j) set({ chosen: j }); }, { signal });
  return { el: row(ring, track, cost), draw({ lengths, present, used, bug, shares }) {
    const x = lengths[j], there = present[j], way = -STEP * used.gradients[j];
    const end = clamp(x + way), tail = Math.min(x, end);
    put(ring, { "aria-pressed": String(there) });
    worn(track, "cx-track", "cx-ruled", "cx-handle", kind(there), get("chosen") === j && "cx-chosen");
    put(track, { "aria-valuenow": Number(x.toFixed(5)), "aria-valuetext": `${x.toFixed(2)}, costs ${shown(used.terms[j])}` });
    put(bar, { "data-mark": `c${j} ${group(there)}` });
    styled(zone, there ? { left: "90%", width: "10%" } : { left: 0, width: "10%" });
    styled(bar, { width: part(x) });
    styled(grip, { left: part(x) });
    styled(seen, { left: part(shares[j]), display: bug === "softmax" ? "" : "none" });
    worn(arrow, "cx-step", way < 0 && "cx-down", x + way !== end && "cx-cut", bug !== "none" && "cx-wrong");
    styled(arrow, { left: part(tail), width: part(Math.abs(end - x)), display: Math.abs(way) > 0.005 ? "" : "none" });
    worn(cost, "cx-cost", bug !== "none" && "cx-wrong");
    cost.textContent = shown(used.terms[j]);
  } };
}

// A sum, as a bar: one piece for each class, end to end.
function total(title, { look = "", pieces = 1, seen = () => true }, value, parts) {
  const bits = Array.from({ length: pieces }, (_, j) => html("span", { "data-mark": pieces > 1 ? `c${j}` : null }));
  const number = html("span", { class: `cx-cost ${look}` });
  const el = html("div", { class: "cx-row cx-total" }, html("span"),
    html("div", {}, html("span", { class: look }, title), html("div", { class: "cx-stack" }, ...bits)), number);
  return { el, draw(state) {
    put(el, { hidden: !seen(state) });
    number.textContent = shown(value(state));
    parts(state).forEach(([x, colour], j) => {
      worn(bits[j], colour);
      styled(bits[j], { width: part(Number.isFinite(x) ? x / FULL : 0) });
    });
  } };
}

function totals() {
  const ten = ({ terms }, look) => terms.map((x, j) => [x, look(j)]);
  return [
    total("with the bug", { look: "cx-wrong", pieces: 10, seen: ({ bug }) => bug !== "none" },
      ({ used }) => used.total, ({ used }) => ten(used, () => "cx-wrong")),
    total("margin loss, the ten added", { pieces: 10 },
      ({ right }) => right.total, ({ right, present }) => ten(right, (j) => kind(present[j]))),
    total("softmax cross-entropy", {},
      ({ cross }) => cross.total, ({ cross }) => [[cross.total, "cx-data"]]),
  ];
}

const AXIS = [0, 0.1, 0.5, 0.9, 1];
const KEY = "Length of each capsule. An arrow is one step of learning;";
const GOAL = "the shaded end is where a class is content.";
const SHARE = "a dashed mark is the share that a softmax gives, and all that this loss sees.";
const CODE = {
  none: ["", ""],
  square: ["(m_pos - lengths).clamp(min=0) ** 2", "(m_pos - lengths).clamp(min=0)"],
  softmax: ["margin_loss(lengths, present)", "margin_loss(lengths.softmax(-1), present)"],
};

function formula() {
  const names = Array.from({ length: 5 }, () => html("sub"));
  const [before, after] = [0, 1].map(() => [0, 1].map(() => html("span")));
  const square = [0, 1].map(() => html("sup", {}, "2"));
  const [loss, there, low, half, high] = [
    term(["L", names[0]], "chosen"), term(["T", names[1]], "present"),
    term(["max(0, m⁺ − ", before[0], names[2], after[0], ")", square[0]], "present"),
    term(["λ (1 − T", names[3], ")"], "absent"), term(["max(0, ", before[1], names[4], after[1], " − m⁻)", square[1]], "absent"),
  ];
  const right = html("code"), wrong = html("code");
  const code = html("p", { class: "cx-code" }, html("span", {}, "right: ", right), html("span", { class: "cx-wrong" }, "wrong: ", wrong));
  const nodes = [loss.el, "=", html("span", { class: "cx-branch" }, there.el, low.el), "+", html("span", { class: "cx-branch" }, half.el, high.el), code];
  return { nodes, draw({ seen, present, used, bug }, { chosen, down_weight: weight }) {
    for (const name of names) name.textContent = chosen;
    put(loss.el, { "data-lights": `c${chosen}` });
    const power = bug === "square" ? "" : "²";
    for (const node of before) node.textContent = bug === "softmax" ? "share " : "|v";
    for (const node of after) node.textContent = bug === "softmax" ? "" : "|";
    for (const node of square) put(node, { hidden: bug === "square" });
    loss.show(shown(used.terms[chosen]));
    there.show(present[chosen] ? "1" : "0");
    low.show(shown(Math.max(0, MARGINS.mPos - seen[chosen])) + power);
    half.show(present[chosen] ? "0" : weight.toFixed(2));
    high.show(shown(Math.max(0, seen[chosen] - MARGINS.mNeg)) + power);
    for (const [el, mine] of [[nodes[2], present[chosen]], [nodes[4], !present[chosen]]]) el.classList.toggle("cx-active", mine);
    put(code, { hidden: bug === "none" });
    [right.textContent, wrong.textContent] = CODE[bug];
  } };
}

function view(hand) {
  const { get, set, glide } = hand;
  const traits = () => Object.fromEntries(NAMES.map((name) => [name, get(name)]));
  const now = () => judged(traits());
  const lines = formula();
  const parts = [curves(hand), ...CLASSES.map((j) => capsule(j, hand)), ...totals()];
  const axis = html("div", { class: "cx-ticks", "aria-hidden": "true" },
    ...AXIS.map((x) => styled(html("span", {}, String(x)), { left: part(x) })));
  const key = html("p", { class: "cx-key" });
  const els = parts.map((one) => one.el);
  els.splice(11, 0, row(html("span"), axis, html("span")), key);
  const learn = button("Take a step", () =>
    glide({ lengths: stepped(get("lengths"), now().used.gradients, get("together")) }), { "data-key": "]" });
  const bind = (together) => glide({ together, ...(together && { lengths: all(sum(get("lengths")) / 10) }) });
  return {
    figure: [html("div", { class: "cx-panel cx-margin" }, ...els)],
    controls: [
      choice("Loss", [["none", "right"], ["square", "no square"], ["softmax", "softmax first"]], { get: () => get("bug"), set: (bug) => set({ bug }) }),
      check("all bars together", { get: () => get("together"), set: bind }),
      { el: learn, draw() {} },
    ],
    more: [slider("λ, the price of an absent class", { min: 0, max: 1, step: 0.05, text: (x) => x.toFixed(2),
      get: () => get("down_weight"), set: (x) => set({ down_weight: x }) })],
    formula: lines.nodes,
    draw() {
      const state = now();
      for (const one of parts) one.draw(state);
      key.textContent = `${KEY} ${state.bug === "softmax" ? SHARE : GOAL}`;
      lines.draw(state, traits());
    },
    readout() {
      const { pull, push, shares } = now();
      return [
        ["pull", pull.toFixed(3), "all arrows to the right: slopes, added", "present"],
        ["push", push.toFixed(3), "all arrows to the left: slopes, added", "absent"],
        [`share of ${get("chosen")}`, shares[get("chosen")].toFixed(3), "in a softmax of the lengths", `c${get("chosen")}`],
      ];
    },
    say() {
      const { lengths, present, used, right, bug, cross } = now();
      const j = get("chosen"), there = CLASSES.filter((k) => present[k]).join(" and ") || "nothing";
      const wrong = bug === "none" ? "" : ` With the bug it is ${shown(used.total)}.`;
      return `Present: ${there}. Capsule ${j} has length ${lengths[j].toFixed(2)} and costs ${shown(used.terms[j])}. ` +
        `The margin loss is ${shown(right.total)}, the cross-entropy ${shown(cross.total)}.${wrong}`;
    },
  };
}

const START = { present: only(3), together: false, bug: "none", down_weight: 0.5, chosen: 3 };
const judge = (right, other, ...digits) => CLASSES.map((j) => (digits.includes(j) ? right : other));

const tries = [
  {
    title: "Knowing nothing",
    set: { ...START, lengths: all(0), together: true },
    ask: "All ten bars are bound together. At 0 the loss is 0.81. How low can it go?",
    answers: ["0", "0.52", "0.81"], right: 1,
    then: { lengths: all(REST) },
    tell: ["0.5236, at length 0.2455: one pull is then as strong as nine pushes. A loss that rests near 0.52 has learned nothing. At ",
      ["the full price λ = 1", { down_weight: 1, lengths: all(0.18) }], " the best length falls to 0.18, nearer to dead; ",
      ["half the price", { down_weight: 0.5, lengths: all(REST) }], " is there to prevent that."],
  },
  {
    title: "Enough is enough",
    set: { ...START, lengths: judge(0.9, 0.1, 3) },
    ask: "The ringed bar is at 0.9, the others at 0.1. Push on, to 1 and 0. Does it pay?",
    answers: ["yes", "no"], right: 1,
    then: { lengths: judge(1, 0, 3) },
    tell: ["The margin loss was exactly 0 and stays 0; no arrow is left. Cross-entropy goes on asking, and at this perfect answer it still is 1.4612: the largest share that a softmax gives is 0.2320."],
  },
  {
    title: "Two digits at once",
    set: { ...START, lengths: judge(0.95, 0.1, 3), present: only(3, 5), chosen: 5 },
    ask: "3 and 5 lie on top of each other. Both are ringed. Can both be certain?",
    answers: ["yes", "no, they share"], right: 0,
    then: { lengths: judge(0.95, 0.1, 3, 5) },
    tell: "Both are 0.95 long, and the margin loss is 0: each class is asked its own question. In a softmax they share one cake, so with any lengths at all cross-entropy stays above ln 2 = 0.6931.",
  },
];

export default explorer({
  name: "MarginExplorer",
  question: "What does the loss want, and when is it content?",
  insight: "Each class is judged by itself, and only up to its margin. Nine weak pushes outweigh one pull even at half price: with all lengths at 0.5, they are 3.6 against 0.8.",
  missing: "the reconstruction loss, and the weights. Learning moves weights, and lengths follow; here a step moves the lengths themselves.",
  link, tries, view,
});
