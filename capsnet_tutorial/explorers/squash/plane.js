// The two drawings of the squash explorer: the plane of arrows, the curve of lengths.

import { arrow, ends, handle, line, panel, path, put, seen, svg, text } from "../kit/marks.js";
import { norm } from "../model/capsules.js";
import { angle, angleOf, decimals, directed, squashedLength, unit } from "./maths.js";

const REACH = 3.4; // of the plane, to each side
const FAR = 4.3; // of the curve

export function plane({ get, set, signal }) {
  const frame = panel({
    x: [-REACH, REACH],
    y: [-REACH, REACH],
    name: "plane",
    label: "The vector before squash, blue, and after it, vermilion",
  });
  const along = svg("line", { class: "cx-along", "data-mark": "direction" });
  const first = arrow(frame, "below", { name: "s" });
  const other = arrow(frame, "below");
  const sum = arrow(frame, "thin", { name: "s" });
  const after = arrow(frame, "above", { bold: true, name: "v" });
  const bad = arrow(frame, "wrong", { bold: true, name: "wrong" });
  const [nameS, nameV] = ["s", "v"].map((name) => svg("text", { class: "cx-name" }, name));
  const grips = [gripOfS(frame, { get, set, signal }), gripOfSecond(frame, { get, set, signal })];
  frame.el.append(
    ...grid(frame),
    along,
    ...[first, other, sum, after, bad].map((one) => one.el),
    nameS,
    nameV,
    ...grips.map((grip) => grip.el),
  );
  function draw({ total, v, wrong }) {
    const two = get("second") !== null;
    first.to(get("s"));
    other.to(two ? unit(get("second")) : [0, 0]);
    sum.to(two ? total : [0, 0]);
    after.to(v);
    bad.to(wrong ?? [0, 0]);
    const far = directed(total) ? total.map((x) => (x / norm(total)) * 5) : [0, 0];
    put(
      along,
      ends(
        frame,
        far.map((x) => -x),
        far,
      ),
    );
    nameBeside(frame, nameS, total, two ? [14, 6] : [15, -12]); // else in its handle
    nameBeside(frame, nameV, v, [-16, 0]);
    seen(grips[1].el, two);
    for (const grip of grips) grip.draw();
  }
  return { el: frame.el, draw };
}

function grid(frame) {
  const [cx, cy] = [frame.px(0), frame.py(0)];
  const circle = (radius, kind) => svg("circle", { class: kind, cx, cy, r: frame.px(radius) - cx });
  return [
    line(frame, [-REACH, 0], [REACH, 0]),
    line(frame, [0, -REACH], [0, REACH]),
    circle(0.1, "cx-ring"),
    circle(0.9, "cx-ring"),
    circle(1, "cx-never"),
    text(frame, [0.76, -0.98], "1"),
  ];
}

// A vector, brought back into the plane along its direction.
function inPlane(s) {
  const part = (REACH - 0.1) / Math.max(...s.map(Math.abs), 1e-9);
  return s.map((x) => x * Math.min(1, part));
}

// A name near the tip of its arrow, so many pixels to its left and ahead of it.
function nameBeside(frame, node, s, [left, ahead]) {
  const n = norm(s);
  seen(node, n > 0.25);
  if (!(n > 0.25)) return;
  const [x, y] = inPlane(s);
  const [dx, dy] = s.map((d) => d / n);
  put(node, { x: frame.px(x) - left * dy + ahead * dx, y: frame.py(y) - left * dx - ahead * dy });
}

function gripOfS(frame, { get, set, signal }) {
  const s = () => get("s");
  return handle(frame, {
    label: "s, the vector before squash",
    signal,
    at: () => inPlane(s()),
    move: (to) => set({ s: norm(to) < 0.06 ? [0, 0] : to }), // a hand can reach zero
    home: () => [1.6, 1.2],
    nudge: (step) => set({ s: s().map((x, d) => x + step[d] / 10) }),
    value: () => ({
      now: norm(s()),
      min: 0,
      max: 29,
      text: `length ${decimals(norm(s()), 2)}, angle ${angleOf(s())}`,
    }),
  });
}

