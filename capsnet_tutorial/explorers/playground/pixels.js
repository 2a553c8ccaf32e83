// Small pictures of pixels: ink in the colour of the element, on nothing.

import { html } from "../kit/marks.js";

const NO_INK = new Uint8Array(28 * 28);

function colourOf(canvas) {
  const numbers = getComputedStyle(canvas).color.match(/[\d.]+/g);
  return numbers ? numbers.slice(0, 3).map(Number) : [0, 0, 0];
}

// pixelPicture("what it shows", "cx-above") -> { el, show(bytes) }; without words it is
// for the eye only.  A byte is the alpha of a pixel; null shows nothing.
export function pixelPicture(label, kind = "") {
  const spoken = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  const el = html("canvas", { width: 28, height: 28, class: `cx-pixels ${kind}`, ...spoken });
  const context = el.getContext("2d", { willReadFrequently: true }); // few pixels: no GPU
  const image = context.createImageData(28, 28);
  function show(bytes) {
    const colour = colourOf(el);
    (bytes ?? NO_INK).forEach((alpha, k) => image.data.set([...colour, alpha], 4 * k));
    context.putImageData(image, 0, 0);
  }
  return { el, show };
}

// A canvas does not follow the theme by itself: call `act` when it changes.
export function onTheme(act, signal) {
  const watch = new MutationObserver(() => act());
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true });
  }
  const night = matchMedia("(prefers-color-scheme: dark)");
  night.addEventListener("change", () => act(), { signal });
  signal.addEventListener("abort", () => watch.disconnect());
}
