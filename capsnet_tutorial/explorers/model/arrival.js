// Until the network is there: the picture of the page, and how much has come; if it does
// not come, why, and a button to try again.

import { button } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { trained, whenNear } from "./trained.js";

/** @import { State } from "../kit/state.js" */
/** @import { Network } from "./network.js" */
/** @import { NetworkTraits } from "./trained.js" */

/**
 * Returns the place of the figure; `arrive` puts it there.
 *
 * @param {State<any, NetworkTraits>} state
 * @param {(net: Network, place: HTMLElement) => void} arrive
 */
export function arrival(state, arrive) {
  const { frame } = state;
  const bar = html("progress", { max: 1, value: 0, "aria-label": "weights that are loaded" });
  const words = "The trained network is on its way. ";
  const waiting = html("p", { class: "cx-loading", "aria-busy": "true" }, words, bar);
  const place = html("div", { class: "cx-stage" }, waiting);
  async function load() {
    try {
      const net = await trained(state, (share) => {
        bar.value = share;
      });
      arrive(net, place);
      frame.classList.remove("cx-failed");
      state.redraw();
    } catch (error) {
      frame.classList.add("cx-failed");
      const why = error instanceof Error ? error.message : error;
      const again = button("Try again", retry, { kind: "cx-word" });
      put(waiting, { "aria-busy": null });
      waiting.replaceChildren(`This figure cannot run here: ${why}. `, again);
    }
  }
  function retry() {
    put(waiting, { "aria-busy": "true" }).replaceChildren(bar);
    load();
  }
  queueMicrotask(() => showPicture(frame, place, waiting));
  whenNear(state, load);
  return place;
}

/**
 * The picture of the page stands in the place of the figure.
 *
 * @param {HTMLElement} frame
 * @param {HTMLElement} place
 * @param {HTMLElement} waiting
 */
function showPicture(frame, place, waiting) {
  const picture = frame.closest("figure")?.querySelector(":scope > .caps-picture");
  if (picture && place.contains(waiting)) place.append(picture.cloneNode(true));
}
