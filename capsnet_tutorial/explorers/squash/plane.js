// The plane of the squash explorer: arrows before and after, and what drags them.

import { handle } from "../kit/drag.js";
import { put, seen, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { arrow, ends, line, panel, text } from "../kit/panel.js";
import { norm } from "../model/capsules.js";
import { angle, angleOf, directed, unit } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Panel, Point } from "../kit/panel.js" */
/** @import { Squashed } from "./maths.js" */
/** @import { SquashState } from "./traits.js" */

const REACH = 3.4; // from the middle to each side
const NOTHING = [0, 0];

/**
 * @param {SquashState} state
 * @returns {Part<Squashed>}
 */
export function plane(state) {
  const frame = panel({
    x: [-REACH, REACH],
    y: [-REACH, REACH],
    name: "plane",
    label: "The vector before squash, blue, and after it, vermilion",
  });
  const along = svg("line", { class: "cx-along", "data-mark": "direction" });
  const first = arrow(frame, "below", { name: "s" });
  const other = arrow(frame, "below");
  const sum = arrow(frame, "thin", { name: "s" });
  const after = arrow(frame, "above", { bold: true, name: "v" });
  const bad = arrow(frame, "wrong", { bold: true, name: "wrong" });
  const [nameS, nameV] = ["s", "v"].map((name) => svg("text", { class: "cx-name" }, name));
  const [grip, gripOfSecond] = [handleOfS(frame, state), handleOfSecond(frame, state)];
  const arrows = [first, other, sum, after, bad].map((one) => one.el);
  frame.el.append(...grid(frame), along, ...arrows, nameS, nameV, grip.el, gripOfSecond.el);
  /** @param {Squashed} now */
  function draw({ total, v, wrong }) {
    const second = state.get("second");
    first.to(state.get("s"));
    other.to(second === null ? NOTHING : unit(second));
    sum.to(second === null ? NOTHING : total);
    after.to(v);
    bad.to(wrong ?? NOTHING);
    const far = directed(total) ? total.map((x) => (x / norm(total)) * 5) : NOTHING;
    put(
      along,
      ends(
        frame,
        far.map((x) => -x),
        far,
      ),
    );
    nameBeside(frame, nameS, total, second === null ? [15, -12] : [14, 6]); // alone, in its handle
    nameBeside(frame, nameV, v, [-16, 0]);
    seen(gripOfSecond.el, second !== null);
    grip.draw();
    gripOfSecond.draw();
  }
  return { el: frame.el, draw };
}

/** @param {Panel} frame */
function grid(frame) {
  const [cx, cy] = [frame.px(0), frame.py(0)];
  /** @type {(radius: number, kind: string) => SVGCircleElement} */
  const circle = (radius, kind) => svg("circle", { class: kind, cx, cy, r: frame.px(radius) - cx });
  return [
    line(frame, [-REACH, 0], [REACH, 0]),
    line(frame, [0, -REACH], [0, REACH]),
    circle(0.1, "cx-ring"),
    circle(0.9, "cx-ring"),
    circle(1, "cx-never"),
    text(frame, [0.76, -0.98], "1"),
  ];
}

/**
 * A vector, brought back into the plane along its direction.
 *
 * @param {number[]} s
 */
function inPlane(s) {
  const part = (REACH - 0.1) / Math.max(...s.map(Math.abs), 1e-9);
  return s.map((x) => x * Math.min(1, part));
}

/**
 * A name near the tip of its arrow, so many pixels to its left and ahead of it.
 *
 * @param {Panel} frame
 * @param {SVGTextElement} node
 * @param {number[]} s
 * @param {[left: number, ahead: number]} shift
 */
function nameBeside(frame, node, s, [left, ahead]) {
  const n = norm(s);
  seen(node, n > 0.25);
  if (!(n > 0.25)) return;
  const [x, y] = inPlane(s);
  const [dx, dy] = s.map((d) => d / n);
  put(node, { x: frame.px(x) - left * dy + ahead * dx, y: frame.py(y) - left * dx - ahead * dy });
}

/**
 * @param {Panel} frame
 * @param {SquashState} state
 */
function handleOfS(frame, { get, set, signal }) {
  const s = () => get("s");
  return handle(frame, {
    label: "s, the vector before squash",
    signal,
    at: () => inPlane(s()),
    move: (to) => set({ s: norm(to) < 0.06 ? NOTHING : to }), // a hand can reach zero
    home: () => [1.6, 1.2],
    nudge: (step) => set({ s: s().map((x, d) => x + step[d] / 10) }),
    value: () => ({
      now: norm(s()),
      min: 0,
      max: 29,
      text: `length ${decimals(norm(s()), 2)}, angle ${angleOf(s())}`,
    }),
  });
}

/**
 * @param {Panel} frame
 * @param {SquashState} state
 */
function handleOfSecond(frame, { get, set, signal }) {
  const degrees = () => get("second") ?? 0;
  /** @param {number} to */
  const turn = (to) => set({ second: Math.round(to - 360 * Math.round(to / 360)) });
  return handle(frame, {
    label: "second vote, of length 1",
    signal,
    at: () => unit(degrees()),
    move: (to) => turn(angle(to)),
    home: () => [1, 0],
    nudge: ([dx, dy]) => turn(degrees() + dx + dy),
    value: () => ({ now: degrees(), min: -180, max: 180, text: `angle ${degrees()}°` }),
  });
}
