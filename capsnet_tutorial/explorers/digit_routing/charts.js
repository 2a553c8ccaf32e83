// The passes of routing in the digit explorer: two charts, and a handle to step.

import { handle } from "../kit/drag.js";
import { html, put, svg } from "../kit/marks.js";
import { clamp, decimals } from "../kit/numbers.js";
import { line, panel, path, text } from "../kit/panel.js";
import { PASSES } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Panel } from "../kit/panel.js" */
/** @import { Look } from "./look.js" */
/** @import { Pass } from "./maths.js" */
/** @import { DigitState } from "./traits.js" */

const [FIRST, LAST] = [0.4, PASSES + 0.6]; // ends of the axis of passes

/**
 * @param {DigitState} state
 * @param {number} count  of classes
 * @returns {Part<Look>}
 */
export function charts(state, count) {
  const [lengths, entropy] = [lengthsChart(state, count), entropyChart(state, count)];
  const el = html(
    "div",
    { class: "cx-parts cx-charts" },
    titled("Length after each iteration", lengths.el),
    titled("How undecided the couplings are, in bits", entropy.el),
  );
  /** @param {Look} look */
  function draw(look) {
    lengths.draw(look);
    entropy.draw(look);
  }
  return { el, draw };
}

/**
 * @param {string} title
 * @param {Element} el
 */
const titled = (title, el) =>
  html("div", { class: "cx-part" }, html("p", { class: "cx-head" }, title), el);

/**
 * A panel with an axis of passes, and a rule at the present one.
 *
 * @param {number} high  the largest number that it shows, from 0 on
 * @param {string} name
 * @param {string} label
 */
function chart(high, name, label) {
  const y = [-0.2 * high, 1.08 * high];
  const frame = panel({ height: 150, x: [FIRST, LAST], y, name, label });
  const passes = Array.from({ length: PASSES }, (_, k) => k + 1);
  const middle = { "text-anchor": "middle" };
  const rule = svg("line", { class: "cx-drop", "vector-effect": "non-scaling-stroke" });
  frame.el.append(
    ...passes.map((pass) => text(frame, [pass, -0.16 * high], pass, middle)),
    line(frame, [FIRST, 0], [LAST, 0], { class: "cx-axis" }),
    rule,
  );
  return { frame, rule };
}

/**
 * @param {Panel} frame
 * @param {number} y
 */
const never = (frame, y) => line(frame, [FIRST, y], [LAST, y], { class: "cx-never" });

/** @type {(frame: Panel, passes: Pass[], value: (pass: Pass) => number) => string} */
const over = (frame, passes, value) =>
  path(
    frame,
    passes.map((pass, k) => [k + 1, value(pass)]),
  );

/**
 * @param {DigitState} state
 * @param {number} count
 * @returns {Part<Look>}
 */
function lengthsChart(state, count) {
  const label = "Length of each class capsule over the iterations of routing";
  const { frame, rule } = chart(1, "lengths", label);
  const lines = Array.from({ length: count }, () => svg("path", { class: "cx-line" }));
  const grip = stepping(frame, state);
  frame.el.append(never(frame, 0.1), never(frame, 0.9), ...lines, grip.el);
  /** @param {Look} look */
  function draw({ passes, chosen }) {
    for (const [j, node] of lines.entries()) {
      const kind = j === chosen ? "cx-above" : "cx-other";
      const d = over(frame, passes, (pass) => pass.lengths[j]);
      put(node, { d, class: `cx-line ${kind}` });
    }
    const x = frame.px(state.get("iterations"));
    put(rule, { x1: x, x2: x, y1: 0, y2: frame.py(0) });
    grip.to(passes[state.get("iterations") - 1].lengths[chosen]);
  }
  return { el: frame.el, draw };
}

/**
 * A handle on the line of the chosen class.
 *
 * @param {Panel} frame
 * @param {DigitState} state
 */
function stepping(frame, { get, set, signal }) {
  const pass = () => get("iterations");
  /** @param {number} to */
  const step = (to) => set({ iterations: clamp(Math.round(to), 1, PASSES) });
  let height = 0;
  const grip = handle(frame, {
    label: "iterations of routing",
    at: () => [pass(), height],
    move: ([x]) => step(x),
    home: () => [3, 0],
    nudge: ([dx, dy]) => step(pass() + dx + dy),
    value: () => ({ now: pass(), min: 1, max: PASSES, text: `${pass()} of ${PASSES}` }),
    signal,
  });
  /** @param {number} length */
  function to(length) {
    height = length;
    grip.draw();
  }
  return { el: grip.el, to };
}

/**
 * @param {DigitState} state
 * @param {number} count
 * @returns {Part<Look>}
 */
function entropyChart(state, count) {
  const top = Math.log2(count) || 1;
  const label = "Entropy of the couplings over the iterations of routing";
  const { frame, rule } = chart(top, "entropy", label);
  const plain = svg("path", { class: "cx-line cx-agreement" });
  const weighted = svg("path", { class: "cx-line cx-agreement cx-dashed" });
  const dot = svg("circle", { r: 4, class: "cx-dot cx-agreement" });
  frame.el.append(
    never(frame, top),
    text(frame, [0.5, top * 0.83], `${decimals(top, 2)} bits: all equal`),
    text(frame, [0.5, top * 0.05], "0 bits: all to one"),
    ...[weighted, plain, dot],
  );
  /** @param {Look} look */
  function draw({ passes, step }) {
    put(plain, { d: over(frame, passes, (pass) => pass.entropy) });
    put(weighted, { d: over(frame, passes, (pass) => pass.weighted) });
    const x = frame.px(state.get("iterations"));
    put(rule, { x1: x, x2: x, y1: 0, y2: frame.py(0) });
    put(dot, { cx: x, cy: frame.py(step.entropy) });
  }
  return { el: frame.el, draw };
}
