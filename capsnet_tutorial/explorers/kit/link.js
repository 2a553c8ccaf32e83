// A state as a short text for addresses: "1~s:160,120~second:-~wrong:0".
// The digit is the version of the form; each part is a trait and its numbers.
// Pure: no page is needed, so node tests it.

import { clamp } from "./numbers.js";

const VERSION = "1";

/**
 * How a trait of one kind stands in a link.
 *
 * @template T
 * @typedef {object} Kind
 * @property {(value: T) => string} write
 * @property {(text: string) => T} read  throws RangeError where it cannot be read
 * @property {boolean} [jumps]  it changes at once, even where others glide
 * @property {(value: T, get: (name: string) => any) => boolean} [fits]  the other traits of
 *   the explorer, its network for example: without it, any value does
 */

/** @typedef {Record<string, Kind<any>>} Kinds  of the traits of an explorer, by their names */

/**
 * The traits that such kinds write and read.
 *
 * @template {Kinds} K
 * @typedef {{ [Name in keyof K]: ReturnType<K[Name]["read"]> }} TraitsOf
 */

/**
 * @param {string} text
 * @returns {never}
 */
function unreadable(text) {
  throw new RangeError(`cannot read ${text}`);
}

/**
 * A number from low to high, kept to some decimals and written as an integer.
 * Written, what lies beyond is put at the end; read, it is an error.
 *
 * @param {number} decimals
 * @param {number} low
 * @param {number} high
 * @returns {Kind<number>}
 */
export function fixed(decimals, low, high) {
  const unit = 10 ** decimals;
  return {
    write: (x) => String(Math.round(clamp(x, low, high) * unit)),
    read(text) {
      const x = /^-?\d{1,9}$/.test(text) ? Number(text) / unit : NaN;
      return x >= low && x <= high ? x : unreadable(text);
    },
  };
}

/**
 * A list of n parts of one kind; without n, of any number of them.
 *
 * @template T
 * @param {Kind<T>} part
 * @param {number} [n]
 * @param {string} [between]
 * @returns {Kind<T[]>}
 */
export function listOf(part, n, between = ",") {
  return {
    write: (list) => list.map((x) => part.write(x)).join(between),
    read(text) {
      const list = text === "" ? [] : text.split(between).map((t) => part.read(t));
      return n === undefined || list.length === n ? list : unreadable(text);
    },
  };
}

/**
 * One of some words.
 *
 * @template {string} Word
 * @param {...Word} words
 * @returns {Kind<Word>}
 */
export function oneOf(...words) {
  return {
    write: (word) => word,
    read: (text) => words.find((word) => word === text) ?? unreadable(text),
  };
}

/**
 * Yes or no.
 *
 * @type {Kind<boolean>}
 */
export const flag = {
  write: (yes) => (yes ? "1" : "0"),
  read: (text) => (/^[01]$/.test(text) ? text === "1" : unreadable(text)),
};

/**
 * Something or nothing.
 *
 * @template T
 * @param {Kind<T>} part
 * @returns {Kind<T | null>}
 */
export function maybe(part) {
  return {
    write: (x) => (x === null ? "-" : part.write(x)),
    read: (text) => (text === "-" ? null : part.read(text)),
  };
}

/**
 * The same kind, for what has nothing in between: a glide brings it at once.
 *
 * @template T
 * @param {Kind<T>} kind
 * @returns {Kind<T>}
 */
export const jumping = (kind) => ({ ...kind, jumps: true });

/**
 * The same kind, where the other traits of the explorer set its bounds.
 *
 * @template T
 * @param {Kind<T>} kind
 * @param {(value: T, get: (name: string) => any) => boolean} fits
 * @returns {Kind<T>}
 */
export const fitting = (kind, fits) => ({ ...kind, fits });

/**
 * @template {Kinds} K
 * @param {K} kinds
 * @param {TraitsOf<K>} traits
 */
export function encode(kinds, traits) {
  const parts = Object.keys(kinds).map((name) => `${name}:${kinds[name].write(traits[name])}`);
  return [VERSION, ...parts].join("~");
}

/**
 * The traits that a text names; throws RangeError where it cannot be read.
 *
 * @template {Kinds} K
 * @param {K} kinds
 * @param {string} text
 * @returns {Partial<TraitsOf<K>>}
 */
export function decode(kinds, text) {
  const [version, ...parts] = text.split("~");
  if (version !== VERSION) unreadable(text);
  const entries = parts.map((part) => {
    const [, name, value] = /^(\w+):(.*)$/.exec(part) ?? unreadable(part);
    return [name, Object.hasOwn(kinds, name) ? kinds[name].read(value) : unreadable(part)];
  });
  return Object.fromEntries(entries);
}

/**
 * Traits as a link would bring them back: what a hand does is kept to its accuracy.
 *
 * @template {object} T
 * @param {Kinds} kinds
 * @param {T} traits
 * @returns {T}
 */
export function rounded(kinds, traits) {
  const entries = Object.entries(traits).map(([name, value]) => [
    name,
    Object.hasOwn(kinds, name) ? kinds[name].read(kinds[name].write(value)) : value,
  ]);
  return Object.fromEntries(entries);
}
