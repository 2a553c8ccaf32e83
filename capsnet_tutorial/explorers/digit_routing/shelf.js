// Small images to choose from; "null" is the reader's own.

import { button } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
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
    el.append(html("i", { style: mask(pixels, shape) }));
    return { key, el };
  });
  const el = html(
    "div",
    { class: "cx-shelf", role: "group", "aria-label": "Choose a digit", hidden: marks.length < 2 },
    ...marks.map((mark) => mark.el),
  );
  return {
    el,
    draw({ digit }) {
      for (const { key, el } of marks) put(el, { "aria-pressed": String(key === digit) });
    },
  };
}

/**
 * The ink of an image as a mask, which takes the colour of the page.
 *
 * @param {Float32Array} pixels
 * @param {ImageShape} shape
 */
function mask(pixels, shape) {
  const [, height, width] = shape;
  const canvas = html("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  for (const [k, ink] of inkOf(pixels, shape).entries()) image.data[4 * k + 3] = 255 * ink;
  context.putImageData(image, 0, 0);
  const url = `url(${canvas.toDataURL()})`;
  return `mask-image:${url};-webkit-mask-image:${url}`;
}
