// Which number of a tensor goes where, line by line of a program.
// Pure: no page is needed, so node tests it; Python: __init__.py does it with PyTorch.

import programs from "./programs.json" with { type: "json" };

/** @typedef {"view" | "PrimCap" | "capsule"} Program */

/**
 * A number of the first tensor: what it is before any line has run.
 *
 * @typedef {object} Origin
 * @property {string} letter  of its type, or of its class
 * @property {number} number  in its capsule, from 1
 * @property {number} place  of four: top left, top right, bottom left, bottom right
 */

/**
 * The tensor that a line leaves behind.
 *
 * @typedef {object} Step
 * @property {string} code
 * @property {string} real  its shape in the network of the paper
 * @property {number[]} shape  and in this small one
 * @property {string} lay  for each axis, whether it is drawn along x or y
 * @property {number[]} at  for each mark, its index in the flattened tensor
 * @property {number[][]} holds  for each index, the numbers that were added up there
 * @property {number[][]} groups  indices of what the program takes for one capsule
 * @property {boolean[]} whole  for each group, whether it is one
 */

/** @typedef {{ marks: number[], steps: Step[] }} Film  marks are the origins of what moves */

const SIZES = /** @type {const} */ ({ t: 2, d: 3, y: 2, x: 2 });
export const COUNT = 24; // numbers of the first tensor

/** @param {number[]} shape */
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

/**
 * Where a flat index is, along each axis.
 *
 * @param {number[]} shape
 * @param {number} index
 */
export function placesOf(shape, index) {
  let rest = index;
  return shape.map((_, axis) => {
    const below = sizeOf(shape.slice(axis + 1));
    const place = Math.floor(rest / below);
    rest -= place * below;
    return place;
  });
}

/**
 * @param {number[]} shape
 * @param {number[]} places
 */
const indexOf = (shape, places) => shape.reduce((sum, size, axis) => sum * size + places[axis], 0);

/**
 * What each number of the first tensor is.
 *
 * @param {Program} program
 * @returns {Origin[]}
 */
export function origins(program) {
  const order = /** @type {("t" | "d" | "y" | "x")[]} */ ([...programs[program].order]);
  const shape = order.map((axis) => SIZES[axis]);
  return Array.from({ length: COUNT }, (_, index) => {
    const places = placesOf(shape, index);
    const { t, d, y, x } = Object.fromEntries(order.map((axis, n) => [axis, places[n]]));
    return { letter: "ab"[t], number: d + 1, place: 2 * y + x };
  });
}

/**
 * Where an index goes, for each operation: shape before, what the line says -> the shape
 * after, and the indices there of each index before.
 *
 * @type {Record<string, (shape: number[], line: any) =>
 *   { shape: number[], to: (index: number) => number[] }>}
 */
const OPERATIONS = {
  keep: (shape) => ({ shape, to: (index) => [index] }),
  reshape: (_, { to }) => ({ shape: to, to: (index) => [index] }),
  permute(before, { by }) {
    const shape = /** @type {number[]} */ (by.map((/** @type {number} */ axis) => before[axis]));
    /** @param {number} index */
    function to(index) {
      const places = placesOf(before, index);
      return [
        indexOf(
          shape,
          by.map((/** @type {number} */ axis) => places[axis]),
        ),
      ];
    }
    return { shape, to };
  },
  sum(before, { axis }) {
    const shape = before.toSpliced(axis, 1);
    return { shape, to: (index) => [indexOf(shape, placesOf(before, index).toSpliced(axis, 1))] };
  },
  tile(before, { axis, times }) {
    const shape = before.with(axis, before[axis] * times);
    /** @param {number} index */
    function to(index) {
      const places = placesOf(before, index);
      const copies = Array.from({ length: times }, (_, n) => places[axis] + n * before[axis]);
      return copies.map((place) => indexOf(shape, places.with(axis, place)));
    }
    return { shape, to };
  },
};

/**
 * All tensors of a program, and the marks that move from each to the next.
 *
 * @param {Program} program
 * @param {boolean} mended
 * @returns {Film}
 */
