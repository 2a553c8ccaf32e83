// A pen that draws strokes: points from 0 to 255, as in pad.js.

/** @import { Point, Stroke } from "../model/pad.js" */

export const SIDE = 256; // units of the pad

/**
 * What becomes of strokes.
 *
 * @typedef {object} Strokes
 * @property {() => void} begin  the pen comes down
 * @property {(strokes: Stroke[]) => void} grow  what it drew since then; there are several
 *   strokes if it left the pad
 * @property {(strokes: Stroke[]) => void} end  it is lifted
 */

/** @typedef {ReturnType<typeof penOf>} Pen */

/** @param {Point} point */
const onPad = (point) => point.every((x) => x >= 0 && x < SIDE);

/** @param {Strokes} acts */
export function penOf({ begin, grow, end }) {
  /** @type {Stroke[] | null} */
  let live = null; // strokes of the pen that is down
  let outside = false;
  /** @param {Stroke[]} strokes */
  const drawn = (strokes) => strokes.filter((stroke) => stroke.length);
  /** @param {Point[]} points */
  function to(points) {
    if (!live) return;
    for (const point of points) {
      if (outside && onPad(point)) live.push([]);
      outside = !onPad(point);
      if (!outside) live[live.length - 1].push(point.map(Math.floor));
    }
    grow(drawn(live));
  }
  /** @param {Point} point */
  function down(point) {
    begin();
    live = [[]];
    outside = false;
    to([point]);
  }
  function lift() {
    if (!live) return;
    const strokes = drawn(live);
    live = null;
    end(strokes);
  }
  return { down, to, lift, isDown: () => live !== null };
}
