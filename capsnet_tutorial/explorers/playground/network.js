// The network of the playground: it comes when the figure is seen, and runs when its
// input changed.  Before it is here, the stored example answers for the first view.

import { trained } from "../model/trained.js";

const WARM = 4; // runs before the first that counts: a browser compiles what runs often

const fromText = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

// One run for nothing, and then the page may breathe.
function warm(net) {
  const { pose } = net.forward(new Float32Array(28 * 28));
  net.decode?.(pose[0], 0);
  return new Promise((done) => setTimeout(done, 0));
}

// { read(bytes), load(), net, stage, share, trouble }; stage is "waiting", "loading",
// "here" or "missing".  read gives { lengths, pose }, { lengths, stored } or null.
export function networkOf(hand) {
  const { get, redraw } = hand;
  const state = { net: null, stage: "waiting", share: 0, trouble: "" };
  let seen = null;
  let known = null;

  function example() {
    const { lengths, remembered } = get("example");
    const first = lengths && get("link") === get("first");
    return first ? { lengths, stored: fromText(remembered) } : null;
  }
  function read(bytes) {
    if (!state.net) return example();
    if (!known || bytes.some((x, k) => x !== seen[k])) {
      [seen, known] = [bytes, state.net.forward(Float32Array.from(bytes, (x) => x / 255))];
    }
    return known;
  }
  async function load() {
    const tell = (news) => {
      Object.assign(state, news);
      redraw();
    };
    tell({ stage: "loading", share: 0, trouble: "" });
    try {
      const net = await trained(hand, (share) => tell({ share }));
      for (let n = 0; n < WARM; n++) await warm(net);
      tell({ net, stage: "here" });
    } catch (error) {
      tell({ stage: "missing", trouble: error.message });
    }
  }
  return Object.assign(state, { read, load });
}
