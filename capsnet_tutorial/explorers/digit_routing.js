// Routing of a real digit: a trained network, pass by pass, and who votes for whom.

import { button, choice, stepper } from "./controls.js";
import { classesPanel, placesPanel, typesPanel } from "./digit_capsules.js";
import { inkPanel } from "./digit_ink.js";
import { labels, longest, lookAt, presets } from "./digit_look.js";
import { passesPanels } from "./digit_passes.js";
import { explorer, term, vector } from "./kit.js";
import { fixed, listOf, maybe, oneOf } from "./link.js";
import { html, put } from "./marks.js";
import { trained, whenNear } from "./trained.js";
import { byPlace, PASSES, under } from "./voters.js";

const link = {
  digit: maybe(fixed(0, 0, labels.length - 1)), // null: the image that Python brought
  iterations: fixed(0, 1, PASSES),
  chosen: maybe(fixed(0, 0, 99)), // class; null: the longest
  type: maybe(fixed(0, 0, 99)), // of capsules below; null: all
  place: maybe(fixed(0, 0, 9999)), // row * columns + column; null: all
  squares: oneOf("votes", "couplings"),
  ink: oneOf("votes", "effect"),
  erased: listOf(fixed(0, 0, 99999), undefined, "."), // spots of the eraser: row * width + column
};
const NAMES = Object.keys(link);

// Full scale: the same for all digits, classes and passes, so that pictures compare.
const FULL = { place: 2, capsule: 0.5, pixel: 0.05, effect: 0.5 };

