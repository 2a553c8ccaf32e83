// Squash in the plane: one vector or two votes, before and after.  Chapter 2.

import { norm, squash, squashEachNumber } from "./capsules.js";
import { check, choice } from "./controls.js";
import { explorer, fraction, term, vector } from "./kit.js";
import { fixed, flag, listOf, maybe } from "./link.js";
import { arrow, handle, html, line, panel, path, put, svg, text } from "./marks.js";

const REACH = 3.4; // of the plane, to each side
const FAR = 4.3; // of the curve
const TURN = Math.PI / 180;

export const squashedLength = (n) => (n * n) / (1 + n * n);
export const squashSlope = (n) => (2 * n) / (1 + n * n) ** 2;

// Eq. 1 with |s| below the line, as it is printed: 0 / 0 at zero.
export function squashAsPrinted(s) {
  const n = norm(s);
  return s.map((x) => squashedLength(n) * (x / n));
}

export const unit = (degrees) => [Math.cos(degrees * TURN), Math.sin(degrees * TURN)];
export const angle = ([x, y]) => Math.atan2(y, x) / TURN;

// All that the figure shows, from its traits.
export function computed({ s, second, each, printed }) {
  const other = second === null ? [0, 0] : unit(second);
  const total = s.map((x, d) => x + other[d]);
  const v = printed ? squashAsPrinted(total) : squash(total);
  const wrong = each ? squashEachNumber(total) : null;
  return { total, v, wrong, before: norm(total), after: norm(v) };
}

const NAMES = ["s", "second", "each", "printed"];
const link = {
  s: listOf(fixed(3, -20, 20), 2),
  second: maybe(fixed(0, -180, 180)),
  each: flag,
  printed: flag,
};

const shown = (x, digits) => (Number.isFinite(x) ? x.toFixed(digits).replace(/^-(0\.?0*)$/, "$1") : "undefined");
const directed = (s) => norm(s) > 1e-9; // else only a rounding error has a direction
const degrees = (s) => (directed(s) ? `${shown(angle(s), 1)}°` : "undefined");
const pair = ([x, y]) => (Number.isFinite(x) ? `(${shown(x, 2)}, ${shown(y, 2)})` : "0 / 0");

function plane({ get, set, signal }) {
  const frame = panel({ x: [-REACH, REACH], y: [-REACH, REACH], name: "plane",
    label: "The vector before squash, blue, and after it, vermilion" });
  const circle = (radius, kind) => svg("circle", { class: kind, cx: frame.px(0), cy: frame.py(0), r: frame.px(radius) - frame.px(0) });
  const along = svg("line", { class: "cx-along", "data-mark": "direction" });
  const first = arrow(frame, "below", { name: "s" }), other = arrow(frame, "below");
  const sum = arrow(frame, "thin", { name: "s" });
  const after = arrow(frame, "above", { bold: true, name: "v" });
  const wrong = arrow(frame, "wrong", { bold: true, name: "wrong" });
  const names = ["s", "v"].map((name) => svg("text", { class: "cx-name" }, name));
  const near = (s) => s.map((x) => x * Math.min(1, (REACH - 0.1) / Math.max(...s.map(Math.abs), 1e-9)));
  const zero = (s) => (norm(s) < 0.06 ? [0, 0] : s); // a hand can reach it
  const grip = handle(frame, {
    label: "s, the vector before squash", signal, at: () => near(get("s")),
    move: (s) => set({ s: zero(s) }), home: () => [1.6, 1.2],
    nudge: ([dx, dy]) => set({ s: [get("s")[0] + dx / 10, get("s")[1] + dy / 10] }),
    value: () => ({ now: norm(get("s")), min: 0, max: 29, text: `length ${shown(norm(get("s")), 2)}, angle ${degrees(get("s"))}` }),
  });
  const turn = (to) => set({ second: Math.round(to - 360 * Math.round(to / 360)) });
  const turner = handle(frame, {
    label: "second vote, of length 1", signal, at: () => unit(get("second") ?? 0),
    move: (at) => turn(angle(at)), home: () => [1, 0],
    nudge: ([dx, dy]) => turn(get("second") + dx + dy),
    value: () => ({ now: get("second") ?? 0, min: -180, max: 180, text: `angle ${get("second")}°` }),
  });
  frame.el.append(
    line(frame, [-REACH, 0], [REACH, 0]), line(frame, [0, -REACH], [0, REACH]),
    circle(0.1, "cx-ring"), circle(0.9, "cx-ring"), circle(1, "cx-never"), along,
    text(frame, [0.76, -0.98], "1"),
    first.el, other.el, sum.el, after.el, wrong.el, ...names, grip.el, turner.el,
  );
  const label = (node, s, side) => {
    const n = norm(s), [x, y] = near(s), [dx, dy] = [s[0] / n, s[1] / n];
    put(node, { visibility: n > 0.25 ? null : "hidden" });
    if (n > 0.25) put(node, { x: frame.px(x) - side * dy * 15 - dx * 12, y: frame.py(y) - side * dx * 15 + dy * 12 });
  };
  return { el: frame.el, draw({ total, v, wrong: bad }) {
    const two = get("second") !== null, n = norm(total);
    first.to(get("s"));
    other.to(two ? unit(get("second")) : [0, 0]);
    sum.to(two ? total : [0, 0]);
    after.to(v);
    wrong.to(bad ?? [0, 0]);
    const far = n > 0 ? total.map((x) => (x / n) * 5) : [0, 0];
    put(along, { x1: frame.px(-far[0]), y1: frame.py(-far[1]), x2: frame.px(far[0]), y2: frame.py(far[1]) });
    label(names[0], total, 1);
    label(names[1], v, -1);
    put(turner.el, { visibility: two ? null : "hidden", tabindex: two ? 0 : -1 });
    grip.draw();
    turner.draw();
  } };
}

