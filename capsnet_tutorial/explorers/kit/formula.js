// Formulas with numbers in them, and the line of Python that is often wrong.

import { html } from "./marks.js";

/** @import { Child } from "./marks.js" */

/**
 * A piece of a formula that shows its value and lights its mark.
 *
 * @param {Child[]} symbol
 * @param {string} mark
 */
export function term(symbol, mark) {
  const value = html("span", { class: "cx-value" });
  const attributes = { class: "cx-term", tabindex: 0, "data-lights": mark };
  const el = html("span", attributes, html("span", { class: "cx-symbol" }, ...symbol), value);
  /** @param {string} text */
  function show(text) {
    value.textContent = text;
  }
  return { el, show };
}

/**
 * @param {Child} top
 * @param {Child} bottom
 */
export const fraction = (top, bottom) =>
  html("span", { class: "cx-fraction" }, html("span", {}, top), html("span", {}, bottom));

/** @param {string} name */
export const vector = (name) => html("b", {}, name);

/**
 * Two lines of code, of which one is a famous bug.
 *
 * @param {Child} right
 * @param {Child} wrong
 */
export const rightAndWrong = (right, wrong) =>
  html(
    "p",
    { class: "cx-code" },
    html("span", {}, "right: ", html("code", {}, right)),
    html("span", { class: "cx-wrong" }, "wrong: ", html("code", {}, wrong)),
  );
