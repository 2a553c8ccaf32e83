// A pad to draw on, with mouse, pen, finger or keys.

import { put, svg } from "../kit/marks.js";
import { clamp } from "../kit/numbers.js";
import { penOf, SIDE } from "./pen.js";

/** @import { Point, Stroke } from "../model/pad.js" */
/** @import { Pen, Strokes } from "./pen.js" */

const MIDDLE = [SIDE / 2, SIDE / 2];
const PEN_KEYS =
  "Arrow keys move the pen, Space puts it down and lifts it, Backspace takes a stroke back.";

/** @type {Record<string, Point>} */
const STRIDES = {
  ArrowLeft: [-4, 0],
  ArrowRight: [4, 0],
  ArrowUp: [0, -4],
  ArrowDown: [0, 4],
};

/**
 * Points of strokes as the text of an SVG path; a lone point is a dot.
 *
 * @param {Stroke[]} strokes
 */
const strokePath = (strokes) =>
  strokes
    .map((points) => `M${points.map((point) => point.join(" ")).join("L")}`)
    .map((text, n) => (strokes[n].length > 1 ? text : `${text}h.01`))
    .join("");

/**
 * @param {Strokes & { undo: () => void, signal: AbortSignal }} acts  undo: Backspace
 */
export function drawingPad({ undo, signal, ...strokes }) {
  const pen = penOf(strokes);
  const ink = svg("path", { class: "cx-stroke" });
  const tip = svg("circle", { class: "cx-tip", r: 7 });
  const el = svg(
    "svg",
    {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      class: "cx-pad",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "drawing pad",
      "aria-label": `Draw a digit. ${PEN_KEYS}`,
    },
    ink,
    tip,
  );
  byPointer(el, pen, signal);
  const tipAt = byKeys(el, pen, { undo, moved: showTip, signal });
  el.addEventListener("blur", pen.lift, { signal });
  function showTip() {
    const [cx, cy] = tipAt();
    put(tip, { cx, cy, class: pen.isDown() ? "cx-tip cx-down" : "cx-tip" });
  }
  /** @type {(strokes: Stroke[], width: number) => void} */
  function draw(strokes, width) {
    put(ink, { d: strokePath(strokes), "stroke-width": (width * SIDE) / 28 });
    showTip();
  }
  return { el, draw };
}

/**
 * @param {SVGSVGElement} el
 * @param {Pen} pen
 * @param {AbortSignal} signal
 */
function byPointer(el, pen, signal) {
  /** @type {number | null} */
  let pointer = null;
  /** @param {MouseEvent} event */
  function place({ clientX, clientY }) {
    const { left, top, width, height } = el.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
  }
  /** @param {PointerEvent} event */
  function take(event) {
    if (event.button || pointer !== null) return; // a second finger draws nothing
    pen.lift();
    pointer = event.pointerId;
    el.setPointerCapture(pointer);
    el.focus({ preventScroll: true });
    event.preventDefault();
    pen.down(place(event));
  }
  /** @param {PointerEvent} event */
  function follow(event) {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    pen.to((all.length ? all : [event]).map(place));
  }
  /** @param {PointerEvent} event */
  function leave(event) {
    if (event.pointerId !== pointer) return;
    pointer = null;
    pen.lift();
  }
  el.addEventListener("pointerdown", take, { signal });
  el.addEventListener("pointermove", follow, { signal });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    el.addEventListener(end, leave, { signal });
  }
}

/**
 * Returns where the tip is.
 *
 * @param {SVGSVGElement} el
 * @param {Pen} pen
 * @param {{ undo: () => void, moved: () => void, signal: AbortSignal }} acts
 */
function byKeys(el, pen, { undo, moved, signal }) {
  let at = MIDDLE;
  /** @type {(way: Point, far: number) => void} */
  function step(way, far) {
    at = at.map((x, axis) => clamp(x + way[axis] * far, 0, SIDE - 1));
    if (pen.isDown()) pen.to([at]);
  }
  const press = () => (pen.isDown() ? pen.lift() : pen.down(at));
  /** @type {Record<string, () => void>} */
  const acts = {
    " ": press,
    Enter: press,
    Backspace() {
      pen.lift();
      undo();
    },
    Home() {
      at = MIDDLE;
    },
  };
  /** @param {KeyboardEvent} event */
  function act(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = STRIDES[event.key];
    if (way) step(way, event.shiftKey ? 10 : 1);
    else if (acts[event.key]) acts[event.key]();
    else if (event.key === "Escape" && pen.isDown()) {
      pen.lift();
      event.stopPropagation();
    } else return;
    event.preventDefault();
    moved();
  }
  el.addEventListener("keydown", act, { signal });
  return () => at;
}
