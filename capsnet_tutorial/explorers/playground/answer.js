// The answer of the playground: what the network sees, remembers and believes.

import { button } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { lengthBars } from "./length_bars.js";
import { layersOf, verdictOf } from "./maths.js";
import { pixelPicture } from "./pixels.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Source } from "./network.js" */
/** @import { Shown } from "./shown.js" */
/** @import { PlaygroundState } from "./traits.js" */

/**
 * @param {PlaygroundState} state
 * @param {Source} source
 * @param {number} classes
 * @returns {Part<Shown>}
 */
export function answer(state, source, classes) {
  const sees = pixelPicture("What the network sees", "cx-ink");
  const memories = [memory(0), memory(1)];
  const bars = lengthBars(classes, (capsule) => state.set({ capsule, change: [] }));
  const verdict = verdictFor(state, source);
  const wait = waiting(source);
  const el = html(
    "div",
    { class: "cx-answer" },
    html(
      "div",
      { class: "cx-pictures" },
      html("div", {}, sees.el, html("p", { class: "cx-caption" }, "network sees")),
      html("span", { class: "cx-to", "aria-hidden": "true" }, "→"),
      ...memories.map((one) => one.el),
    ),
    bars.el,
    html("div", { class: "cx-verdict" }, verdict.el, wait.el),
  );
  /** @param {Shown} now */
  function draw(now) {
    put(el, { "data-amount": now.amount });
    sees.show(now.seen);
    for (const part of [...memories, verdict, wait]) part.draw(now);
    bars.draw(now.read?.lengths, now.shown);
  }
  return { el, draw };
}

/**
 * What a capsule remembers, the longest or the second longest.
 *
 * @param {number} n
 * @returns {Part<Shown>}
 */
function memory(n) {
  const picture = pixelPicture("nothing remembered yet", n ? "cx-two" : "cx-above");
  const caption = html("p", { class: "cx-caption" });
  const el = html("div", {}, picture.el, caption);
  /** @param {Shown} now */
  function draw(now) {
    const j = now.shown[n];
    const known = j === undefined ? "nothing remembered yet" : `What capsule ${j} remembers`;
    put(el, { hidden: n > 0 && now.shown.length < 2, class: weak(now, n) ? "cx-weak" : null });
    put(picture.el, { "aria-label": known });
    picture.show(now.pictures[n]);
    caption.textContent = captionOf(now, n);
  }
  return { el, draw };
}

/** @type {(now: Shown, n: number) => boolean} */
const weak = ({ read, shown }, n) => n > 0 && read !== null && read.lengths[shown[n]] < 0.5;

/** @type {(now: Shown, n: number) => string} */
function captionOf(now, n) {
  const j = now.shown[n];
  if (j === undefined) return "it remembers";
  if (weak(now, n)) return `${j}: too short`;
  if (now.all.capsule !== null && j !== now.order[0]) return `if it were a ${j}`;
  return now.shown.length > 1 ? `remembers ${j}` : `it remembers: ${j}`;
}

/**
 * @param {PlaygroundState} state
 * @param {Source} source
 * @returns {Part<Shown>}
 */
function verdictFor({ set }, source) {
  const words = html("span");
  const unpin = () => set({ capsule: null, change: [] });
  const longest = button("Show the longest", unpin, { kind: "cx-word" });
  const el = html("p", {}, words, " ", longest);
  /** @param {Shown} now */
  function draw({ all, read, amount }) {
    words.textContent = read ? verdictOf(amount, read.lengths, layersOf(all)) : "";
    put(longest, { hidden: all.capsule === null });
    put(el, { hidden: source.stage === "loading" });
  }
  return { el, draw };
}

/**
 * Where the network is, if it is not here.
 *
 * @param {Source} source
 * @returns {Part<Shown>}
 */
function waiting(source) {
  const words = html("span");
  const bar = html("progress", { max: 1, "aria-label": "loading" });
  const again = button("Try again", source.load, { kind: "cx-word" });
  const el = html("p", { class: "cx-wait" }, words, bar, again);
  /** @param {Shown} now */
  function draw({ read }) {
    const { stage, share, trouble } = source;
    const example = read ? "What you see is a stored example." : "Reset shows a stored example.";
    put(el, { hidden: stage !== "loading" && stage !== "missing" });
    put(bar, { hidden: stage !== "loading", value: share });
    put(again, { hidden: stage !== "missing" });
    words.textContent =
      stage === "missing"
        ? `The network is not here: ${trouble}. ${example} `
        : "The network is loading, 2 MB. ";
  }
  return { el, draw };
}