function curve({ get, set, signal }) {
  const frame = panel({ x: [-0.5, FAR], y: [-0.2, 1.5], name: "curve",
    label: "The length after squash over the length before: a curve below 1" });
  const lengths = Array.from({ length: 90 }, (_, n) => (n / 89) * FAR);
  const before = svg("line", { class: "cx-bar cx-below" }), after = svg("line", { class: "cx-bar cx-above" });
  const drop = svg("path", { class: "cx-drop" });
  const dot = svg("circle", { r: 5, class: "cx-dot cx-above" });
  const bad = svg("circle", { r: 6, class: "cx-open cx-wrong" });
  const edge = (n) => Math.min(n, FAR - 0.08);
  const longer = (n) => { // along the arrow as it points now
    const s = get("s"), old = norm(s), way = old > 0 ? s.map((x) => x / old) : [0.8, 0.6];
    set({ s: way.map((x) => x * Math.max(n, 0)) });
  };
  const grip = handle(frame, {
    label: "length of s", signal, at: () => [edge(norm(get("s"))), squashedLength(norm(get("s")))],
    move: ([n]) => longer(n), home: () => [2, 0],
    nudge: ([dx, dy]) => longer(norm(get("s")) + (dx + dy) / 10),
    value: () => ({ now: norm(get("s")), min: 0, max: 29, text: `${shown(norm(get("s")), 2)} before, ${shown(squashedLength(norm(get("s"))), 3)} after` }),
  });
  const ticks = [1, 2, 3].map((n) => text(frame, [n, -0.105], n, { "text-anchor": "middle" }));
  const heights = [0.1, 0.5, 0.9].map((y) => [line(frame, [0, y], [FAR, y]), text(frame, [-0.08, y - 0.022], y, { "text-anchor": "end" })]);
  frame.el.append(
    ...heights.flat(), ...ticks, line(frame, [0, 1], [FAR, 1], { class: "cx-never" }),
    text(frame, [0.12, 1.035], "1 is never reached"),
    text(frame, [FAR, -0.105], "|s|", { "text-anchor": "end", class: "cx-text cx-symbol" }),
    text(frame, [-0.42, 1.4], "|v|", { class: "cx-text cx-symbol" }),
    line(frame, [0, 0], [FAR, 0], { class: "cx-axis" }), line(frame, [0, 0], [0, 1.45], { class: "cx-axis" }),
    svg("path", { class: "cx-line cx-above", "data-mark": "length", d: path(frame, lengths.map((n) => [n, squashedLength(n)])) }),
    drop, before, after, bad, dot, grip.el,
  );
  return { el: frame.el, draw({ before: n, after: length, wrong }) {
    const x = edge(n), known = Number.isFinite(length);
    const ends = ([x1, y1], [x2, y2]) => ({ x1: frame.px(x1), y1: frame.py(y1), x2: frame.px(x2), y2: frame.py(y2) });
    put(before, ends([0, 0], [x, 0]));
    put(after, ends([0, 0], [0, known ? length : 0]));
    put(drop, { d: known ? path(frame, [[x, 0], [x, length], [0, length]]) : "" });
    put(dot, { cx: frame.px(x), cy: frame.py(known ? length : 0), visibility: known ? null : "hidden" });
    put(bad, { cx: frame.px(x), cy: frame.py(wrong ? norm(wrong) : 0), visibility: wrong ? null : "hidden" });
    put(grip.el, { visibility: get("second") === null ? null : "hidden", tabindex: get("second") === null ? 0 : -1 });
    grip.draw();
  } };
}

