// A row of the twenty digits: radio buttons, so that arrow keys choose.

import { newGroup } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { DIGITS } from "../model/digits.js";
import { toBytes } from "./maths.js";
import { pixelPicture } from "./pixels.js";

/**
 * `paint` draws the digits, in the colours of the page.
 *
 * @param {string} label
 * @param {{ get: () => number | null, set: (n: number) => void }} bound
 */
export function digitStrip(label, { get, set }) {
  const group = newGroup();
  const parts = DIGITS.map((digit, n) => {
    const name = `digit ${digit.label}, number ${n + 1} of ${DIGITS.length}`;
    const input = html("input", { type: "radio", name: group, "aria-label": name });
    const picture = pixelPicture("");
    input.addEventListener("change", () => set(n));
    return { input, picture, el: html("label", {}, input, picture.el) };
  });
  const labels = parts.map((part) => part.el);
  const el = html("fieldset", { class: "cx-strip" }, html("legend", {}, label), ...labels);
  function draw() {
    for (const [n, { input }] of parts.entries()) input.checked = n === get();
  }
  function paint() {
    for (const [n, { picture }] of parts.entries()) picture.show(toBytes(DIGITS[n].pixels));
  }
  return { el, draw, paint };
}
