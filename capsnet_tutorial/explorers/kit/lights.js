// Touch a term, and its mark lights up: [data-lights=a] -> [data-mark=a].

/**
 * @param {HTMLElement} frame
 * @param {AbortSignal} signal
 */
export function lights(frame, signal) {
  /** @type {string | null} */
  let pinned = null; // by a press, until the next one
  /** @type {(type: keyof HTMLElementEventMap, act: (touched: string | null) => void) => void} */
  const on = (type, act) =>
    frame.addEventListener(type, (event) => act(touched(event)), { signal });
  on("pointerover", (name) => light(frame, name ?? pinned));
  on("pointerleave", () => light(frame, pinned));
  on("focusin", (name) => light(frame, name ?? pinned));
  on("focusout", () => light(frame, pinned));
  on("click", (name) => {
    pinned = name === pinned ? null : name;
    light(frame, pinned);
  });
  frame.addEventListener(
    "keydown",
    ({ key }) => {
      if (key !== "Escape") return;
      pinned = null;
      light(frame, null);
    },
    { signal },
  );
}

/**
 * What an event wants to light.
 *
 * @param {Event} event
 */
function touched({ target }) {
  const term = target instanceof Element ? target.closest("[data-lights]") : null;
  return term?.getAttribute("data-lights") ?? null;
}

/**
 * @param {HTMLElement} frame
 * @param {string | null} name  null for none
 */
function light(frame, name) {
  frame.classList.toggle("cx-lighting", Boolean(name));
  for (const mark of frame.querySelectorAll("[data-mark], [data-lights]")) {
    const own = mark.getAttribute("data-mark") ?? mark.getAttribute("data-lights") ?? "";
    mark.classList.toggle("cx-lit", name !== null && own.split(" ").includes(name));
  }
}
