// Routing of a real digit: a trained network, pass by pass, and who votes for whom.

import { choice, stepper } from "./controls.js";
import { DIGITS } from "./digits.js";
import { classesPanel, FULL_CAPSULE, FULL_EFFECT, FULL_PIXEL, FULL_PLACE, inkPanel, passesPanels, placesPanel, typesPanel } from "./digit_panels.js";
import { explorer, term, vector } from "./kit.js";
import { fixed, listOf, maybe, oneOf } from "./link.js";
import { button } from "./controls.js";
import { html, put } from "./marks.js";
import { product } from "./tensors.js";
import { trained, whenNear } from "./trained.js";
import { byPlace, effects, inkOf, painted, PASSES, rubbed, rubbings, see, under } from "./voters.js";

const link = {
  digit: maybe(fixed(0, 0, DIGITS.length - 1)), // null: the image that Python brought
  iterations: fixed(0, 1, PASSES),
  chosen: maybe(fixed(0, 0, 99)), // a class; null: the longest
  type: maybe(fixed(0, 0, 99)), // of capsules below; null: all
  place: maybe(fixed(0, 0, 9999)),
  squares: oneOf("shares", "coupling"),
  ink: oneOf("shares", "effect"),
  erased: listOf(fixed(0, 0, 99999), undefined, "."), // spots of the eraser, row * width + column
};

const presets = DIGITS.map(([label, text]) => ({
  label, pixels: Float32Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255),
}));

// The same value again while the key is the same.
function remembered(make) {
  let last = null, value;
  return (...given) => {
    const key = given.join();
    if (key !== last) [last, value] = [key, make(...given)];
    return value;
  };
}

const longest = (lengths) => lengths.indexOf(Math.max(...lengths));
const many = (list) => `${Math.min(...list).toFixed(2)} … ${Math.max(...list).toFixed(2)}`;

// What there is to show once the network is there.
function looker(hand, net) {
  const { image_shape: shape, n_classes: classes, primary_types: types, grid } = net.config;
  const [, height, width] = shape, places = product(grid);
  const own = hand.get("image")?.byteLength ? new Float32Array(hand.get("image").buffer.slice(hand.get("image").byteOffset, hand.get("image").byteOffset + hand.get("image").byteLength)) : null;
  const original = (digit) => (digit === null ? own : presets[digit].pixels);
  const whole = remembered((digit) => see(net, original(digit)));
  const image = remembered((digit, ...spots) => rubbed(original(digit), spots, shape));
  const passes = remembered((digit, ...spots) => (spots.length ? see(net, image(digit, ...spots)) : whole(digit)));
  const within = (n, count) => (n !== null && n < count ? n : null);
  let scan = null;

  // Everything about the state; `over` is what the pointer is on, instead of what is pinned.
  function now(over) {
    const get = (name) => over[name] ?? hand.get(name);
    const digit = hand.get("digit") ?? (own ? null : 0), spots = hand.get("erased").filter((k) => k < height * width);
    const pass = hand.get("iterations") - 1, all = passes(digit, ...spots), step = all[pass];
    const chosen = within(get("chosen"), classes) ?? longest(step.lengths);
    const [type, place] = [within(hand.get("type"), types), within(get("place"), places)];
    const ink = inkOf(image(digit, ...spots), shape);
    const of = (numbers, j) => numbers.map((row) => row[j]);
    const shares = of(step.shares, chosen);
    const map = painted(byPlace(shares, places, type), ink, width, grid[1]);
    const picked = step.coupling.map((_, i) => i).filter((i) => (place === null || i % places === place) && (type === null || type === Math.floor(i / places)));
    const mean = Array.from({ length: classes }, (_, j) => picked.reduce((sum, i) => sum + step.coupling[i][j], 0) / picked.length);
    const intact = spots.length ? whole(digit)[pass] : null;
    return { digit, spots, pass, passes: all, step, chosen, type, place, ink, shares, map, picked, mean, intact, coupling: of(step.coupling, chosen) };
  }

  // What it was worth, by the map, to have the ink that is rubbed out now.
  function lost({ digit, spots, pass, chosen }) {
    const intact = whole(digit)[pass], ink = inkOf(original(digit), shape);
    const { pixels } = painted(byPlace(intact.shares.map((row) => row[chosen]), places), ink, width, grid[1]);
    const gone = new Set(spots.flatMap((spot) => under(spot, height, width)));
    return [...gone].reduce((sum, k) => sum + pixels[k], 0);
  }

  // Rub out one piece after the other, a few in each frame, and show what is known.
  function scanned(state) {
    const key = [state.digit, ...state.spots].join();
    if (scan?.key !== key) {
      scan = { key, found: [], left: rubbings(net, image(state.digit, ...state.spots), shape) };
      requestAnimationFrame(() => more(scan));
    }
    return scan.found;
  }
  function more(mine) {
    const start = performance.now();
    while (mine === scan && !hand.signal.aborted && performance.now() - start < 25) {
      const { value, done } = mine.left.next();
      if (done) return hand.redraw();
      mine.found.push(value);
    }
    if (mine !== scan || hand.signal.aborted) return;
    hand.redraw();
    requestAnimationFrame(() => more(mine));
  }
  const effect = (state) => effects(scanned(state), state.step.lengths, state.chosen, state.pass, height, width);
  return { shape, classes, types, grid, places, own, now, lost, effect };
}

