// The sums below the bars of the margin explorer, each as a bar of its own.

import { html, put } from "../kit/marks.js";
import { CLASSES, shown } from "./maths.js";
import { colour, percent, setClasses, styled } from "./ruler.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Judged } from "./maths.js" */

const FULL = 5; // loss at the end

/**
 * @typedef {object} Total
 * @property {string} title
 * @property {string} [look]  of its words
 * @property {(string | null)[]} marks  one for each of its parts
 * @property {(now: Judged) => { total: number, terms: number[] }} sum
 * @property {(now: Judged, n: number) => string} hue  of a part
 * @property {(now: Judged) => boolean} [hidden]
 */

/** @returns {Part<Judged>[]} */
export function totals() {
  const ten = CLASSES.map((j) => `c${j}`);
  return [
    total({
      title: "with the bug",
      look: "cx-wrong",
      marks: ten,
      sum: ({ used }) => used,
      hue: () => "cx-wrong",
      hidden: ({ bug }) => bug === "none",
    }),
    total({
      title: "margin loss, the ten added",
      marks: ten,
      sum: ({ right }) => right,
      hue: ({ present }, j) => colour(present[j]),
    }),
    total({
      title: "softmax cross-entropy",
      marks: [null],
      sum: ({ cross }) => ({ total: cross.total, terms: [cross.total] }),
      hue: () => "cx-data",
    }),
  ];
}

/**
 * The parts of a sum, end to end.
 *
 * @param {Total} options
 * @returns {Part<Judged>}
 */
function total({ title, look = "", marks, sum, hue, hidden = () => false }) {
  const parts = marks.map((mark) => html("span", { "data-mark": mark }));
  const name = html("span", { class: look }, title);
  const stack = html("div", { class: "cx-stack" }, ...parts);
  const number = html("span", { class: `cx-cost ${look}` });
  const cells = [html("span"), html("div", {}, name, stack), number];
  const el = html("div", { class: "cx-row cx-total" }, ...cells);
  /** @param {Judged} now */
  function draw(now) {
    const { total, terms } = sum(now);
    put(el, { hidden: hidden(now) });
    number.textContent = shown(total);
    for (const [n, part] of parts.entries()) {
      setClasses(part, hue(now, n));
      styled(part, { width: percent(Number.isFinite(terms[n]) ? terms[n] / FULL : 0) });
    }
  }
  return { el, draw };
}
