// The map of effects takes hundreds of runs of the network: some in each frame.

/** @import { Rubbing } from "./maths.js" */

const BUSY = 25; // milliseconds of a frame

/**
 * @typedef {object} Scan
 * @property {string} key
 * @property {Rubbing[]} found
 * @property {Iterator<Rubbing, void>} left
 * @property {boolean} done
 */

/**
 * found(key, start): what is known by now.  Another key is another scan, of the rubbings
 * that `start` makes; the last one is forgotten.
 *
 * @param {() => void} changed  is called as more is known
 */
export function scanner(changed) {
  /** @type {Scan | null} */
  let scan = null;
  /** @param {Scan} mine */
  function more(mine) {
    const end = performance.now() + BUSY;
    while (mine === scan && performance.now() < end) {
      const { value } = mine.left.next();
      if (!value) {
        mine.done = true;
        return changed();
      }
      mine.found.push(value);
    }
    if (mine !== scan) return;
    changed();
    requestAnimationFrame(() => more(mine));
  }
  /** @type {(key: string, start: () => Iterator<Rubbing, void>) => Rubbing[]} */
  function found(key, start) {
    if (scan?.key === key) return scan.found;
    /** @type {Scan} */
    const mine = { key, found: [], left: start(), done: false };
    scan = mine;
    requestAnimationFrame(() => more(mine));
    return mine.found;
  }
  return { found, busy: () => scan !== null && !scan.done };
}
