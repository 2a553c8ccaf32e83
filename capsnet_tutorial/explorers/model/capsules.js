// The maths of capsules on plain arrays: squash, routing, margin loss, attribution.
//
// Source: [S17] arXiv:1710.09829, Eq. 1 to 4 and Procedure 1, as in squash.py,
// routing.py and losses.py, which the tests compare with this file.
// No DOM in here: a page, a notebook and node run the same lines.
//
// Axis key, as in Python: i capsules below, j capsules above, e pose size above.
// votes[i][j][e], coupling[i][j], pose[j][e]; a vector is an array of any kind.

/** @typedef {number[] | Float32Array} Vector */
/** @typedef {"parents" | "children"} Axis  what a softmax goes over */

/**
 * One iteration of routing.
 *
 * @typedef {object} Step
 * @property {number[][]} coupling  [i][j], those that this iteration has used
 * @property {number[][]} sum  [j][e], before squash
 * @property {number[][]} pose  [j][e], after it
 * @property {number[]} lengths  [j], of the poses
 * @property {number[][]} agreement  [i][j]
 * @property {number} entropy  of the couplings, in bits, see meanEntropy
 */

/**
 * @param {ArrayLike<number>} u
 * @param {ArrayLike<number>} v
 */
export function dot(u, v) {
  let sum = 0;
  for (let e = 0; e < u.length; e++) sum += u[e] * v[e];
  return sum;
}

/** @param {ArrayLike<number>} s */
export const norm = (s) => Math.sqrt(dot(s, s));

/**
 * Eq. 1 without the division: v = s |s| / (1 + |s|^2), so zero in gives zero out.
 *
 * @template {Vector} V
 * @param {V} s
 */
export function squash(s) {
  const length = norm(s);
  return /** @type {V} */ (s.map((x) => x * (length / (1 + length * length))));
}

/**
 * A bug found in public code: every number is squashed as if it were a vector.
 *
 * @param {number[]} s
 */
export const squashEachNumber = (s) => s.map((x) => (x * Math.abs(x)) / (1 + x * x));

/** @param {number[]} logits */
export function softmax(logits) {
  const largest = Math.max(...logits);
  const weights = Array.from(logits, (b) => Math.exp(b - largest));
  const total = weights.reduce((sum, x) => sum + x, 0);
  return weights.map((x) => x / total);
}

/** @param {number[][]} rows */
const transposed = (rows) => rows[0].map((_, j) => rows.map((row) => row[j]));

/**
 * Over the parents: each child splits one vote.  Over the children: the famous bug.
 *
 * @param {number[][]} logits
 * @param {Axis} axis
 */
const coupled = (logits, axis) =>
  axis === "parents" ? logits.map(softmax) : transposed(transposed(logits).map(softmax));

/**
 * @param {Vector[][]} votes
 * @param {number[][]} coupling
 * @param {number} j
 * @param {Vector} start  what is added to the sum
 */
function weightedSum(votes, coupling, j, start) {
  const sum = Array.from(start);
  for (let i = 0; i < votes.length; i++) {
    const [vote, share] = [votes[i][j], coupling[i][j]];
    for (let e = 0; e < sum.length; e++) sum[e] += share * vote[e];
  }
  return sum;
}

/**
 * Procedure 1.  One step for each iteration, with the couplings USED in it: those of the
 * first are all equal.
 *
 * @param {Vector[][]} votes
 * @param {number} iterations
 * @param {{ axis?: Axis, bias?: Vector[] | null }} [options]  bias[j][e] is added to sums
 * @returns {Step[]}
 */
export function route(votes, iterations, { axis = "parents", bias = null } = {}) {
  const start = bias ?? votes[0].map((vote) => Array(vote.length).fill(0));
  let logits = votes.map((row) => Array(row.length).fill(0));
  const steps = [];
  for (let k = 0; k < iterations; k++) {
    const coupling = coupled(logits, axis);
    const sum = start.map((zero, j) => weightedSum(votes, coupling, j, zero));
    const pose = sum.map(squash);
    const agreement = votes.map((row) => row.map((vote, j) => dot(vote, pose[j])));
    logits = logits.map((row, i) => row.map((b, j) => b + agreement[i][j]));
    const entropy = meanEntropy(coupling);
    steps.push({ coupling, sum, pose, lengths: pose.map(norm), agreement, entropy });
  }
  return steps;
}

