// Bars below a plane of "Routing, by hand": how long its parent is, and who makes it so.

import { put, seen, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { MOST } from "./maths.js";

/** @import { Child, Part } from "../kit/marks.js" */
/** @import { Routed } from "./maths.js" */

const LEFT = 30; // pixels: where bars begin
const FULL = 178; // and how long a full one is
const RIGHT = 264; // where the numbers end
const MARGINS = [0.1, 0.9]; // of the loss
const LONG = 7.2; // |s| of a full one: six votes of 1.2; what is longer is cut

/**
 * @param {number} y
 * @param {string} [kind]
 */
const amount = (y, kind = "") =>
  svg("text", { class: `cx-amount ${kind}`, x: RIGHT, y, "text-anchor": "end" });

/**
 * A row: the name of the length, a line for its bar, and more.
 *
 * @param {number} y
 * @param {string} name
 * @param {...Child} parts
 */
const named = (y, name, ...parts) =>
  svg(
    "g",
    {},
    svg("text", { class: "cx-text cx-symbol", x: 2, y: y + 4 }, name),
    svg("line", { class: "cx-rule", x1: LEFT, x2: LEFT + FULL, y1: y, y2: y }),
    ...parts,
  );

/**
 * |v|, from 0 to 1.  With the wrong axis both lengths stand there.
 *
 * @param {number} j
 * @returns {Part<Routed>}
 */
export function lengthRow(j) {
  const y = 282;
  const right = amount(y + 5);
  const wrong = amount(y + 16, "cx-wrong");
  /** @type {(kind: string, at: number) => SVGLineElement} */
  const bar = (kind, at) =>
    svg("line", { class: `cx-bar ${kind}`, x1: LEFT, y1: at, y2: at, "data-mark": "v" });
  const good = bar("cx-above", y);
  const bad = bar("cx-wrong cx-dashed", y + 8);
  const ticks = MARGINS.map((margin) => {
    const x = LEFT + margin * FULL;
    return svg("line", { class: "cx-tick", x1: x, x2: x, y1: y - 7, y2: y + 7 });
  });
  /** @param {Routed} now */
  function draw(now) {
    const broken = now.used !== now.right;
    put(good, { x2: LEFT + now.right.lengths[j] * FULL });
    put(bad, { x2: LEFT + now.used.lengths[j] * FULL });
    seen(bad, broken);
    put(right, { y: broken ? y : y + 5 }).textContent = decimals(now.right.lengths[j], 3);
    wrong.textContent = broken ? decimals(now.used.lengths[j], 3) : "";
  }
  return { el: named(y, "|v|", ...ticks, good, bad, right, wrong), draw };
}

/**
 * |s| as the sum of what each child brings.
 *
 * @param {number} j
 * @returns {Part<Routed>}
 */
export function shareRow(j) {
  const y = 315;
  const number = amount(y + 5);
  const parts = Array.from({ length: MOST }, (_, i) => share(i, y));
  const end = svg("line", { class: "cx-end", y1: y - 9, y2: y + 14 });
  /** @param {Routed} now */
  function draw({ shares, sums, right, used }) {
    const stretches = endToEnd(shares.map((row) => row[j]));
    const wrong = used !== right;
    for (const [i, part] of parts.entries()) part.draw(stretches[i] ?? [0, 0], wrong);
    put(end, { x1: pixels(sums[j]), x2: pixels(sums[j]) });
    number.textContent = decimals(sums[j], 3);
    number.classList.toggle("cx-wrong", wrong);
  }
  return { el: named(y, "|s|", ...parts.map(({ el }) => el), end, number), draw };
}

/** @param {number} s */
const pixels = (s) => LEFT + (Math.min(s, LONG) / LONG) * FULL;

/**
 * Where the share of each child begins and ends: one after the other, and from the end
 * back what takes away.
 *
 * @param {number[]} shares
 */
function endToEnd(shares) {
  let ahead = 0;
  let back = shares.reduce((sum, share) => sum + Math.max(share, 0), 0);
  return shares.map((share) => {
    const from = share < 0 ? back : ahead;
    if (share < 0) back += share;
    else ahead += share;
    return [from, from + share];
  });
}

/**
 * The share of a child on the bar; one that takes away stands below it.
 *
 * @param {number} i
 * @param {number} y
 */
function share(i, y) {
  const rect = svg("rect");
  const number = svg("text", { "text-anchor": "middle", y: y + 4 }, i + 1);
  const look = { class: "cx-share", "data-lights": `c${i}`, "data-mark": `c${i} s` };
  const el = svg("g", look, rect, number);
  /** @type {(stretch: number[], wrong: boolean) => void} */
  function draw([start, end], wrong) {
    const adds = end >= start;
    const [from, to] = [start, end].map(pixels).sort((a, b) => a - b);
    put(rect, { x: from, y: adds ? y - 7 : y + 8 });
    put(rect, { width: Math.max(to - from - 1, 0), height: adds ? 14 : 5 });
    put(number, { x: (from + to) / 2 });
    seen(number, adds && to - from > 11);
    seen(el, Math.abs(end - start) > 0.005);
    el.classList.toggle("cx-wrong", wrong);
  }
  return { el, draw };
}
