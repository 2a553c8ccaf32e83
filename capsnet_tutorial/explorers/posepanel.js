// Sixteen sliders: change the pose of a capsule, and see what the decoder makes of it.

import { norm } from "./capsules.js";
import { button, slider } from "./controls.js";
import { html, put } from "./marks.js";
import { pixelPicture } from "./pixels.js";
import { stored } from "./stored.js";

const FAR = 2; // spreads to each side

// One unit of `change`, for each class and number: standard deviations of shipped weights.
export const spreadOf = (get) => (get("spread").length ? get("spread") : stored.poseSd);

// A pose, moved by so many spreads along each number.
export const changed = (pose, change, spread) =>
  change.length ? Array.from(pose, (x, n) => x + change[n] * spread[n]) : Array.from(pose);

// What a decoder draws at the ends of each slider: [{ n, less, more, effect }], the number
// that changes the picture most first.
export function sliderEnds(pose, spread, decode) {
  const ends = spread.map((step, n) => {
    const [less, more] = [-FAR, FAR].map((far) => decode(Array.from(pose, (x, m) => (m === n ? x + far * step : x))));
    return { n, less, more, effect: less.reduce((sum, x, k) => sum + (x - more[k]) ** 2, 0) };
  });
  return ends.sort((a, b) => b.effect - a.effect);
}

// get("change") is the list of changes in spreads, empty for none.
export function posePanel({ get, set }, size) {
  const none = () => Array.from({ length: size }, () => 0);
  const now = () => (get("change").length === size ? get("change") : none());
  const to = (n, value) => {
    const change = now().map((x, m) => (m === n ? value : x));
    set({ change: change.some((x) => x) ? change : [] });
  };
  const signed = (x) => (x ? `${x > 0 ? "+" : "−"}${Math.abs(x).toFixed(1)}` : "0");
  const rows = none().map((_, n) => {
    const one = slider(`no. ${n}`, { min: -FAR, max: FAR, step: 0.1, get: () => now()[n], set: (x) => to(n, x), text: signed });
    const [less, more] = [0, 1].map(() => pixelPicture("", { kind: "cx-above", role: null, "aria-hidden": "true" }));
    one.el.children[1].before(less.el);
    one.el.children[2].after(more.el);
    return { ...one, less, more };
  });
  const list = html("div", { class: "cx-sliders" }, ...rows.map((row) => row.el));
  const length = html("p", { class: "cx-poselength" });
  const back = button("As encoded", () => set({ change: [] }), { kind: "cx-word" });
  const range = get("spread").length === 0
    ? "Each goes two standard deviations to both sides: of its number, among digits of that class."
    : "Each goes two spreads to both sides, 0.25 if you gave none, as in the paper.";
  const hint = html("p", { class: "cx-hint" }, `${range} The small pictures show both ends, and the number that changes most comes first. `);
  const el = html("div", { class: "cx-drawer" }, html("div", { class: "cx-posehead" }, length, back), list, hint);

  function draw(pose, j) {
    for (const row of rows) row.draw();
    const long = pose ? norm(pose) : 0, beyond = long >= 1;
    put(length, { class: beyond ? "cx-poselength cx-wrong" : "cx-poselength" }).textContent = pose
      ? `The pose of capsule ${j} is ${long.toFixed(3)} long${beyond ? ": beyond 1, and no drawing leads here." : "."}` : "";
    put(back, { hidden: !get("change").some((x) => x) });
  }
  // In the order of sliderEnds.
  function sort(ends) {
    list.append(...ends.map(({ n }) => rows[n].el));
    for (const { n, less, more } of ends) {
      rows[n].less.show(Uint8Array.from(less, (x) => Math.round(255 * x)));
      rows[n].more.show(Uint8Array.from(more, (x) => Math.round(255 * x)));
    }
  }
  return { el, draw, sort };
}
