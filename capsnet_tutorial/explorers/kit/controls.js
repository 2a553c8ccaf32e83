// Controls: each is { el, draw }; `draw` shows the present state.

import { html, put } from "./marks.js";

let groups = 0; // radio buttons of one page, told apart

export function button(label, press, { kind = "", ...attributes } = {}) {
  const el = html("button", { type: "button", class: `cx-button ${kind}`, ...attributes }, label);
  el.addEventListener("click", press);
  return el;
}

// One of a few: choice("Show", [["one", "one vector"], ...], { get, set })
export function choice(label, options, { get, set }) {
  const group = `cx-choice-${(groups += 1)}`;
  const inputs = options.map(([value]) => {
    const input = html("input", { type: "radio", name: group, value });
    input.addEventListener("change", () => set(value));
    return input;
  });
  const labels = options.map(([, words], n) =>
    html("label", {}, inputs[n], html("span", {}, words)),
  );
  const el = html("fieldset", { class: "cx-choice" }, html("legend", {}, label), ...labels);
  const draw = () => inputs.forEach((input) => (input.checked = input.value === String(get())));
  return { el, draw };
}

// Yes or no: check("without the square", { get, set })
export function check(label, { get, set }) {
  const input = html("input", { type: "checkbox" });
  input.addEventListener("change", () => set(input.checked));
  const el = html("label", { class: "cx-check" }, input, html("span", {}, label));
  return { el, draw: () => (input.checked = Boolean(get())) };
}

// A number: slider("angle", { min, max, step, get, set, text: (x) => `${x}°` })
export function slider(label, { min, max, step = 1, get, set, text = String }) {
  const input = html("input", { type: "range", min, max, step });
  const shown = html("span", { class: "cx-number", "aria-hidden": "true" });
  input.addEventListener("input", () => set(Number(input.value)));
  const el = html("label", { class: "cx-slider" }, html("span", {}, label), input, shown);
  function draw() {
    input.value = get();
    put(input, { "aria-valuetext": text(get()) });
    shown.textContent = text(get());
  }
  return { el, draw };
}

// One step forward or back, also with [ and ] anywhere in the explorer.
export function stepper(label, { min, max, get, set, text = String }) {
  const to = (value) => set(Math.min(Math.max(value, min), max));
  const back = button("−", () => to(get() - 1), {
    "aria-label": `${label}: one less`,
    "data-key": "[",
  });
  const next = button("+", () => to(get() + 1), {
    "aria-label": `${label}: one more`,
    "data-key": "]",
  });
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
