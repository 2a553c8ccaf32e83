// The planes of "Routing, by hand": a parent, the votes for it, and what becomes of it.
//
// Blue: a vote, with a numbered bead to drag.  Green on it: the part that the parent is
// given, coupling times vote.  Vermilion: the pose.  Below: |v|, and |s| as a sum.

import { arrow, handle, panel, put, svg, text } from "../kit/marks.js";
import { norm } from "../model/capsules.js";
import { fixedText, lengthRow, shareRow } from "./bars.js";
import { angle, between, changed, fanned, MOST, polar, turned, whole } from "./maths.js";

const SIDE = 264; // pixels
const BELOW = 71; // pixels under the plane, for the bars
const REACH = 1.45; // from the middle to each side
const RING = 1.36; // where the grip stands that turns all votes
const BEAD = 9; // pixels
const FAR = { 1: 1, 2: 0.56 }; // reach -> how large a vote of length 1 is drawn

export const PARENTS = ["A", "B"];
export const longest = (reach) => (reach === 2 ? 2 : 1.2);

// A hand that is near length 1 means 1, and near 0 means 0.
export function kept(point, limit) {
  const length = Math.min(norm(point), limit);
  return [whole(angle(point)), [0, 1].find((mark) => Math.abs(length - mark) < 0.06) ?? length];
}

// Where marks lie on each other, a finger takes the nearest one.
function takeNearest(frame, handles, signal) {
  let sent = null;
  frame.el.addEventListener(
    "pointerdown",
    (event) => {
      if (event === sent || !event.target.closest?.(".cx-handle")) return;
      const far = (el) => {
        const box = el.querySelector(".cx-grip").getBoundingClientRect();
        return Math.hypot(
          box.x + box.width / 2 - event.clientX,
          box.y + box.height / 2 - event.clientY,
        );
      };
      const seen = handles.filter((el) => el.getAttribute("visibility") !== "hidden");
      const best = seen.reduce((a, b) => (far(b) < far(a) ? b : a));
      if (best.contains(event.target)) return;
      event.stopPropagation();
      event.preventDefault();
      best.dispatchEvent((sent = new PointerEvent("pointerdown", event)));
    },
    { signal, capture: true },
  );
}

export function parentPlane(hand, j) {
  const { get, signal } = hand;
  const name = PARENTS[j];
  const frame = panel({
    width: SIDE,
    height: SIDE + BELOW,
    x: [-REACH, REACH],
    y: [-REACH * (1 + (2 * BELOW) / SIDE), REACH],
    name,
    label: `Votes for parent ${name}, blue, and its pose, vermilion`,
  });
  const far = ([x, y]) => [x * FAR[get("reach")], y * FAR[get("reach")]];
  const pixels = (length) => frame.px(length) - frame.px(0);
  const circle = (kind, r) => svg("circle", { class: kind, cx: frame.px(0), cy: frame.py(0), r });
  const rings = [1, 2].map((n) => [
    circle("cx-ring"),
    text(frame, [0, 0], n, { "text-anchor": "middle" }),
  ]);
  const pose = arrow(frame, "above", { bold: true, name: "v" });
  const bad = arrow(frame, "wrong", { bold: true, name: "v" });
  const limit = text(frame, [REACH, REACH - 0.12], "", { "text-anchor": "end" });
  const plane = {
    ...hand,
    frame,
    j,
    far,
    over: (yes) => (limit.textContent = yes ? `at most ${longest(get("reach"))} long` : ""),
  };
  const children = Array.from({ length: MOST }, (_, i) => child(plane, i));
  const grip = turning(plane);
  const bars = [lengthRow(j), shareRow(j)];
  takeNearest(frame, [...children.map((one) => one.bead.el), grip.el], signal);
  frame.el.append(
    circle("cx-ring cx-turning", pixels(RING)),
    ...rings.flat(),
    svg("text", { class: "cx-parent", x: 2, y: 22 }, name),
    limit,
    ...["given", "vote", "lead"].map((part) => svg("g", {}, ...children.map((one) => one[part]))),
    grip.el,
    ...children.map((one) => one.bead.el),
    svg("g", { class: "cx-poses" }, pose.el, bad.el),
    ...bars.map((bar) => bar.el),
  );
  return {
    el: frame.el,
    draw(state) {
      const { right, used } = state;
      const size = FAR[get("reach")];
      rings.forEach(([ring, label], n) => {
        const [x, y] = polar([-125, (n + 1) * size - 0.09]);
        put(ring, { r: pixels((n + 1) * size), visibility: n < get("reach") ? null : "hidden" });
        put(label, {
          x: frame.px(x),
          y: frame.py(y) + 4,
          visibility: n < get("reach") ? null : "hidden",
        });
      });
      const marks = get("arrows").map((row) => [row[j][0], Math.max(row[j][1] * size, 0.3) + 0.14]);
      const turns = fanned(marks, (2 * BEAD + 1) / pixels(1));
      children.forEach((one, i) => one.draw(marks[i] && polar([turns[i], marks[i][1]]), state));
      pose.to(far(right.pose[j]));
      bad.to(used === right ? [0, 0] : far(used.pose[j]));
      for (const bar of bars) bar.draw(state);
      grip.draw();
    },
  };
}

