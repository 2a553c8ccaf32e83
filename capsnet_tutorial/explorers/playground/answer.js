// The two halves of the playground: the paper that one draws on, and the answer.

import { button } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { DIGITS } from "../model/digits.js";
import { drawingPad } from "./drawing.js";
import { lengthBars } from "./length_bars.js";
import { layersOf, toBytes, verdictOf } from "./maths.js";
import { pixelPicture } from "./pixels.js";

const word = (label, act) => button(label, act, { kind: "cx-word" });
const HINT = "Arrows move, Space draws, Backspace takes back.";

// acts: those of drawingPad, and clear().
export function paper({ undo, clear, ...acts }) {
  const pad = drawingPad({ undo, ...acts });
  const layers = { digit: pixelPicture(""), second: pixelPicture("", "cx-data") };
  const pictures = Object.values(layers).map((layer) => layer.el);
  const el = html(
    "div",
    { class: "cx-drawn" },
    html("div", { class: "cx-paper" }, ...pictures, pad.el),
    html(
      "p",
      { class: "cx-caption" },
      html("span", {}, "you draw"),
      word("Undo", undo),
      word("Clear", clear),
    ),
    html("p", { class: "cx-caption cx-keys", "aria-hidden": "true" }, HINT),
  );
  function draw({ all }) {
    pad.draw(all.strokes, all.pen);
    for (const [name, layer] of Object.entries(layers)) {
      layer.show(all[name] === null ? null : toBytes(DIGITS[all[name]].pixels));
    }
  }
  return { el, draw };
}

// What a capsule remembers, the longest or the second longest.
function memory(n) {
  const picture = pixelPicture("nothing remembered yet", n ? "cx-two" : "cx-above");
  const caption = html("p", { class: "cx-caption" });
  const el = html("div", {}, picture.el, caption);
  function words({ all, read, shown, order }) {
    const j = shown[n];
    if (j === undefined) return "it remembers";
    if (n && read.lengths[j] < 0.5) return `${j}: too short`;
    if (all.capsule !== null && j !== order[0]) return `if it were a ${j}`;
    return shown.length > 1 ? `remembers ${j}` : `it remembers: ${j}`;
  }
  function draw(what) {
    const { shown, read, pictures } = what;
    const weak = n > 0 && read?.lengths[shown[n]] < 0.5;
    put(el, { hidden: n > 0 && shown.length < 2, class: weak ? "cx-weak" : null });
    picture.show(pictures[n]);
    const spoken =
      shown[n] === undefined ? "nothing remembered yet" : `What capsule ${shown[n]} remembers`;
    put(picture.el, { "aria-label": spoken });
    caption.textContent = words(what);
  }
  return { el, draw };
}

// Where the network is, if it is not here.
function waiting(net) {
  const words = html("span");
  const bar = html("progress", { max: 1, "aria-label": "loading" });
  const again = word("Try again", net.load);
  const el = html("p", { class: "cx-wait" }, words, bar, again);
  function draw({ read }) {
    const { stage, share, trouble } = net;
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

// What the network sees, remembers and believes.
export function answer({ set }, net, classes) {
  const sees = pixelPicture("What the network sees", "cx-ink");
  const memories = [memory(0), memory(1)];
  const wait = waiting(net);
  const bars = lengthBars(classes, (capsule) => set({ capsule, change: [] }));
  const words = html("span");
  const unpin = word("Show the longest", () => set({ capsule: null, change: [] }));
  const verdict = html("p", {}, words, " ", unpin);
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
    html("div", { class: "cx-verdict" }, verdict, wait.el),
  );
  function draw(what) {
    const { all, seen, read, amount, shown } = what;
    put(el, { "data-amount": amount });
    sees.show(seen);
    for (const part of [...memories, wait]) part.draw(what);
    bars.draw(read?.lengths ?? null, shown);
    words.textContent = read ? verdictOf(amount, read.lengths, layersOf(all)) : "";
    put(unpin, { hidden: all.capsule === null });
    put(verdict, { hidden: net.stage === "loading" });
  }
  return { el, draw };
}
