// A drawing with axes, and what stands in it: lines, words, arrows.

import { put, seen, svg } from "./marks.js";

/** @import { Attributes } from "./marks.js" */

/** @typedef {number[]} Point  [x, y], in the units of the data */

export const SIDE = 280; // of a panel; a phone has 320 px, so 1 unit is at least 1 px

/**
 * A drawing with axes.
 *
 * @typedef {object} Panel
 * @property {SVGSVGElement} el
 * @property {number} width
 * @property {number} height
 * @property {(x: number) => number} px  from data to the drawing
 * @property {(y: number) => number} py
 * @property {(event: MouseEvent) => Point} point  where a pointer is
 */

/**
 * `x` and `y` are [from, to] in the units of the data; y grows upwards.
 *
 * @param {{ width?: number, height?: number, x: number[], y: number[], label: string,
 *   name: string }} options
 * @returns {Panel}
 */
export function panel({ width = SIDE, height = SIDE, x, y, label, name }) {
  const el = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "cx-panel",
    role: "group",
    "aria-label": label,
    "data-mark": name,
  });
  return {
    el,
    width,
    height,
    px: (value) => ((value - x[0]) / (x[1] - x[0])) * width,
    py: (value) => height - ((value - y[0]) / (y[1] - y[0])) * height,
    point(event) {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(fromScreen(el));
      return [
        x[0] + (at.x / width) * (x[1] - x[0]),
        y[0] + ((height - at.y) / height) * (y[1] - y[0]),
      ];
    },
  };
}

/** @param {SVGGraphicsElement} el */
const fromScreen = (el) => el.getScreenCTM()?.inverse();

/**
 * Points as the text of a path.
 *
 * @param {Panel} frame
 * @param {Point[]} points
 */
export const path = (frame, points) =>
  points
    .map(([x, y], n) => `${n ? "L" : "M"}${frame.px(x).toFixed(2)} ${frame.py(y).toFixed(2)}`)
    .join("");

/**
 * Two points as the attributes of a line.
 *
 * @param {Panel} frame
 * @param {Point} from
 * @param {Point} to
 */
export const ends = (frame, [x1, y1], [x2, y2]) => ({
  x1: frame.px(x1),
  y1: frame.py(y1),
  x2: frame.px(x2),
  y2: frame.py(y2),
});

/**
 * @param {Panel} frame
 * @param {Point} from
 * @param {Point} to
 * @param {Attributes} [attributes]
 */
export const line = (frame, from, to, attributes = {}) =>
  svg("line", { class: "cx-rule", ...ends(frame, from, to), ...attributes });

/**
 * @param {Panel} frame
 * @param {Point} at
 * @param {string | number} words
 * @param {Attributes} [attributes]
 */
export const text = (frame, [x, y], words, attributes = {}) =>
  svg("text", { x: frame.px(x), y: frame.py(y), class: "cx-text", ...attributes }, words);

/**
 * An arrow from the origin; `to` moves its tip.  A vector that leaves the panel is cut
 * there, and its head becomes a bar.
 *
 * @param {Panel} frame
 * @param {string} role  of the palette: below, above, agreement, wrong, data
 * @param {{ bold?: boolean, name?: string | null }} [options]
 */
export function arrow(frame, role, { bold = false, name = null } = {}) {
  const shaft = svg("line");
  const head = svg("path");
  const kind = `cx-arrow cx-${role}${bold ? " cx-bold" : ""}`;
  const el = svg("g", { class: kind, "data-mark": name }, shaft, head);
  /** @param {Point} tip */
  function to([x, y]) {
    const start = [frame.px(0), frame.py(0)];
    const whole = [frame.px(x) - start[0], frame.py(y) - start[1]];
    const length = Math.hypot(...whole);
    const long = Number.isFinite(length) && length > 0.5;
    seen(el, long);
    if (!long) return;
    const part = inside(frame, start, whole);
    const end = start.map((at, axis) => at + whole[axis] * part);
    const way = whole.map((d) => d / length);
    const size = Math.min(bold ? 13 : 11, length * 0.7);
    const neck = part < 1 ? end : end.map((at, axis) => at - way[axis] * (size - 1));
    put(shaft, { x1: start[0], y1: start[1], x2: neck[0], y2: neck[1] });
    if (part < 1) put(head, { d: bar(end, way), class: "cx-cut" });
    else put(head, { d: point(end, way, size), class: null });
  }
  return { el, to };
}

/**
 * The head of an arrow, as the text of a path.
 *
 * @param {Point} tip
 * @param {Point} way  of length 1
 * @param {number} size
 */
function point([x, y], [dx, dy], size) {
  const [bx, by] = [x - dx * size, y - dy * size];
  const wide = size * 0.42;
  return `M${x} ${y}L${bx - dy * wide} ${by + dx * wide}L${bx + dy * wide} ${by - dx * wide}Z`;
}

/**
 * @param {Point} end
 * @param {Point} way
 */
const bar = ([x, y], [dx, dy]) => `M${x - dy * 6} ${y + dx * 6}L${x + dy * 6} ${y - dx * 6}`;

/**
 * How much of a step from a point stays inside the panel, at most 1; all in its drawing.
 *
 * @param {Panel} frame
 * @param {Point} from
 * @param {Point} step
 */
function inside(frame, [ax, ay], [dx, dy]) {
  /** @type {(at: number, step: number, end: number) => number} */
  const room = (at, step, end) => {
    if (step === 0) return 1;
    return step > 0 ? (end - 2 - at) / step : (2 - at) / step;
  };
  return Math.min(1, room(ax, dx, frame.width), room(ay, dy, frame.height));
}
