// Controls: each is { el, draw }; `draw` shows the present state.

import { html, put } from "./marks.js";
import { clamp } from "./numbers.js";

/** @import { Attributes, Part } from "./marks.js" */

/**
 * What a control shows and sets.
 *
 * @template T
 * @typedef {{ get: () => T, set: (value: T) => void }} Bound
 */

const page = /** @type {{ capsGroups?: number }} */ (globalThis);

/** A name for a group of radio buttons that no other explorer of the page has. */
export function newGroup() {
  page.capsGroups = (page.capsGroups ?? 0) + 1;
  return `cx-group-${page.capsGroups}`;
}

/**
 * @param {string} label
 * @param {() => void} press
 * @param {Attributes} [attributes]  `kind` is a class
 */
export function button(label, press, { kind = "", ...attributes } = {}) {
  const el = html("button", { type: "button", class: `cx-button ${kind}`, ...attributes }, label);
  el.addEventListener("click", press);
  return el;
}

/**
 * One of a few: choice("Show", { one: "one vector", two: "two votes" }, { get, set })
 *
 * @template {string} T
 * @param {string} label
 * @param {Record<T, string>} options  values, and their words
 * @param {{ get: () => T | undefined, set: (value: T) => void }} bound
 * @returns {Part}
 */
export function choice(label, options, { get, set }) {
  const name = newGroup();
  const values = /** @type {T[]} */ (Object.keys(options));
  const inputs = values.map((value) => {
    const input = html("input", { type: "radio", name, value });
    input.addEventListener("change", () => set(value));
    return input;
  });
  const labels = values.map((value, n) =>
    html("label", {}, inputs[n], html("span", {}, options[value])),
  );
  const el = html("fieldset", { class: "cx-choice" }, html("legend", {}, label), ...labels);
  function draw() {
    for (const input of inputs) input.checked = input.value === get();
  }
  return { el, draw };
}

/**
 * Yes or no: check("without the square", { get, set })
 *
 * @param {string} label
 * @param {Bound<boolean>} bound
 * @returns {Part}
 */
export function check(label, { get, set }) {
  const input = html("input", { type: "checkbox" });
  input.addEventListener("change", () => set(input.checked));
  const el = html("label", { class: "cx-check" }, input, html("span", {}, label));
  function draw() {
    input.checked = get();
  }
  return { el, draw };
}

/** @typedef {{ min: number, max: number, text?: (x: number) => string }} Range */

/**
 * A number: slider("angle", { min, max, step, get, set, text: (x) => `${x}°` })
 *
 * @param {string} label
 * @param {Range & Bound<number> & { step?: number }} options
 */
export function slider(label, { min, max, step = 1, get, set, text = String }) {
  const input = html("input", { type: "range", min, max, step });
  const shown = html("span", { class: "cx-number", "aria-hidden": "true" });
  input.addEventListener("input", () => set(Number(input.value)));
  const el = html("label", { class: "cx-slider" }, html("span", {}, label), input, shown);
  function draw() {
    input.value = String(get());
    put(input, { "aria-valuetext": text(get()) });
    shown.textContent = text(get());
  }
  return { el, input, draw };
}

/**
 * One step forward or back, also with [ and ] anywhere in the explorer.
 *
 * @param {string} label
 * @param {Range & Bound<number>} options
 * @returns {Part}
 */
export function stepper(label, { min, max, get, set, text = String }) {
  /** @type {(sign: string, by: number, words: string, key: string) => HTMLButtonElement} */
  const by = (sign, way, words, key) =>
    button(sign, () => set(clamp(get() + way, min, max)), {
      "aria-label": `${label}: one ${words}`,
      "data-key": key,
    });
  const back = by("−", -1, "less", "[");
  const next = by("+", 1, "more", "]");
  const shown = html("span", { class: "cx-number" });
  const el = html(
    "div",
    { class: "cx-stepper", role: "group", "aria-label": label },
    html("span", {}, label),
    back,
    shown,
    next,
  );
  function draw() {
    shown.textContent = text(get());
    put(back, { "aria-disabled": get() <= min ? "true" : null });
    put(next, { "aria-disabled": get() >= max ? "true" : null });
  }
  return { el, draw };
}

/**
 * A control with data-key="[" is pressed by that key, anywhere in the frame.
 *
 * @param {HTMLElement} frame
 * @param {AbortSignal} signal
 */
export function keys(frame, signal) {
  /** @param {KeyboardEvent} event */
  function press({ key }) {
    if (key !== "[" && key !== "]") return;
    const control = frame.querySelector(`[data-key="${key}"]`);
    if (control instanceof HTMLElement) control.click();
  }
  frame.addEventListener("keydown", press, { signal });
}
