// A state as a short text for addresses: "1~s:160,120~second:-~wrong:0".
// The digit is the version of the form; each part is a trait and its numbers.
// Pure: no page is needed, so node tests it.

const VERSION = "1";

function unreadable(text) {
  throw new RangeError(`cannot read ${text}`);
}

// A number from low to high, kept to some decimals and written as an integer.
// Written, what lies beyond is put at the end; read, it is an error.
export function fixed(decimals, low, high) {
  const unit = 10 ** decimals;
  return {
    write: (x) => String(Math.round(Math.min(Math.max(x, low), high) * unit)),
    read(text) {
      const x = /^-?\d{1,9}$/.test(text) ? Number(text) / unit : NaN;
      return x >= low && x <= high ? x : unreadable(text);
    },
  };
}

// A list of n parts of one kind; without n, of any number of them.
export function listOf(part, n, between = ",") {
  return {
    write: (list) => list.map((x) => part.write(x)).join(between),
    read(text) {
      const list = text === "" ? [] : text.split(between).map((t) => part.read(t));
      return n === undefined || list.length === n ? list : unreadable(text);
    },
  };
}

// One of some words.
export function oneOf(...words) {
  return {
    write: (word) => word,
    read: (text) => (words.includes(text) ? text : unreadable(text)),
  };
}

// Yes or no.
export const flag = {
  write: (yes) => (yes ? "1" : "0"),
  read: (text) => (/^[01]$/.test(text) ? text === "1" : unreadable(text)),
};

// Something or nothing.
export function maybe(part) {
  return {
    write: (x) => (x === null ? "-" : part.write(x)),
    read: (text) => (text === "-" ? null : part.read(text)),
  };
}

export function encode(kinds, state) {
  const parts = Object.keys(kinds).map((name) => `${name}:${kinds[name].write(state[name])}`);
  return [VERSION, ...parts].join("~");
}

// The traits that a text names; throws RangeError where it cannot be read.
export function decode(kinds, text) {
  const [version, ...parts] = text.split("~");
  if (version !== VERSION) unreadable(text);
  return Object.fromEntries(
    parts.map((part) => {
      const [, name, value] = /^(\w+):(.*)$/.exec(part) ?? unreadable(part);
      return [name, Object.hasOwn(kinds, name) ? kinds[name].read(value) : unreadable(part)];
    }),
  );
}

// Traits as a link would bring them back: what a hand does is kept to its accuracy.
export function rounded(kinds, traits) {
  return Object.fromEntries(
    Object.entries(traits).map(([name, value]) => [
      name,
      Object.hasOwn(kinds, name) ? kinds[name].read(kinds[name].write(value)) : value,
    ]),
  );
}
