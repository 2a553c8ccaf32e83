// The traits of the model are the only state of an explorer: here they are kept in sync
// with its link, read, set, and brought from one state to another in a glide.

import { decode, encode, rounded } from "./link.js";
import { clamp } from "./numbers.js";

/** @import { Kinds } from "./link.js" */

/**
 * A model of anywidget: in a notebook it has the traits of Python, in a page its own.
 *
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(traits: object) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

/**
 * What the host of a page knows beyond anywidget.
 *
 * @typedef {object} Host
 * @property {string} [files]  the address of the folder where scripts lie, with its slash
 * @property {(link: string) => string} [address]  of the page, with a state
 */

/** @typedef {{ link: string, first: string, note: string }} Common  traits of all explorers */

/**
 * What a view gets: all that it needs to read and set traits.
 *
 * @template {object} Linked  the traits that a link has
 * @template {object} [Other={}]  further traits
 * @typedef {object} State
 * @property {<Name extends keyof (Linked & Other & Common)>(name: Name) =>
 *   (Linked & Other & Common)[Name]} get
 * @property {() => Linked} all  the traits of the link
 * @property {(traits: Partial<Linked>) => void} set  at once
 * @property {(traits: Partial<Linked>) => void} glide  in a moment, for those who like it
 * @property {() => boolean} gliding
 * @property {Model} model
 * @property {HTMLElement} frame  of the explorer
 * @property {Host} experimental  what the page offers
 * @property {() => void} redraw  show again, soon: something else than a trait has changed
 * @property {AbortSignal} signal  says when the view is gone
 */

const GLIDE = 350; // milliseconds from one state to another

/**
 * Hear of changes; returns what stops it.
 *
 * @param {Model} model
 * @param {string[]} events
 * @param {() => void} act
 */
export function listen(model, events, act) {
  for (const event of events) model.on(event, act);
  return () => {
    for (const event of events) model.off(event, act);
  };
}

/** @param {Kinds} kinds */
export const changesOf = (kinds) => Object.keys(kinds).map((name) => `change:${name}`);

/**
 * @param {Kinds} kinds
 * @param {Model} model
 */
const traitsOf = (kinds, model) =>
  Object.fromEntries(Object.keys(kinds).map((name) => [name, model.get(name)]));

/**
 * Keep `link` and the other traits in sync.  Once for each model; returns what ends it.
 *
 * @param {Kinds} kinds
 * @param {Model} model
 */
export function keepInSync(kinds, model) {
  const now = () => encode(kinds, traitsOf(kinds, model));
  /** @param {object} traits */
  function save(traits) {
    model.set(traits);
    model.save_changes();
  }
  function write() {
    if (model.get("link") !== now()) save({ link: now() });
  }
  function read() {
    if (model.get("link") === now()) return;
    save(asked(kinds, model));
    write();
  }
  if (!model.get("first")) save({ first: now() });
  if (model.get("link")) read();
  else write();
  const stops = [listen(model, ["change:link"], read), listen(model, changesOf(kinds), write)];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * The traits that the link asks for: those that it leaves out are as in the first view.
 *
 * @param {Kinds} kinds
 * @param {Model} model
 */
function asked(kinds, model) {
  const first = decode(kinds, model.get("first"));
  try {
    const traits = decode(kinds, model.get("link"));
    for (const [name, value] of Object.entries(traits))
      if (kinds[name].fits?.(value, (other) => model.get(other)) === false)
        throw new RangeError(`${name} is beyond what is shown`);
    return { ...first, ...traits, note: "" };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...first, note: "That link could not be read, so this is the first view." };
  }
}

/**
 * @template {object} Linked
 * @template {object} Other
 * @param {Kinds} kinds
 * @param {Model} model
 * @param {Pick<State<Linked, Other>, "frame" | "experimental" | "redraw" | "signal">} around
 * @returns {State<Linked, Other>}
 */
export function stateOf(kinds, model, around) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let moving = 0; // the number of an animation frame while a glide goes on
  function stop() {
    cancelAnimationFrame(moving);
    moving = 0;
  }
  /** @param {object} traits */
  function write(traits) {
    model.set({ ...rounded(kinds, traits), note: "" });
    model.save_changes();
  }
  /** @param {Partial<Linked>} traits */
  function set(traits) {
    stop();
    write(traits);
  }
  /** @param {Partial<Linked>} traits */
  function glide(traits) {
    const way = still.matches ? null : wayTo(kinds, model, traits);
    if (!way) return set(traits);
    stop();
    const start = performance.now();
    /** @param {number} time */
    const step = (time) => {
      const part = clamp((time - start) / GLIDE, 0, 1);
      moving = part < 1 ? requestAnimationFrame(step) : 0;
      write(part < 1 ? way(part) : traits);
      if (!moving) around.redraw(); // it rests, even if the last step changed nothing
    };
    moving = requestAnimationFrame(step);
    around.redraw(); // it no longer rests
  }
  return {
    ...around,
    model,
    get: (name) => model.get(/** @type {string} */ (name)),
    all: () => /** @type {Linked} */ (traitsOf(kinds, model)),
    set,
    glide,
    gliding: () => moving !== 0,
  };
}

/**
 * Traits on their way to new ones, at a part of the time: numbers move, slowly at both
 * ends, and all else is there at once.  Null if nothing moves.
 *
 * @param {Kinds} kinds
 * @param {Model} model
 * @param {object} to
 * @returns {((part: number) => object) | null}
 */
function wayTo(kinds, model, to) {
  const ways = Object.entries(to).map(([name, end]) => {
    const start = model.get(name);
    return { name, start, end, moves: !kinds[name]?.jumps && mixes(start, end) };
  });
  if (!ways.some(({ moves }) => moves)) return null;
  return (part) => {
    const eased = part * part * (3 - 2 * part);
    return Object.fromEntries(
      ways.map(({ name, start, end, moves }) => [name, moves ? mixed(start, end, eased) : end]),
    );
  };
}

/** @typedef {number | Mixable[]} Mixable  numbers, or lists of such, as long as each other */

/** @type {(a: unknown, b: unknown) => boolean} */
const mixes = (a, b) =>
  Array.isArray(b)
    ? Array.isArray(a) && a.length === b.length && b.every((x, n) => mixes(a[n], x))
    : typeof a === "number" && typeof b === "number";

/** @type {(a: any, b: any, part: number) => Mixable} */
const mixed = (a, b, part) =>
  Array.isArray(b) ? b.map((x, n) => mixed(a[n], x, part)) : a + (b - a) * part;
