// The passes of routing in the digit explorer: two charts, and a handle to step.

import { handle, html, line, panel, path, put, svg, text } from "../kit/marks.js";
import { SIDE } from "./ink.js";
import { PASSES } from "./maths.js";

// A line for each series over the passes, and a mark at the present one.
function curves(height, [low, high], name, label) {
  const frame = panel({
    width: SIDE,
    height,
    x: [0.4, PASSES + 0.6],
    y: [low - (high - low) * 0.2, high * 1.08],
    name,
    label,
  });
  const axis = Array.from({ length: PASSES }, (_, k) =>
    text(frame, [k + 1, low - (high - low) * 0.16], k + 1, { "text-anchor": "middle" }),
  );
  return {
    ...frame,
    axis: [...axis, line(frame, [0.4, low], [PASSES + 0.6, low], { class: "cx-axis" })],
  };
}

export function passesPanels(hand, count) {
  const top = Math.log2(count) || 1;
  const lengths = curves(
    150,
    [0, 1],
    "lengths",
    "Length of each class capsule over the passes of routing",
  );
  const entropy = curves(
    150,
    [0, top],
    "entropy",
    "Entropy of the couplings over the passes of routing",
  );
  const lines = Array.from({ length: count }, () => svg("path", { class: "cx-line" }));
  const [plain, weighted] = ["cx-line cx-agreement", "cx-line cx-agreement cx-dashed"].map((kind) =>
    svg("path", { class: kind }),
  );
  const at = () => hand.get("iterations");
  const to = (pass) => hand.set({ iterations: Math.min(Math.max(Math.round(pass), 1), PASSES) });
  let chosen = 0;
  let now = null;
  const grip = handle(lengths, {
    label: "passes of routing",
    signal: hand.signal,
    at: () => [at(), now?.[at() - 1].lengths[chosen] ?? 0],
    move: ([x]) => to(x),
    home: () => [3, 0],
    nudge: ([dx, dy]) => to(at() + dx + dy),
    value: () => ({ now: at(), min: 1, max: PASSES, text: `${at()} of ${PASSES}` }),
  });
  const rules = [lengths, entropy].map(() =>
    svg("line", { class: "cx-drop", "vector-effect": "non-scaling-stroke" }),
  );
  const dot = svg("circle", { r: 4, class: "cx-dot cx-agreement" });
  const heights = [0.1, 0.9].map((y) =>
    line(lengths, [0.4, y], [PASSES + 0.6, y], { class: "cx-never" }),
  );
  lengths.el.append(...lengths.axis, ...heights, rules[0], ...lines, grip.el);
  entropy.el.append(
    ...entropy.axis,
    line(entropy, [0.4, top], [PASSES + 0.6, top], { class: "cx-never" }),
    text(entropy, [0.5, top * 0.83], `${top.toFixed(2)} bits: all equal`),
    text(entropy, [0.5, top * 0.05], "0 bits: all to one"),
    rules[1],
    weighted,
    plain,
    dot,
  );
  const over = (frame, passes, value) =>
    path(
      frame,
      passes.map((pass, k) => [k + 1, value(pass)]),
    );
  return {
    els: [lengths.el, entropy.el],
    draw({ passes, chosen: j }) {
      [now, chosen] = [passes, j];
      lines.forEach((node, n) =>
        put(node, {
          d: over(lengths, passes, (pass) => pass.lengths[n]),
          class: n === j ? "cx-line cx-above" : "cx-line cx-other",
        }),
      );
      put(plain, { d: over(entropy, passes, (pass) => pass.entropy) });
      put(weighted, { d: over(entropy, passes, (pass) => pass.weighted) });
      rules.forEach((rule, n) =>
        put(rule, {
          x1: lengths.px(at()),
          x2: lengths.px(at()),
          y1: 0,
          y2: n ? entropy.py(0) : lengths.py(0),
        }),
      );
      put(dot, { cx: entropy.px(at()), cy: entropy.py(passes[at() - 1].entropy) });
      grip.draw();
    },
  };
}

const subscript = (j) => String(j).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

// The same numbers to read: one row for each pass.
export function passesTable(count) {
  const cell = (words, tag = "td") => html(tag, tag === "th" ? { scope: "col" } : {}, words);
  const head = [
    "pass",
    "entropy",
    "weighted",
    "largest c",
    ...Array.from({ length: count }, (_, j) => `|v${subscript(j)}|`),
  ];
  const body = html("tbody");
  const el = html(
    "div",
    { class: "cx-table", tabindex: 0, role: "region", "aria-label": "All passes as a table" },
    html(
      "table",
      {},
      html("thead", {}, html("tr", {}, ...head.map((words) => cell(words, "th")))),
      body,
    ),
  );
  return {
    el,
    draw: (passes) =>
      body.replaceChildren(
        ...passes.map((step, k) =>
          html(
            "tr",
            {},
            ...[
              k + 1,
              ...[step.entropy, step.weighted, step.largest, ...step.lengths].map((x) =>
                x.toFixed(3),
              ),
            ].map((x) => cell(String(x))),
          ),
        ),
      ),
  };
}
