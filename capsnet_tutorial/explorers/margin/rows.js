// The rows of the margin explorer, on one ruler from 0 to 1: curves of the loss, ten bars,
// and the sums.  Each is { el, draw(state) }, with the state that `judged` computes.

import { button } from "../kit/controls.js";
import { drag, html, keyed, put, svg } from "../kit/marks.js";
import { all, BUGS, CLASSES, clamp, price, REST, STEP, shown } from "./maths.js";

const HIGH = 1; // loss at the upper end of the curves
const FULL = 5; // loss at the end of the sums
const KINDS = [true, false]; // present, absent

const part = (x) => `${(100 * x).toFixed(3)}%`;
export const styled = (node, style) => (Object.assign(node.style, style), node);
export const row = (...cells) => html("div", { class: "cx-row" }, ...cells);
const colour = (there) => (there ? "cx-agreement" : "cx-above");
const group = (there) => (there ? "present" : "absent");

// Classes of a node; what lights it stays.
function worn(node, ...looks) {
  if (node.classList.contains("cx-lit")) looks.push("cx-lit");
  node.className = looks.filter(Boolean).join(" ");
}

// A word on the curves: "middle" of it, or its "end", stands at x.
const word = (text, x, y, look, anchor = "start") =>
  styled(html("span", { class: `cx-word-at cx-${anchor} ${look}` }, text), {
    left: part(x),
    bottom: part(y / HIGH),
  });

// The path of what one class costs at each length.
const priced = (there, options) =>
  Array.from({ length: 51 }, (_, n) => n / 50)
    .map((x) => `${100 * x} ${(100 * (1 - price(x, there, options) / HIGH)).toFixed(2)}`)
    .map((point, n) => (n ? "L" : "M") + point)
    .join("");