export function film(program, mended) {
  const { start, written, mended: right } = programs[program];
  const kinds = origins(program);
  const all = Array.from({ length: COUNT }, (_, n) => n);
  let marks = all;
  /** @type {Step[]} */
  const steps = [
    stepOf(
      start,
      start.shape,
      all,
      all.map((n) => [n]),
      kinds,
    ),
  ];
  for (const line of mended ? right : written) {
    const last = steps[steps.length - 1];
    const { shape, to } = OPERATIONS[line.op](last.shape, line);
    const holds = Array.from({ length: sizeOf(shape) }, () => /** @type {number[]} */ ([]));
    for (const [index, held] of last.holds.entries()) {
      for (const next of to(index)) holds[next].push(...held);
    }
    const moves = spread(last.at, to);
    marks = moves.map(({ from }) => marks[from]);
    for (const step of steps) step.at = moves.map(({ from }) => step.at[from]);
    steps.push(
      stepOf(
        line,
        shape,
        moves.map((move) => move.to),
        holds,
        kinds,
      ),
    );
  }
  return { marks, steps };
}

/**
 * Marks on their way: one that is copied becomes several; several that lie on one number,
 * for they were added up, share its copies among them.
 *
 * @param {number[]} at
 * @param {(index: number) => number[]} to
 */
function spread(at, to) {
  const above = new Map(); // how many marks are already done, by their index
  return at.flatMap((index, from) => {
    const rank = above.get(index) ?? 0;
    above.set(index, rank + 1);
    const copies = to(index);
    const alone = at.filter((other) => other === index).length === 1;
    const own = alone ? copies : [copies[rank % copies.length]];
    return own.map((next) => ({ from, to: next }));
  });
}

/**
 * @param {{ code: string, real: string, lay: string, group?: number }} line
 * @param {number[]} shape
 * @param {number[]} at
 * @param {number[][]} holds
 * @param {Origin[]} kinds
 * @returns {Step}
 */
function stepOf({ code, real, lay, group }, shape, at, holds, kinds) {
  const groups = group === undefined ? [] : along(shape, group);
  const whole = groups.map((indices) =>
    isCapsule(
      indices.map((n) => holds[n]),
      kinds,
    ),
  );
  return { code, real, shape, lay, at, holds, groups, whole };
}

/**
 * The indices that differ in one axis only, for all of the others.
 *
 * @param {number[]} shape
 * @param {number} axis
 */
function along(shape, axis) {
  /** @type {Map<string, number[]>} */
  const groups = new Map();
  for (let index = 0; index < sizeOf(shape); index += 1) {
    const others = placesOf(shape, index).toSpliced(axis, 1).join();
    groups.set(others, [...(groups.get(others) ?? []), index]);
  }
  return [...groups.values()];
}

/**
 * Whether cells are the numbers 1, 2, 3 of one letter, all from the same places.
 *
 * @param {number[][]} cells  what each holds
 * @param {Origin[]} kinds
 */
export function isCapsule(cells, kinds) {
  /** @type {(pick: (origin: Origin) => string | number) => string[]} */
  const each = (pick) => cells.map((held) => [...new Set(held.map((n) => pick(kinds[n])))].join());
  const same = (/** @type {string[]} */ words) => new Set(words).size === 1;
  const numbers = each(({ number }) => number).join();
  const letters = each(({ letter }) => letter);
  return numbers === "1,2,3" && same(letters) && same(each(({ place }) => place));
}

/**
 * Where each index of a tensor is drawn, in cells, and the size of the whole drawing.
 * The last axis of a direction is innermost; every axis around it leaves a wider gap.
 *
 * @param {Pick<Step, "shape" | "lay">} step
 */
export function layout({ shape, lay }) {
  const GAP = 0.45; // of a cell, between blocks
  /** @param {string} direction */
  function strides(direction) {
    let size = 1;
    let gap = 0;
    const steps = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      if (lay[axis] !== direction) continue;
      steps[axis] = size + gap;
      size = shape[axis] * size + (shape[axis] - 1) * gap;
      if (shape[axis] > 1) gap += GAP;
    }
    return { size, steps };
  }
  const [x, y] = ["x", "y"].map(strides);
  const spots = Array.from({ length: sizeOf(shape) }, (_, index) => {
    const places = placesOf(shape, index);
    const [px, py] = [x, y].map(({ steps }) =>
      places.reduce((sum, place, axis) => sum + place * steps[axis], 0),
    );
    return { x: px, y: py };
  });
  return { width: x.size, height: y.size, spots };
}
