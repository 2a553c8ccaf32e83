// The image of the digit explorer as a panel, the window of a place on it, and the eraser.

import { drag, handle } from "../kit/drag.js";
import { put, seen, svg } from "../kit/marks.js";
import { clamp } from "../kit/numbers.js";
import { panel, SIDE } from "../kit/panel.js";
import { WINDOW } from "../model/network.js";
import { RUBBER, windowAt } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Panel, Point } from "../kit/panel.js" */
/** @import { ImageShape } from "./maths.js" */
/** @import { DigitState } from "./traits.js" */

/** @typedef {(spot: number) => void} Rub  the eraser is there, row * width + column */

/**
 * @typedef {object} Inked
 * @property {ArrayLike<number>} ink  (h w)
 * @property {ArrayLike<number>} tint  what the ink of a pixel does for the class
 * @property {number} full  tint of the fullest colour
 * @property {number | null} place
 * @property {boolean} busy  more is to come
 */

/**
 * @param {DigitState} state
 * @param {ImageShape} shape
 * @param {number} columns  of places
 * @param {Rub} rub
 * @returns {Part<Inked>}
 */
export function inkPanel({ signal }, [, height, width], columns, rub) {
  const unit = SIDE / width;
  const frame = panel({
    height: height * unit,
    x: [0, width],
    y: [height, 0],
    name: "ink",
    label: "The image, and the eraser to rub ink out",
  });
  const pixels = pixelsOf(height, width, unit);
  const side = WINDOW * unit;
  const glass = svg("rect", { class: "cx-window", width: side, height: side });
  const eraser = eraserOn(frame, [height, width], unit, rub, signal);
  frame.el.append(...pixels.els, glass, eraser.pad, eraser.el);
  /** @param {Inked} now */
  function draw(now) {
    put(frame.el, { "aria-busy": now.busy ? "true" : null });
    pixels.draw(now);
    const [row, column] = windowAt(now.place ?? 0, columns);
    seen(put(glass, { x: column * unit, y: row * unit }), now.place !== null);
    eraser.draw();
  }
  return { el: frame.el, draw };
}

/**
 * Each pixel as dark as its ink, in the hue of what it does for the class.
 *
 * @param {number} height
 * @param {number} width
 * @param {number} unit  the side of one
 */
function pixelsOf(height, width, unit) {
  const els = Array.from({ length: height * width }, (_, k) => {
    const [x, y] = [(k % width) * unit, Math.floor(k / width) * unit];
    return svg("rect", { x, y, width: unit, height: unit, style: NO_INK });
  });
  const looks = els.map(() => NO_INK);
  /** @param {Inked} now */
  function draw({ ink, tint, full }) {
    for (const [k, el] of els.entries()) {
      const look = ink[k] > 0 ? hue(tint[k] / full, ink[k]) : NO_INK;
      if (look !== looks[k]) put(el, { style: look });
      looks[k] = look;
    }
  }
  return { els, draw };
}

const NO_INK = "opacity:0";

/**
 * Neutral at 0, green for, purple against; full at 1.  As see-through as the ink is thin.
 *
 * @param {number} part
 * @param {number} ink
 */
function hue(part, ink) {
  const percent = (clamp(Math.abs(part), 0, 1) * 100).toFixed(1);
  const colour = part < 0 ? "--wrong" : "--agreement";
  const fill = `color-mix(in srgb, var(${colour}) ${percent}%, var(--faint))`;
  return `fill:${fill};opacity:${ink.toFixed(3)}`;
}

/**
 * A mouse or a pen may rub anywhere on the pad; a finger takes the eraser, so that the page
 * scrolls.
 *
 * @param {Panel} frame
 * @param {[height: number, width: number]} size
 * @param {number} unit
 * @param {Rub} rub
 * @param {AbortSignal} signal
 */
function eraserOn(frame, [height, width], unit, rub, signal) {
  let [x, y] = [2, height - 3]; // the pixel under its middle
  const middle = () => [x + 0.5, y + 0.5];
  /** @param {Point} point */
  function go([toX, toY]) {
    x = clamp(Math.floor(toX), 0, width - 1);
    y = clamp(Math.floor(toY), 0, height - 1);
  }
  /** @param {Point} point */
  function erase(point) {
    go(point);
    rub(y * width + x);
  }
  const eraser = handle(frame, {
    label: "Eraser: move it with the arrow keys, rub out with Enter",
    kind: "cx-rubber",
    radius: RUBBER * unit,
    at: middle,
    move: erase,
    home: () => [2.5, height - 2.5],
    nudge([dx, dy]) {
      go([x + dx, y - dy]);
      eraser.draw();
    },
    value: () => ({
      now: y * width + x,
      min: 0,
      max: height * width - 1,
      text: `row ${y + 1}, column ${x + 1}`,
    }),
    signal,
  });
  const press = () => erase(middle());
  rubByKeys(eraser.el, press, signal);
  return { ...eraser, pad: padOn(frame, middle, erase, signal) };
}

/**
 * @param {SVGGElement} eraser
 * @param {() => void} press
 * @param {AbortSignal} signal
 */
function rubByKeys(eraser, press, signal) {
  /** @param {KeyboardEvent} event */
  function rub(event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  }
  eraser.addEventListener("keydown", rub, { signal });
}

/**
 * @param {Panel} frame
 * @param {() => Point} at
 * @param {(point: Point) => void} erase
 * @param {AbortSignal} signal
 */
function padOn(frame, at, erase, signal) {
  const pad = svg("rect", { class: "cx-image", width: frame.width, height: frame.height });
  /** @param {PointerEvent} event */
  function rub(event) {
    if (event.pointerType !== "touch") erase(frame.point(event));
  }
  pad.addEventListener("pointerdown", rub, { signal });
  drag(pad, frame, { at, move: (_, event) => rub(event), signal });
  return pad;
}
