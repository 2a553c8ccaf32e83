// What each length costs: a curve for classes that are present, one for the others, and a
// spot on them for each of the ten.

import { html, put, svg } from "../kit/marks.js";
import { BUGS, CLASSES, price } from "./maths.js";
import { colour, group, percent, row, setClasses, styled } from "./ruler.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { MarginOptions } from "../model/capsules.js" */
/** @import { Judged } from "./maths.js" */
/** @import { MarginState, Traits } from "./traits.js" */

const HIGH = 1; // loss at the upper end
const KINDS = [true, false]; // present, absent

/**
 * @param {MarginState} state
 * @returns {Part<Judged>}
 */
export function curves({ get }) {
  const [right, wrong] = [curvesOf(colour), curvesOf(() => "cx-wrong cx-dashed")];
  const spots = CLASSES.map((j) => html("span", { "data-mark": `c${j}` }));
  const box = { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" };
  const strip = html(
    "div",
    { class: "cx-strip cx-ruled" },
    svg("svg", box, ...right, ...wrong),
    word("m⁻ = 0.1", 0.1, 1, "cx-middle cx-data"),
    word("m⁺ = 0.9", 0.9, 1, "cx-middle cx-data"),
    word("present", 0.11, 0.12, `cx-start ${colour(true)}`),
    word("absent", 0.88, 0.42, `cx-end ${colour(false)}`),
    ...spots,
  );
  let drawn = ""; // curves change less often than lengths
  /** @type {(downWeight: number, bug: Traits["bug"]) => void} */
  function redraw(downWeight, bug) {
    if (drawn === `${downWeight} ${bug}`) return;
    drawn = `${downWeight} ${bug}`;
    for (const [n, there] of KINDS.entries()) {
      const buggy = bug === "square" ? priced(there, { downWeight, bug: BUGS.square }) : "";
      put(right[n], { d: priced(there, { downWeight }) });
      put(wrong[n], { d: buggy });
    }
  }
  /** @param {Judged} now */
  function draw({ seen, used, present, bug }) {
    redraw(get("down_weight"), bug);
    for (const [j, spot] of spots.entries()) {
      const look = bug === "none" ? colour(present[j]) : "cx-wrong";
      setClasses(spot, "cx-spot", look, get("chosen") === j && "cx-chosen");
      const height = Math.min(used.terms[j] / HIGH, 1);
      styled(spot, { left: percent(seen[j]), bottom: percent(height) });
    }
  }
  return { el: row(html("span", { class: "cx-side" }, "loss"), strip, html("span")), draw };
}

/** @param {(there: boolean) => string} look */
const curvesOf = (look) =>
  KINDS.map((there) => svg("path", { class: `cx-line ${look(there)}`, "data-mark": group(there) }));

/**
 * A word on the curves: it begins at x, or has its middle or its end there.
 *
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} look
 */
const word = (text, x, y, look) =>
  styled(html("span", { class: `cx-word-at ${look}` }, text), {
    left: percent(x),
    bottom: percent(y / HIGH),
  });

/**
 * The path of what one class costs at each length.
 *
 * @param {boolean} there
 * @param {MarginOptions} options
 */
function priced(there, options) {
  const points = Array.from({ length: 51 }, (_, n) => n / 50).map((x) => {
    const height = price(x, there, options) / HIGH;
    return `${100 * x} ${(100 * (1 - height)).toFixed(2)}`;
  });
  return `M${points.join("L")}`;
}
