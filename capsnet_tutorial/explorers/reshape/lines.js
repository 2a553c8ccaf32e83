// The lines of the program, each with the shape that it leaves; a press runs up to there.

import { button } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Shown } from "./shown.js" */
/** @import { ReshapeState } from "./traits.js" */

/**
 * @param {ReshapeState} state
 * @returns {Part<Shown>}
 */
export function lines({ glide }) {
  const el = html("ol", { class: "cx-lines", "aria-label": "The lines of the program" });
  let written = ""; // what stands there
  /** @param {Shown} now */
  function draw({ film: { steps }, now }) {
    const text = steps.map(({ code }) => code).join("\n");
    if (text !== written) {
      written = text;
      el.replaceChildren(...steps.map((step, n) => html("li", {}, line(step, n))));
    }
    for (const [n, { firstElementChild }] of [...el.children].entries()) {
      if (firstElementChild) put(firstElementChild, { "aria-current": n === now ? "step" : null });
    }
  }
  /**
   * @param {{ code: string, real: string }} step
   * @param {number} n
   */
  function line({ code, real }, n) {
    const press = button("", () => glide({ step: n }), { kind: "cx-line-of-code" });
    press.append(html("code", {}, code), html("span", {}, real));
    return press;
  }
  return { el, draw };
}