// A line of small digits to choose from.
function shelf(hand, fits) {
  const found = fits ? presets : [];
  const marks = found.map(({ label, pixels }, n) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 28, height: 28 });
    const context = canvas.getContext("2d"), data = context.createImageData(28, 28);
    pixels.forEach((ink, k) => (data.data[4 * k + 3] = Math.round(255 * ink)));
    context.putImageData(data, 0, 0);
    const mark = html("i", { style: `mask-image:url(${canvas.toDataURL()});-webkit-mask-image:url(${canvas.toDataURL()})` });
    const el = button("", () => hand.set({ digit: n, erased: [], chosen: null, place: null }), { kind: "cx-digit", "aria-label": `a ${label}, number ${n + 1}` });
    el.append(mark);
    return el;
  });
  return { el: html("div", { class: "cx-shelf", role: "group", "aria-label": "Choose a digit" }, ...marks),
    draw: (digit) => marks.forEach((mark, n) => put(mark, { "aria-pressed": String(n === digit) })) };
}

function stage(hand, net, preview) {
  const look = looker(hand, net);
  const { shape, grid, classes, types, places } = look;
  const point = (name) => (value) => { preview[name] = value; hand.redraw(); };
  const pin = (name) => (value) => { preview[name] = null; hand.set({ [name]: hand.get(name) === value ? null : value }); };
  const rub = (spot) => {
    const state = look.now({}), there = under(spot, shape[1], shape[2]).some((k) => state.ink[k] > 0);
    if (there) hand.set({ erased: [...hand.get("erased"), spot], place: null });
    else hand.redraw();
  };
  const ink = inkPanel(hand, shape, { columns: grid[1], rub, lift: () => {} });
  const placesMap = placesPanel(hand, grid, { show: point("place"), press: pin("place") });
  const typesMap = typesPanel(hand, types, grid, pin("type"));
  const rows = classesPanel(hand, classes, { show: point("chosen"), press: pin("chosen") });
  const charts = passesPanels(hand, classes);
  const digits = shelf(hand, shape.join() === "1,28,28");
  const restore = button("Restore the ink", () => hand.set({ erased: [] }), { kind: "cx-word" });
  const inkShows = choice("The ink shows", [["shares", "who votes"], ["effect", "what it does"]], { get: () => hand.get("ink"), set: (ink) => hand.set({ ink }) });
  const squaresShow = choice("Squares show", [["shares", "votes"], ["coupling", "couplings"]], { get: () => hand.get("squares"), set: (squares) => hand.set({ squares }) });
  const [legend, scale] = [html("p", { class: "cx-legend" }), html("p", { class: "cx-legend" })];
  const heads = ["", "", ""].map(() => html("p", { class: "cx-head" }));
  const column = (...parts) => html("div", { class: "cx-part" }, ...parts);
  const el = html("div", { class: "cx-stage" },
    html("div", { class: "cx-pipeline" },
      column(heads[0], ink.el, inkShows.el, legend, restore, digits.el),
      column(heads[1], placesMap.el, squaresShow.el, scale, typesMap.el),
      column(heads[2], rows.el)),
    html("div", { class: "cx-passes" },
      column(html("p", { class: "cx-head" }, "Length after each pass"), charts.els[0]),
      column(html("p", { class: "cx-head" }, "How undecided the couplings are"), charts.els[1])));
  function draw() {
    const state = look.now(preview);
    const { step, chosen, place, type, spots } = state;
    const shares = hand.get("squares") === "shares", effect = hand.get("ink") === "effect";
    const numbers = shares ? state.shares : state.coupling;
    const squares = byPlace(numbers, places, type).map((x) => (shares || type !== null ? x : x / types));
    const full = shares ? (type === null ? FULL_PLACE : FULL_CAPSULE) : 1;
    ink.draw({ ink: state.ink, place, tint: effect ? look.effect(state) : state.map.pixels, full: effect ? FULL_EFFECT : FULL_PIXEL });
    placesMap.draw({ squares, fullSquare: full, place, what: shares ? `share of |s| of class ${chosen}` : `coupling to class ${chosen}` });
    typesMap.draw({ numbers, full: shares ? FULL_CAPSULE : 1, type });
    rows.draw({ lengths: step.lengths, before: state.intact?.lengths, coupling: state.mean, chosen });
    charts.draw({ passes: state.passes, chosen });
    digits.draw(state.digit);
    for (const control of [inkShows, squaresShow]) control.draw();
    put(restore, { hidden: !spots.length });
    const which = type === null ? "Primary capsules" : `Capsules of type ${type + 1}`;
    heads[0].textContent = effect ? `What the ink does for ${chosen}` : `Ink that votes for ${chosen}`;
    heads[1].textContent = `${which}, ${shares ? "votes for" : "coupling to"} ${chosen}`;
    heads[2].textContent = place === null ? "Class capsules" : "Class capsules, c from there";
    legend.replaceChildren(html("span", { class: "cx-ramp" }, html("i", { class: "cx-against" }), html("i", { class: "cx-neither" }), html("i", { class: "cx-for" })),
      effect ? `full colour: |v| changes by ${FULL_EFFECT} without it` : `full colour: ${FULL_PIXEL} of |s| in a pixel`);
    scale.replaceChildren(html("span", { class: "cx-ramp" }, html("i", { class: "cx-for" })), shares ? `full square: ${full} of |s|` : "full square: all of its vote");
  }
  return { el, look, draw };
}

