// The curve of the squash explorer: the length after squash over the length before.

import { handle } from "../kit/drag.js";
import { put, seen, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { ends, line, panel, path, text } from "../kit/panel.js";
import { norm } from "../model/capsules.js";
import { directed, squashedLength } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Panel } from "../kit/panel.js" */
/** @import { Squashed } from "./maths.js" */
/** @import { SquashState } from "./traits.js" */

const FAR = 4.3; // the longest vector that it shows

/** @param {number} n */
const onCurve = (n) => Math.min(n, FAR - 0.08);

/**
 * @param {SquashState} state
 * @returns {Part<Squashed>}
 */
export function curve(state) {
  const frame = panel({
    x: [-0.5, FAR],
    y: [-0.2, 1.5],
    name: "curve",
    label: "The length after squash over the length before: a curve below 1",
  });
  const bars = ["below", "above"].map((role) => svg("line", { class: `cx-bar cx-${role}` }));
  const drop = svg("path", { class: "cx-drop" });
  const dot = svg("circle", { r: 5, class: "cx-dot cx-above" });
  const bad = svg("circle", { r: 6, class: "cx-open cx-wrong" });
  const grip = handleOfLength(frame, state);
  frame.el.append(...axes(frame), drop, ...bars, bad, dot, grip.el);
  /** @type {(node: SVGCircleElement, x: number, y: number) => SVGCircleElement} */
  const at = (node, x, y) => put(node, { cx: frame.px(x), cy: frame.py(y) });
  /** @param {Squashed} now */
  function draw({ before, after, wrong }) {
    const x = onCurve(before);
    const y = Number.isFinite(after) ? after : 0;
    put(bars[0], ends(frame, [0, 0], [x, 0]));
    put(bars[1], ends(frame, [0, 0], [0, y]));
    put(drop, {
      d: path(frame, [
        [x, 0],
        [x, y],
        [0, y],
      ]),
    });
    seen(at(dot, x, y), Number.isFinite(after));
    seen(at(bad, x, wrong ? norm(wrong) : 0), wrong !== null);
    seen(grip.el, state.get("second") === null);
    grip.draw();
  }
  return { el: frame.el, draw };
}

/** @param {Panel} frame */
function axes(frame) {
  const right = { "text-anchor": "end" };
  const symbol = { class: "cx-text cx-symbol" };
  const lengths = Array.from({ length: 90 }, (_, n) => (n / 89) * FAR);
  const points = lengths.map((n) => [n, squashedLength(n)]);
  return [
    ...[0.1, 0.5, 0.9].map((y) => line(frame, [0, y], [FAR, y])),
    ...[0.1, 0.5, 0.9].map((y) => text(frame, [-0.08, y - 0.022], y, right)),
    ...[1, 2, 3].map((x) => text(frame, [x, -0.105], x, { "text-anchor": "middle" })),
    line(frame, [0, 1], [FAR, 1], { class: "cx-never" }),
    text(frame, [0.12, 1.035], "1 is never reached"),
    text(frame, [FAR, -0.105], "|s|", { ...right, ...symbol }),
    text(frame, [-0.42, 1.4], "|v|", symbol),
    line(frame, [0, 0], [FAR, 0], { class: "cx-axis" }),
    line(frame, [0, 0], [0, 1.45], { class: "cx-axis" }),
    svg("path", { class: "cx-line cx-above", "data-mark": "length", d: path(frame, points) }),
  ];
}

/**
 * The point on the curve makes the arrow longer or shorter, as it points now.
 *
 * @param {Panel} frame
 * @param {SquashState} state
 */
function handleOfLength(frame, { get, set, signal }) {
  const length = () => norm(get("s"));
  /** @param {number} n */
  function stretch(n) {
    const way = directed(get("s")) ? get("s").map((x) => x / length()) : [0.8, 0.6];
    set({ s: way.map((x) => x * Math.max(n, 0)) });
  }
  return handle(frame, {
    label: "length of s",
    signal,
    at: () => [onCurve(length()), squashedLength(length())],
    move: ([n]) => stretch(n),
    home: () => [2, 0],
    nudge: ([dx, dy]) => stretch(length() + (dx + dy) / 10),
    value: () => ({
      now: length(),
      min: 0,
      max: 29,
      text: `${decimals(length(), 2)} before, ${decimals(squashedLength(length()), 3)} after`,
    }),
  });
}
