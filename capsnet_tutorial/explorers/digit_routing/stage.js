// The digit explorer once its network is there: all parts, and what they show.

import { html } from "../kit/marks.js";
import { charts } from "./charts.js";
import { classesColumn } from "./classes.js";
import { inkColumn } from "./ink.js";
import { lookAt } from "./look.js";
import { placesColumn } from "./places.js";
import { presets } from "./presets.js";
import { passesTable } from "./table.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Look } from "./look.js" */
/** @import { ImageShape } from "./maths.js" */
/** @import { Picks } from "./pick.js" */
/** @import { DigitState } from "./traits.js" */

/**
 * @typedef {object} Stage
 * @property {HTMLElement} el
 * @property {() => void} draw
 * @property {Part} table
 * @property {() => Look} look  what is drawn
 */

/**
 * @param {DigitState} state
 * @param {Network} net
 * @returns {Stage}
 */
export function stage(state, net) {
  const { config } = net;
  const images = imagesFor(state, config.image_shape);
  const look = lookAt(net, images, () => state.signal.aborted || state.redraw());
  const { picks, traits } = previews(state);
  const columns = [
    inkColumn(state, config, images),
    placesColumn(state, config, picks("place"), picks("type")),
    classesColumn(state, config.n_classes, picks("chosen")),
  ];
  const below = charts(state, config.n_classes);
  const table = passesTable(config.n_classes);
  const row = html("div", { class: "cx-parts" }, ...columns.map((part) => part.el));
  let now = look(traits());
  function draw() {
    now = look(traits());
    for (const part of [...columns, below]) part.draw(now);
  }
  return {
    el: html("div", {}, row, below.el),
    draw,
    table: { el: table.el, draw: () => table.draw(now.passes) },
    look: () => now,
  };
}

/**
 * What is pointed at is shown as if it were chosen.
 *
 * @param {DigitState} state
 */
function previews({ all, get, set, redraw }) {
  /** @type {Record<"place" | "type" | "chosen", number | null>} */
  const shown = { place: null, type: null, chosen: null };
  /** @type {(name: keyof typeof shown) => Picks} */
  const picks = (name) => ({
    show(n) {
      shown[name] = n;
      redraw();
    },
    press(n) {
      shown[name] = null;
      set({ [name]: get(name) === n ? null : n });
    },
  });
  function traits() {
    const pointed = Object.entries(shown).filter(([, n]) => n !== null);
    return { ...all(), ...Object.fromEntries(pointed) };
  }
  return { picks, traits };
}

/**
 * The images to choose from, (c h w), by digit; "null" is the reader's own.
 *
 * @param {DigitState} state
 * @param {ImageShape} shape
 * @returns {Record<string, Float32Array>}
 */
function imagesFor({ get }, shape) {
  /** @type {Record<string, Float32Array>} */
  const images = {};
  if (shape.join() === "1,28,28") {
    for (const [digit, { pixels }] of presets.entries()) images[digit] = pixels;
  }
  const view = get("image");
  if (!view?.byteLength) return images;
  /** @type {(_: unknown, k: number) => number} */
  const pixel = (_, k) => view.getFloat32(4 * k, true);
  return { ...images, null: Float32Array.from({ length: view.byteLength / 4 }, pixel) };
}
