// The capsules above in the digit explorer: one row for each class, with its length and
// the coupling that it gets.

import { html, put, seen, svg } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { panel, SIDE } from "../kit/panel.js";
import { pickable } from "./pick.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Look } from "./look.js" */
/** @import { Picks } from "./pick.js" */
/** @import { DigitState } from "./traits.js" */

const ROW = 44; // a finger is as high
const HEAD = 20;
const SQUARE = 42; // the middle of the coupling
const BAR = [72, 232]; // from length 0 to length 1

/** @param {number} length */
const bar = (length) => BAR[0] + length * (BAR[1] - BAR[0]);

/**
 * @param {DigitState} state
 * @param {number} count
 * @param {Picks} picks
 * @returns {Part<Look>}
 */
export function classesColumn(state, count, picks) {
  const above = classesPanel(state, count, picks);
  const head = html("p", { class: "cx-head" }, "Class capsules");
  const hint = html("p", { class: "cx-hint" });
  /** @param {Look} look */
  function draw(look) {
    above.draw(look);
    hint.textContent = hintOf(look);
  }
  return { el: html("div", { class: "cx-part" }, head, above.el, hint), draw };
}

/** @param {Look} look */
function hintOf({ picked, place, type, spots }) {
  const all = place === null && type === null ? "all" : "these";
  const whose = picked.length === 1 ? "of this capsule" : `of ${all} capsules, on average`;
  return `c: coupling ${whose}.${spots.length ? " Thin marks: with all ink." : ""}`;
}

/**
 * @param {DigitState} state
 * @param {number} count
 * @param {Picks} picks
 * @returns {Part<Look>}
 */
function classesPanel({ get, signal }, count, picks) {
  const height = HEAD + ROW * count;
  const frame = panel({
    height,
    x: [0, SIDE],
    y: [height, 0],
    name: "classes",
    label: "Class capsules: the length of each",
  });
  const rows = Array.from({ length: count }, (_, j) => rowOf(j));
  pickable(
    rows.map((row) => row.el),
    1,
    { ...picks, signal },
  );
  frame.el.append(...axes(height), ...rows.map((row) => row.el));
  /** @param {Look} look */
  function draw(look) {
    for (const [j, row] of rows.entries()) row.draw(look, get("chosen") === j);
  }
  return { el: frame.el, draw };
}

/** @param {number} height */
function axes(height) {
  /** @type {(length: number, kind: string) => SVGElement} */
  const rule = (length, kind) =>
    svg("line", { class: kind, x1: bar(length), x2: bar(length), y1: HEAD, y2: height });
  /** @type {(x: number, words: string | number, kind?: string) => SVGElement} */
  const word = (x, words, kind = "") =>
    svg("text", { class: `cx-text cx-middle ${kind}`, x, y: 13 }, words);
  return [
    word(SQUARE, "c", "cx-symbol"),
    rule(0, "cx-axis"),
    ...[0.1, 0.9].flatMap((x) => [rule(x, "cx-never"), word(bar(x), x)]),
  ];
}

/** @param {number} j */
function rowOf(j) {
  const y = HEAD + ROW * j + ROW / 2;
  const box = { x: 0, y: y - ROW / 2 + 2, width: SIDE, height: ROW - 4, rx: 4 };
  const square = svg("rect", { class: "cx-for" });
  const ghost = svg("line", { class: "cx-ghost", y1: y - 9, y2: y + 9 }); // with all ink
  const length = svg("line", { class: "cx-length", x1: bar(0), y1: y, y2: y });
  const value = svg("text", { class: "cx-text cx-end", x: SIDE - 2, y: y + 5 });
  const el = svg(
    "g",
    { role: "button", class: "cx-class" },
    svg("rect", { class: "cx-tile", ...box }),
    svg("text", { class: "cx-name", x: 12, y }, j),
    ...[square, ghost, length, value],
  );
  /** @type {(look: Look, pressed: boolean) => void} */
  function draw({ step, intact, spread, chosen }, pressed) {
    const side = 30 * Math.sqrt(spread[j]);
    const text = decimals(step.lengths[j], 3);
    const before = bar(intact?.lengths[j] ?? 0);
    put(square, { x: SQUARE - side / 2, y: y - side / 2, width: side, height: side });
    put(length, { x2: bar(step.lengths[j]) });
    seen(put(ghost, { x1: before, x2: before }), intact !== null);
    value.textContent = text;
    put(el, {
      class: j === chosen ? "cx-class cx-on" : "cx-class",
      "aria-pressed": String(pressed),
      "aria-label": `class ${j}: length ${text}, coupling ${decimals(spread[j], 2)}`,
    });
  }
  return { el, draw };
}
