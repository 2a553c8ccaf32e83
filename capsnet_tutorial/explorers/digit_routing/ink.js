// The image in the digit explorer: what its ink does, the window of a place, the eraser.

import { button, choice } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { inkPanel } from "./image.js";
import { under } from "./maths.js";
import { shelf } from "./shelf.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Look } from "./look.js" */
/** @import { DigitState } from "./traits.js" */

// Full green or purple: the same for all digits, classes and passes.
const FULL = { votes: 0.05, effect: 0.5 }; // of |s| in a pixel, of |v| without it

/**
 * @param {DigitState} state
 * @param {Network["config"]} config
 * @param {Record<string, Float32Array>} images
 * @returns {Part<Look>}
 */
export function inkColumn(state, { image_shape: shape, grid }, images) {
  const { get, set, redraw } = state;
  /** @type {Look | null} */
  let shown = null;
  /** @param {number} spot */
  function rub(spot) {
    const [, height, width] = shape;
    const { ink = [], spots = [] } = shown ?? {};
    if (under(spot, height, width).some((k) => ink[k] > 0)) set({ erased: [...spots, spot] });
    else redraw();
  }
  const head = html("p", { class: "cx-head" });
  const image = inkPanel(state, shape, grid[1], rub);
  const show = choice(
    "The ink shows",
    { votes: "votes", effect: "effect" },
    { get: () => get("ink"), set: (ink) => set({ ink }) },
  );
  const hint = hintFor(state);
  const digits = shelf(state, images, shape);
  /** @param {Look} look */
  function draw(look) {
    shown = look;
    const effect = get("ink") === "effect";
    image.draw({
      ...look,
      tint: effect ? look.effect() : look.painted.map,
      full: FULL[get("ink")],
      busy: effect && look.busy(),
    });
    head.textContent = `${effect ? "What ink does for" : "Ink that votes for"} ${look.chosen}`;
    for (const part of [hint, digits]) part.draw(look);
    show.draw();
  }
  const parts = [head, image.el, show.el, hint.el, digits.el];
  return { el: html("div", { class: "cx-part" }, ...parts), draw };
}

/**
 * What the colours mean, and what the eraser is for.
 *
 * @param {DigitState} state
 * @returns {Part<Look>}
 */
function hintFor({ get, set }) {
  const el = html("p", { class: "cx-hint" });
  const restore = button("Restore it", () => set({ erased: [] }), { kind: "cx-word" });
  const colours = ["against", "neither", "for"].map((kind) => html("i", { class: `cx-${kind}` }));
  /** @param {Look} look */
  function draw({ spots }) {
    const ink = get("ink");
    const ramp = html("span", { class: "cx-ramp" }, `−${FULL[ink]}`, ...colours, FULL[ink]);
    const unit = ink === "effect" ? " of |v|, without it. " : " of |s|, in a pixel. ";
    const rest = spots.length
      ? ["Some ink is gone: ", restore]
      : ["Drag the circle to rub ink out."];
    el.replaceChildren(ramp, unit, ...rest);
  }
  return { el, draw };
}
