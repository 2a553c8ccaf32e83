// All numbers of the digit explorer for one state: no DOM in here.
//
// lookAt(net, images, changed) -> look(traits), which remembers what is dear to compute.

import { spreadOverInk } from "../model/network.js";
import { product } from "../model/tensors.js";
import { effects, inkOf, rubbed, rubbings, see, under } from "./maths.js";
import { scanner } from "./scan.js";

/** @import { Vector } from "../model/capsules.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Pass } from "./maths.js" */
/** @import { Traits } from "./traits.js" */

/** @typedef {Omit<Traits, "squares" | "ink">} Looked */

/**
 * What the figure shows; numbers of the capsules below are about the chosen class.
 *
 * @typedef {object} Look
 * @property {string} digit  "null": the reader's own image
 * @property {number[]} spots  where the eraser was
 * @property {Pass[]} passes  all of them
 * @property {Pass} step  the one that is shown
 * @property {Pass | null} intact  the same with all ink, if some is gone
 * @property {number} chosen
 * @property {number | null} type
 * @property {number | null} place
 * @property {Float32Array} ink  (h w)
 * @property {number[]} shares  (i)
 * @property {number} total  of the shares
 * @property {number[]} coupling  (i)
 * @property {number[]} picked  capsules of the type and the place, all if there is none
 * @property {number[]} spread  their couplings with each class, on average
 * @property {{ map: Float64Array, background: number }} painted  see spreadOverInk
 * @property {() => number[]} effect  of each pixel (h w), as far as it is known
 * @property {() => boolean} busy  more of the effect is to come
 * @property {{ mapped: number, real: number } | null} loss  of |s|: what the map of votes
 *   gave to the ink that is gone, and what its loss has really changed
 */

/** @param {number[]} lengths */
export const longest = (lengths) => lengths.indexOf(Math.max(...lengths));

/**
 * @param {number[][]} rows
 * @param {number} j
 */
const column = (rows, j) => rows.map((row) => row[j]);

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);

/** @param {number[][]} rows */
const means = (rows) => rows[0].map((_, j) => sum(column(rows, j)) / rows.length);

/**
 * @param {number | null} n
 * @param {number} count
 */
const within = (n, count) => (n !== null && n < count ? n : null);

/**
 * The same value again while what it is made of is the same.
 *
 * @template T
 * @param {(digit: string, spots: number[]) => T} make
 */
function remembered(make) {
  /** @type {{ key: string, value: T } | null} */
  let last = null;
  /** @type {(digit: string, spots: number[]) => T} */
  return (digit, spots) => {
    const key = `${digit} ${spots}`;
    if (last?.key !== key) last = { key, value: make(digit, spots) };
    return last.value;
  };
}

/**
 * @param {Network} net
 * @param {Record<string, Float32Array>} images  (c h w), by digit; "null" is the reader's
 * @param {() => void} changed  is called as more of the effects is known
 * @returns {(traits: Looked) => Look}
 */
export function lookAt(net, images, changed) {
  const { config } = net;
  const [, height, width] = config.image_shape;
  const whole = remembered((digit) => see(net, images[digit]));
  const image = remembered((digit, spots) => rubbed(images[digit], spots, config.image_shape));
  const rest = remembered((digit, spots) => see(net, image(digit, spots)));
  const scan = scanner(changed);

  return (traits) => {
    const digit = String(traits.digit) in images ? String(traits.digit) : "0";
    const spots = traits.erased.filter((spot) => spot < height * width);
    const passes = spots.length ? rest(digit, spots) : whole(digit, []);
    const pass = traits.iterations - 1;
    const step = passes[pass];
    const intact = spots.length ? whole(digit, [])[pass] : null;
    const seen = image(digit, spots);
    const votes = votesOf(traits, step, seen, config);
    const { chosen } = votes;
    function effect() {
      const start = () => rubbings(net, seen, config.image_shape);
      const found = scan.found(`${digit} ${spots}`, start);
      return effects(found, step.lengths, chosen, pass, height, width);
    }
    return {
      digit,
      spots,
      passes,
      step,
      intact,
      ...votes,
      ink: inkOf(seen, config.image_shape),
      effect,
      busy: scan.busy,
      loss: intact && lossOf(images[digit], intact, step, spots, chosen, config),
    };
  };
}

/**
 * What is chosen, and what the capsules below do for it.
 *
 * @param {Looked} traits
 * @param {Pass} step
 * @param {Vector} image
 * @param {Network["config"]} config
 */
function votesOf(traits, step, image, config) {
  const places = product(config.grid);
  const chosen = within(traits.chosen, config.n_classes) ?? longest(step.lengths);
  const type = within(traits.type, config.primary_types);
  const place = within(traits.place, places);
  const shares = column(step.shares, chosen);
  /** @param {number} i */
  const typed = (i) => type === null || type === Math.floor(i / places);
  /** @param {number} i */
  const here = (i) => typed(i) && (place === null || i % places === place);
  const picked = [...shares.keys()].filter(here);
  return {
    chosen,
    type,
    place,
    shares,
    total: sum(shares),
    coupling: column(step.coupling, chosen),
    picked,
    spread: means(picked.map((i) => step.coupling[i])),
    painted: spreadOverInk(
      image,
      shares.map((share, i) => (typed(i) ? share : 0)),
      config,
    ),
  };
}

/**
 * @param {Vector} image  with all ink
 * @param {Pass} intact
 * @param {Pass} now
 * @param {number[]} spots
 * @param {number} j
 * @param {Network["config"]} config
 */
function lossOf(image, intact, now, spots, j, config) {
  const [, height, width] = config.image_shape;
  const gone = new Set(spots.flatMap((spot) => under(spot, height, width)));
  const { map } = spreadOverInk(image, column(intact.shares, j), config);
  return {
    mapped: [...gone].reduce((sum, k) => sum - map[k], 0),
    real: now.before[j] - intact.before[j],
  };
}
