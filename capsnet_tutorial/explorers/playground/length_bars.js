// Lengths of class capsules as bars from 0 to 1, with marks at 0.1 and 0.9.  Choose one.

import { newGroup } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";

/**
 * @param {string} group
 * @param {number} j
 * @param {(j: number) => void} choose
 */
function bar(group, j, choose) {
  const input = html("input", { type: "radio", name: group, value: j });
  const ink = html("i");
  const value = html("span", { class: "cx-value" });
  const column = html("span", { class: "cx-column" }, ink, value);
  const el = html("label", {}, input, column, html("b", {}, j));
  input.addEventListener("change", () => choose(j));
  /** @type {(length: number | undefined, rank: number) => void} */
  function draw(length, rank) {
    const text = length === undefined ? "" : decimals(length, 2);
    const height = `${100 * (length ?? 0)}%`;
    ink.style.height = height;
    value.style.bottom = height;
    value.textContent = text;
    put(el, { "data-rank": rank < 0 ? null : rank });
    put(input, { "aria-label": text ? `capsule ${j}, length ${text}` : `capsule ${j}` });
    input.checked = rank === 0;
  }
  return { el, draw };
}

/**
 * @param {number} count
 * @param {(j: number) => void} choose
 */
export function lengthBars(count, choose) {
  const group = newGroup();
  const bars = Array.from({ length: count }, (_, j) => bar(group, j, choose));
  const levels = [0.1, 0.9].map((at) =>
    html("span", { class: "cx-level", style: `--at: ${at}`, "aria-hidden": "true" }, at),
  );
  const words = "Lengths of the capsules. Choose one to see what it remembers.";
  const legend = html("legend", {}, words);
  const el = html("fieldset", { class: "cx-bars" }, legend, ...levels, ...bars.map((b) => b.el));
  /**
   * @param {number[] | undefined} lengths  none while nothing is known
   * @param {number[]} shown  the capsules whose pictures are on the screen
   */
  function draw(lengths, shown) {
    for (const [j, one] of bars.entries()) one.draw(lengths?.[j], shown.indexOf(j));
  }
  return { el, draw };
}
