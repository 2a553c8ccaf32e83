// What an explorer says beside its figure: a table of numbers, and a sentence.

import { html, put } from "./marks.js";

/** @import { Part } from "./marks.js" */

/**
 * A number, in words, and the mark that it lights.
 *
 * @typedef {[symbol: string, value: string, meaning: string, mark?: string]} Row
 */

const QUIET = 300; // milliseconds before the status line speaks

/**
 * Numbers that stay in place while they change.
 *
 * @param {() => Row[]} rows
 * @returns {Part}
 */
export function readout(rows) {
  const el = html("dl", { class: "cx-readout" });
  function draw() {
    const now = rows();
    while (el.children.length > now.length) el.lastChild?.remove();
    while (el.children.length < now.length) el.append(html("div", {}, html("dt"), html("dd")));
    for (const [n, [symbol, value, meaning, mark]] of now.entries()) {
      const item = put(el.children[n], { title: meaning, "data-lights": mark });
      const [name, number] = item.children;
      if (name.textContent !== symbol) name.textContent = symbol;
      number.textContent = value;
    }
  }
  return { el, draw };
}

/**
 * The state in words, for those who listen; it waits until nothing changes.
 *
 * @param {() => string} say
 * @param {AbortSignal} signal
 * @returns {Part}
 */
export function status(say, signal) {
  const el = html("p", { class: "cx-status", role: "status" });
  let speaking = 0;
  function speak() {
    put(el, { "aria-busy": null }).textContent = say();
  }
  function draw() {
    clearTimeout(speaking);
    put(el, { "aria-busy": "true" });
    speaking = setTimeout(speak, QUIET);
  }
  signal.addEventListener("abort", () => clearTimeout(speaking));
  return { el, draw };
}
