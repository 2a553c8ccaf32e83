// Sixteen sliders: change the pose of a capsule, and see what the decoder makes of it.

import { button, slider } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { norm } from "../model/capsules.js";
import { stored } from "../model/stored.js";
import { sliderEnds, toBytes } from "./maths.js";
import { pixelPicture } from "./pixels.js";

const SORT_AFTER = 150; // milliseconds without a change before the sliders are sorted
const RANGES = [
  "Each goes two spreads to both sides; if you gave none, that is 0.25, as in the paper.",
  "Each goes two standard deviations to both sides: of its number, among digits of that class.",
];
const ORDER = "Its ends are drawn beside it, and the number that changes most comes first.";

// One unit of `change`, for each class and number.
export const spreadOf = (get) => (get("spread").length ? get("spread") : stored.poseSd);

const signed = (x) => (x ? `${x > 0 ? "+" : "−"}${Math.abs(x).toFixed(1)}` : "0");

function slidersOf({ get, set }, size) {
  const zeros = Array.from({ length: size }, () => 0);
  const now = () => (get("change").length === size ? get("change") : zeros);
  function to(n, value) {
    const change = now().map((x, m) => (m === n ? value : x));
    set({ change: change.some((x) => x) ? change : [] });
  }
  return zeros.map((_, n) => {
    const range = { min: -2, max: 2, step: 0.1, text: signed };
    const one = slider(`no. ${n}`, { ...range, get: () => now()[n], set: (x) => to(n, x) });
    const [less, more] = [0, 1].map(() => pixelPicture("", "cx-above"));
    const input = one.el.querySelector("input");
    input.before(less.el);
    input.after(more.el);
    return { ...one, less, more };
  });
}

// Sorts after a rest: not while somebody draws.
function sorter(rows, list, { spread, net, signal }) {
  let waiting = null;
  let about = [];
  function sort(pose, j) {
    const ends = sliderEnds(pose, spread[j], (v) => net().decode(v, j));
    list.append(...ends.map(({ n }) => rows[n].el));
    for (const { n, less, more } of ends) {
      rows[n].less.show(toBytes(less));
      rows[n].more.show(toBytes(more));
    }
  }
  return (...input) => {
    if (input.every((x, n) => x === about[n])) return;
    about = input;
    clearTimeout(waiting);
    waiting = setTimeout(() => signal.aborted || sort(...input), SORT_AFTER);
  };
}

// net() is the network, or null.
export function posePanel(hand, spread, net) {
  const { get, set, signal } = hand;
  const rows = slidersOf(hand, spread[0].length);
  const list = html("div", { class: "cx-sliders" }, ...rows.map((row) => row.el));
  const length = html("p");
  const back = button("As encoded", () => set({ change: [] }), { kind: "cx-word" });
  const el = html(
    "div",
    { class: "cx-drawer" },
    html("div", { class: "cx-posehead" }, length, back),
    list,
    html("p", { class: "cx-hint" }, `${RANGES[Number(get("spread").length === 0)]} ${ORDER}`),
  );
  const sortLater = sorter(rows, list, { spread, net, signal });

  // encoded: the pose as it came out of routing; pose: after the changes; theme: a number
  // that is new when the colours are.
  function draw({ read, poses, shown: [j] }, theme) {
    for (const row of rows) row.draw();
    const long = poses?.[0] ? norm(poses[0]) : 0;
    const beyond = long >= 1 ? ": beyond 1, and no drawing leads here." : ".";
    put(length, { class: long >= 1 ? "cx-wrong" : null });
    length.textContent = long ? `The pose of capsule ${j} is ${long.toFixed(3)} long${beyond}` : "";
    put(back, { hidden: !get("change").some((x) => x) });
    if (get("show") === "pose" && net()?.decode) sortLater(read.pose[j], j, theme);
  }
  return { el, draw };
}
