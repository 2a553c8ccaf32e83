// Eq. 4 for the class that was touched last, with its numbers; below it, a bug's line.

import { rightAndWrong, term } from "../kit/formula.js";
import { html, put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { MARGINS, shown } from "./maths.js";

/** @import { Judged } from "./maths.js" */
/** @import { MarginState } from "./traits.js" */

const CODE = {
  none: ["", ""],
  square: ["(m_pos - lengths).clamp(min=0) ** 2", "(m_pos - lengths).clamp(min=0)"],
  softmax: ["margin_loss(lengths, present)", "margin_loss(lengths.softmax(-1), present)"],
};

/** @param {MarginState} state */
export function equation({ get }) {
  const { names, squares, fences, terms, branches } = symbols();
  const [loss, there, short, price, long] = terms;
  const [right, wrong] = [new Text(), new Text()];
  const code = rightAndWrong(right, wrong);
  /** @param {Judged} now */
  function draw({ seen, present, used, bug }) {
    const j = get("chosen");
    const power = bug === "square" ? "" : "²";
    for (const name of names) name.textContent = String(j);
    for (const [open, close] of fences) {
      open.data = bug === "softmax" ? "share" : "|v";
      close.data = bug === "softmax" ? "" : "|";
    }
    for (const node of squares) put(node, { hidden: !power });
    put(loss.el, { "data-lights": `c${j}` });
    loss.show(shown(used.terms[j]));
    there.show(present[j] ? "1" : "0");
    short.show(shown(Math.max(0, MARGINS.mPos - seen[j])) + power);
    price.show(present[j] ? "0" : decimals(get("down_weight"), 2));
    long.show(shown(Math.max(0, seen[j] - MARGINS.mNeg)) + power);
    branches[0].classList.toggle("cx-active", present[j]);
    branches[1].classList.toggle("cx-active", !present[j]);
    put(code, { hidden: bug === "none" });
    [right.data, wrong.data] = CODE[bug];
  }
  return { els: [loss.el, "=", branches[0], "+", branches[1], code], draw };
}

// L_j = T_j max(0, m+ - |v_j|)^2 + lambda (1 - T_j) max(0, |v_j| - m-)^2
function symbols() {
  const names = Array.from({ length: 5 }, () => html("sub")); // the j of each symbol
  const squares = [0, 1].map(() => html("sup", {}, "2"));
  const fences = [0, 1].map(() => [new Text(), new Text()]);
  const [shortOf, longOf] = fences.map(([open, close], n) => [open, names[3 + n], close]);
  const terms = [
    term(["L", names[0]], "chosen"),
    term(["T", names[1]], "present"),
    term(["max(0, m⁺ − ", ...shortOf, ")", squares[0]], "present"),
    term(["λ (1 − T", names[2], ")"], "absent"),
    term(["max(0, ", ...longOf, " − m⁻)", squares[1]], "absent"),
  ];
  const [, ...factors] = terms.map((one) => one.el);
  const branches = [factors.slice(0, 2), factors.slice(2)].map((both) =>
    html("span", { class: "cx-branch" }, ...both),
  );
  return { names, squares, fences, terms, branches };
}