function gripOfSecond(frame, { get, set, signal }) {
  const turn = (to) => set({ second: Math.round(to - 360 * Math.round(to / 360)) });
  const degrees = () => get("second") ?? 0;
  return handle(frame, {
    label: "second vote, of length 1",
    signal,
    at: () => unit(degrees()),
    move: (to) => turn(angle(to)),
    home: () => [1, 0],
    nudge: ([dx, dy]) => turn(degrees() + dx + dy),
    value: () => ({ now: degrees(), min: -180, max: 180, text: `angle ${degrees()}°` }),
  });
}

export function curve({ get, set, signal }) {
  const frame = panel({
    x: [-0.5, FAR],
    y: [-0.2, 1.5],
    name: "curve",
    label: "The length after squash over the length before: a curve below 1",
  });
  const bars = ["below", "above"].map((role) => svg("line", { class: `cx-bar cx-${role}` }));
  const drop = svg("path", { class: "cx-drop" });
  const dot = svg("circle", { r: 5, class: "cx-dot cx-above" });
  const bad = svg("circle", { r: 6, class: "cx-open cx-wrong" });
  const grip = gripOfLength(frame, { get, set, signal });
  frame.el.append(...axes(frame), drop, ...bars, bad, dot, grip.el);
  const at = (node, x, y) => put(node, { cx: frame.px(x), cy: frame.py(y) });
  function draw({ before, after, wrong }) {
    const x = onCurve(before);
    const y = Number.isFinite(after) ? after : 0;
    put(bars[0], ends(frame, [0, 0], [x, 0]));
    put(bars[1], ends(frame, [0, 0], [0, y]));
    put(drop, {
      d: path(frame, [
        [x, 0],
        [x, y],
        [0, y],
      ]),
    });
    seen(at(dot, x, y), Number.isFinite(after));
    seen(at(bad, x, wrong ? norm(wrong) : 0), wrong !== null);
    seen(grip.el, get("second") === null);
    grip.draw();
  }
  return { el: frame.el, draw };
}

const onCurve = (n) => Math.min(n, FAR - 0.08);

function axes(frame) {
  const right = { "text-anchor": "end" };
  const symbol = { class: "cx-text cx-symbol" };
  const lengths = Array.from({ length: 90 }, (_, n) => (n / 89) * FAR);
  const points = lengths.map((n) => [n, squashedLength(n)]);
  return [
    ...[0.1, 0.5, 0.9].map((y) => line(frame, [0, y], [FAR, y])),
    ...[0.1, 0.5, 0.9].map((y) => text(frame, [-0.08, y - 0.022], y, right)),
    ...[1, 2, 3].map((x) => text(frame, [x, -0.105], x, { "text-anchor": "middle" })),
    line(frame, [0, 1], [FAR, 1], { class: "cx-never" }),
    text(frame, [0.12, 1.035], "1 is never reached"),
    text(frame, [FAR, -0.105], "|s|", { ...right, ...symbol }),
    text(frame, [-0.42, 1.4], "|v|", symbol),
    line(frame, [0, 0], [FAR, 0], { class: "cx-axis" }),
    line(frame, [0, 0], [0, 1.45], { class: "cx-axis" }),
    svg("path", { class: "cx-line cx-above", "data-mark": "length", d: path(frame, points) }),
  ];
}

// The point on the curve makes the arrow longer or shorter, as it points now.
function gripOfLength(frame, { get, set, signal }) {
  const length = () => norm(get("s"));
  const longer = (n) => {
    const way = directed(get("s")) ? get("s").map((x) => x / length()) : [0.8, 0.6];
    set({ s: way.map((x) => x * Math.max(n, 0)) });
  };
  return handle(frame, {
    label: "length of s",
    signal,
    at: () => [onCurve(length()), squashedLength(length())],
    move: ([n]) => longer(n),
    home: () => [2, 0],
    nudge: ([dx, dy]) => longer(length() + (dx + dy) / 10),
    value: () => ({
      now: length(),
      min: 0,
      max: 29,
      text: `${decimals(length(), 2)} before, ${decimals(squashedLength(length()), 3)} after`,
    }),
  });
}
