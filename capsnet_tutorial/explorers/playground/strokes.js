// A drawing as a short text for a link, and back.
//
// Points that the line hardly needs are left out (Douglas & Peucker, 1973).  Each
// stroke is a count and its points, one byte a number, in base64url.  To encode what
// was decoded gives the same text.  No DOM in here.  Strokes as in pad.js.

/** @import { Point, Stroke } from "../model/pad.js" */

const MOST_BYTES = 150; // that is 200 characters

/**
 * From a point to the straight line through two others.
 *
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 */
function fromChord([x, y], [fromX, fromY], [toX, toY]) {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const chord = Math.hypot(alongX, alongY);
  if (chord === 0) return Math.hypot(x - fromX, y - fromY);
  return Math.abs((x - fromX) * alongY - (y - fromY) * alongX) / chord;
}

/**
 * Points between the ends that are farther than `tolerance` from the shortened line.
 *
 * @param {Stroke} points
 * @param {number} tolerance
 * @returns {Stroke}
 */
function needed(points, tolerance) {
  const [start, end] = [points[0], points[points.length - 1]];
  const far = points.map((point) => fromChord(point, start, end));
  const farthest = far.indexOf(Math.max(...far));
  if (far[farthest] <= tolerance) return [];
  return [
    ...needed(points.slice(0, farthest + 1), tolerance),
    points[farthest],
    ...needed(points.slice(farthest), tolerance),
  ];
}

/**
 * @param {Stroke} points
 * @param {number} tolerance
 */
function shortened(points, tolerance) {
  if (points.length < 3) return points;
  return [points[0], ...needed(points, tolerance), points[points.length - 1]];
}

/** @param {Stroke} stroke */
const inBytes = (stroke) =>
  stroke
    .map((point) => point.map((x) => Math.min(255, Math.max(0, Math.round(x)))))
    .filter(([x, y], n, all) => n === 0 || x !== all[n - 1][0] || y !== all[n - 1][1]);

/** @param {number[]} bytes */
function toText(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {Stroke[]} strokes */
export function encodeStrokes(strokes) {
  const exact = strokes.filter((stroke) => stroke.length).map(inBytes);
  let tolerance = 1;
  /** @type {number[]} */
  let bytes = [];
  do {
    const short = exact.map((stroke) => shortened(stroke, tolerance));
    bytes = short.flatMap((stroke) => [stroke.length, ...stroke.flat()]);
    tolerance *= 2;
  } while (bytes.length > MOST_BYTES && tolerance <= 512); // then only ends are left
  return toText(bytes);
}

/**
 * The strokes, or null if the text is not one that encodeStrokes makes.
 *
 * @param {string} text
 */
export function decodeStrokes(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return null;
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Array.from(letters, (letter) => letter.charCodeAt(0));
  /** @type {Stroke[]} */
  const strokes = [];
  while (bytes.length) {
    const [count, ...numbers] = bytes.splice(0, 1 + 2 * bytes[0]);
    if (count === 0 || numbers.length < 2 * count) return null;
    /** @type {(_: unknown, n: number) => Point} */
    const point = (_, n) => numbers.slice(2 * n, 2 * n + 2);
    strokes.push(Array.from({ length: count }, point));
  }
  return strokes;
}
