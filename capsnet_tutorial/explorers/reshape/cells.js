// The numbers of a tensor as cells; between two lines of a program they are on their way.

import { put, svg } from "../kit/marks.js";
import { panel } from "../kit/panel.js";
import { layout } from "./maths.js";

/** @import { Part } from "../kit/marks.js" */
/** @import { Origin, Step } from "./maths.js" */
/** @import { Shown } from "./shown.js" */
/** @import { ReshapeState } from "./traits.js" */

const WIDTH = 336;
const HEIGHT = 232;
const LARGEST = 26; // side of a cell
const MARGIN = 6;

/**
 * One cell: a frame, a letter with its number, and its place as a dot in one of four corners.
 *
 * @param {number} mark
 * @param {ReshapeState} state
 * @returns {{ el: SVGGElement, frame: SVGRectElement, dots: SVGCircleElement[], name: SVGElement }}
 */
function cell(mark, { get, set }) {
  const frame = svg("rect");
  const dots = [0, 1, 2, 3].map(() => svg("circle"));
  const name = svg("text");
  const el = svg("g", { class: "cx-cell", "data-origin": mark }, frame, ...dots, name);
  el.addEventListener("click", () => set({ followed: get("followed") === mark ? null : mark }));
  return { el, frame, dots, name };
}

/**
 * @param {ReshapeState} state
 * @returns {Part<Shown>}
 */
export function cells(state) {
  const box = panel({
    width: WIDTH,
    height: HEIGHT,
    x: [0, WIDTH],
    y: [0, HEIGHT],
    name: "cells",
    label: "The numbers of a tensor, each a cell with its name; lines of the program move them",
  });
  /** @type {ReturnType<typeof cell>[]} */
  let drawn = [];
  const borders = svg("g");
  const marks = svg("g");
  box.el.append(marks, borders);
  /** @param {Shown} now */
  function draw({ film, kinds, last, next, part, near, followed }) {
    if (
      drawn.length !== film.marks.length ||
      drawn.some(({ el }, n) => origin(el) !== film.marks[n])
    ) {
      drawn = film.marks.map((mark) => cell(mark, state));
      marks.replaceChildren(...drawn.map(({ el }) => el));
    }
    const side = Math.min(LARGEST, ...film.steps.map(fitting));
    const [from, to] = [last, next].map((step) => spotsOf(step, side));
    for (const [n, mark] of film.marks.entries()) {
      const [a, b] = [from[last.at[n]], to[next.at[n]]];
      const at = { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
      const held = near.holds[near.at[n]].map((origin) => kinds[origin]);
      show(drawn[n], at, side, held);
      put(drawn[n].el, { "data-followed": mark === followed });
    }
    borders.replaceChildren(
      ...(part ? [] : last.groups.map((_, n) => border(last, n, from, side))),
    );
  }
  return { el: box.el, draw };
}

/** @param {Element} el */
const origin = (el) => Number(el.getAttribute("data-origin"));

/**
 * The largest side of a cell with which a tensor fits into the drawing.
 *
 * @param {Step} step
 */
function fitting(step) {
  const { width, height } = layout(step);
  return Math.min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height);
}

/**
 * The upper left corners of all indices of a tensor that stands in the middle.
 *
 * @param {Step} step
 * @param {number} side
 */
function spotsOf(step, side) {
  const { width, height, spots } = layout(step);
  const [left, top] = [(WIDTH - width * side) / 2, (HEIGHT - height * side) / 2];
  return spots.map(({ x, y }) => ({ x: left + x * side, y: top + y * side }));
}

/**
 * @param {ReturnType<typeof cell>} parts
 * @param {{ x: number, y: number }} at
 * @param {number} side
 * @param {Origin[]} held  what was added up here
 */
function show({ el, frame, dots, name }, { x, y }, side, held) {
  const [inner, edge] = [side - 2, side / 5.5];
  put(el, {
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
    "data-letter": held[0].letter,
  });
  put(frame, { x: 1, y: 1, width: inner, height: inner, rx: 2 });
  for (const [place, dot] of dots.entries()) {
    const [cx, cy] = [place % 2, place >> 1].map((far) => (far ? side - edge : edge));
    const there = held.some((origin) => origin.place === place);
    put(dot, { cx, cy, r: side / 11, class: there ? "cx-there" : null });
  }
  put(name, { x: side / 2, y: side / 2, "font-size": side / 2.1 });
  name.textContent = `${held[0].letter}${held[0].number}`;
}

/**
 * A line around what the program takes for one capsule.
 *
 * @param {Step} step
 * @param {number} group
 * @param {{ x: number, y: number }[]} spots
 * @param {number} side
 */
function border({ groups, whole }, group, spots, side) {
  const corners = groups[group].map((index) => spots[index]);
  const [left, top] = [
    Math.min(...corners.map(({ x }) => x)),
    Math.min(...corners.map(({ y }) => y)),
  ];
  const right = Math.max(...corners.map(({ x }) => x)) + side;
  const bottom = Math.max(...corners.map(({ y }) => y)) + side;
  return svg("rect", {
    class: whole[group] ? "cx-capsule" : "cx-capsule cx-wrong",
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    rx: 3,
  });
}
