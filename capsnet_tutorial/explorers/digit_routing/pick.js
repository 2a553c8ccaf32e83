// Marks to pick from: one stop for Tab, and arrow keys between them.

import { put } from "../kit/marks.js";

/** @import { Grip } from "../kit/drag.js" */

/**
 * @typedef {object} Picks
 * @property {(n: number | null) => void} show  hover and focus; null when they end
 * @property {(n: number) => void} press
 */

/** @type {Record<string, [down: number, right: number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * @param {Grip[]} marks
 * @param {number} columns
 * @param {Picks & { signal: AbortSignal }} acts
 */
export function pickable(marks, columns, { show, press, signal }) {
  /** @type {(n: number, event: KeyboardEvent) => void} */
  function byKey(n, event) {
    if (event.key === "Enter" || event.key === " ") press(n);
    else if (STEPS[event.key]) move(n, STEPS[event.key]);
    else return;
    event.preventDefault();
  }
  /** @type {(n: number, way: [down: number, right: number]) => void} */
  function move(n, [down, right]) {
    const to = n + down * columns + right;
    if (!marks[to]) return;
    put(marks[n], { tabindex: -1 });
    put(marks[to], { tabindex: 0 });
    marks[to].focus();
  }
  for (const [n, mark] of marks.entries()) {
    put(mark, { tabindex: n ? -1 : 0 });
    const options = { signal };
    /** @param {PointerEvent} event */
    const enter = (event) => event.pointerType === "mouse" && show(n);
    mark.addEventListener("pointerenter", enter, options);
    mark.addEventListener("pointerleave", () => show(null), options);
    mark.addEventListener("focus", () => mark.matches(":focus-visible") && show(n), options);
    mark.addEventListener("blur", () => show(null), options);
    mark.addEventListener("click", () => press(n), options);
    mark.addEventListener("keydown", (event) => byKey(n, event), options);
  }
}
