// One of the two digits: its ink, the lengths of its capsules, the couplings it is given.

import { inkMask } from "../kit/ink.js";
import { html, put, svg } from "../kit/marks.js";
import { clamp, decimals } from "../kit/numbers.js";
import { panel } from "../kit/panel.js";
import { DIGITS } from "../model/digits.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Read } from "./maths.js" */
/** @import { SwapState } from "./traits.js" */

const [WIDTH, HEIGHT] = [248, 146];
const COLUMN = 24;
const LEFT = 8;
const [TOP, FLOOR] = [6, 86]; // from length 1 to length 0
const NAMES = 102;
const MIDDLE = 136; // an even share
const SCALE = 140; // pixels for all of an even share: 10 per cent more are a square

/** @param {number} length */
const height = (length) => FLOOR - length * (FLOOR - TOP);

/**
 * @param {SwapState} state
 * @param {"one" | "two"} name
 * @param {number} count  of classes
 * @returns {Part<Read>}
 */
export function digitPart({ get }, name, count) {
  const ink = html("i", { class: "cx-digit-ink" });
  const head = html("p", { class: "cx-head", "aria-live": "off" });
  const frame = panel({
    width: WIDTH,
    height: HEIGHT,
    x: [0, WIDTH],
    y: [HEIGHT, 0],
    name,
    label: `digit ${name}: length of each capsule, and the coupling that it is given`,
  });
  const bars = Array.from({ length: count }, (_, j) => bar(j));
  frame.el.append(...rules(count), ...bars.flatMap((one) => one.els));
  const row = html("div", { class: "cx-row" }, ink, frame.el);
  const el = html("div", { class: "cx-part" }, head, row);
  /** @param {Read} now */
  function draw(now) {
    const { label, pixels } = DIGITS[get(name)];
    put(ink, { style: inkMask(pixels, 28, 28), role: "img", "aria-label": `a ${label}` });
    const right = now.answer === label;
    const long = decimals(now.lengths[now.answer], 2);
    head.textContent = `a ${label}, read as ${now.answer}, ${long} long`;
    put(el, { class: right ? "cx-part" : "cx-part cx-misread" });
    for (const [j, one] of bars.entries()) one.draw(now, j === now.answer);
  }
  return { el, draw };
}

/** @param {number} count */
function rules(count) {
  const across = { x1: LEFT - 4, x2: LEFT + COLUMN * count };
  /** @type {(y: number, kind: string) => SVGElement} */
  const rule = (y, kind) => svg("line", { class: kind, y1: y, y2: y, ...across });
  return [
    rule(FLOOR, "cx-axis"),
    rule(MIDDLE, "cx-axis"),
    ...[0.1, 0.9].map((x) => rule(height(x), "cx-never")),
  ];
}

/** @param {number} j */
function bar(j) {
  const x = LEFT + COLUMN * j + COLUMN / 2 - 2;
  const length = svg("line", { class: "cx-length", x1: x, x2: x, y1: FLOOR });
  const share = svg("line", { class: "cx-share", x1: x, x2: x, y1: MIDDLE });
  const words = svg("text", { class: "cx-text cx-middle", x, y: NAMES }, j);
  /** @type {(now: Read, longest: boolean) => void} */
  function draw({ lengths, given }, longest) {
    const more = given[j] * given.length - 1;
    put(length, { y2: height(lengths[j]) });
    put(share, { y2: MIDDLE - clamp(more, -0.05, 0.15) * SCALE });
    put(words, { class: longest ? "cx-text cx-middle cx-longest" : "cx-text cx-middle" });
  }
  return { els: [length, share, words], draw };
}
