// A plane of "Routing, by hand": a parent, the votes for it, and what becomes of it.
//
// Blue: a vote, with a numbered bead to drag.  Green on it: the part that the parent is
// given, coupling times vote.  Vermilion: the pose.  Below: |v|, and |s| as a sum.

import { handle } from "../kit/drag.js";
import { put, seen, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { arrow, panel, text } from "../kit/panel.js";
import { norm } from "../model/capsules.js";
import { lengthRow, shareRow } from "./bars.js";
import { bead, RADIUS } from "./bead.js";
import { angle, between, fanned, MOST, polar, turned } from "./maths.js";
import { takeNearest } from "./nearest.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Panel, Point } from "../kit/panel.js" */
/** @import { Arrow, Routed } from "./maths.js" */
/** @import { RoutingState } from "./traits.js" */

const SIDE = 264; // pixels
const BELOW = 71; // pixels under the plane, for the bars
const REACH = 1.45; // from the middle to each side
const RING = 1.36; // where the grip stands that turns all votes

/**
 * What the parts of a plane share.
 *
 * @typedef {object} Plane
 * @property {RoutingState} state
 * @property {number} j  the parent
 * @property {string} name  of the parent
 * @property {Panel} frame
 * @property {() => Routed} now
 * @property {(i: number) => Arrow} home  the vote of a child in the first view
 * @property {(vote: number[]) => Point} far  where a vote is drawn: with reach 2, nearer
 * @property {() => number} longest  vote that is allowed
 * @property {(yes: boolean) => void} tooLong  says whether a hand asks for a longer one
 */

/**
 * @param {RoutingState} state
 * @param {number} j
 * @param {() => Routed} now
 * @param {(i: number, j: number) => Arrow} home
 * @returns {Part<Routed>}
 */
export function parentPlane(state, j, now, home) {
  const plane = planeOf(state, j, now, home);
  const beads = Array.from({ length: MOST }, (_, i) => bead(plane, i));
  const grip = turning(plane);
  const handles = [grip, ...beads.map((one) => one.handle)];
  const others = [rings(plane), poses(plane), lengthRow(j), shareRow(j)];
  const [circles, ...rest] = others.map((part) => part.el);
  const { el } = plane.frame;
  el.append(
    circles,
    svg("g", {}, ...beads.map(({ marks }) => marks.given)),
    svg("g", {}, ...beads.map(({ marks }) => marks.vote)),
    svg("g", {}, ...beads.map(({ marks }) => marks.lead)),
    ...handles.map((handle) => handle.el),
    ...rest,
  );
  takeNearest(el, handles, state.signal);
  /** @param {Routed} now */
  function draw(now) {
    const spots = beside(plane);
    for (const [i, one] of beads.entries()) one.draw(spots[i], now);
    for (const part of others) part.draw(now);
    grip.draw();
  }
  return { el, draw };
}

/**
 * @param {RoutingState} state
 * @param {number} j
 * @param {() => Routed} now
 * @param {(i: number, j: number) => Arrow} home
 * @returns {Plane}
 */
function planeOf(state, j, now, home) {
  const name = "AB"[j];
  const frame = panel({
    width: SIDE,
    height: SIDE + BELOW,
    x: [-REACH, REACH],
    y: [-REACH * (1 + (2 * BELOW) / SIDE), REACH],
    name,
    label: `Votes for parent ${name}, blue, and its pose, vermilion`,
  });
  const limit = text(frame, [REACH, REACH - 0.12], "", { "text-anchor": "end" });
  frame.el.append(svg("text", { class: "cx-parent", x: 2, y: 22 }, name), limit);
  const wide = () => state.get("reach") === 2;
  const longest = () => (wide() ? 2 : 1.2);
  return {
    state,
    j,
    name,
    frame,
    now,
    home: (i) => home(i, j),
    far: (vote) => vote.map((x) => x * (wide() ? 0.56 : 1)),
    longest,
    tooLong(yes) {
      limit.textContent = yes ? `at most ${longest()} long` : "";
    },
  };
}

/**
 * Where the beads stand: beside the tips of their arrows, and not on each other.
 *
 * @param {Plane} plane
 */
function beside({ state, j, frame, far }) {
  const [unit] = far([1]);
  const marks = state
    .get("arrows")
    .map((row) => [row[j][0], Math.max(row[j][1] * unit, 0.3) + 0.14]);
  const turns = fanned(marks, (2 * RADIUS + 1) / (frame.px(1) - frame.px(0)));
  return marks.map(([, radius], i) => polar([turns[i], radius]));
}

/**
 * Where votes of length 1 and 2 end, and where the grip stands that turns them all.
 *
 * @param {Plane} plane
 * @returns {Part<Routed>}
 */
function rings({ state, frame, far }) {
  const [cx, cy] = [frame.px(0), frame.py(0)];
  /** @param {number} length */
  const pixels = (length) => frame.px(length) - cx;
  /** @type {(kind: string, r: number) => SVGCircleElement} */
  const circle = (kind, r) => svg("circle", { class: kind, cx, cy, r });
  const both = [1, 2].map((length) => ({
    length,
    ring: circle("cx-ring", 0),
    label: text(frame, [0, 0], length, { "text-anchor": "middle" }),
  }));
  function draw() {
    for (const { length, ring, label } of both) {
      const [radius] = far([length]);
      const [x, y] = polar([-125, radius - 0.09]);
      put(ring, { r: pixels(radius) });
      put(label, { x: frame.px(x), y: frame.py(y) + 4 });
      for (const node of [ring, label]) seen(node, length <= state.get("reach"));
    }
  }
  const turn = circle("cx-ring cx-turning", pixels(RING));
  return { el: svg("g", {}, turn, ...both.flatMap(({ ring, label }) => [ring, label])), draw };
}

/**
 * What becomes of the votes, right and wrong.
 *
 * @param {Plane} plane
 * @returns {Part<Routed>}
 */
function poses({ j, frame, far }) {
  const good = arrow(frame, "above", { bold: true, name: "v" });
  const bad = arrow(frame, "wrong", { bold: true, name: "v" });
  return {
    el: svg("g", { class: "cx-poses" }, good.el, bad.el),
    draw({ right, used }) {
      good.to(far(right.pose[j]));
      bad.to(used === right ? [0, 0] : far(used.pose[j]));
    },
  };
}

/**
 * All votes for a parent, turned by one grip, which stands where the pose points.
 *
 * @param {Plane} plane
 */
function turning({ state, j, name, frame, now }) {
  const { get, set, signal } = state;
  function direction() {
    const pose = now().right.pose[j];
    return norm(pose) > 1e-6 ? angle(pose) : 0;
  }
  /** @param {number} by */
  const turn = (by) => set({ arrows: turned(get("arrows"), j, by) });
  let last = 0; // where the hand was
  const grip = handle(frame, {
    label: `Turn all votes for ${name}`,
    kind: "cx-turn",
    radius: 7,
    signal,
    at: () => polar([direction(), RING]),
    move(point) {
      const by = Math.round(between(last, angle(point)));
      last += by;
      turn(by);
    },
    home: () => [RING, 0],
    nudge: ([dx, dy]) => turn(dx + dy),
    value: () => ({
      now: direction(),
      min: -180,
      max: 180,
      text: `the pose points to ${decimals(direction(), 1)}°`,
    }),
  });
  function begin() {
    last = direction();
  }
  grip.el.addEventListener("pointerdown", begin, { signal, capture: true });
  grip.el.addEventListener("keydown", begin, { signal, capture: true });
  return grip;
}
