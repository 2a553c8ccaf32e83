// Lengths of class capsules as bars from 0 to 1, with marks at 0.1 and 0.9.  Choose one.

import { html, put } from "./marks.js";

let barGroups = 0;

// lengthBars(10, { choose(j) }) -> { el, draw(lengths, shown) }: `shown` lists the capsules
// whose pictures are on the screen; lengths null while nothing is known.
export function lengthBars(count, { choose }) {
  const group = `cx-bars-${(barGroups += 1)}`;
  const bars = Array.from({ length: count }, (_, j) => {
    const input = html("input", { type: "radio", name: group, value: j });
    const bar = html("i"), value = html("span", { class: "cx-value" });
    const el = html("label", { "data-mark": `v${j}` }, input,
      html("span", { class: "cx-column" }, bar, value), html("b", {}, String(j)));
    input.addEventListener("change", () => choose(j));
    return { el, input, bar, value };
  });
  const marks = [0.1, 0.9].map((at) => html("span", { class: "cx-level", style: `--at: ${at}`, "aria-hidden": "true" }, at));
  const el = html("fieldset", { class: "cx-bars" },
    html("legend", {}, "Lengths of the capsules. Choose one to see what it remembers."),
    ...marks, ...bars.map((bar) => bar.el));
  function draw(lengths, shown) {
    put(el, { "data-known": lengths !== null });
    bars.forEach(({ el, input, bar, value }, j) => {
      const length = lengths?.[j] ?? 0;
      bar.style.height = `${100 * length}%`;
      value.style.bottom = `${100 * length}%`;
      value.textContent = lengths ? length.toFixed(2) : "";
      const rank = shown.indexOf(j);
      put(el, { "data-rank": rank < 0 ? null : rank });
      input.checked = rank === 0;
      put(input, { "aria-label": lengths ? `capsule ${j}, length ${length.toFixed(2)}` : `capsule ${j}` });
    });
  }
  return { el, draw };
}
