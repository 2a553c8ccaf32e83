// The paper of the playground, on which one draws, or lays a stored digit or two.

import { button } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { DIGITS } from "../model/digits.js";
import { drawingPad } from "./drawing.js";
import { toBytes } from "./maths.js";
import { pixelPicture } from "./pixels.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Strokes } from "./pen.js" */
/** @import { Shown } from "./shown.js" */

const HINT = "Arrows move, Space draws, Backspace takes back.";

/**
 * @param {Strokes & { undo: () => void, clear: () => void, signal: AbortSignal }} acts
 * @returns {Part<Shown>}
 */
export function paper({ clear, ...acts }) {
  const pad = drawingPad(acts);
  const [first, second] = [pixelPicture(""), pixelPicture("", "cx-data")];
  const buttons = [
    button("Undo", acts.undo, { kind: "cx-word" }),
    button("Clear", clear, { kind: "cx-word" }),
  ];
  const el = html(
    "div",
    { class: "cx-drawn" },
    html("div", { class: "cx-paper" }, first.el, second.el, pad.el),
    html("p", { class: "cx-caption" }, html("span", {}, "you draw"), ...buttons),
    html("p", { class: "cx-caption cx-keys", "aria-hidden": "true" }, HINT),
  );
  /** @param {Shown} now */
  function draw({ all }) {
    pad.draw(all.strokes, all.pen);
    first.show(bytesOf(all.digit));
    second.show(bytesOf(all.second));
  }
  return { el, draw };
}

/** @param {number | null} digit */
const bytesOf = (digit) => (digit === null ? null : toBytes(DIGITS[digit].pixels));
