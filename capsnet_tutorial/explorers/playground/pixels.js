// Small pictures of pixels: ink in the colour of the element, on nothing.

import { html } from "../kit/marks.js";

const SIDE = 28;
const NO_INK = new Uint8Array(SIDE * SIDE);

/** @typedef {ReturnType<typeof pixelPicture>} PixelPicture */

/** @param {Element} el */
function colourOf(el) {
  const numbers = getComputedStyle(el).color.match(/[\d.]+/g) ?? ["0", "0", "0"];
  return numbers.slice(0, 3).map(Number);
}

/**
 * `show` takes a byte for each pixel, its alpha; null shows nothing.
 *
 * @param {string} label  without words it is for the eye only
 * @param {string} [kind]
 */
export function pixelPicture(label, kind = "") {
  const spoken = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  const el = html("canvas", { width: SIDE, height: SIDE, class: `cx-pixels ${kind}`, ...spoken });
  const few = { willReadFrequently: true }; // pixels: no GPU
  const context = /** @type {CanvasRenderingContext2D} */ (el.getContext("2d", few));
  const image = context.createImageData(SIDE, SIDE);
  /** @param {Uint8Array | null} [bytes] */
  function show(bytes) {
    const colour = colourOf(el);
    for (const [k, alpha] of (bytes ?? NO_INK).entries()) image.data.set([...colour, alpha], 4 * k);
    context.putImageData(image, 0, 0);
  }
  return { el, show };
}

/**
 * A canvas does not follow the theme by itself: call `act` when it changes.
 *
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
export function onTheme(act, signal) {
  const watch = new MutationObserver(act);
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true });
  }
  const night = matchMedia("(prefers-color-scheme: dark)");
  night.addEventListener("change", act, { signal });
  signal.addEventListener("abort", () => watch.disconnect());
}
