// Capsules as squares: area is size and hue is sign, on scales that are the same for all
// digits and classes.

import { put, svg } from "../kit/marks.js";

/**
 * Squares in a grid, one for each number: those above 0 in one path, those below in another.
 *
 * @param {number} columns
 * @param {number} cell  its side, in pixels
 */
export function squares(columns, cell) {
  const els = ["for", "against"].map((kind) =>
    svg("path", { class: `cx-${kind}`, "pointer-events": "none" }),
  );
  /** @type {(share: number, n: number) => string} */
  function square(share, n) {
    const side = Math.sqrt(Math.min(share, 1)) * (cell - 3);
    const corner = [n % columns, Math.floor(n / columns)].map((k) => (k + 0.5) * cell - side / 2);
    const [x, y, to] = [...corner, side].map((pixels) => pixels.toFixed(2));
    return `M${x} ${y}h${to}v${to}h-${to}z`;
  }
  /** @type {(numbers: number[], full: number) => void} */
  function draw(numbers, full) {
    const paths = ["", ""];
    for (const [n, x] of numbers.entries()) paths[Number(x < 0)] += square(Math.abs(x) / full, n);
    for (const [k, el] of els.entries()) put(el, { d: paths[k] });
  }
  return { els, draw };
}
