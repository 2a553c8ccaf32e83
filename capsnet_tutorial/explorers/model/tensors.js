// Numbers in blocks: half precision, matrix products, convolutions, linear layers.
//
// What network.js is made of.  No DOM in here.  Sums are taken in double precision and
// stored in single.  Axis key: c h w channels, height, width; y x in a kernel.

/** @import { Vector } from "./capsules.js" */

const FORMAT = "capsnet float16 1"; // as parts.py packs it

/** @typedef {number[]} Shape */

/**
 * The config of a model, see CapsNetConfig in capsnet.py; these are read here.
 *
 * @typedef {object} Config
 * @property {[channels: number, height: number, width: number]} image_shape
 * @property {number} n_classes
 * @property {number} n_iters
 * @property {number} primary_types
 * @property {number} primary_dim
 * @property {number} primary_scale
 * @property {number} class_dim
 * @property {boolean} class_bias
 * @property {number[] | null} decoder_hidden
 */

/**
 * What stands before the block of weights, as parts.py packs it.
 *
 * @typedef {object} Header
 * @property {string} format
 * @property {Config} config
 * @property {Record<string, { shape: Shape, start: number }>} tensors  start: in bytes
 * @property {number} bytes
 * @property {number} adler32
 */

/**
 * The bits of a half, moved to their place in a float, are the number times 2^-112.
 *
 * @param {Uint16Array} halves
 */
function fromHalf(halves) {
  const numbers = new Float32Array(halves.length);
  const bits = new Uint32Array(numbers.buffer);
  halves.forEach((h, k) => {
    bits[k] = ((h & 0x8000) << 16) | ((h & 0x7fff) << 13);
  });
  return numbers.map((x) => x * 2 ** 112);
}

/** @param {Shape} shape */
export const product = (shape) => shape.reduce((size, n) => size * n, 1);

/**
 * Every tensor of a block by its name in Python: { "conv.bias": Float32Array, ... }.
 *
 * @param {Header} header
 * @param {ArrayBuffer | DataView} block  a notebook hands over a DataView
 * @returns {Record<string, Float32Array>}
 */
export function unpack(header, block) {
  if (header.format !== FORMAT)
    throw Error(`weights are in format "${header.format}"; pack them as "${FORMAT}"`);
  if (block.byteLength !== header.bytes)
    throw Error(
      `${block.byteLength} bytes of weights came instead of ${header.bytes}; load them again`,
    );
  const { buffer, byteOffset } = block instanceof DataView ? block : new DataView(block);
  const aligned = buffer.slice(byteOffset, byteOffset + header.bytes);
  /** @type {(place: { shape: Shape, start: number }) => Float32Array} */
  const tensor = ({ shape, start }) => fromHalf(new Uint16Array(aligned, start, product(shape)));
  const entries = Object.entries(header.tensors);
  return Object.fromEntries(entries.map(([name, place]) => [name, tensor(place)]));
}

/**
 * out[m][n] = bias[m] + sum over k of a[m][k] b[n][k].  The sums of two rows and four
 * columns stay in registers.  At the edge, a row or column is its own neighbour.
 *
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {Float32Array} bias
 * @param {Float32Array} out
 * @param {number} rows  of a and out
 * @param {number} columns  of out, and rows of b
 * @param {number} size  of the rows of a and b
 */
function multiply(a, b, bias, out, rows, columns, size) {
  for (let m = 0; m < rows; m += 2) {
    const m1 = Math.min(m + 1, rows - 1);
    const [a0, a1] = [m * size, m1 * size];
    const [o0, o1] = [m * columns, m1 * columns];
    for (let n = 0; n < columns; n += 4) {
      const n1 = Math.min(n + 1, columns - 1);
      const n2 = Math.min(n + 2, columns - 1);
      const n3 = Math.min(n + 3, columns - 1);
      const [b0, b1, b2, b3] = [n * size, n1 * size, n2 * size, n3 * size];
      let [s0, s1, s2, s3] = [bias[m], bias[m], bias[m], bias[m]];
      let [t0, t1, t2, t3] = [bias[m1], bias[m1], bias[m1], bias[m1]];
      for (let k = 0; k < size; k++) {
        const x = a[a0 + k];
        const y = a[a1 + k];
        const p = b[b0 + k];
        const q = b[b1 + k];
        const r = b[b2 + k];
        const s = b[b3 + k];
        s0 += x * p;
        s1 += x * q;
        s2 += x * r;
        s3 += x * s;
        t0 += y * p;
        t1 += y * q;
        t2 += y * r;
        t3 += y * s;
      }
      out[o0 + n] = s0;
      out[o0 + n1] = s1;
      out[o0 + n2] = s2;
      out[o0 + n3] = s3;
      out[o1 + n] = t0;
      out[o1 + n1] = t1;
      out[o1 + n2] = t2;
      out[o1 + n3] = t3;
    }
  }
}

/**
 * A convolution without padding, of images of one shape.
 *
 * @typedef {object} Convolution
 * @property {(image: Vector) => Float32Array} run  from (c h w) to maps (channels out,
 *   rows, columns), in a buffer that it uses again
 * @property {Shape} shape  of the maps
 */

/**
 * @param {Float32Array} weight  (channels out, c y x), flat
 * @param {Float32Array} bias
 * @param {Shape} shape  (c h w) of images
 * @param {number} kernel  its height and width
 * @param {number} stride
 * @returns {Convolution}
 */
export function convolution(weight, bias, [channels, height, width], kernel, stride) {
  /** @param {number} pixels */
  const count = (pixels) => Math.ceil((pixels - kernel + 1) / stride);
  const [rows, columns] = [count(height), count(width)];
  const size = channels * kernel * kernel;
  const patches = new Float32Array(rows * columns * size);
  const maps = new Float32Array(bias.length * rows * columns);
  /** @param {Vector} image */
  function gather(image) {
    let to = 0;
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let c = 0; c < channels; c++)
          for (let y = 0; y < kernel; y++) {
            let from = (c * height + row * stride + y) * width + column * stride;
            for (let x = 0; x < kernel; x++) patches[to++] = image[from++];
          }
  }
  /** @param {Vector} image */
  function run(image) {
    gather(image);
    multiply(weight, patches, bias, maps, bias.length, rows * columns, size);
    return maps;
  }
  return { run, shape: [bias.length, rows, columns] };
}

/**
 * A layer: weight times the inputs, plus bias.
 *
 * @param {Float32Array} weight  (out, in), flat
 * @param {Float32Array} bias
 * @param {Vector} x  the inputs from `start` on; all others are 0, as the decoder masks them
 * @param {number} [start]
 */
export function linear(weight, bias, x, start = 0) {
  const size = weight.length / bias.length;
  return bias.map((sum, m) => {
    const from = m * size + start;
    for (let k = 0; k < x.length; k++) sum += weight[from + k] * x[k];
    return sum;
  });
}

/**
 * A block as nested arrays of views: views(block, 4, 3)[m][n] has 3 numbers, m < 4.
 *
 * @param {Float32Array} block
 * @param {number} groups
 * @param {number} size
 */
export function views(block, groups, size) {
  /** @param {number} start */
  const view = (start) => block.subarray(start, start + size);
  const inner = block.length / size / groups;
  return Array.from({ length: groups }, (_, m) =>
    Array.from({ length: inner }, (_, n) => view((m * inner + n) * size)),
  );
}
