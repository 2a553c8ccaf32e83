// p_ij = c_ij (vote . s / |s|), and the sum over i: symbols with their present numbers.

import { term, vector } from "../kit/formula.js";
import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";

/** @import { Child } from "../kit/marks.js" */
/** @import { Look } from "./look.js" */

/** @param {string} index */
const sub = (index) => html("sub", {}, index);

/** @param {...Child} nodes */
const line = (...nodes) => html("span", { class: "cx-line-of" }, ...nodes);

/**
 * One number, or the ends of many.
 *
 * @param {number[]} numbers
 */
function range(numbers) {
  if (numbers.length === 1) return decimals(numbers[0], 3);
  return [Math.min(...numbers), Math.max(...numbers)].map((x) => decimals(x, 2)).join(" to ");
}

export function formula() {
  const s = () => ["|", vector("s"), sub("j"), "|"];
  const vote = [vector("û"), sub("j|i"), " · ", vector("s"), sub("j"), "/"];
  const share = term(["p", sub("ij")], "places");
  const coupling = term(["c", sub("ij")], "classes");
  const along = term([...vote, ...s()], "places");
  const sum = term(["Σ", sub("i"), " ", "p", sub("ij"), " = ", ...s()], "ink");
  const length = term(["|", vector("v"), sub("j"), "|"], "classes");
  /** @param {Look} look */
  function draw({ step, chosen, shares, coupling: c, picked, total }) {
    const before = step.before[chosen];
    const bias = before - total;
    const rest = Math.abs(bias) < 1e-3 ? " ✓" : ` − ${decimals(bias, 3)} of bias`;
    share.show(range(picked.map((i) => shares[i])));
    coupling.show(range(picked.map((i) => c[i])));
    along.show(range(picked.map((i) => shares[i] / c[i])));
    sum.show(`${decimals(total, 3)} = ${decimals(before, 3)}${rest}`);
    length.show(decimals(step.lengths[chosen], 3));
  }
  const lines = [
    line(share.el, "=", coupling.el, "·", along.el),
    line(sum.el),
    line("squashed:", length.el),
  ];
  return { els: lines, draw };
}
