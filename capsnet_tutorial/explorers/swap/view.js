// The swap explorer on the screen: two digits, and whose couplings weigh their votes.

import { check, slider } from "../kit/controls.js";
import { html } from "../kit/marks.js";
import { decimals } from "../kit/numbers.js";
import { arrival } from "../model/arrival.js";
import { DIGITS } from "../model/digits.js";
import { digitPart } from "./digit_part.js";
import { look, readBoth } from "./maths.js";

/** @import { View } from "../kit/frame.js" */
/** @import { Network } from "../model/network.js" */
/** @import { Read, Seen } from "./maths.js" */
/** @import { SwapState } from "./traits.js" */

/** @type {("one" | "two")[]} */
const NAMES = ["one", "two"];
const KEY =
  "Orange: the length of each class capsule. Green: how far its coupling, the mean over all " +
  "children, is from a tenth; 10 per cent more are a square.";

/**
 * @param {SwapState} state
 * @returns {View}
 */
export function view(state) {
  const { get, set } = state;
  /** @type {{ draw: () => void, now: () => Read[] } | null} */
  let live = null;
  const place = arrival(state, (net, where) => {
    live = stage(state, net, where);
  });
  return {
    figure: [place],
    controls: [
      slider("the other's couplings", {
        min: 0,
        max: 1,
        step: 0.01,
        text: (x) => `${Math.round(100 * x)} %`,
        get: () => get("share"),
        set: (share) => set({ share, even: false }),
      }),
      check("even couplings", { get: () => get("even"), set: (even) => set({ even }) }),
    ],
    more: NAMES.map((name) => pick(state, name)),
    draw: () => live?.draw(),
    readout: () => (live ? live.now().flatMap(rows) : []),
    say: () => (live ? sentence(state, live.now()) : "The trained network is on its way."),
  };
}

/**
 * @param {SwapState} state
 * @param {Network} net
 * @param {HTMLElement} where
 */
function stage({ get, ...state }, net, where) {
  /** @type {Map<number, Seen>} */
  const known = new Map();
  /** @param {number} digit */
  function seen(digit) {
    const there = known.get(digit) ?? look(net, DIGITS[digit].pixels);
    known.set(digit, there);
    return there;
  }
  const now = () =>
    readBoth(
      NAMES.map((name) => seen(get(name))),
      { share: get("share"), even: get("even") },
    );
  const parts = NAMES.map((name) => digitPart({ get, ...state }, name, net.config.n_classes));
  const row = html("div", { class: "cx-parts" }, ...parts.map((part) => part.el));
  where.replaceChildren(row, html("p", { class: "cx-key" }, KEY));
  function draw() {
    for (const [n, read] of now().entries()) parts[n].draw(read);
  }
  return { draw, now };
}

/**
 * @param {SwapState} state
 * @param {"one" | "two"} name
 */
const pick = ({ get, set }, name) =>
  slider(`digit ${name}`, {
    min: 0,
    max: DIGITS.length - 1,
    text: (n) => `a ${DIGITS[n].label}`,
    get: () => get(name),
    set: (n) => set({ [name]: n }),
  });

/**
 * @param {Read} read
 * @param {number} n
 * @returns {[string, string, string, string][]}
 */
function rows({ given }, n) {
  const [low, high] = [Math.min(...given), Math.max(...given)];
  const range = `${decimals(low, 4)} to ${decimals(high, 4)}`;
  return [[`${NAMES[n]} c`, range, "the smallest and the largest coupling of a class", NAMES[n]]];
}

/**
 * @param {SwapState} state
 * @param {Read[]} both
 */
function sentence({ get }, both) {
  const said = both.map(({ answer, lengths }, n) => {
    const { label } = DIGITS[get(NAMES[n])];
    return `a ${label} is read as ${answer}, ${decimals(lengths[answer], 2)} long`;
  });
  const part = `${Math.round(100 * get("share"))} % of the other's`;
  return `With ${get("even") ? "even" : part} couplings ${said.join("; ")}.`;
}