// One vote: its arrow, the part that is given, and the bead.
function child({ get, set, signal, home, now, frame, j, far, over }, i) {
  const mark = `c${i}`;
  const given = svg("line", { class: "cx-given", "data-mark": `${mark} c` });
  const vote = arrow(frame, "below", { name: `${mark} a` });
  const lead = svg("line", { class: "cx-lead" });
  const present = () => get("arrows")[i]?.[j] ?? [0, 1];
  const most = () => longest(get("reach"));
  const move = (to) => set({ arrows: changed(get("arrows"), i, j, to), child: i });
  let at = [0, 0];
  let shift = [0, 0]; // where the bead is, and how far from the tip
  const bead = handle(frame, {
    label: `Vote of child ${i + 1} for ${PARENTS[j]}`,
    signal,
    at: () => at,
    move(point) {
      const tip = point.map((x, d) => (x - shift[d]) / far([1, 1])[d]);
      over(norm(tip) > most());
      move(kept(tip, most()));
    },
    home: () => far(polar(home(i, j))),
    nudge: ([dx, dy]) =>
      move([whole(present()[0] + dx), Math.min(Math.max(present()[1] + dy / 20, 0), most())]),
    value() {
      const [turn, length] = present();
      const share = now().used.coupling[i]?.[j] ?? 0;
      return {
        now: turn,
        min: 0,
        max: 360,
        text: `${fixedText(turn, 0)}°, length ${fixedText(length, 2)}, coupling ${fixedText(share, 2)}`,
      };
    },
  });
  const on = (type, act) => bead.el.addEventListener(type, act, { signal, capture: true });
  on("pointerdown", () => (shift = far(polar(present())).map((x, d) => at[d] - x)));
  on("lostpointercapture", () => over(false));
  on("keydown", () => (shift = [0, 0]));
  on("focus", () => {
    if (get("child") !== i) set({ child: i });
  });
  put(bead.el, { "data-lights": mark, class: "cx-handle cx-bead" });
  put(bead.el.querySelector(".cx-grip"), { r: BEAD });
  bead.el.append(svg("text", {}, i + 1));
  function draw(spot, { votes, right, used }) {
    for (const part of [given, vote.el, lead, bead.el])
      put(part, { visibility: spot ? null : "hidden" });
    put(bead.el, { tabindex: spot ? 0 : -1, "aria-current": String(get("child") === i) });
    if (!spot) return;
    const tip = far(votes[i][j]);
    const share = used.coupling[i][j];
    const line = ([x1, y1], [x2, y2]) => ({
      x1: frame.px(x1),
      y1: frame.py(y1),
      x2: frame.px(x2),
      y2: frame.py(y2),
    });
    vote.to(tip);
    put(
      given,
      line(
        [0, 0],
        tip.map((x) => x * share),
      ),
    );
    given.classList.toggle("cx-wrong", used !== right);
    put(lead, line(tip, spot));
    at = spot;
    bead.draw();
  }
  return { given, vote: vote.el, lead, bead, draw };
}

// All votes for a parent, turned by one grip, which stands where the pose points.
function turning({ get, set, signal, now, frame, j }) {
  const direction = () => {
    const { pose } = now().right;
    return norm(pose[j]) > 1e-6 ? angle(pose[j]) : 0;
  };
  const turn = (by) => set({ arrows: turned(get("arrows"), j, by) });
  let last = 0;
  const grip = handle(frame, {
    label: `Turn all votes for ${PARENTS[j]}`,
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
      text: `the pose points to ${fixedText(direction(), 1)}°`,
    }),
  });
  for (const type of ["pointerdown", "keydown"]) {
    grip.el.addEventListener(type, () => (last = direction()), { signal, capture: true });
  }
  put(grip.el, { class: "cx-handle cx-turn" });
  put(grip.el.querySelector(".cx-grip"), { r: 7 });
  return grip;
}
