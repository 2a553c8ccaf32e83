// The network of an explorer, when it is needed: weights are big, most readers scroll by.
//
// In Jupyter two traits bring it, packed by weights.py.  A page loads the scripts of the
// shipped weights that the trait `weights` names, from where Sphinx put them.

import { loadWeights } from "./assets.js";
import { createNetwork } from "./network.js";

/** @import { OnProgress } from "./assets.js" */
/** @import { Header } from "./tensors.js" */

/**
 * Traits of an explorer that runs a network, see network.py.
 *
 * @typedef {{ weights: string, header: Header, block: DataView | null }} NetworkTraits
 */

/**
 * What a network has: classes, numbers of a pose, types of primary capsules and their
 * places, pixels of its image.
 *
 * @typedef {Record<"classes" | "numbers" | "types" | "places" | "pixels", number>} Sizes
 */

/** @type {Sizes}  of the shipped network, whose header comes with its weights */
export const SHIPPED = { classes: 10, numbers: 16, types: 8, places: 36, pixels: 784 };

/**
 * @param {Header} [header]
 * @returns {Sizes}
 */
export function sizesOf(header) {
  if (!header?.config) return SHIPPED;
  const { n_classes, class_dim, primary_types, image_shape } = header.config;
  const children = header.tensors["class_caps.weight"].shape[0];
  const [, height, width] = image_shape;
  return {
    classes: n_classes,
    numbers: class_dim,
    types: primary_types,
    places: children / primary_types,
    pixels: height * width,
  };
}

/**
 * @param {object} state  of an explorer
 * @param {<Name extends keyof NetworkTraits>(name: Name) => NetworkTraits[Name]} state.get
 * @param {{ files?: string }} state.experimental
 * @param {OnProgress} [onProgress]
 */
export const trained = async ({ get, experimental }, onProgress = () => {}) => {
  const block = get("block");
  if (block?.byteLength) return createNetwork(get("header"), block);
  if (!get("weights") || !experimental.files)
    throw Error("this figure shows a network that is only in Python");
  const loaded = await loadWeights(`${experimental.files}${get("weights")}.js`, onProgress);
  return createNetwork(loaded.header, loaded.block);
};

/**
 * Call `act` once, when the page is there and the figure near what the reader sees.
 *
 * @param {{ frame: Element, signal: AbortSignal }} state  of an explorer
 * @param {() => void} act
 */
export function whenNear({ frame, signal }, act) {
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      if (document.readyState === "complete") act();
      else addEventListener("load", act, { once: true, signal });
    },
    { rootMargin: "200px" },
  );
  near.observe(frame);
  signal.addEventListener("abort", () => near.disconnect());
}
