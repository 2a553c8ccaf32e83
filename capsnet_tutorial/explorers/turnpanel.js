// Turn, shift and scale what the network gets.  A compass shows what it would read at
// every angle: radius is length, and outside stands which capsule is the longest.

import { slider } from "./controls.js";
import { html, handle, line, panel, path, put, svg, text } from "./marks.js";
import { longestFirst, seenBy } from "./reading.js";

const POINTS = 72; // around the compass, 5 degrees each
const RIM = 1.08;
const REST = 150; // milliseconds without a change before it is drawn again
const BUDGET = 12; // milliseconds of work at a time
const INPUT = ["digit", "strokes", "second", "pen", "centred", "scale", "right", "down"];

// Angles from -180 to 175; 0 is upright, and positive is to the left, as in pad.js.
export const anglesAround = () => Array.from({ length: POINTS }, (_, k) => (k * 360) / POINTS - 180);

// Stretches of neighbours that read the same: [{ from, to, longest }], in points; longest
// is null where no capsule is longer than 0.5.  What crosses -180 begins below 0.
export function stretches(readings) {
  const runs = [];
  readings.forEach((lengths, k) => {
    const [first] = longestFirst(lengths), longest = lengths[first] < 0.5 ? null : first;
    const last = runs.at(-1);
    if (last && last.longest === longest) last.to = k;
    else runs.push({ from: k, to: k, longest });
  });
  const [first, last] = [runs[0], runs.at(-1)];
  if (runs.length > 1 && first.longest === last.longest) {
    first.from = last.from - readings.length;
    runs.pop();
  }
  return runs;
}

const spot = (degrees, radius) => {
  const turn = (degrees / 180) * Math.PI;
  return [-radius * Math.sin(turn), radius * Math.cos(turn)];
};
const whole = (degrees) => Math.round(degrees - 360 * Math.round(degrees / 360));

function compass({ get, set, signal }) {
  const frame = panel({ x: [-1.35, 1.35], y: [-1.35, 1.35], name: "compass", label: "Lengths of the capsules for every angle of the digit" });
  const ring = (radius) => svg("circle", { class: "cx-ring", cx: frame.px(0), cy: frame.py(0), r: frame.px(radius) - frame.px(0) });
  const others = svg("path", { class: "cx-line cx-others" }), own = svg("path", { class: "cx-line cx-above" });
  const rim = svg("g"), needle = svg("line", { class: "cx-axis" });
  const turn = (to) => set({ angle: whole(to), change: [] });
  const grip = handle(frame, {
    label: "angle of the digit", signal, at: () => spot(get("angle"), RIM),
    move: ([x, y]) => turn((Math.atan2(-x, y) / Math.PI) * 180), home: () => spot(0, RIM),
    nudge: ([dx, dy]) => turn(get("angle") - dx + dy),
    value: () => ({ now: get("angle"), min: -180, max: 180, text: `${get("angle")}°` }),
  });
  frame.el.append(ring(0.1), ring(0.5), ring(0.9), text(frame, [0.02, 0.51], "0.5"), text(frame, [0.02, 0.91], "0.9"), others, own, rim, needle, grip.el);

  const angle = (k) => anglesAround()[0] + (k * 360) / POINTS;
  const ends = ({ from, to }) => [angle(from - 0.5), angle(to + 0.5)];
  function arc(run, upright) {
    const [start, end] = ends(run);
    const points = Array.from({ length: 2 + Math.ceil((end - start) / 4) }, (_, n, all) => start + ((end - start) * n) / (1 + Math.ceil((end - start) / 4)));
    const kind = run.longest === null ? "cx-unsure" : run.longest === upright ? "cx-above" : "cx-wrong";
    const name = spot((start + end) / 2, 1.24);
    return [
      svg("path", { class: `cx-rim ${kind}`, d: path(frame, points.map((a) => spot(a, RIM))) }),
      run.longest !== null && end - start >= 10 ? text(frame, name, String(run.longest), { class: `cx-name ${kind}` }) : null,
    ].filter(Boolean);
  }
  const around = (readings, j) => readings.length === POINTS
    ? `${path(frame, readings.map((lengths, k) => spot(angle(k), lengths[j])))}Z`
    : path(frame, readings.map((lengths, k) => spot(angle(k), lengths[j])));

  // readings: lengths at the first points; upright: the capsule that is longest at 0.
  function draw(readings, upright) {
    const [x, y] = spot(get("angle"), RIM);
    put(needle, { x1: frame.px(0), y1: frame.py(0), x2: frame.px(x), y2: frame.py(y) });
    grip.draw();
    const loud = readings.length ? [...readings[0].keys()].filter((j) => j !== upright && readings.some((lengths) => lengths[j] >= 0.5)) : [];
    put(others, { d: loud.map((j) => around(readings, j)).join("") });
    put(own, { d: readings.length && upright !== null ? around(readings, upright) : "" });
    rim.replaceChildren(...(readings.length === POINTS ? stretches(readings).flatMap((run) => arc(run, upright)) : []));
  }
  return { el: frame.el, draw };
}