function view(hand) {
  const preview = { place: null, chosen: null };
  const bar = html("progress", { max: 1, value: 0, "aria-label": "loaded" });
  const waiting = html("p", { class: "cx-loading" }, html("span", {}, "The trained network is on its way: "), bar);
  const place = html("div", { class: "cx-place" }, waiting);
  let live = null;
  async function load() {
    try {
      const net = await trained(hand, (share) => (bar.value = share));
      live = stage(hand, net, preview);
      place.replaceChildren(live.el);
      hand.redraw();
    } catch (error) {
      waiting.replaceChildren(`The figure cannot run here: ${error.message}. `, button("Try again", () => { waiting.replaceChildren(bar); load(); }));
    }
  }
  whenNear(hand, load);
  const [share, coupling, dot, sum, length] = [
    term(["p", html("sub", {}, "ij")], "places"), term(["c", html("sub", {}, "ij")], "classes"),
    term([vector("û"), html("sub", {}, "j|i"), " · ", vector("s"), html("sub", {}, "j"), " / |", vector("s"), html("sub", {}, "j"), "|"], "places"),
    term(["Σ", html("sub", {}, "i"), " p", html("sub", {}, "ij"), " = |", vector("s"), html("sub", {}, "j"), "|"], "ink"),
    term(["|", vector("v"), html("sub", {}, "j"), "|"], "classes"),
  ];
  const now = () => live.look.now(preview);
  return {
    figure: [place],
    controls: [
      stepper("Passes of routing", { min: 1, max: PASSES, get: () => hand.get("iterations"), set: (iterations) => hand.set({ iterations }) }),
    ],
    formula: [share.el, "=", coupling.el, "·", dot.el, html("span", { class: "cx-gap" }), sum.el, "→", length.el],
    draw() {
      if (!live) return;
      live.draw();
      const { step, chosen, shares, picked } = now();
      const p = picked.map((i) => shares[i]), c = picked.map((i) => step.coupling[i][chosen]);
      const total = shares.reduce((x, y) => x + y, 0);
      share.show(p.length > 1 ? many(p) : p[0].toFixed(3));
      coupling.show(c.length > 1 ? many(c) : c[0].toFixed(3));
      dot.show(many(picked.map((i) => shares[i] / step.coupling[i][chosen])));
      sum.show(`${total.toFixed(3)} = ${step.before[chosen].toFixed(3)}${Math.abs(total - step.before[chosen]) < 1e-3 ? " ✓" : ""}`);
      length.show(step.lengths[chosen].toFixed(3));
    },
    readout() {
      if (!live) return [];
      const state = now(), { step, chosen, map, intact } = state;
      const rows = [
        [`|s${"₀₁₂₃₄₅₆₇₈₉"[chosen] ?? ""}|`, step.before[chosen].toFixed(3), "length before squash", "classes"],
        ["background", map.background.toFixed(3), "share of windows without ink", "ink"],
        ["entropy", `${step.entropy.toFixed(3)} bits`, "of the couplings, mean over the capsules", "entropy"],
        ["weighted", `${step.weighted.toFixed(3)} bits`, "the same, weighted by the length of each capsule", "entropy"],
        ["largest c", Math.max(...step.coupling.flat()).toFixed(3), "largest coupling of all", "places"],
      ];
      if (!intact) return rows;
      return [...rows,
        ["map", (-live.look.lost(state)).toFixed(3), "what the map gave to the ink that is gone", "ink"],
        ["effect", (step.before[chosen] - intact.before[chosen]).toFixed(3), "what |s| really lost or won", "ink"]];
    },
    say() {
      if (!live) return "The trained network is on its way.";
      const { step, chosen, place, type, spots, pass } = now();
      const order = step.lengths.map((_, j) => j).sort((a, b) => step.lengths[b] - step.lengths[a]);
      return `Pass ${pass + 1}: ${order[0]} is longest, ${step.lengths[order[0]].toFixed(3)}, then ${order[1]}, ${step.lengths[order[1]].toFixed(3)}. Shown: ${chosen}. Entropy ${step.entropy.toFixed(2)} bits.`;
    },
  };
}

const tries = [
  { title: "Turn routing off", set: { digit: 0, iterations: 3, erased: [], chosen: null, type: null, place: null, squares: "coupling", ink: "shares" },
    ask: "Three passes. With one pass all couplings are equal: no routing. Does the answer change?", answers: ["yes", "no"], right: 1,
    then: { iterations: 1 }, tell: "…" },
  { title: "Whose stroke is it?", set: { digit: 9, iterations: 3, erased: [], chosen: 9, type: null, place: null, squares: "shares", ink: "shares" },
    ask: "A 4 that is nearly a 9. Which stroke speaks for 9?", answers: ["the top", "the right end", "all alike"], right: 0,
    then: { ink: "effect" }, tell: "…" },
  { title: "Ten iterations", set: { digit: 0, iterations: 3, erased: [], chosen: null, type: null, place: null, squares: "coupling", ink: "shares" },
    ask: "Seven more passes: what do they bring?", answers: ["surer and better", "only surer"], right: 1,
    then: { iterations: 10 }, tell: "…" },
];

export default explorer({
  name: "DigitRoutingExplorer",
  question: "In a trained network, how much does routing decide?",
  insight: "…",
  missing: "the first convolution; routing while the network learns.",
  link, tries, view,
});
