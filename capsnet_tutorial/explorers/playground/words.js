// The playground in numbers and in sentences, for the read-out and for the status line.

import { norm } from "../model/capsules.js";
import { layersOf, verdictOf } from "./maths.js";

export function playgroundRows({ read, order, seen, pictures }) {
  const length = (n) => (read ? read.lengths[order[n]].toFixed(3) : "…");
  const square = (x, k) => ((x - pictures[0][k]) / 255) ** 2;
  const error = pictures[0] ? seen.reduce((sum, x, k) => sum + square(x, k), 0).toFixed(1) : "…";
  return [
    [read ? `longest, ${order[0]}` : "longest", length(0), "length of the longest capsule"],
    [read ? `next, ${order[1]}` : "next", length(1), "length of the second longest"],
    ["error", error, "of what it remembers: squared, summed over 784 pixels"],
  ];
}

export function playgroundSentence({ all, read, amount, order, poses }) {
  if (!read) return "The network is not here yet.";
  const length = (j) => `capsule ${j}, length ${read.lengths[j].toFixed(2)}`;
  const { angle, right, down, scale, change } = all;
  const moved =
    angle || right || down || scale !== 1
      ? [`Turned by ${angle}°, shifted by ${right} right and ${down} down, size ${scale}.`]
      : [];
  const numbers = change.flatMap((x, n) => (x ? [`number ${n} by ${x}`] : []));
  const bent =
    numbers.length && poses
      ? [`Changed: ${numbers.join(", ")}; the pose is ${norm(poses[0]).toFixed(2)} long.`]
      : [];
  const longest = `Longest: ${order.slice(0, 2).map(length).join("; ")}.`;
  return [verdictOf(amount, read.lengths, layersOf(all)), longest, ...moved, ...bent].join(" ");
}
