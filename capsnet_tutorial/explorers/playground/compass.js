// A compass: what the network would read at every angle.  Radius is length, and outside
// stands which capsule is the longest.

import { handle } from "../kit/drag.js";
import { put, svg } from "../kit/marks.js";
import { panel, path, text } from "../kit/panel.js";
import { angleAt, POINTS, stretches } from "./maths.js";

/** @import { Panel, Point } from "../kit/panel.js" */
/** @import { Answers } from "./scout.js" */
/** @import { PlaygroundState } from "./traits.js" */

const RIM = 1.08; // radius of the ring of answers

/**
 * A point on the compass: 0 degrees is up, and positive is to the left.
 *
 * @type {(degrees: number, radius: number) => Point}
 */
const spot = (degrees, radius) => {
  const turn = (degrees / 180) * Math.PI;
  return [-radius * Math.sin(turn), radius * Math.cos(turn)];
};

/** @param {number} degrees */
const whole = (degrees) => Math.round(degrees - 360 * Math.round(degrees / 360));

/** @param {PlaygroundState} state */
export function compass(state) {
  const frame = panel({
    x: [-1.35, 1.35],
    y: [-1.35, 1.35],
    name: "compass",
    label: "Lengths of the capsules for every angle of the digit",
  });
  const [x, y] = [frame.px(0), frame.py(0)];
  const others = svg("path", { class: "cx-line cx-others" });
  const own = svg("path", { class: "cx-line cx-above" });
  const rim = svg("g");
  const needle = svg("line", { class: "cx-axis", x1: x, y1: y });
  const dial = dialOn(frame, state);
  const rings = [0.1, 0.5, 0.9].map((at) =>
    svg("circle", { class: "cx-ring", cx: x, cy: y, r: frame.px(at) - x }),
  );
  const levels = [0.5, 0.9].map((at) =>
    text(frame, spot(135, at), at, { "text-anchor": "middle" }),
  );
  frame.el.append(...rings, others, own, rim, needle, ...levels, dial.el);
  /** @param {Answers} answers */
  function draw({ readings, upright }) {
    const [toX, toY] = spot(state.get("angle"), RIM);
    put(needle, { x2: frame.px(toX), y2: frame.py(toY) });
    dial.draw();
    const classes = [...(readings[0] ?? []).keys()].filter((j) => j !== upright);
    const loud = classes.filter((j) => readings.some((lengths) => lengths[j] >= 0.5));
    put(others, { d: loud.map((j) => curve(frame, readings, j)).join("") });
    put(own, { d: upright === null ? "" : curve(frame, readings, upright) });
    const done = readings.length === POINTS;
    rim.replaceChildren(...(done ? arcs(frame, readings, upright) : []));
  }
  return { el: frame.el, draw };
}

/**
 * The length of one capsule around the compass, as far as it is known.
 *
 * @param {Panel} frame
 * @param {number[][]} readings
 * @param {number} j
 */
function curve(frame, readings, j) {
  const points = readings.map((lengths, k) => spot(angleAt(k), lengths[j]));
  return path(frame, points) + (readings.length === POINTS ? "Z" : "");
}

/**
 * The ring of answers: an arc for each stretch of angles, and the answer outside.
 *
 * @param {Panel} frame
 * @param {number[][]} readings
 * @param {number | null} upright
 */
function arcs(frame, readings, upright) {
  return stretches(readings).flatMap(({ from, to, longest }) => {
    const [start, end] = [angleAt(from - 0.5), angleAt(to + 0.5)];
    const kind = kindOf(longest, upright);
    const arc = svg("path", { class: `cx-rim ${kind}`, d: arcOf(frame, start, end) });
    if (longest === null || end - start < 10) return [arc];
    const place = spot((start + end) / 2, 1.25);
    return [arc, text(frame, place, longest, { class: `cx-name ${kind}` })];
  });
}

/** @type {(longest: number | null, upright: number | null) => string} */
function kindOf(longest, upright) {
  if (longest === null) return "cx-unsure";
  return longest === upright ? "cx-above" : "cx-wrong";
}

/** @type {(frame: Panel, start: number, end: number) => string} */
function arcOf(frame, start, end) {
  const steps = 1 + Math.ceil((end - start) / 4);
  const turns = Array.from({ length: steps + 1 }, (_, n) => start + ((end - start) * n) / steps);
  return path(
    frame,
    turns.map((degrees) => spot(degrees, RIM)),
  );
}

/**
 * @param {Panel} frame
 * @param {PlaygroundState} state
 */
function dialOn(frame, { get, set, signal }) {
  const angle = () => get("angle");
  /** @param {number} to */
  const turn = (to) => set({ angle: whole(to), change: [] });
  return handle(frame, {
    label: "angle of the digit",
    at: () => spot(angle(), RIM),
    move: ([x, y]) => turn((Math.atan2(-x, y) / Math.PI) * 180),
    home: () => spot(0, RIM),
    nudge: ([dx, dy]) => turn(angle() - dx + dy),
    value: () => ({ now: angle(), min: -180, max: 180, text: `${angle()}°` }),
    signal,
  });
}
