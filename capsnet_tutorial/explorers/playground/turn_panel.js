// Turn, shift and scale what the network gets; a compass shows what it would read.

import { slider } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { decimals, minus } from "../kit/numbers.js";
import { compass } from "./compass.js";
import { around, POINTS } from "./maths.js";
import { scout } from "./scout.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Source } from "./network.js" */
/** @import { Answers } from "./scout.js" */
/** @import { Shown } from "./shown.js" */
/** @import { PlaygroundState } from "./traits.js" */

/**
 * @param {PlaygroundState} state
 * @param {Source} source
 * @returns {Part<Shown>}
 */
export function turnPanel(state, source) {
  const sliders = slidersFor(state);
  const dial = compass(state);
  const answers = scout(state, source);
  const words = html("p", { class: "cx-hint" });
  const controls = html("div", {}, ...sliders.map((one) => one.el), words);
  const el = html("div", { class: "cx-drawer cx-turn" }, dial.el, controls);
  /** @param {Shown} now */
  function draw({ all }) {
    for (const one of sliders) one.draw();
    const known = all.show === "turn" && source.net ? answers(all) : null;
    const busy = known && known.readings.length < POINTS;
    put(dial.el, { "aria-busy": busy ? "true" : null });
    if (!known) return;
    dial.draw(known);
    words.textContent = told(known);
  }
  return { el, draw };
}

/** @param {PlaygroundState} state */
function slidersFor({ get, set }) {
  /** @type {(name: "angle" | "right" | "down" | "scale", label: string, ends: number[],
   *   step: number, text: (x: number) => string) => Part} */
  const of = (name, label, [min, max], step, text) => {
    /** @param {number} value */
    const to = (value) => set({ [name]: value, change: [] });
    return slider(label, { min, max, step, get: () => get(name), set: to, text });
  };
  return [
    of("angle", "turn", [-180, 180], 5, (x) => `${minus(x)}°`),
    of("right", "to the right", [-10, 10], 0.5, (x) => `${minus(x)} px`),
    of("down", "down", [-10, 10], 0.5, (x) => `${minus(x)} px`),
    of("scale", "size", [0.4, 1.6], 0.05, (x) => `× ${decimals(x, 2)}`),
  ];
}

/** @param {Answers} answers */
function told({ readings, upright }) {
  if (readings.length < POINTS) return "The compass is being drawn …";
  const { is, not, unsure } = around(readings, upright);
  return (
    `Of 360°: ${is}° as ${upright}, ${not}° as something else with a length above 0.5, ` +
    `${unsure}° unsure.`
  );
}