function view(hand) {
  const { get, set } = hand;
  const parts = [plane(hand), curve(hand)];
  const length = term(fraction("|s|²", "1 + |s|²"), "length");
  const way = term(fraction(vector("s"), "|s|"), "direction");
  const result = term(vector("v"), "v");
  const code = html("p", { class: "cx-code" },
    html("span", {}, "right: ", html("code", {}, "squash(s)")),
    html("span", { class: "cx-wrong" }, "wrong: ", html("code", {}, "squash(s[:, None])")));
  const now = () => computed(Object.fromEntries(NAMES.map((name) => [name, get(name)])));
  const kind = () => (get("each") ? "each" : get("second") === null ? "one" : "two");
  const kinds = { one: { second: null, each: false }, two: { s: [1, 0], second: 60, each: false }, each: { second: null, each: true } };
  return {
    figure: parts.map((part) => part.el),
    controls: [choice("Show", [["one", "one vector"], ["two", "two votes"], ["each", "a bug"]], { get: kind, set: (name) => set(kinds[name]) })],
    more: [check("Divide by |s|, as the formula is printed (drag s to 0)", { get: () => get("printed"), set: (printed) => set({ printed }) })],
    formula: [result.el, "=", length.el, way.el, code],
    draw() {
      const state = now();
      for (const part of parts) part.draw(state);
      length.show(shown(state.before && squashedLength(state.before), 3));
      way.show(directed(state.total) ? pair(state.total.map((x) => x / state.before)) : "0 / 0");
      result.show(pair(state.v));
      put(code, { hidden: !get("each") });
    },
    readout() {
      const { total, v, wrong, before, after } = now();
      const rows = [
        ["|s|", shown(before, 2), "length before", "s"],
        ["|v|", shown(after, 3), "length after", "v"],
        ["angle", degrees(total), "of both s and v", "direction"],
        ["slope", shown(squashSlope(before), 3), "of the curve at |s|", "length"],
      ];
      return wrong ? [...rows.slice(0, 3), ["wrong |v|", shown(norm(wrong), 3), "each number by itself", "wrong"], ["wrong angle", degrees(wrong), "of the wrong v", "wrong"]] : rows;
    },
    say() {
      const { total, wrong, before, after } = now();
      const also = wrong ? ` Each number by itself: length ${shown(norm(wrong), 3)}, angle ${degrees(wrong)}.` : "";
      return `s has length ${shown(before, 2)} at angle ${degrees(total)}; v has length ${shown(after, 3)}.${also}`;
    },
  };
}

const tries = [
  {
    title: "Double it",
    set: { s: [0.8, 0.6], second: null, each: false, printed: false },
    ask: "|s| is 1, and |v| is 0.5. Now |s| doubles. What does |v| do?",
    answers: ["it doubles", "it grows by 0.3", "it stays"], right: 1,
    then: { s: [1.6, 1.2] },
    tell: ["From 0.5 to 0.8. ", ["Three times", { s: [2.4, 1.8] }], " gives 0.9, and for 0.99 you must go ", ["to 9.95", { s: [7.96, 5.97] }],
      ". Short vectors are silenced: ", ["0.1", { s: [0.08, 0.06] }], " becomes 0.0099."],
  },
  {
    title: "Two votes",
    focus: "plane",
    set: { s: [1, 0], second: 0, each: false, printed: false },
    ask: "Two votes of length 1 agree, and |v| is 0.8; one alone has 0.5. Turn the second away. At which angle does it add nothing?",
    answers: ["90°", "120°", "180°"], right: 1,
    then: { second: 120 },
    tell: ["At 120° |v| is 0.500, as if there were no second vote. At ", ["60°", { second: 60 }], " it is 0.750; at ", ["150°", { second: 150 }],
      " the second vote takes away, and 0.211 is left; at ", ["180°", { second: 180 }], " nothing is left."],
  },
  {
    title: "Spot the bug",
    focus: "plane",
    set: { s: [2, 0], second: null, each: true, printed: false },
    ask: "The purple arrow squashes each number by itself, a bug of public programs. Does it show, with s on an axis?",
    answers: ["yes", "no"], right: 1,
    then: { s: [3, 0.5] },
    tell: ["On an axis both are equal, so a test with such vectors passes. Beside it the arrow turns, here from 9.5° to 12.5°, and ",
      ["at (10, 10)", { s: [10, 10] }], " the “probability” is 1.400."],
  },
];

export default explorer({
  name: "SquashExplorer",
  question: "What does a capsule do with a vector?",
  insight: "Squash keeps the direction and turns agreement into length: one, two or three votes of length 1 that agree give 0.5, 0.8 and 0.9. Three just reach the margin of 0.9.",
  missing: "8 or 16 dimensions. The curve is the same: it does not depend on their number.",
  link, tries, view,
});
