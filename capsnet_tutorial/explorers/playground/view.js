// The playground on the screen: from a state to pictures, and from hands to a state.

import { check, slider } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { whenNear } from "../model/trained.js";
import { answer } from "./answer.js";
import { below } from "./below.js";
import { handsOn } from "./hands.js";
import { networkOf } from "./network.js";
import { paper } from "./paper.js";
import { onTheme } from "./pixels.js";
import { posePanel, spreadOf } from "./pose_panel.js";
import { everything } from "./shown.js";
import { turnPanel } from "./turn_panel.js";
import { rows, sentence } from "./words.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Part } from "../kit/marks.js" */
/** @import { PlaygroundState, Traits } from "./traits.js" */

/**
 * @param {PlaygroundState} state
 * @returns {View}
 */
export function view(state) {
  const { frame, signal, redraw } = state;
  const spread = spreadOf(state);
  const source = networkOf(state);
  const { ink, strokes, acts } = handsOn(state);
  const left = paper({ ...acts, signal });
  const right = answer(state, source, spread.length);
  const turn = turnPanel(state, source);
  const pose = posePanel(state, spread, source);
  const { controls, paint } = below(state, ink, { turn: turn.el, pose: pose.el });
  const [tell, clock] = [teller(state), stopwatch()];
  let theme = 0; // a number that is new when the colours are
  let painted = -1;
  const look = () => everything({ ...state.all(), strokes: strokes() }, source, spread);
  let now = look();
  function repaint() {
    theme += 1;
    redraw();
  }
  onTheme(repaint, signal);
  whenNear(state, () => {
    repaint();
    source.load();
  });

  function draw() {
    const began = performance.now();
    const before = now.read;
    now = look();
    put(frame, { "data-network": source.stage });
    for (const part of [left, right, turn]) part.draw(now);
    pose.draw(now, theme);
    if (painted !== theme) paint();
    painted = theme;
    if (now.read !== before && source.net) clock.add(began);
    tell(now.seen);
  }
  return {
    figure: [left.el, right.el],
    controls,
    more: [...settings(state, ink), clock],
    draw,
    readout: () => rows(now),
    say: () => sentence(now),
  };
}

/**
 * @param {PlaygroundState} state
 * @param {(traits: Partial<Traits>) => void} ink
 */
const settings = ({ get }, ink) => [
  slider("pen", {
    min: 1,
    max: 4,
    step: 0.5,
    text: (x) => `${x} px`,
    get: () => get("pen"),
    set: (pen) => ink({ pen }),
  }),
  check("Move the drawing to the middle and scale it, as in MNIST", {
    get: () => get("centred"),
    set: (centred) => ink({ centred }),
  }),
];

/**
 * What the network gets, for the trait `seen` in Jupyter; a page has no use for it.
 *
 * @param {PlaygroundState} state
 */
function teller({ get, model }) {
  /** @type {Uint8Array | null} */
  let told = null;
  /** @param {Uint8Array} seen */
  return (seen) => {
    if (!get("block")?.byteLength || told?.every((x, k) => x === seen[k])) return;
    told = seen;
    model.set({ seen: new DataView(seen.slice().buffer) });
    model.save_changes();
  };
}

/**
 * Milliseconds that the last pictures took.
 *
 * @returns {Part & { add: (began: number) => void }}
 */
function stopwatch() {
  /** @type {number[]} */
  const times = [];
  const el = html("p", { class: "cx-hint" });
  return {
    el,
    add(began) {
      times.push(performance.now() - began);
      if (times.length > 9) times.shift();
    },
    draw() {
      const middle = [...times].sort((a, b) => a - b)[times.length >> 1];
      el.textContent = times.length ? `${decimals(middle, 0)} ms for each picture here.` : "";
    },
  };
}
