// Between the planes: the iteration, the couplings, and who takes part.

import { button, stepper } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { joined, MOST } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Arrows, Routed } from "./maths.js" */
/** @import { RoutingState } from "./traits.js" */

/**
 * @param {RoutingState} state
 * @returns {Part<Routed>}
 */
export function middle(state) {
  const rows = Array.from({ length: MOST }, (_, i) => split(state, i));
  const iteration = stepper("iteration", {
    min: 1,
    max: 20,
    get: () => state.get("iterations"),
    set: (iterations) => state.set({ iterations }),
  });
  const people = crowd(state);
  const names = [html("b", {}, "A"), html("span", {}, "coupling"), html("b", {}, "B")];
  const el = html(
    "div",
    { class: "cx-middle" },
    iteration.el,
    html("p", { class: "cx-heading" }, ...names),
    ...rows.map((row) => row.el),
    people.el,
  );
  /** @param {Routed} now */
  function draw(now) {
    iteration.draw();
    for (const row of rows) row.draw(now);
    people.draw();
  }
  return { el, draw };
}

/**
 * How a child splits its vote: from the left what A gets, from the right what B gets.
 *
 * @param {RoutingState} state
 * @param {number} i
 * @returns {Part<Routed>}
 */
function split({ get, set }, i) {
  const parts = [0, 1].map(() => html("span", { class: "cx-part" }));
  const words = [0, 1].map(() => html("span"));
  const look = { kind: "cx-split", "data-lights": `c${i}` };
  const el = button("", () => set({ child: i }), look);
  const number = html("span", { class: "cx-number" }, i + 1);
  const track = html("span", { class: "cx-track", "data-mark": "c" }, ...parts);
  el.append(words[0], number, words[1], track);
  /** @param {Routed} now */
  function draw({ used, right }) {
    const coupling = used.coupling[i];
    put(el, { hidden: !coupling, "aria-pressed": String(get("child") === i) });
    if (!coupling) return;
    const texts = coupling.map((c) => decimals(c, 2));
    for (const [j, text] of texts.entries()) {
      words[j].textContent = text;
      parts[j].style.width = `${100 * coupling[j]}%`;
    }
    el.classList.toggle("cx-wrong", used !== right);
    put(el, { "aria-label": `Child ${i + 1}: ${texts[0]} to A, ${texts[1]} to B` });
  }
  return { el, draw };
}

/**
 * How many children there are, and one more or less.
 *
 * @param {RoutingState} state
 * @returns {Part}
 */
function crowd({ get, set }) {
  /** @param {Arrows} arrows */
  function become(arrows) {
    if (arrows.length >= 1 && arrows.length <= MOST) set({ arrows, child: arrows.length - 1 });
  }
  const fewer = button("−", () => become(get("arrows").slice(0, -1)), {
    "aria-label": "One child less",
  });
  const more = button("+", () => become(joined(get("arrows"))), {
    "aria-label": "One child more",
  });
  const count = html("span");
  function draw() {
    const n = get("arrows").length;
    count.textContent = n === 1 ? "1 child" : `${n} children`;
    put(fewer, { "aria-disabled": n === 1 ? "true" : null });
    put(more, { "aria-disabled": n === MOST ? "true" : null });
  }
  return { el: html("div", { class: "cx-crowd" }, fewer, count, more), draw };
}
