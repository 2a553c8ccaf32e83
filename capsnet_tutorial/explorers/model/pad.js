// A drawing as the network sees it: strokes to pixels in MNIST's way, and to a link.
//
// MNIST: the longer side of the ink is 20 of 28 pixels, and the centre of mass is in
// pixel (14, 14), counted from 0.  The 5,000 mini digits say the same.
// Source: LeCun, Cortes & Burges, "The MNIST database of handwritten digits".
// No DOM in here.  A stroke is a list of points [x, y] from 0 to 255, y downwards; an
// image is square and flat, rows from the top, 0 is paper and 1 is ink.

const PAD = 256; // the pad is so many units wide

/** @typedef {number[]} Point  [x, y] */
/** @typedef {Point[]} Stroke */

/**
 * Where the points of a drawing lie: its middle [x, y], and its sides [width, height].
 *
 * @param {Stroke[]} strokes
 */
function boxOf(strokes) {
  const axes = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const ends = axes.map((values) => [Math.min(...values), Math.max(...values)]);
  return {
    middle: ends.map(([low, high]) => (low + high) / 2),
    sides: ends.map(([low, high]) => high - low),
  };
}

/**
 * From a point to a line between two others.
 *
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 */
function distance([x, y], [fromX, fromY], [toX, toY]) {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const square = alongX * alongX + alongY * alongY;
  const share = ((x - fromX) * alongX + (y - fromY) * alongY) / square || 0;
  const part = Math.min(1, Math.max(0, share));
  return Math.hypot(x - fromX - part * alongX, y - fromY - part * alongY);
}

/**
 * A round pen along the strokes.  A pixel is as dark as the pen covers it.
 *
 * @param {Stroke[]} strokes  in pixels
 * @param {number} pen  its width, in pixels
 * @param {number} size  of the image, in pixels
 */
function rendered(strokes, pen, size) {
  const image = new Float32Array(size * size);
  const reach = pen / 2 + 0.5;
  /** @type {(x: number) => number} */
  const inside = (x) => Math.min(size - 1, Math.max(0, x));
  /** @type {(x: number) => number} */
  const first = (x) => inside(Math.ceil(x - reach));
  /** @type {(x: number) => number} */
  const last = (x) => inside(Math.floor(x + reach));
  /** @type {(a: Point, b: Point) => void} */
  const line = (a, b) => {
    for (let y = first(Math.min(a[1], b[1])); y <= last(Math.max(a[1], b[1])); y++)
      for (let x = first(Math.min(a[0], b[0])); x <= last(Math.max(a[0], b[0])); x++) {
        const cover = Math.min(1, reach - distance([x, y], a, b));
        image[y * size + x] = Math.max(image[y * size + x], cover);
      }
  };
  for (const stroke of strokes)
    for (const [n, point] of stroke.entries()) line(stroke[Math.max(0, n - 1)], point);
  return image;
}

/**
 * @param {Float32Array} image
 * @returns {Point}
 */
export function centreOfMass(image) {
  const size = Math.sqrt(image.length);
  let [ink, x, y] = [0, 0, 0];
  image.forEach((dark, k) => {
    ink += dark;
    x += dark * (k % size);
    y += dark * Math.floor(k / size);
  });
  return [x / ink, y / ink];
}

/**
 * Strokes to pixels.  The pen has one width in pixels, however large the drawing was: the
 * path of its tip is what is scaled.
 *
 * @param {Stroke[]} strokes
 * @param {{ pen?: number, centred?: boolean, size?: number }} [options]
 *   centred: false leaves the drawing where it is, and as large as it is
 */
export function drawStrokes(strokes, { pen = 2.5, centred = true, size = 28 } = {}) {
  const drawn = strokes.filter((stroke) => stroke.length);
  /** @param {(point: Point) => Point} place */
  const put = (place) => drawn.map((stroke) => stroke.map(place));
  const unit = size / PAD;
  const asDrawn = put((point) => point.map((x) => (x + 0.5) * unit - 0.5));
  if (!centred || !drawn.length) return rendered(asDrawn, pen, size);
  const { middle, sides } = boxOf(drawn);
  const longer = Math.max(...sides);
  const scale = longer ? ((20 / 28) * size - pen - 1) / longer : unit;
  /** @param {Point} target */
  const around = (target) =>
    put((point) => point.map((x, axis) => (x - middle[axis]) * scale + target[axis]));
  const start = [size / 2, size / 2];
  const mass = centreOfMass(rendered(around(start), pen, size));
  const target = start.map((m, axis) => {
    const half = (sides[axis] * scale + pen + 1) / 2; // the ink stays in the frame
    return Math.min(size - 0.5 - half, Math.max(half - 0.5, 2 * m - mass[axis]));
  });
  return rendered(around(target), pen, size);
}

/**
 * Ask this of the drawing as it was drawn: fewer than 15 are too few for a digit.
 *
 * @param {Float32Array} image
 */
export const inkPixels = (image) => image.filter((dark) => dark >= 0.5).length;

/**
 * Turn (degrees, counter-clockwise) and scale around (14, 14), then shift by pixels.
 *
 * @param {Float32Array} image
 * @param {{ angle?: number, scale?: number, right?: number, down?: number }} [options]
 */
export function moveImage(image, { angle = 0, scale = 1, right = 0, down = 0 } = {}) {
  const size = Math.sqrt(image.length);
  const middle = size / 2;
  const turn = (angle / 180) * Math.PI;
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  /** @type {(x: number, y: number) => number} */
  const pixel = (x, y) => (x >= 0 && x < size && y >= 0 && y < size ? image[y * size + x] : 0);
  return image.map((_, k) => {
    const x = (k % size) - middle - right;
    const y = Math.floor(k / size) - middle - down;
    const [fromX, fromY] = [middle + cos * x - sin * y, middle + sin * x + cos * y];
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const [across, along] = [fromX - left, fromY - top];
    /** @param {number} y */
    const row = (y) => (1 - across) * pixel(left, y) + across * pixel(left + 1, y);
    return (1 - along) * row(top) + along * row(top + 1);
  });
}

/**
 * Two digits on top of each other, as in [S17]: pixels are added, and clipped at 1.
 *
 * @param {Float32Array} image
 * @param {Float32Array} other
 */
export const overlay = (image, other) => image.map((x, k) => Math.min(1, x + other[k]));
