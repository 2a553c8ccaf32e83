// The four lines of Procedure 1, with the numbers of one child; a new iteration lights
// them one after the other.

import { rightAndWrong, term, vector } from "../kit/formula.js";
import { html, put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";

/** @import { Child } from "../kit/marks.js" */
/** @import { Routed } from "./maths.js" */

/**
 * Of A and B.
 *
 * @param {number[]} numbers
 * @param {number} digits
 */
export const both = (numbers, digits) => numbers.map((x) => decimals(x, digits)).join(" | ");

/** @param {string} letter */
const hat = (letter) => html("b", { class: "cx-hat" }, letter);

/**
 * @param {string} letter
 * @param {Child} [index]
 */
const symbol = (letter, index = "") => html("span", {}, html("i", {}, letter), index);

export function procedure() {
  const whose = Array.from({ length: 3 }, () => html("sub")); // the number of the child
  const terms = [
    term([symbol("c", whose[0]), " = softmax(", symbol("b", whose[1]), ")"], "c"),
    term([vector("s"), " = Σ ", symbol("c"), hat("u")], "s"),
    term([vector("v"), " = squash(", vector("s"), ")"], "v"),
    term([symbol("b"), " += ", hat("u"), whose[2], " · ", vector("v")], "a"),
  ];
  const code = rightAndWrong("logits.softmax(dim=-1)", "logits.softmax(dim=-2)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {number | null} */
  let last = null; // iteration that was shown
  /** @type {(now: Routed, i: number, iterations: number) => void} */
  function draw({ used, sums, right }, i, iterations) {
    for (const sub of whose) sub.textContent = String(i + 1);
    terms[0].show(both(used.coupling[i], 2));
    terms[1].show(both(sums, 2));
    terms[2].show(both(used.lengths, 3));
    terms[3].show(both(used.agreement[i], 2));
    if (last !== null && last !== iterations && !still.matches) flash(terms.map(({ el }) => el));
    last = iterations;
    put(code, { hidden: used === right });
  }
  const steps = terms.map(({ el }, n) =>
    html("span", { class: "cx-step" }, n ? html("span", { "aria-hidden": "true" }, "→") : "", el),
  );
  return { els: [...steps, code], draw };
}

/** @param {HTMLElement[]} lines */
function flash(lines) {
  for (const [n, line] of lines.entries()) {
    const light = { background: ["var(--soft)", "transparent"] };
    line.animate(light, { duration: 500, delay: 180 * n });
  }
}
