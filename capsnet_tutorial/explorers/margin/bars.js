// Ten lengths to drag, one row for each class: a ring if it is present, its bar with an
// arrow where the loss pulls it, and its part of the bill.

import { button } from "../kit/controls.js";
import { drag, keyed } from "../kit/drag.js";
import { html, put } from "../kit/marks.js";
import { clamp, decimals } from "../kit/numbers.js";
import { REST, STEP, shown, tenOf } from "./maths.js";
import { colour, group, percent, row, setClasses, styled } from "./ruler.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Judged } from "./maths.js" */
/** @import { MarginState } from "./traits.js" */

/**
 * @param {number} j
 * @param {MarginState} state
 * @returns {Part<Judged>}
 */
export function bar(j, state) {
  const ring = ringOf(j, state);
  const track = trackOf(j, state);
  const cost = html("span", { "data-lights": `c${j}` });
  /** @param {Judged} now */
  function draw(now) {
    put(ring, { "aria-pressed": String(now.present[j]) });
    track.draw(now);
    setClasses(cost, "cx-cost", now.bug !== "none" && "cx-wrong");
    cost.textContent = shown(now.used.terms[j]);
  }
  return { el: row(ring, track.el, cost), draw };
}

/**
 * @param {number} j
 * @param {MarginState} state
 */
function ringOf(j, { get, set }) {
  function turn() {
    const present = get("present").map((there, k) => (k === j) !== there);
    set({ chosen: j, present });
  }
  return button(String(j), turn, {
    kind: "cx-ring-button",
    "aria-label": `${j} is present`,
  });
}

/**
 * @param {number} j
 * @param {MarginState} state
 */
function trackOf(j, state) {
  const [zone, share, length, step, knob] = ["zone", "share", "length", "step", "knob"].map(
    (name) => html("span", { class: `cx-${name}` }),
  );
  const attributes = {
    tabindex: 0,
    role: "slider",
    "aria-label": `length of capsule ${j}`,
    "aria-valuemin": 0,
    "aria-valuemax": 1,
  };
  const el = html("div", attributes, zone, share, length, step, knob);
  pulled(j, el, state);
  /** @param {Judged} now */
  function draw({ lengths, present, used, bug, shares }) {
    const x = lengths[j];
    const there = present[j];
    const chosen = state.get("chosen") === j && "cx-chosen";
    setClasses(el, "cx-handle cx-track cx-ruled", colour(there), chosen);
    put(el, {
      "aria-valuenow": Number(x.toFixed(5)),
      "aria-valuetext": `${decimals(x, 2)}, costs ${shown(used.terms[j])}`,
    });
    put(length, { "data-mark": `c${j} ${group(there)}` });
    styled(zone, { left: there ? "90%" : "0" });
    styled(length, { width: percent(x) });
    styled(knob, { left: percent(x) });
    styled(share, { left: percent(shares[j]), display: bug === "softmax" ? "" : "none" });
    point(step, x, -STEP * used.gradients[j], bug !== "none" && "cx-wrong");
  }
  return { el, draw };
}

/**
 * An arrow from x, cut with a bar where the ruler ends.
 *
 * @param {HTMLElement} arrow
 * @param {number} x
 * @param {number} way
 * @param {string | false} look
 */
function point(arrow, x, way, look) {
  const end = clamp(x + way, 0, 1);
  setClasses(arrow, "cx-step", way < 0 && "cx-down", end !== x + way && "cx-cut", look);
  styled(arrow, {
    left: percent(Math.min(x, end)),
    width: percent(Math.abs(end - x)),
    display: Math.abs(way) > 0.005 ? "" : "none",
  });
}

/**
 * A bar follows mouse, finger and keys, in steps of 0.01.
 *
 * @param {number} j
 * @param {HTMLElement} track
 * @param {MarginState} state
 */
function pulled(j, track, { get, set, signal }) {
  const length = () => get("lengths")[j];
  /** @param {number} x */
  function move(x) {
    const to = clamp(x, 0, 1);
    const others = get("lengths").map((old, k) => (k === j ? to : old));
    set({ chosen: j, lengths: get("together") ? tenOf(to) : others });
  }
  /** @param {MouseEvent} event */
  function point({ clientX }) {
    const { left, width } = track.getBoundingClientRect();
    return [(clientX - left) / width, 0];
  }
  drag(
    track,
    { point },
    {
      at: () => [length(), 0],
      move([x]) {
        if (Math.abs(x - length()) >= 0.005) move(Math.round(100 * x) / 100); // not by a scroll
      },
      signal,
    },
  );
  keyed(track, {
    nudge: ([dx, dy]) => move(length() + (dx + dy) / 100),
    home: () => move(REST),
    signal,
  });
  const choose = () => get("chosen") === j || set({ chosen: j });
  track.addEventListener("focus", choose, { signal });
}
