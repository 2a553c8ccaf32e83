// Marks that a hand moves: by mouse, pen or finger, and by arrow keys.

import { put, svg } from "./marks.js";
import { clamp } from "./numbers.js";

/** @import { Panel, Point } from "./panel.js" */

/**
 * What can be taken hold of.
 *
 * @typedef {GlobalEventHandlers & HTMLOrSVGElement & Element} Grip
 */

/**
 * Says where a pointer is, as a panel does.
 *
 * @typedef {{ point: (event: MouseEvent) => Point }} Ruler
 */

/**
 * Call `move(point, event)` while a pointer drags `el`.
 *
 * @param {Grip} el
 * @param {Ruler} ruler
 * @param {{ at: () => Point, move: (to: Point, event: PointerEvent) => void,
 *   signal: AbortSignal }} acts  at(): where the mark is
 */
export function drag(el, ruler, { at, move, signal }) {
  /** @type {Point | null} */
  let shift = null; // of the mark from the pointer, so that it does not jump there
  /** @param {PointerEvent} event */
  function take(event) {
    if (event.button) return;
    const here = ruler.point(event);
    shift = at().map((x, axis) => x - here[axis]);
    el.setPointerCapture(event.pointerId);
    el.focus({ preventScroll: true });
    event.preventDefault();
  }
  /** @param {PointerEvent} event */
  function follow(event) {
    if (!shift) return;
    const [dx, dy] = shift;
    const [x, y] = ruler.point(event);
    move([x + dx, y + dy], event);
  }
  const leave = () => {
    shift = null;
  };
  el.addEventListener("pointerdown", take, { signal });
  el.addEventListener("pointermove", follow, { signal });
  el.addEventListener("pointerup", leave, { signal });
  el.addEventListener("pointercancel", leave, { signal });
  holdThePage(el, signal);
}

/**
 * Inside an <svg>, Chromium does not heed `touch-action`, and would scroll the page.
 *
 * @param {Grip} el
 * @param {AbortSignal} signal
 */
function holdThePage(el, signal) {
  /** @param {Event} event */
  const hold = (event) => {
    // Asked at each touch: a handle may be made before it is put into its <svg>.
    if (el instanceof SVGElement && el.ownerSVGElement) event.preventDefault();
  };
  el.addEventListener("touchstart", hold, { passive: false, signal });
}

/** @type {Record<string, Point>} */
const KEYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
  PageDown: [0, -10],
  PageUp: [0, 10],
  End: [0, 1000], // what moves stops at its own bounds
};

/**
 * Arrow keys call `nudge([dx, dy])`, ten times as far with Shift, as PageUp and PageDown
 * do; End goes up as far as it can, and Home calls `home()`.
 *
 * @param {Grip} el
 * @param {{ nudge: (by: Point) => void, home: () => void, signal: AbortSignal }} acts
 */
export function keyed(el, { nudge, home, signal }) {
  /** @param {KeyboardEvent} event */
  function press(event) {
    const way = KEYS[event.key];
    if (way) nudge(way.map((d) => d * (event.shiftKey ? 10 : 1)));
    else if (event.key === "Home") home();
    else return;
    event.preventDefault();
  }
  el.addEventListener("keydown", press, { signal });
}

/**
 * What a handle says and does.
 *
 * @typedef {object} HandleOptions
 * @property {string} label
 * @property {string} [kind]  a class
 * @property {number} [radius]  of what is seen; what can be touched is 44 px wide at least
 * @property {() => Point} at  where it is
 * @property {(to: Point, event?: PointerEvent) => void} move  put it there
 * @property {() => Point} home  where it began
 * @property {(by: Point) => void} nudge  what one press of an arrow key does
 * @property {() => { now: number, min: number, max: number, text: string }} value
 *   for those who listen
 * @property {AbortSignal} signal
 */

/** @typedef {{ el: SVGGElement, grip: SVGCircleElement, draw: () => void }} Handle */

/**
 * A point to drag or to move with the arrow keys (Shift: ten times, Home: back).
 *
 * @param {Panel} frame
 * @param {HandleOptions} options
 * @returns {Handle}
 */
export function handle(frame, { label, kind = "", radius = 11, value, ...acts }) {
  const { at, move, home, nudge, signal } = acts;
  const grip = svg("circle", { r: radius, class: "cx-grip" });
  const el = svg(
    "g",
    { class: `cx-handle ${kind}`, tabindex: 0, role: "slider", "aria-label": label },
    svg("circle", { r: Math.max(24, radius), class: "cx-reach" }),
    grip,
  );
  drag(el, frame, { at, move, signal });
  keyed(el, { nudge, home: () => move(home()), signal });
  function draw() {
    const [x, y] = at();
    const { now, min, max, text } = value();
    const left = clamp(frame.px(x), 0, frame.width);
    const top = clamp(frame.py(y), 0, frame.height);
    put(el, {
      transform: `translate(${left} ${top})`,
      "aria-valuenow": Number(now.toFixed(3)),
      "aria-valuemin": min,
      "aria-valuemax": max,
      "aria-valuetext": text,
    });
  }
  draw(); // a slider without a value is none, even where the figure waits for a network
  return { el, grip, draw };
}