// run.net is the network, or null before it is here.
export function turnPanel(hand, run) {
  const { get, set, signal, redraw } = hand;
  const of = (name, label, min, max, step, shown) =>
    slider(label, { min, max, step, get: () => get(name), set: (value) => set({ [name]: value, change: [] }), text: shown });
  const pixels = (x) => `${x > 0 ? "+" : x < 0 ? "−" : ""}${Math.abs(x)} px`;
  const sliders = [
    of("angle", "turn", -180, 180, 5, (x) => `${x < 0 ? "−" : ""}${Math.abs(x)}°`),
    of("right", "to the right", -10, 10, 0.5, pixels),
    of("down", "down", -10, 10, 0.5, pixels),
    of("scale", "size", 0.4, 1.6, 0.05, (x) => `× ${x.toFixed(2)}`),
  ];
  const dial = compass(hand);
  const told = html("p", { class: "cx-hint" });
  const el = html("div", { class: "cx-drawer cx-turn" }, dial.el, html("div", {}, ...sliders.map((one) => one.el), told));

  let about = null, readings = [], upright = null, waiting = null;
  function start(state) {
    [readings, upright] = [[], null];
    clearTimeout(waiting);
    waiting = setTimeout(() => work(state), REST);
  }
  function work(state) {
    const began = performance.now();
    const lengthsAt = (angle) => run.net.forward(Float32Array.from(seenBy({ ...state, angle }), (x) => x / 255)).lengths;
    upright ??= longestFirst(lengthsAt(0))[0];
    while (!signal.aborted && readings.length < POINTS && performance.now() - began < BUDGET) {
      readings.push(lengthsAt(anglesAround()[readings.length]));
    }
    redraw();
    if (readings.length < POINTS && !signal.aborted) waiting = setTimeout(() => work(state), 0);
  }
  function tell() {
    if (readings.length < POINTS || upright === null) return "The compass is being drawn …";
    const keeps = readings.filter((lengths) => longestFirst(lengths)[0] === upright && lengths[upright] >= 0.5).length;
    const else_ = readings.filter((lengths) => longestFirst(lengths)[0] !== upright && Math.max(...lengths) >= 0.5).length;
    const part = (n) => `${n * (360 / POINTS)}°`;
    return `Of 360°: ${part(keeps)} as ${upright}, ${part(else_)} as something else with a length above 0.5, ${part(POINTS - keeps - else_)} unsure.`;
  }
  function draw(state) {
    for (const one of sliders) one.draw();
    const open = state.show === "turn" && run.net !== null;
    put(dial.el, { "aria-busy": open ? "true" : null });
    if (!open) return;
    const key = JSON.stringify(INPUT.map((name) => state[name]));
    if (key !== about) { about = key; start(state); }
    dial.draw(readings, upright);
    told.textContent = tell();
    put(dial.el, { "aria-busy": readings.length < POINTS ? "true" : null });
  }
  return { el, draw };
}
