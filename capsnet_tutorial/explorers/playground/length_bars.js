// Lengths of class capsules as bars from 0 to 1, with marks at 0.1 and 0.9.  Choose one.

import { html, put } from "../kit/marks.js";

let barGroups = 0; // of one page, told apart

function bar(group, j, choose) {
  const input = html("input", { type: "radio", name: group, value: j });
  const ink = html("i");
  const value = html("span", { class: "cx-value" });
  const column = html("span", { class: "cx-column" }, ink, value);
  const el = html("label", {}, input, column, html("b", {}, String(j)));
  input.addEventListener("change", () => choose(j));
  function draw(length, rank) {
    const text = length === undefined ? "" : length.toFixed(2);
    for (const [part, edge] of [
      [ink, "height"],
      [value, "bottom"],
    ]) {
      part.style[edge] = `${100 * (length ?? 0)}%`;
    }
    value.textContent = text;
    put(el, { "data-rank": rank < 0 ? null : rank });
    put(input, { "aria-label": text ? `capsule ${j}, length ${text}` : `capsule ${j}` });
    input.checked = rank === 0;
  }
  return { el, draw };
}

// lengthBars(10, (j) => ...) -> { el, draw(lengths, shown) }: `shown` lists the capsules
// whose pictures are on the screen; lengths is null while nothing is known.
export function lengthBars(count, choose) {
  const group = `cx-bars-${(barGroups += 1)}`;
  const bars = Array.from({ length: count }, (_, j) => bar(group, j, choose));
  const level = (at) =>
    html("span", { class: "cx-level", style: `--at: ${at}`, "aria-hidden": "true" }, at);
  const el = html(
    "fieldset",
    { class: "cx-bars" },
    html("legend", {}, "Lengths of the capsules. Choose one to see what it remembers."),
    level(0.1),
    level(0.9),
    ...bars.map((one) => one.el),
  );
  const draw = (lengths, shown) =>
    bars.forEach((one, j) => one.draw(lengths?.[j], shown.indexOf(j)));
  return { el, draw };
}