/**
 * How undecided one child is, in bits: log2(parents) at first, 0 when all goes to one.
 *
 * @param {number[]} shares
 */
export const entropyBits = (shares) =>
  shares.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);

/**
 * Mean over the children; weighted, for example, by their lengths, so that silent
 * capsules, which never decide, do not hide what the others do.
 *
 * @param {number[][]} coupling
 * @param {number[]} [weights]
 */
export function meanEntropy(coupling, weights = coupling.map(() => 1)) {
  const total = weights.reduce((sum, w) => sum + w, 0);
  return dot(coupling.map(entropyBits), weights) / total;
}

/**
 * How much of |s_j| each child brings: p[i][j] = c_ij (vote_ij . s_j / |s_j|).  Over i
 * they sum to |s_j| exactly (what a bias brings is the rest); no sum, no shares.
 *
 * @param {Vector[][]} votes
 * @param {Step} step
 */
export function attribution(votes, { coupling, sum }) {
  const lengths = sum.map(norm);
  /** @type {(vote: Vector, c: number, j: number) => number} */
  const share = (vote, c, j) => lengths[j] && (c * dot(vote, sum[j])) / lengths[j];
  return votes.map((row, i) => row.map((vote, j) => share(vote, coupling[i][j], j)));
}

/**
 * What a loss says about one example: gradients[j] = d total / d lengths[j].
 *
 * @typedef {{ total: number, terms: number[], gradients: number[] }} Loss
 */

/**
 * With "softmax first" the margins see shares of one cake.
 *
 * @typedef {"missing square" | "softmax first"} Bug
 */

/**
 * @typedef {object} MarginOptions
 * @property {number} [mPos]
 * @property {number} [mNeg]
 * @property {number} [downWeight]
 * @property {Bug | null} [bug]
 */

/**
 * Eq. 4 for one example.
 *
 * @param {number[]} lengths
 * @param {boolean[]} present
 * @param {MarginOptions} [options]
 * @returns {Loss}
 */
export function marginLoss(lengths, present, options = {}) {
  const { mPos = 0.9, mNeg = 0.1, downWeight = 0.5, bug = null } = options;
  const seen = bug === "softmax first" ? softmax(lengths) : lengths;
  /** @type {[number[], number[]]} */
  const [terms, slopes] = [[], []];
  present.forEach((there, j) => {
    const weight = there ? 1 : downWeight;
    const over = Math.max(0, there ? mPos - seen[j] : seen[j] - mNeg);
    const [height, slope] =
      bug === "missing square" ? [over, Math.sign(over)] : [over * over, 2 * over];
    terms.push(weight * height);
    slopes.push((there ? -1 : 1) * weight * slope);
  });
  const mean = dot(seen, slopes); // only the slope of a softmax needs it
  /** @type {(slope: number, j: number) => number} */
  const through = (slope, j) => seen[j] * (slope - mean);
  const gradients = seen === lengths ? slopes : slopes.map(through);
  return { total: terms.reduce((sum, x) => sum + x, 0), terms, gradients };
}

/**
 * Softmax cross-entropy with the lengths as logits; classes that are present share the
 * label.  With none present it is not defined: NaN.
 *
 * @param {number[]} lengths
 * @param {boolean[]} present
 * @returns {Loss}
 */
export function crossEntropy(lengths, present) {
  const shares = softmax(lengths);
  const count = present.filter(Boolean).length;
  const target = present.map((there) => (there ? 1 : 0) / count);
  const terms = target.map((t, j) => (t === 0 ? 0 : -t * Math.log(shares[j])));
  const gradients = shares.map((p, j) => p - target[j]);
  return { total: terms.reduce((sum, x) => sum + x, 0), terms, gradients };
}
