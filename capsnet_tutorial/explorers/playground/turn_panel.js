// Turn, shift and scale what the network gets.  A compass shows what it would read at
// every angle: radius is length, and outside stands which capsule is the longest.

import { slider } from "../kit/controls.js";
import { handle, html, panel, path, put, svg, text } from "../kit/marks.js";
import { angleAt, around, longestFirst, POINTS, seenBy, stretches } from "./maths.js";

const RIM = 1.08; // radius of the ring of answers
const REST = 150; // milliseconds without a change before the compass is drawn again
const BUDGET = 12; // milliseconds of work at a time
const INPUT = ["digit", "strokes", "second", "pen", "centred", "scale", "right", "down"];

const spot = (degrees, radius) => {
  const turn = (degrees / 180) * Math.PI;
  return [-radius * Math.sin(turn), radius * Math.cos(turn)];
};
const whole = (degrees) => Math.round(degrees - 360 * Math.round(degrees / 360));

// The ring of answers: an arc for each stretch of angles, and the answer outside.
function arcsOf(frame, readings, upright) {
  return stretches(readings).flatMap(({ from, to, longest }) => {
    const [start, end] = [angleAt(from - 0.5), angleAt(to + 0.5)];
    const count = 2 + Math.ceil((end - start) / 4);
    const ring = Array.from({ length: count }, (_, n) =>
      spot(start + ((end - start) * n) / (count - 1), RIM),
    );
    const kind = longest === null ? "unsure" : longest === upright ? "above" : "wrong";
    const arc = svg("path", { class: `cx-rim cx-${kind}`, d: path(frame, ring) });
    if (longest === null || end - start < 10) return [arc];
    const place = spot((start + end) / 2, 1.25);
    return [arc, text(frame, place, String(longest), { class: `cx-name cx-${kind}` })];
  });
}

const curveOf = (frame, readings, j) => {
  const line = path(
    frame,
    readings.map((lengths, k) => spot(angleAt(k), lengths[j])),
  );
  return readings.length === POINTS ? `${line}Z` : line;
};

function dialOf({ get, set, signal }, frame) {
  const turn = (to) => set({ angle: whole(to), change: [] });
  return handle(frame, {
    label: "angle of the digit",
    signal,
    at: () => spot(get("angle"), RIM),
    move: ([x, y]) => turn((Math.atan2(-x, y) / Math.PI) * 180),
    home: () => spot(0, RIM),
    nudge: ([dx, dy]) => turn(get("angle") - dx + dy),
    value: () => ({ now: get("angle"), min: -180, max: 180, text: `${get("angle")}°` }),
  });
}

function compass(hand) {
  const frame = panel({
    x: [-1.35, 1.35],
    y: [-1.35, 1.35],
    name: "compass",
    label: "Lengths of the capsules for every angle of the digit",
  });
  const [x, y] = [frame.px(0), frame.py(0)];
  const ring = (at) => svg("circle", { class: "cx-ring", cx: x, cy: y, r: frame.px(at) - x });
  const level = (at) => text(frame, spot(135, at), at, { "text-anchor": "middle" });
  const others = svg("path", { class: "cx-line cx-others" });
  const own = svg("path", { class: "cx-line cx-above" });
  const rim = svg("g");
  const needle = svg("line", { class: "cx-axis", x1: x, y1: y });
  const grip = dialOf(hand, frame);
  frame.el.append(
    ...[0.1, 0.5, 0.9].map(ring),
    others,
    own,
    rim,
    needle,
    ...[0.5, 0.9].map(level),
    grip.el,
  );

  // readings: lengths at the first points; upright: the longest capsule at 0 degrees.
  function draw(readings, upright) {
    const [toX, toY] = spot(hand.get("angle"), RIM);
    put(needle, { x2: frame.px(toX), y2: frame.py(toY) });
    grip.draw();
    const loud = (j) => j !== upright && readings.some((lengths) => lengths[j] >= 0.5);
    const classes = [...(readings[0] ?? []).keys()];
    const curves = (those) => those.map((j) => curveOf(frame, readings, j)).join("");
    put(others, { d: curves(classes.filter(loud)) });
    put(own, { d: curves(classes.filter((j) => j === upright)) });
    const arcs = readings.length === POINTS ? arcsOf(frame, readings, upright) : [];
    rim.replaceChildren(...arcs);
  }
  return { el: frame.el, draw };
}

// Asks the network at all angles, a few at a time: { about(state), readings, upright }.
function scout({ signal, redraw }, net) {
  const found = { readings: [], upright: null };
  let asked = null;
  let waiting = null;
  function work(state) {
    const end = performance.now() + BUDGET;
    const lengthsAt = (angle) => {
      const seen = seenBy({ ...state, angle });
      return net().forward(Float32Array.from(seen, (x) => x / 255)).lengths;
    };
    found.upright ??= longestFirst(lengthsAt(0))[0];
    const { readings } = found;
    while (readings.length < POINTS && performance.now() < end) {
      readings.push(lengthsAt(angleAt(readings.length)));
    }
    redraw();
    if (readings.length < POINTS) later(state, 0);
  }
  function later(state, wait) {
    clearTimeout(waiting);
    waiting = setTimeout(() => signal.aborted || work(state), wait);
  }
  function about(state) {
    const input = JSON.stringify(INPUT.map((name) => state[name]));
    if (input === asked) return;
    asked = input;
    Object.assign(found, { readings: [], upright: null });
    later(state, REST);
  }
  return Object.assign(found, { about });
}

function slidersFor({ get, set }) {
  const of = (name, label, min, max, step, shown) => {
    const to = (value) => set({ [name]: value, change: [] });
    return slider(label, { min, max, step, get: () => get(name), set: to, text: shown });
  };
  const sign = (x) => `${x < 0 ? "−" : ""}${Math.abs(x)}`;
  return [
    of("angle", "turn", -180, 180, 5, (x) => `${sign(x)}°`),
    of("right", "to the right", -10, 10, 0.5, (x) => `${sign(x)} px`),
    of("down", "down", -10, 10, 0.5, (x) => `${sign(x)} px`),
    of("scale", "size", 0.4, 1.6, 0.05, (x) => `× ${x.toFixed(2)}`),
  ];
}

function told({ readings, upright }) {
  if (readings.length < POINTS) return "The compass is being drawn …";
  const { is, not, unsure } = around(readings, upright);
  return (
    `Of 360°: ${is}° as ${upright}, ${not}° as something else with a length above 0.5, ` +
    `${unsure}° unsure.`
  );
}

// net() is the network, or null before it is here.
export function turnPanel(hand, net) {
  const sliders = slidersFor(hand);
  const dial = compass(hand);
  const found = scout(hand, net);
  const words = html("p", { class: "cx-hint" });
  const el = html(
    "div",
    { class: "cx-drawer cx-turn" },
    dial.el,
    html("div", {}, ...sliders.map((one) => one.el), words),
  );
  function draw({ all }) {
    for (const one of sliders) one.draw();
    const open = all.show === "turn" && net() !== null;
    if (open) found.about(all);
    const busy = open && found.readings.length < POINTS;
    put(dial.el, { "aria-busy": busy ? "true" : null });
    if (!open) return;
    dial.draw(found.readings, found.upright);
    words.textContent = told(found);
  }
  return { el, draw };
}
