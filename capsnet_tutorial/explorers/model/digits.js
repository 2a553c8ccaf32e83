// The twenty digits that explorers offer, and how stored.js has them.

import { stored } from "./stored.js";

/** @typedef {{ label: number, pixels: Float32Array }} Digit  28 x 28 numbers from 0 to 1, flat */

/**
 * A digit of stored.js: its box of ink, put back into a frame.
 *
 * @param {{ label: number, top: number, left: number, width: number, pixels: string }} digit
 * @returns {Digit}
 */
export function unpackDigit({ label, top, left, width, pixels }) {
  const image = new Float32Array(28 * 28);
  for (const [k, letter] of [...atob(pixels)].entries()) {
    const [row, column] = [top + Math.floor(k / width), left + (k % width)];
    image[row * 28 + column] = letter.charCodeAt(0) / 255;
  }
  return { label, pixels: image };
}

export const DIGITS = stored.digits.map(unpackDigit);
