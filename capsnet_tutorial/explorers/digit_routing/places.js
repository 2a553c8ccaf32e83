// The capsules below in the digit explorer: one square for each place, and small maps of
// each type.

import { button, choice } from "../kit/controls.js";
import { html, put, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { panel, SIDE } from "../kit/panel.js";
import { byPlace } from "./maths.js";
import { pickable } from "./pick.js";
import { squares } from "./squares.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Look } from "./look.js" */
/** @import { Picks } from "./pick.js" */
/** @import { DigitState } from "./traits.js" */

// Full squares: the same for all digits, classes and passes, so that pictures compare.
const FULL = { place: 2, capsule: 0.5 }; // of |s|

/**
 * What the capsules below give to the chosen class.
 *
 * @param {DigitState} state
 * @param {Network["config"]} config
 * @param {Picks} places
 * @param {Picks} types
 * @returns {Part<Look>}
 */
export function placesColumn(state, { grid, primary_types: count }, places, types) {
  const head = html("p", { class: "cx-head" });
  const below = placesPanel(state, grid, places);
  const small = typesPanel(count, grid, types.press);
  const show = choice(
    "Squares show",
    { votes: "votes", couplings: "couplings" },
    { get: () => state.get("squares"), set: (squares) => state.set({ squares }) },
  );
  const hint = html("p", { class: "cx-hint" });
  /** @param {Look} look */
  function draw(look) {
    const { chosen, type } = look;
    const votes = state.get("squares") === "votes";
    const one = type !== null; // a single capsule at each place
    const numbers = votes ? look.shares : look.coupling;
    const sums = byPlace(numbers, grid[0] * grid[1], type);
    const what = `${votes ? "votes for" : "coupling to"} ${chosen}`;
    const full = one ? FULL.capsule : FULL.place;
    below.draw({
      numbers: sums.map((x) => (votes || one ? x : x / count)),
      full: votes ? full : 1,
      place: look.place,
      what,
    });
    small.draw({ numbers, full: votes ? FULL.capsule : 1, type });
    show.draw();
    head.textContent = `${one ? "This type:" : "Capsules:"} ${what}`;
    hint.textContent = `A full square is ${votes ? `${full} of |s|` : "all of its votes"}.`;
  }
  return { el: html("div", { class: "cx-part" }, head, below.el, show.el, hint, small.el), draw };
}

/**
 * @param {DigitState} state
 * @param {number[]} grid
 * @param {Picks} picks
 * @returns {Part<{ numbers: number[], full: number, place: number | null, what: string }>}
 */
function placesPanel({ get, signal }, [rows, columns], picks) {
  const cell = SIDE / columns;
  const frame = panel({
    height: cell * rows,
    x: [0, columns],
    y: [rows, 0],
    name: "places",
    label: "Primary capsules, one square for each place",
  });
  const cells = Array.from({ length: rows * columns }, (_, n) => {
    const [x, y] = [(n % columns) * cell, Math.floor(n / columns) * cell];
    const box = { x: x + 1, y: y + 1, width: cell - 2, height: cell - 2 };
    const tile = svg("rect", { class: "cx-tile", ...box });
    return svg("g", { role: "button", class: "cx-cell" }, tile);
  });
  const marks = squares(columns, cell);
  pickable(cells, columns, { ...picks, signal });
  frame.el.append(...cells, ...marks.els);
  return {
    el: frame.el,
    draw({ numbers, full, place, what }) {
      marks.draw(numbers, full);
      for (const [n, mark] of cells.entries()) {
        const where = `row ${Math.floor(n / columns) + 1}, column ${(n % columns) + 1}`;
        put(mark, {
          class: n === place ? "cx-cell cx-on" : "cx-cell",
          "aria-pressed": String(get("place") === n),
          "aria-label": `${where}: ${what}: ${decimals(numbers[n], 2)}`,
        });
      }
    },
  };
}

/**
 * The same map once for each type; a press looks at this type alone.
 *
 * @param {number} count
 * @param {number[]} grid
 * @param {(type: number) => void} press
 * @returns {Part<{ numbers: number[], full: number, type: number | null }>}
 */
function typesPanel(count, [rows, columns], press) {
  const box = { viewBox: `0 0 ${columns * 10} ${rows * 10}`, "aria-hidden": "true" };
  const types = Array.from({ length: count }, (_, n) => {
    const marks = squares(columns, 10);
    const label = { kind: "cx-type", "aria-label": `capsules of type ${n + 1} alone` };
    const el = button("", () => press(n), label);
    el.append(svg("svg", box, ...marks.els));
    return { el, marks };
  });
  const label = { role: "group", "aria-label": "Types of primary capsules" };
  const el = html("div", { class: "cx-types", ...label }, ...types.map((type) => type.el));
  return {
    el,
    draw({ numbers, full, type }) {
      const places = rows * columns;
      for (const [t, { el, marks }] of types.entries()) {
        put(el, { "aria-pressed": String(t === type) });
        marks.draw(numbers.slice(t * places, (t + 1) * places), full);
      }
    },
  };
}
