// Bars of "Routing, by hand": how long a parent is, who makes it so, who gives how much.

import { button } from "../kit/controls.js";
import { html, put, svg } from "../kit/marks.js";
import { joined, MOST } from "./maths.js";

const LEFT = 30; // pixels: where bars begin
const FULL = 178; // and how long a full one is
const MARGINS = [0.1, 0.9]; // of the loss
const LONG = 7.2; // |s| of a full one: six votes of 1.2; what is longer is cut

export const fixedText = (x, digits) =>
  Number.isFinite(x)
    ? x
        .toFixed(digits)
        .replace(/^-(0\.?0*)$/, "$1")
        .replace("-", "−")
    : "undefined";

const amount = (y, kind = "") =>
  svg("text", { class: `cx-amount ${kind}`, x: 264, y, "text-anchor": "end" });
const named = (y, name, ...parts) =>
  svg(
    "g",
    {},
    svg("text", { class: "cx-text cx-symbol", x: 2, y: y + 4 }, name),
    svg("line", { class: "cx-rule", x1: LEFT, x2: LEFT + FULL, y1: y, y2: y }),
    ...parts,
  );

// |v|, from 0 to 1.  With the wrong axis both lengths stand there.
export function lengthRow(j) {
  const y = 282;
  const right = amount(y + 5);
  const wrong = amount(y + 16, "cx-wrong");
  const bar = (kind, dy) =>
    svg("line", { class: `cx-bar ${kind}`, x1: LEFT, y1: y + dy, y2: y + dy, "data-mark": "v" });
  const good = bar("cx-above", 0);
  const bad = bar("cx-wrong cx-dashed", 8);
  const ticks = MARGINS.map((m) =>
    svg("line", {
      class: "cx-tick",
      x1: LEFT + m * FULL,
      x2: LEFT + m * FULL,
      y1: y - 7,
      y2: y + 7,
    }),
  );
  return {
    el: named(y, "|v|", ...ticks, good, bad, right, wrong),
    draw(state) {
      const broken = state.used !== state.right;
      put(good, { x2: LEFT + state.right.lengths[j] * FULL });
      put(bad, { x2: LEFT + state.used.lengths[j] * FULL, visibility: broken ? null : "hidden" });
      put(right, { y: broken ? y : y + 5 }).textContent = fixedText(state.right.lengths[j], 3);
      wrong.textContent = broken ? fixedText(state.used.lengths[j], 3) : "";
    },
  };
}

// |s| as the sum of what each child brings.  What takes away runs back, below the bar.
export function shareRow(j) {
  const y = 315;
  const number = amount(y + 5);
  const parts = Array.from({ length: MOST }, (_, i) =>
    svg(
      "g",
      { class: "cx-share", "data-lights": `c${i}`, "data-mark": `c${i} s` },
      svg("rect"),
      svg("text", { "text-anchor": "middle", y: y + 4 }, i + 1),
    ),
  );
  const end = svg("line", { class: "cx-end", y1: y - 9, y2: y + 14 });
  const at = (s) => LEFT + (Math.min(s, LONG) / LONG) * FULL;
  function draw({ shares, sums, right, used }) {
    let ahead = 0;
    let back = shares.reduce((sum, p) => sum + Math.max(p[j], 0), 0);
    parts.forEach((part, i) => {
      const p = shares[i]?.[j] ?? 0;
      const adds = p >= 0;
      const [from, to] = adds ? [at(ahead), at(ahead + p)] : [at(back + p), at(back)];
      if (adds) ahead += p;
      else back += p;
      put(part.children[0], {
        x: from,
        y: adds ? y - 7 : y + 8,
        width: Math.max(to - from - 1, 0),
        height: adds ? 14 : 5,
      });
      put(part.children[1], {
        x: (from + to) / 2,
        visibility: adds && to - from > 11 ? null : "hidden",
      });
      put(part, { visibility: Math.abs(p) > 0.005 ? null : "hidden" });
      part.classList.toggle("cx-wrong", used !== right);
    });
    put(end, { x1: at(sums[j]), x2: at(sums[j]) });
    number.textContent = fixedText(sums[j], 3);
    number.classList.toggle("cx-wrong", used !== right);
  }
  return { el: named(y, "|s|", ...parts, end, number), draw };
}

// How a child splits its vote: from the left what A gets, from the right what B gets.
function split({ get, set }, i) {
  const parts = [0, 1].map(() => html("span", { class: "cx-part" }));
  const words = [0, 1].map(() => html("span", {}));
  const el = button("", () => set({ child: i }), { kind: "cx-split", "data-lights": `c${i}` });
  el.append(
    words[0],
    html("span", { class: "cx-number" }, String(i + 1)),
    words[1],
    html("span", { class: "cx-track", "data-mark": "c" }, ...parts),
  );
  function draw({ used, right }) {
    const coupling = used.coupling[i];
    put(el, { hidden: !coupling, "aria-pressed": String(get("child") === i) });
    if (!coupling) return;
    const [a, b] = coupling.map((c) => fixedText(c, 2));
    [a, b].forEach((number, j) => (words[j].textContent = number));
    parts.forEach((part, j) => (part.style.width = `${100 * coupling[j]}%`));
    el.classList.toggle("cx-wrong", used !== right);
    put(el, { "aria-label": `Child ${i + 1}: ${a} to A, ${b} to B` });
  }
  return { el, draw };
}

// Between the planes: the iteration, the couplings, and who takes part.
export function middle(hand, iteration) {
  const { get, set } = hand;
  const rows = Array.from({ length: MOST }, (_, i) => split(hand, i));
  const crowd = (children) => {
    if (children.length >= 1 && children.length <= MOST)
      set({ arrows: children, child: children.length - 1 });
  };
  const fewer = button("−", () => crowd(get("arrows").slice(0, -1)), {
    "aria-label": "One child less",
  });
  const more = button("+", () => crowd(joined(get("arrows"))), { "aria-label": "One child more" });
  const count = html("span", {});
  const el = html(
    "div",
    { class: "cx-middle" },
    iteration.el,
    html(
      "p",
      { class: "cx-heading" },
      html("b", {}, "A"),
      html("span", {}, "coupling"),
      html("b", {}, "B"),
    ),
    ...rows.map((row) => row.el),
    html("div", { class: "cx-crowd" }, fewer, count, more),
  );
  return {
    el,
    draw(state) {
      iteration.draw();
      for (const row of rows) row.draw(state);
      const n = get("arrows").length;
      count.textContent = n === 1 ? "1 child" : `${n} children`;
      put(fewer, { "aria-disabled": n === 1 ? "true" : null });
      put(more, { "aria-disabled": n === MOST ? "true" : null });
    },
  };
}
