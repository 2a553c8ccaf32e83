// A pad to draw on, with mouse, pen, finger or keys.  Strokes as in pad.js: 0 to 255.

import { put, svg } from "./marks.js";

const SIDE = 256; // units of pad.js
const STRIDES = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] };
const onPad = (point) => point.every((x) => x >= 0 && x < SIDE);

// Points of strokes as the text of an SVG path; a lone point is a dot.
export const strokePath = (strokes) =>
  strokes.map((stroke) => `M${stroke.map((point) => point.join(" ")).join("L")}${stroke.length > 1 ? "" : "h.01"}`).join("");

// begin(): the pen comes down · grow(strokes): what it drew since then · end(strokes):
// it is lifted; there are several strokes if it left the pad · undo(): Backspace
export function drawingPad({ begin, grow, end, undo, signal }) {
  const ink = svg("path", { class: "cx-stroke" });
  const tip = svg("circle", { class: "cx-tip", r: 7 });
  const el = svg("svg", {
    viewBox: `0 0 ${SIDE} ${SIDE}`, class: "cx-pad", tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
    "aria-label": "Draw a digit. Arrow keys move the pen, Space puts it down and lifts it, Backspace takes a stroke back.",
  }, ink, tip);
  let live = null, pointer = null, outside = false, at = [SIDE / 2, SIDE / 2];

  function down(point) {
    begin();
    [live, outside] = [[[]], false];
    to([point]);
  }
  function to(points) {
    for (const point of points) {
      if (outside && onPad(point)) live.push([]); // back from outside: a new stroke
      outside = !onPad(point);
      if (!outside) live.at(-1).push(point.map(Math.floor));
    }
    grow(live.filter((stroke) => stroke.length));
  }
  function lift() {
    if (!live) return;
    const strokes = live.filter((stroke) => stroke.length);
    [live, pointer] = [null, null];
    end(strokes);
  }

  function place({ clientX, clientY }) {
    const box = el.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * SIDE, ((clientY - box.top) / box.height) * SIDE];
  }
  const on = (type, act) => el.addEventListener(type, act, { signal });
  on("pointerdown", (event) => {
    if (event.button || pointer !== null) return; // a second finger draws nothing
    lift();
    pointer = event.pointerId;
    el.setPointerCapture(pointer);
    el.focus({ preventScroll: true });
    event.preventDefault();
    down(place(event));
  });
  on("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    to((all.length ? all : [event]).map(place));
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(type, (event) => { if (event.pointerId === pointer) lift(); });
  }

  on("keydown", (event) => {
    const way = STRIDES[event.key];
    if (pointer !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) {
      at = at.map((x, axis) => Math.min(SIDE - 1, Math.max(0, x + way[axis] * (event.shiftKey ? 10 : 1))));
      if (live) to([at]);
      draw();
    } else if (event.key === " " || event.key === "Enter") live ? lift() : down(at);
    else if (event.key === "Escape" && live) { lift(); event.stopPropagation(); }
    else if (event.key === "Backspace") { lift(); undo(); }
    else if (event.key === "Home") at = [SIDE / 2, SIDE / 2];
    else return;
    event.preventDefault();
    draw();
  });
  on("blur", lift);

  let shown = [], width = 1;
  function draw(strokes = shown, pen = width) {
    [shown, width] = [strokes, pen];
    put(ink, { d: strokePath(strokes), "stroke-width": (pen * SIDE) / 28 });
    put(tip, { cx: at[0], cy: at[1], class: live ? "cx-tip cx-down" : "cx-tip" });
  }
  return { el, draw, drawing: () => live !== null };
}
