// Small pictures of pixels: ink in the colour of the element, on nothing.

import { html } from "./marks.js";

const opaque = (canvas) => (getComputedStyle(canvas).color.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);

// pixelPicture("what it shows", { kind: "cx-above" }) -> { el, show(bytes) }; a byte is
// the alpha of a pixel, so that both themes need only their own colour.
export function pixelPicture(label, { kind = "", size = 28, ...attributes } = {}) {
  const el = html("canvas", { width: size, height: size, class: `cx-pixels ${kind}`, role: "img", "aria-label": label, ...attributes });
  const context = el.getContext("2d", { willReadFrequently: true }); // few pixels: no GPU
  const image = context.createImageData(size, size);
  function show(bytes) {
    const [red, green, blue] = opaque(el);
    bytes.forEach((alpha, k) => image.data.set([red, green, blue, alpha], 4 * k));
    context.putImageData(image, 0, 0);
  }
  return { el, show };
}

// A canvas does not follow the theme by itself: call `act` when it changes.
export function onTheme(act, signal) {
  const watch = new MutationObserver(() => act());
  for (const node of [document.documentElement, document.body]) watch.observe(node, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => act(), { signal });
  signal.addEventListener("abort", () => watch.disconnect());
}
