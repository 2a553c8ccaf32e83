// All numbers of the digit explorer for one state: no DOM in here.
//
// lookAt(net, images, changed) -> look(traits), which remembers what is dear to compute.

import { DIGITS } from "../model/digits.js";
import { spreadOverInk } from "../model/network.js";
import { unpackDigit } from "../model/pad.js";
import { stored } from "../model/stored.js";
import { product } from "../model/tensors.js";
import { byPlace, effects, inkOf, rubbed, rubbings, see, under } from "./maths.js";

const nearlyNine = stored.nearlyNine;
export const presets = [...DIGITS, { label: nearlyNine.label, pixels: unpackDigit(nearlyNine) }];
const BUSY = 25; // milliseconds of a frame for the map of effects

// The same value again while what it is made of is the same.
function remembered(make) {
  let last = null;
  let value;
  return (digit, spots) => {
    const key = `${digit} ${spots}`;
    if (key !== last) [last, value] = [key, make(digit, spots)];
    return value;
  };
}

export const longest = (lengths) => lengths.indexOf(Math.max(...lengths));
const column = (rows, j) => rows.map((row) => row[j]);
const means = (rows) =>
  rows[0].map((_, j) => column(rows, j).reduce((sum, x) => sum + x, 0) / rows.length);
const within = (n, count) => (n !== null && n < count ? n : null);

// images[digit]: pixels (c h w).  changed() is called as more of the effects is known.
export function lookAt(net, images, changed) {
  const { image_shape: shape, n_classes: classes, primary_types: types, grid } = net.config;
  const [, height, width] = shape;
  const places = product(grid);
  const size = height * width;
  const whole = remembered((digit) => see(net, images[digit]));
  const image = remembered((digit, spots) => rubbed(images[digit], spots, shape));
  const rest = remembered((digit, spots) => see(net, image(digit, spots)));
  let scan = null;

  // Rub out one piece after the other, some in each frame; what is known by now.
  function scanned(digit, spots) {
    const key = `${digit} ${spots}`;
    if (scan?.key === key) return scan.found;
    scan = { key, found: [], left: rubbings(net, image(digit, spots), shape) };
    requestAnimationFrame(() => more(scan));
    return scan.found;
  }
  function more(mine) {
    const end = performance.now() + BUSY;
    while (mine === scan && performance.now() < end) {
      const { value, done } = mine.left.next();
      if (done) return changed((mine.done = true));
      mine.found.push(value);
    }
    if (mine !== scan) return;
    changed();
    requestAnimationFrame(() => more(mine));
  }

  // What the map gave to ink that is gone, and what |s_j| really lost.
  function loss(intact, now, digit, spots, j) {
    const gone = new Set(spots.flatMap((spot) => under(spot, height, width)));
    const { map } = spreadOverInk(images[digit], column(intact.shares, j), net.config);
    return {
      mapped: [...gone].reduce((sum, k) => sum - map[k], 0),
      real: now.before[j] - intact.before[j],
    };
  }

  return (traits) => {
    const digit = traits.digit in images ? traits.digit : 0;
    const spots = traits.erased.filter((spot) => spot < size);
    const passes = spots.length ? rest(digit, spots) : whole(digit, []);
    const pass = traits.iterations - 1;
    const step = passes[pass];
    const chosen = within(traits.chosen, classes) ?? longest(step.lengths);
    const [type, place] = [within(traits.type, types), within(traits.place, places)];
    const seen = image(digit, spots);
    const ink = inkOf(seen, shape);
    const shares = column(step.shares, chosen);
    const coupling = column(step.coupling, chosen);
    const typed = (i) => type === null || type === Math.floor(i / places);
    const here = (i) => typed(i) && (place === null || i % places === place);
    const picked = shares.map((_, i) => i).filter(here);
    const intact = spots.length ? whole(digit, [])[pass] : null;
    return {
      digit,
      spots,
      passes,
      step,
      chosen,
      type,
      place,
      ink,
      shares,
      coupling,
      picked,
      intact,
      total: shares.reduce((sum, x) => sum + x, 0),
      spread: means(picked.map((i) => step.coupling[i])), // of the picked, over the classes
      painted: spreadOverInk(
        seen,
        shares.map((share, i) => (typed(i) ? share : 0)),
        net.config,
      ),
      effect: () => effects(scanned(digit, spots), step.lengths, chosen, pass, height, width),
      busy: () => Boolean(scan && !scan.done), // more of the effect is to come
      loss: intact && loss(intact, step, digit, spots, chosen),
    };
  };
}
