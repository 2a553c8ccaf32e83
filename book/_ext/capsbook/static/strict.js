/* What the theme's buttons do; strict.py took it out of the pages. */
(() => {
  "use strict";
  /** @type {Record<string, () => void>} */
  const acts = {
    print: () => window.print(),
    "full-screen"() {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    },
  };
  document.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("[data-run]");
    if (button) acts[button.getAttribute("data-run") ?? ""]?.();
  });
})();
