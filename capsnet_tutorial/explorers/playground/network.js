// The network of the playground: it comes when the figure is seen, and runs when its
// input changed.  Before it is here, the stored example answers for the first view.

import { trained } from "../model/trained.js";

/** @import { Network } from "../model/network.js" */
/** @import { PlaygroundState } from "./traits.js" */

const WARM = 4; // runs before the first that counts: a browser compiles what runs often

/**
 * What the network says about an image; of the example there are lengths and a picture.
 *
 * @typedef {{ lengths: number[], pose?: number[][], stored?: Uint8Array }} Reading
 */

/**
 * @typedef {object} Source
 * @property {Network | null} net
 * @property {"waiting" | "loading" | "here" | "missing"} stage
 * @property {number} share  of it that has loaded
 * @property {string} trouble  why it is missing
 * @property {(bytes: Uint8Array) => Reading | null} read
 * @property {() => Promise<void>} load
 */

/** @param {string} base64 */
const fromText = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/**
 * One run for nothing, and then the page may breathe.
 *
 * @param {Network} net
 */
function warm(net) {
  const { pose } = net.forward(new Float32Array(28 * 28));
  net.decode?.(pose[0], 0);
  return new Promise((done) => setTimeout(done, 0));
}

/**
 * The answer to the first view, and to it alone.
 *
 * @param {PlaygroundState} state
 * @returns {Reading | null}
 */
function example({ get }) {
  const { lengths, remembered = "" } = get("example");
  const first = lengths && get("link") === get("first");
  return first ? { lengths, stored: fromText(remembered) } : null;
}

/**
 * @param {PlaygroundState} state
 * @returns {Source}
 */
export function networkOf(state) {
  /** @type {Uint8Array | null} */
  let seen = null;
  /** @type {Reading | null} */
  let known = null; // of what was seen
  /** @param {Partial<Source>} news */
  function tell(news) {
    Object.assign(source, news);
    state.redraw();
  }
  /** @type {Source} */
  const source = {
    net: null,
    stage: "waiting",
    share: 0,
    trouble: "",
    read(bytes) {
      if (!source.net) return example(state);
      if (!known || bytes.some((x, k) => x !== seen?.[k])) {
        seen = bytes;
        known = source.net.forward(Float32Array.from(bytes, (x) => x / 255));
      }
      return known;
    },
    async load() {
      tell({ stage: "loading", share: 0, trouble: "" });
      try {
        const net = await trained(state, (share) => tell({ share }));
        for (let n = 0; n < WARM; n++) await warm(net);
        tell({ net, stage: "here" });
      } catch (error) {
        tell({ stage: "missing", trouble: error instanceof Error ? error.message : String(error) });
      }
    },
  };
  return source;
}
