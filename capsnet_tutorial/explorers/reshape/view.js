// The reshape explorer on the screen: lines of a program, and the cells that they move.

import { check, choice, stepper } from "../kit/controls.js";
import { cells } from "./cells.js";
import { lines } from "./lines.js";
import { COUNT, placesOf } from "./maths.js";
import { shown } from "./shown.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Row } from "../kit/readout.js" */
/** @import { Shown } from "./shown.js" */
/** @import { ReshapeState, Traits } from "./traits.js" */

const PROGRAMS = {
  view: "view, PyTorch",
  PrimCap: "PrimCap, TensorFlow",
  capsule: "capsule, TensorFlow",
};

/**
 * @param {ReshapeState} state
 * @returns {View}
 */
export function view(state) {
  const { get, set, glide, all } = state;
  const parts = [lines(state), cells(state)];
  const now = () => shown(all());
  /** @param {Traits["program"]} program */
  const open = (program) => set({ program, mended: false, step: 0, followed: null });
  return {
    figure: parts.map((part) => part.el),
    controls: [
      choice("Program", PROGRAMS, { get: () => get("program"), set: open }),
      stepper("line", {
        min: 0,
        max: 5,
        get: () => now().now,
        set: (step) => glide({ step: Math.min(step, now().film.steps.length - 1) }),
      }),
      check("mended", { get: () => get("mended"), set: (mended) => set({ mended }) }),
    ],
    more: [
      stepper("follow the number", {
        min: -1,
        max: COUNT - 1,
        get: () => get("followed") ?? -1,
        set: (n) => set({ followed: n < 0 ? null : n }),
        text: (n) => (n < 0 ? "none" : nameOf(now(), n)),
      }),
    ],
    draw() {
      for (const part of parts) part.draw(now());
    },
    readout: () => rows(now()),
    say: () => sentence(now()),
  };
}

const CORNERS = ["top left", "top right", "bottom left", "bottom right"];

/**
 * @param {Shown} now
 * @param {number} origin
 */
function nameOf({ kinds }, origin) {
  const { letter, number, place } = kinds[origin];
  return `${letter}${number} ${CORNERS[place]}`;
}

/** @param {number[]} list */
const inBrackets = (list) => `[${list.join(", ")}]`;

/** @param {Shown} now */
const wholeOf = ({ near: { whole } }) => `${whole.filter(Boolean).length} of ${whole.length}`;

/**
 * @param {Shown} now
 * @returns {Row[]}
 */
function rows(now) {
  const { near, film, followed } = now;
  /** @type {Row[]} */
  const always = [
    ["here", inBrackets(near.shape), "shape of the tensor in the figure", "cells"],
    ["in the network", near.real, "its shape in the network of the paper, without the batch"],
  ];
  if (near.groups.length) always.push(["whole capsules", wholeOf(now), "framed, and not purple"]);
  if (followed !== null) {
    const at = near.at[film.marks.indexOf(followed)];
    always.push([nameOf(now, followed), inBrackets(placesOf(near.shape, at)), "its index now"]);
  }
  return always;
}

/** @param {Shown} now */
function sentence(now) {
  const { near, now: line } = now;
  const capsules = near.groups.length ? ` ${wholeOf(now)} groups are whole capsules.` : "";
  return `After ${line} lines the shape is ${inBrackets(near.shape)}.${capsules}`;
}