// What each length costs, and where the ten are.
export function curves({ get }) {
  const made = (look) =>
    KINDS.map((there) =>
      svg("path", { class: `cx-line ${look ?? colour(there)}`, "data-mark": group(there) }),
    );
  const [right, wrong] = [made(), made("cx-wrong cx-dashed")];
  const spots = CLASSES.map((j) => html("span", { "data-mark": `c${j}` }));
  const box = { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" };
  const strip = html(
    "div",
    { class: "cx-strip cx-ruled" },
    svg("svg", box, ...right, ...wrong),
    word("m⁻ = 0.1", 0.1, 1, "cx-data", "middle"),
    word("m⁺ = 0.9", 0.9, 1, "cx-data", "middle"),
    word("present", 0.11, 0.12, colour(true)),
    word("absent", 0.88, 0.42, colour(false), "end"),
    ...spots,
  );
  let drawn = ""; // curves change less often than lengths
  function redraw(downWeight, bug) {
    if (drawn === `${downWeight} ${bug}`) return;
    drawn = `${downWeight} ${bug}`;
    KINDS.forEach((there, n) => {
      const buggy = bug === "square" && priced(there, { downWeight, bug: BUGS.square });
      put(right[n], { d: priced(there, { downWeight }) });
      put(wrong[n], { d: buggy || "" });
    });
  }
  function draw({ seen: at, used, present, bug }) {
    redraw(get("down_weight"), bug);
    spots.forEach((spot, j) => {
      const look = bug === "none" ? colour(present[j]) : "cx-wrong";
      worn(spot, "cx-spot", look, get("chosen") === j && "cx-chosen");
      styled(spot, { left: part(at[j]), bottom: part(Math.min(used.terms[j] / HIGH, 1)) });
    });
  }
  return { el: row(html("span", { class: "cx-side" }, "loss"), strip, html("span")), draw };
}

// One class: a ring if it is present, its bar with an arrow, and its part of the bill.
export function capsule(j, hand) {
  const { get, set } = hand;
  const turn = () =>
    set({ chosen: j, present: get("present").map((there, k) => (k === j) !== there) });
  const ring = button(String(j), turn, { kind: "cx-ring-button", "aria-label": `${j} is present` });
  const cost = html("span", { "data-lights": `c${j}` });
  const [zone, share, bar, arrow, knob] = ["zone", "share", "length", "step", "knob"].map((name) =>
    html("span", { class: `cx-${name}` }),
  );
  const track = html(
    "div",
    {
      tabindex: 0,
      role: "slider",
      "aria-label": `length of capsule ${j}`,
      "aria-valuemin": 0,
      "aria-valuemax": 1,
    },
    zone,
    share,
    bar,
    arrow,
    knob,
  );
  pulled(j, track, hand);
  function draw({ lengths, present, used, bug, shares }) {
    const x = lengths[j];
    const there = present[j];
    const paid = shown(used.terms[j]);
    put(ring, { "aria-pressed": String(there) });
    worn(track, "cx-handle cx-track cx-ruled", colour(there), get("chosen") === j && "cx-chosen");
    put(track, {
      "aria-valuenow": Number(x.toFixed(5)),
      "aria-valuetext": `${x.toFixed(2)}, costs ${paid}`,
    });
    put(bar, { "data-mark": `c${j} ${group(there)}` });
    styled(zone, { left: there ? "90%" : 0 });
    styled(bar, { width: part(x) });
    styled(knob, { left: part(x) });
    styled(share, { left: part(shares[j]), display: bug === "softmax" ? "" : "none" });
    point(arrow, x, -STEP * used.gradients[j], bug !== "none" && "cx-wrong");
    worn(cost, "cx-cost", bug !== "none" && "cx-wrong");
    cost.textContent = paid;
  }
  return { el: row(ring, track, cost), draw };
}

// An arrow from x, cut with a bar where the ruler ends.
function point(arrow, x, way, look) {
  const end = clamp(x + way);
  worn(arrow, "cx-step", way < 0 && "cx-down", end !== x + way && "cx-cut", look);
  styled(arrow, {
    left: part(Math.min(x, end)),
    width: part(Math.abs(end - x)),
    display: Math.abs(way) > 0.005 ? "" : "none",
  });
}

// A bar follows mouse, finger and keys, in steps of 0.01.
function pulled(j, track, { get, set, signal }) {
  const changed = (x) =>
    get("together") ? all(x) : get("lengths").map((old, k) => (k === j ? x : old));
  const move = (x) => set({ chosen: j, lengths: changed(clamp(x)) });
  const ruler = {
    point(event) {
      const box = track.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, 0];
    },
  };
  const at = () => [get("lengths")[j], 0];
  drag(track, ruler, {
    at,
    signal,
    move([x]) {
      if (Math.abs(x - at()[0]) >= 0.005) move(Math.round(100 * x) / 100); // not by a scroll
    },
  });
  keyed(track, {
    signal,
    home: () => move(REST),
    nudge: ([dx, dy]) => move(at()[0] + (dx + dy) / 100),
  });
  track.addEventListener(
    "focus",
    () => {
      if (get("chosen") !== j) set({ chosen: j });
    },
    { signal },
  );
}

// A sum, as a bar: its parts end to end, one for each class if there are ten.
function total(title, look, count, value, parts) {
  const bits = Array.from({ length: count }, (_, j) =>
    html("span", { "data-mark": count > 1 ? `c${j}` : null }),
  );
  const number = html("span", { class: `cx-cost ${look}` });
  const el = html(
    "div",
    { class: "cx-row cx-total" },
    html("span"),
    html(
      "div",
      {},
      html("span", { class: look }, title),
      html("div", { class: "cx-stack" }, ...bits),
    ),
    number,
  );
  function draw(state) {
    number.textContent = shown(value(state));
    parts(state).forEach(([x, look], j) => {
      worn(bits[j], look);
      styled(bits[j], { width: part(Number.isFinite(x) ? x / FULL : 0) });
    });
  }
  return { el, draw };
}

export function totals() {
  const ten = ({ terms }, look) => terms.map((x, j) => [x, look(j)]);
  const wrong = total(
    "with the bug",
    "cx-wrong",
    10,
    ({ used }) => used.total,
    ({ used }) => ten(used, () => "cx-wrong"),
  );
  const right = total(
    "margin loss, the ten added",
    "",
    10,
    ({ right }) => right.total,
    ({ right, present }) => ten(right, (j) => colour(present[j])),
  );
  const cross = total(
    "softmax cross-entropy",
    "",
    1,
    ({ cross }) => cross.total,
    ({ cross }) => [[cross.total, "cx-data"]],
  );
  const hide = {
    el: wrong.el,
    draw(state) {
      put(wrong.el, { hidden: state.bug === "none" });
      wrong.draw(state);
    },
  };
  return [hide, right, cross];
}
