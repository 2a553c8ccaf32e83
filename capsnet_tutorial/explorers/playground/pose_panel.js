// Sixteen sliders: change the pose of a capsule, and see what the decoder makes of it.

import { button, slider } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { decimals, signed } from "../kit/numbers.js";
import { norm } from "../model/capsules.js";
import { stored } from "../model/stored.js";
import { sliderEnds, toBytes } from "./maths.js";
import { pixelPicture } from "./pixels.js";

/** @import { Source } from "./network.js" */
/** @import { Shown } from "./shown.js" */
/** @import { PlaygroundState } from "./traits.js" */

const SORT_AFTER = 150; // milliseconds without a change before the sliders are sorted
const RANGES = {
  given: "Each goes two spreads to both sides; if you gave none, that is 0.25, as in the paper.",
  stored:
    "Each goes two standard deviations to both sides: of its number, among digits of that class.",
};
const ORDER = "Its ends are drawn beside it, and the number that changes most comes first.";

/**
 * One unit of `change`, for each class and number.
 *
 * @param {PlaygroundState} state
 */
export const spreadOf = ({ get }) => (get("spread").length ? get("spread") : stored.poseSd);

/** @typedef {ReturnType<typeof slidersOf>} Sliders */

/**
 * A slider for each number, with pictures of its ends.
 *
 * @param {PlaygroundState} state
 * @param {number} size
 */
function slidersOf({ get, set }, size) {
  const zeros = Array.from({ length: size }, () => 0);
  const now = () => (get("change").length === size ? get("change") : zeros);
  /** @type {(n: number, value: number) => void} */
  function to(n, value) {
    const change = now().map((x, m) => (m === n ? value : x));
    set({ change: change.some((x) => x) ? change : [] });
  }
  return zeros.map((_, n) => {
    const { el, input, draw } = slider(`no. ${n}`, {
      min: -2,
      max: 2,
      step: 0.1,
      text: (x) => signed(x, 1),
      get: () => now()[n],
      set: (x) => to(n, x),
    });
    const [less, more] = [0, 1].map(() => pixelPicture("", "cx-above"));
    input.before(less.el);
    input.after(more.el);
    return { el, draw, less, more };
  });
}

/**
 * Sorts the sliders of a pose after a rest: not while somebody draws.
 *
 * @param {Sliders} rows
 * @param {HTMLElement} list
 * @param {{ spread: number[][], source: Source, signal: AbortSignal }} surroundings
 */
function sorter(rows, list, { spread, source, signal }) {
  let waiting = 0;
  /** @type {unknown[]} */
  let about = [];
  /** @type {(pose: number[], j: number) => void} */
  function sort(pose, j) {
    list.removeAttribute("aria-busy");
    const decode = source.net?.decode;
    if (!decode || signal.aborted) return;
    const ends = sliderEnds(pose, spread[j], (moved) => decode(moved, j));
    list.append(...ends.map(({ n }) => rows[n].el));
    for (const { n, less, more } of ends) {
      rows[n].less.show(toBytes(less));
      rows[n].more.show(toBytes(more));
    }
  }
  /** @type {(pose: number[], j: number, theme: number) => void} */
  return (pose, j, theme) => {
    const input = [pose, j, theme];
    if (input.every((x, n) => x === about[n])) return;
    about = input;
    list.setAttribute("aria-busy", "true");
    clearTimeout(waiting);
    waiting = setTimeout(() => sort(pose, j), SORT_AFTER);
  };
}

/**
 * @param {PlaygroundState} state
 * @param {number[][]} spread
 * @param {Source} source
 */
export function posePanel(state, spread, source) {
  const { get, set, signal } = state;
  const rows = slidersOf(state, spread[0].length);
  const list = html("div", { class: "cx-sliders" }, ...rows.map((row) => row.el));
  const length = html("p");
  const back = button("As encoded", () => set({ change: [] }), { kind: "cx-word" });
  const range = get("spread").length ? RANGES.given : RANGES.stored;
  const el = html(
    "div",
    { class: "cx-drawer" },
    html("div", { class: "cx-posehead" }, length, back),
    list,
    html("p", { class: "cx-hint" }, `${range} ${ORDER}`),
  );
  const sortLater = sorter(rows, list, { spread, source, signal });

  /** @type {(now: Shown, theme: number) => void} */
  function draw({ read, poses, shown: [j] }, theme) {
    for (const row of rows) row.draw();
    const long = poses?.[0] ? norm(poses[0]) : 0;
    const beyond = long >= 1 ? ": beyond 1, and no drawing leads here." : ".";
    put(length, { class: long >= 1 ? "cx-wrong" : null });
    length.textContent = long
      ? `The pose of capsule ${j} is ${decimals(long, 3)} long${beyond}`
      : "";
    put(back, { hidden: !get("change").some((x) => x) });
    // as it was encoded, and anew when the colours are
    if (get("show") === "pose" && read?.pose) sortLater(read.pose[j], j, theme);
  }
  return { el, draw };
}
