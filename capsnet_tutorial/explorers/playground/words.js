// The playground in numbers and in sentences, for the read-out and for the status line.

import { decimals } from "../kit/numbers.js";
import { norm } from "../model/capsules.js";
import { layersOf, verdictOf } from "./maths.js";

/** @import { Row } from "../kit/readout.js" */
/** @import { Shown } from "./shown.js" */

/**
 * @param {Shown} now
 * @returns {Row[]}
 */
export function rows({ read, order, seen, pictures: [memory] }) {
  const [first = "", next = ""] = order;
  /** @param {number} n */
  const length = (n) => (read ? decimals(read.lengths[order[n]], 3) : "…");
  const error = memory ? decimals(squaredError(seen, memory), 1) : "…";
  return [
    [read ? `longest, ${first}` : "longest", length(0), "length of the longest capsule"],
    [read ? `next, ${next}` : "next", length(1), "length of the second longest"],
    ["error", error, "of what it remembers: squared, summed over 784 pixels"],
  ];
}

/**
 * @param {Uint8Array} seen
 * @param {Uint8Array} memory
 */
const squaredError = (seen, memory) =>
  seen.reduce((sum, x, k) => sum + ((x - memory[k]) / 255) ** 2, 0);

/** @param {Shown} now */
export function sentence({ all, read, amount, order, poses }) {
  if (!read) return "The network is not here yet.";
  const longest = order
    .slice(0, 2)
    .map((j) => `capsule ${j}, length ${decimals(read.lengths[j], 2)}`);
  const { angle, right, down, scale, change } = all;
  const parts = [verdictOf(amount, read.lengths, layersOf(all)), `Longest: ${longest.join("; ")}.`];
  if (angle || right || down || scale !== 1) {
    parts.push(`Turned by ${angle}°, shifted by ${right} right and ${down} down, size ${scale}.`);
  }
  const changes = change.flatMap((x, n) => (x ? [`number ${n} by ${x}`] : []));
  if (changes.length && poses) {
    const long = decimals(norm(poses[0]), 2);
    parts.push(`Changed: ${changes.join(", ")}; the pose is ${long} long.`);
  }
  return parts.join(" ");
}
