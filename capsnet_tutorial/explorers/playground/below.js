// What lies below the figure of the playground: twenty digits, and what to play with.

import { choice } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { digitStrip } from "./digit_strip.js";
import { BLANK, PLAIN } from "./traits.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { PlaygroundState, Traits } from "./traits.js" */

const MODES = { digit: "the digit", turn: "turn it", pose: "its pose", second: "two digits" };

/**
 * @param {PlaygroundState} state
 * @param {(traits: Partial<Traits>) => void} ink
 * @param {{ turn: Element, pose: Element }} drawers
 * @returns {{ controls: Part[], paint: () => void }}
 */
export function below({ get, set }, ink, drawers) {
  const first = digitStrip("Or take one of twenty digits", {
    get: () => (get("strokes").length ? null : get("digit")),
    set: (digit) => ink({ ...BLANK, digit }),
  });
  const second = digitStrip("On top of the other:", {
    get: () => get("second"),
    set: (second) => ink({ second }),
  });
  const modes = choice("Play with", MODES, {
    get: () => get("show"),
    set: (show) => set({ ...PLAIN, show, ...(show === "second" && { second: 17 }) }),
  });
  const all = { ...drawers, second: second.el };
  const el = html("div", { class: "cx-drawers" }, ...Object.values(all));
  function draw() {
    for (const [name, drawer] of Object.entries(all)) put(drawer, { hidden: get("show") !== name });
    second.draw();
  }
  function paint() {
    first.paint();
    second.paint();
  }
  return { controls: [first, modes, { el, draw }], paint };
}
