// All passes of the digit explorer as a table: one row for each, the same numbers to read.

import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Pass } from "./maths.js" */

/** @param {number} j */
const subscript = (j) => String(j).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);

/**
 * @param {number} count  of classes
 * @returns {Part<Pass[]>}
 */
export function passesTable(count) {
  const lengths = Array.from({ length: count }, (_, j) => `|v${subscript(j)}|`);
  const heads = ["iteration", "entropy", "weighted", "largest c", ...lengths];
  const titles = heads.map((words) => html("th", { scope: "col" }, words));
  const body = html("tbody");
  const el = html(
    "div",
    { class: "cx-table", tabindex: 0, role: "region", "aria-label": "All iterations as a table" },
    html("table", {}, html("thead", {}, html("tr", {}, ...titles)), body),
  );
  return { el, draw: (passes) => body.replaceChildren(...passes.map(rowOf)) };
}

/**
 * @param {Pass} pass
 * @param {number} k
 */
function rowOf({ entropy, weighted, largest, lengths }, k) {
  const numbers = [entropy, weighted, largest, ...lengths].map((x) => decimals(x, 3));
  return html("tr", {}, ...[k + 1, ...numbers].map((words) => html("td", {}, words)));
}