function ownImage({ get }) {
  const view = get("image");
  if (!view?.byteLength) return null;
  return Float32Array.from({ length: view.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

// Small digits to choose from; n is null for an image of the reader's own.
function shelf(images, press) {
  const marks = Object.entries(images).map(([key, pixels]) => {
    const n = key === "null" ? null : Number(key);
    const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
    const context = canvas.getContext("2d"), data = context.createImageData(28, 28);
    pixels.slice(0, 784).forEach((ink, k) => (data.data[4 * k + 3] = 255 * ink));
    context.putImageData(data, 0, 0);
    const url = `url(${canvas.toDataURL()})`;
    const el = button("", () => press(n), { kind: "cx-digit", "aria-label": n === null ? "your image" : `digit ${n + 1}, a ${labels[n]}` });
    el.append(html("i", { style: `mask-image:${url};-webkit-mask-image:${url}` }));
    return { n, el };
  });
  const el = html("div", { class: "cx-shelf", role: "group", "aria-label": "Choose a digit" }, ...marks.map((mark) => mark.el));
  return { el, draw: (digit) => marks.forEach((mark) => put(mark.el, { "aria-pressed": String(String(mark.n) === String(digit)) })) };
}

// The living figure: built once the network is there.
function stage(hand, net) {
  const { image_shape: shape, n_classes: classes, primary_types: types, grid } = net.config;
  const own = ownImage(hand), preview = { place: null, chosen: null };
  const images = { ...(shape.join() === "1,28,28" ? presets : {}), ...(own ? { null: own } : {}) };
  const look = lookAt(net, images, () => hand.signal.aborted || hand.redraw());
  const seen = () => look({ ...Object.fromEntries(NAMES.map((name) => [name, preview[name] ?? hand.get(name)])) });
  let state = null;

  const hover = (name) => ({
    show: (value) => { preview[name] = value; hand.redraw(); },
    press: (value) => { preview[name] = null; hand.set({ [name]: hand.get(name) === value ? null : value }); },
  });
  function rub(spot) {
    if (under(spot, shape[1], shape[2]).some((k) => state.ink[k] > 0)) hand.set({ erased: [...state.spots, spot] });
    else hand.redraw();
  }
  const pick = (name, options) => choice(name === "ink" ? "The ink shows" : "Squares show", options, { get: () => hand.get(name), set: (value) => hand.set({ [name]: value }) });
  const ink = inkPanel(hand, shape, grid[1], rub);
  const below = placesPanel(hand, grid, hover("place"));
  const kinds = typesPanel(hand, types, grid, hover("type").press);
  const above = classesPanel(hand, classes, hover("chosen"));
  const charts = passesPanels(hand, classes);
  const digits = shelf(images, (digit) => hand.set({ digit, erased: [], chosen: null, place: null }));
  const inkShows = pick("ink", [["votes", "votes"], ["effect", "effect"]]);
  const squaresShow = pick("squares", [["votes", "votes"], ["couplings", "couplings"]]);
  const restore = button("Restore it", () => hand.set({ erased: [] }), { kind: "cx-word" });
  const heads = ["", "", "Class capsules"].map((words) => html("p", { class: "cx-head" }, words));
  const scales = ["", ""].map(() => html("span", { class: "cx-scale" }));
  const ramp = html("span", { class: "cx-ramp", "aria-hidden": "true" }, ...["against", "neither", "for"].map((kind) => html("i", { class: `cx-${kind}` })));
  const hint = html("p", { class: "cx-hint" });
  const part = (...nodes) => html("div", { class: "cx-part" }, ...nodes);
  const row = (...nodes) => html("div", { class: "cx-row" }, ...nodes);
  const el = html("div", {},
    html("div", { class: "cx-parts" },
      part(heads[0], ink.el, row(inkShows.el, ramp), hint, digits.el),
      part(heads[1], below.el, row(squaresShow.el, scales[1]), kinds.el),
      part(heads[2], above.el)),
    html("div", { class: "cx-parts cx-charts" },
      part(html("p", { class: "cx-head" }, "Length after each pass"), charts.els[0]),
      part(html("p", { class: "cx-head" }, "How undecided the couplings are, in bits"), charts.els[1])));

  function draw() {
    state = seen();
    const { step, chosen, place, type, spots } = state;
    const votes = hand.get("squares") === "votes", effect = hand.get("ink") === "effect";
    const numbers = votes ? state.shares : state.coupling;
    const one = type !== null; // a single capsule at each place
    const sums = byPlace(numbers, grid[0] * grid[1], type).map((x) => (votes || one ? x : x / types));
    ink.draw({ ink: state.ink, place, tint: effect ? state.effect() : state.painted.map, full: effect ? FULL.effect : FULL.pixel });
    below.draw({ numbers: sums, place, full: votes ? (one ? FULL.capsule : FULL.place) : 1, what: votes ? `votes for ${chosen}:` : `coupling to ${chosen}:` });
    kinds.draw({ numbers, type, full: votes ? FULL.capsule : 1 });
    above.draw({ lengths: step.lengths, intact: state.intact?.lengths, coupling: state.spread, chosen });
    charts.draw({ passes: state.passes, chosen });
    digits.draw(state.digit);
    for (const control of [inkShows, squaresShow]) control.draw();
    heads[0].textContent = effect ? `What the ink does for ${chosen}` : `The ink that votes for ${chosen}`;
    heads[2].textContent = spots.length ? "Class capsules; marks: before" : "Class capsules";
    heads[1].textContent = `${one ? `Type ${type + 1}` : "Primary capsules"}, ${votes ? "votes for" : "coupled to"} ${chosen}`;
    hint.replaceChildren(spots.length ? "Some ink is rubbed out. " : "Rub some of it out: drag the circle.", spots.length ? restore : "");
    put(ramp, { title: effect ? `Full colour: without it, the length changes by ${FULL.effect}` : `Full colour: ${FULL.pixel} of |s| in one pixel` });
    scales[1].textContent = votes ? `full square: ${one ? FULL.capsule : FULL.place} of |s|` : "full square: all of it";
  }
  return { el, draw, state: () => state };
}

const spread = (list) => list.length === 1 ? list[0].toFixed(3) : `${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)}`;
const sub = (name, index) => [name, html("sub", {}, index)];

// p_ij = c_ij (vote . s / |s|), and the sum over i: symbols with their present numbers.
function formula() {
  const share = term(sub("p", "ij"), "places"), coupling = term(sub("c", "ij"), "classes");
  const along = term([vector("û"), html("sub", {}, "j|i"), " · ", vector("s"), html("sub", {}, "j"), "/|", vector("s"), html("sub", {}, "j"), "|"], "places");
  const sum = term([...sub("Σ", "i"), " ", ...sub("p", "ij"), " = |", vector("s"), html("sub", {}, "j"), "|"], "ink");
  const length = term(["|", vector("v"), html("sub", {}, "j"), "|"], "classes");
  const line = (...nodes) => html("span", { class: "cx-line-of" }, ...nodes);
  function draw({ step, chosen, shares, coupling: c, picked, total }) {
    const before = step.before[chosen], rest = before - total; // what a bias brings
    share.show(spread(picked.map((i) => shares[i])));
    coupling.show(spread(picked.map((i) => c[i])));
    along.show(spread(picked.map((i) => shares[i] / c[i])));
    sum.show(`${total.toFixed(3)} = ${before.toFixed(3)}${Math.abs(rest) < 1e-3 ? " ✓" : ` − ${rest.toFixed(3)} of bias`}`);
    length.show(step.lengths[chosen].toFixed(3));
  }
  return { els: [line(share.el, "=", coupling.el, "·", along.el), line(sum.el), line("squashed:", length.el)], draw };
}

function view(hand) {
  const bar = html("progress", { max: 1, value: 0, "aria-label": "weights that are loaded" });
  const waiting = html("p", { class: "cx-loading", role: "status" }, "The trained network is on its way. ", bar);
  const place = html("div", { class: "cx-stage" }, waiting);
  const terms = formula();
  let live = null;
  async function load() {
    try {
      const net = await trained(hand, (share) => (bar.value = share));
      live = stage(hand, net);
      place.replaceChildren(live.el);
      hand.redraw();
    } catch (error) {
      const again = button("Try again", () => { waiting.replaceChildren(bar); load(); }, { kind: "cx-word" });
      waiting.replaceChildren(`This figure cannot run here: ${error.message}. `, again);
    }
  }
  whenNear(hand, load);
  return {
    figure: [place],
    controls: [stepper("Passes of routing", { min: 1, max: PASSES, get: () => hand.get("iterations"), set: (iterations) => hand.set({ iterations }) })],
    formula: terms.els,
    draw() {
      if (!live) return;
      live.draw();
      terms.draw(live.state());
    },
    readout() {
      if (!live) return [];
      const { step, loss, painted, chosen } = live.state();
      const rows = [
        ["entropy", `${step.entropy.toFixed(3)} bits`, "of the couplings, mean over the capsules", "entropy"],
        ["weighted", `${step.weighted.toFixed(3)} bits`, "where each capsule counts as much as it is long", "entropy"],
        ["largest c", Math.max(...step.coupling.map((row) => Math.max(...row))).toFixed(3), "the largest coupling of all capsules", "places"],
        ["background", painted.background.toFixed(3), "votes of windows without ink", "ink"],
      ];
      if (loss) rows.push(
        ["map", loss.mapped.toFixed(3), `what the map of votes said about the ink that is gone, for |s| of ${chosen}`, "ink"],
        ["in fact", loss.real.toFixed(3), `how |s| of ${chosen} has changed`, "classes"]);
      return rows;
    },
    say() {
      if (!live) return "The trained network is on its way.";
      const { step, chosen, passes, spots, place: at, shares, picked } = live.state();
      const first = longest(step.lengths), second = longest(step.lengths.map((x, j) => (j === first ? -1 : x)));
      const sum = picked.reduce((total, i) => total + shares[i], 0);
      return [
        `After pass ${passes.indexOf(step) + 1}, ${first} is longest, ${step.lengths[first].toFixed(3)}`,
        second < 0 ? "." : `, then ${second}, ${step.lengths[second].toFixed(3)}.`,
        chosen === first ? "" : ` ${chosen} is chosen, ${step.lengths[chosen].toFixed(3)}.`,
        at === null ? "" : ` The capsules there give ${sum.toFixed(2)} of ${step.before[chosen].toFixed(2)}.`,
        spots.length ? " Some ink is rubbed out." : "",
        ` Entropy ${step.entropy.toFixed(2)} bits.`,
      ].join("");
    },
  };
}

const start = { type: null, place: null, erased: [], squares: "votes", ink: "votes" };
const tries = [
  {
    title: "Turn routing off",
    focus: "classes lengths",
    set: { ...start, digit: 0, iterations: 3, chosen: null },
    ask: "Three passes. After one pass all couplings are still equal, so there is no routing. Does the answer change?",
    answers: ["yes", "no"], right: 1,
    then: { iterations: 1 },
    tell: "…",
  },
  {
    title: "Whose stroke is it?",
    focus: "ink",
    set: { ...start, digit: 20, iterations: 3, chosen: 9 },
    ask: "A 4 that is nearly a 9. Which stroke speaks for 9?",
    answers: ["the top", "the right end", "all alike"], right: 0,
    then: { ink: "effect" },
    tell: "…",
  },
  {
    title: "Ten iterations",
    focus: "lengths entropy",
    set: { ...start, digit: 0, iterations: 3, chosen: null, squares: "couplings" },
    ask: "Seven more passes: what do they bring?",
    answers: ["surer and better", "only surer"], right: 1,
    then: { iterations: 10 },
    tell: "…",
  },
];

export default explorer({
  name: "DigitRoutingExplorer",
  question: "In a trained network, how much does routing decide?",
  insight: "…",
  missing: "the first convolution; routing while the network learns.",
  link, tries, view,
});
