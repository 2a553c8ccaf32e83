// Where marks lie on each other, a finger takes the nearest one.

/** @import { Handle } from "../kit/drag.js" */

/**
 * @param {SVGElement} el  what the handles stand in
 * @param {Handle[]} handles
 * @param {AbortSignal} signal
 */
export function takeNearest(el, handles, signal) {
  /** @type {PointerEvent | null} */
  let sent = null; // our own, to the handle that is meant
  /** @param {PointerEvent} event */
  function send(event) {
    if (event === sent || !(event.target instanceof Element)) return;
    if (!event.target.closest(".cx-handle")) return;
    const best = nearest(handles, event).el;
    if (best.contains(event.target)) return;
    event.stopPropagation();
    event.preventDefault();
    sent = new PointerEvent("pointerdown", event);
    best.dispatchEvent(sent);
  }
  el.addEventListener("pointerdown", send, { signal, capture: true });
}

/**
 * @param {Handle[]} handles
 * @param {PointerEvent} event
 */
function nearest(handles, { clientX, clientY }) {
  /** @param {Handle} handle */
  const far = ({ grip }) => {
    const box = grip.getBoundingClientRect();
    return Math.hypot(box.x + box.width / 2 - clientX, box.y + box.height / 2 - clientY);
  };
  return handles
    .filter(({ el }) => el.getAttribute("visibility") !== "hidden")
    .reduce((a, b) => (far(b) < far(a) ? b : a));
}
