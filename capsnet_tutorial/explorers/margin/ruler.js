// The ruler of the margin explorer: all rows share one, from 0 to 1.

import { html } from "../kit/marks.js";

/** @param {number} x */
export const percent = (x) => `${(100 * x).toFixed(3)}%`;

/**
 * @param {Element} label
 * @param {Element} ruled  what stands on the ruler
 * @param {Element} cost
 */
export const row = (label, ruled, cost) => html("div", { class: "cx-row" }, label, ruled, cost);

/**
 * @template {HTMLElement} E
 * @param {E} node
 * @param {Partial<CSSStyleDeclaration>} style
 */
export const styled = (node, style) => {
  Object.assign(node.style, style);
  return node;
};

/**
 * Set the classes of a node, but leave it lit if it is.
 *
 * @param {HTMLElement} node
 * @param {...(string | false)} classes
 */
export function setClasses(node, ...classes) {
  const lit = node.classList.contains("cx-lit") && "cx-lit";
  node.className = [...classes, lit].filter(Boolean).join(" ");
}

/** @param {boolean} there  is the class present? */
export const colour = (there) => (there ? "cx-agreement" : "cx-above");

/** @param {boolean} there */
export const group = (there) => (there ? "present" : "absent");
