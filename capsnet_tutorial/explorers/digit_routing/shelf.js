// Small images to choose from; "null" is the reader's own.  One stop for the Tab key:
// arrow keys, Home and End go from image to image, and Enter or Space chooses.

import { button } from "../kit/controls.js";
import { inkMask } from "../kit/ink.js";
import { html, put } from "../kit/marks.js";
import { clamp } from "../kit/numbers.js";
import { inkOf } from "./maths.js";
import { presets } from "./presets.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { ImageShape } from "./maths.js" */
/** @import { DigitState } from "./traits.js" */

/**
 * @param {DigitState} state
 * @param {Record<string, Float32Array>} images  (c h w), by digit
 * @param {ImageShape} shape
 * @returns {Part<{ digit: string }>}
 */
export function shelf({ set }, images, shape) {
  const marks = Object.entries(images).map(([key, pixels]) => {
    const digit = key === "null" ? null : Number(key);
    const label = digit === null ? "your image" : `digit ${digit + 1}, a ${presets[digit].label}`;
    const press = () => set({ digit, erased: [], chosen: null, place: null });
    const el = button("", press, { kind: "cx-digit", "aria-label": label });
    el.append(html("i", { style: inkMask(inkOf(pixels, shape), shape[2], shape[1]) }));
    return { key, el };
  });
  const el = html(
    "div",
    {
      class: "cx-shelf",
      role: "toolbar",
      "aria-label": "Choose a digit",
      hidden: marks.length < 2,
    },
    ...marks.map((mark) => mark.el),
  );
  /** @param {number} n */
  function stopAt(n) {
    for (const [k, mark] of marks.entries()) put(mark.el, { tabindex: k === n ? 0 : -1 });
  }
  el.addEventListener("keydown", (event) => {
    const last = marks.length - 1;
    const now = marks.findIndex((mark) => mark.el === event.target);
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const to = clamp(next, 0, last);
    stopAt(to);
    marks[to].el.focus();
  });
  return {
    el,
    draw({ digit }) {
      for (const { key, el } of marks) put(el, { "aria-pressed": String(key === digit) });
      stopAt(
        Math.max(
          0,
          marks.findIndex((mark) => mark.key === digit),
        ),
      );
    },
  };
}
