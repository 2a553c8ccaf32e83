// A row of the twenty digits: radio buttons, so that arrow keys choose.

import { html } from "../kit/marks.js";
import { DIGITS } from "../model/digits.js";
import { toBytes } from "./maths.js";
import { pixelPicture } from "./pixels.js";

let strips = 0; // of one page, told apart

export function digitStrip(label, { get, set }) {
  const group = `cx-strip-${(strips += 1)}`;
  const parts = DIGITS.map((digit, n) => {
    const name = `digit ${digit.label}, number ${n + 1} of ${DIGITS.length}`;
    const input = html("input", { type: "radio", name: group, "aria-label": name });
    const picture = pixelPicture("");
    input.addEventListener("change", () => set(n));
    return { input, picture, el: html("label", {}, input, picture.el) };
  });
  const el = html(
    "fieldset",
    { class: "cx-strip" },
    html("legend", {}, label),
    ...parts.map((part) => part.el),
  );
  const draw = () => parts.forEach(({ input }, n) => (input.checked = n === get()));
  const paint = () => parts.forEach(({ picture }, n) => picture.show(toBytes(DIGITS[n].pixels)));
  return { el, draw, paint };
}
