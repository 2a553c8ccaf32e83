// Ink as a mask, which takes the colour of the page.

import { html } from "./marks.js";

/**
 * @param {ArrayLike<number>} ink  from 0 to 1, flat (h w)
 * @param {number} width
 * @param {number} height
 * @returns {string}  a style
 */
export function inkMask(ink, width, height) {
  const canvas = html("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(width, height);
  for (let k = 0; k < ink.length; k++) image.data[4 * k + 3] = 255 * ink[k];
  context.putImageData(image, 0, 0);
  const url = `url(${canvas.toDataURL()})`;
  return `mask-image:${url};-webkit-mask-image:${url}`;
}
