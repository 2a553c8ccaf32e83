// The playground on the screen: from a state to pictures, and from hands to a state.

import { check, choice, slider } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { whenNear } from "../model/trained.js";
import { digitStrip } from "./digit_strip.js";
import { amountOf, changed, layersOf, longestFirst, seenBy, toBytes } from "./maths.js";
import { networkOf } from "./network.js";
import { answer, paper } from "./panels.js";
import { onTheme } from "./pixels.js";
import { posePanel, spreadOf } from "./pose_panel.js";
import { BLANK, PLAIN, playgroundLink } from "./state.js";
import { turnPanel } from "./turn_panel.js";
import { playgroundRows, playgroundSentence } from "./words.js";

// Strokes and digits of the pad; `live` are strokes that are not done yet.
function padHands({ get, set, redraw }) {
  const pen = { live: [] };
  const ink = (traits) => set({ change: [], ...traits });
  const strokes = () => [...get("strokes"), ...pen.live];
  // A drawing takes the place of a stored digit; with two, of the second.
  function begin() {
    const two = get("show") === "second";
    if (get("digit") !== null) ink(two ? { second: null, capsule: null } : BLANK);
  }
  function undo() {
    if (get("strokes").length) ink({ strokes: get("strokes").slice(0, -1) });
    else ink(get("second") !== null ? { second: null } : { digit: null });
  }
  function grow(live) {
    pen.live = live;
    redraw();
  }
  function end(live) {
    pen.live = [];
    if (live.length) ink({ strokes: [...get("strokes"), ...live] });
    redraw();
  }
  const clear = () => ink({ ...BLANK, second: null });
  return { ink, strokes, acts: { begin, grow, end, undo, clear } };
}

// All that is on the screen, from a state and what the network makes of it.
function everything(all, net, spread) {
  const seen = seenBy(all);
  const read = net.read(seen);
  const amount = amountOf(all, seen);
  if (!read) return { all, seen, read, amount, shown: [], pictures: [] };
  const order = longestFirst(read.lengths);
  const shown = all.capsule !== null ? [all.capsule] : order.slice(0, layersOf(all) > 1 ? 2 : 1);
  const poses = read.pose && shown.map((j) => changed(read.pose[j], all.change, spread[j]));
  const drawn = (j, n) => (net.net.decode ? toBytes(net.net.decode(poses[n], j)) : null);
  const pictures = read.stored ? [read.stored] : shown.map(drawn);
  return { all, seen, read, amount, order, shown, poses, pictures };
}

// What the network gets, for the trait `seen` in Jupyter; a page has no use for it.
function teller({ get, model }) {
  let told = null;
  return (seen) => {
    if (!get("block")?.byteLength || told?.every((x, k) => x === seen[k])) return;
    told = seen;
    model.set("seen", new DataView(seen.slice().buffer));
    model.save_changes();
  };
}

// Milliseconds that the last pictures took: { add(began), el, draw }.
function stopwatch() {
  const times = [];
  const el = html("p", { class: "cx-hint" });
  function add(began) {
    times.push(performance.now() - began);
    if (times.length > 9) times.shift();
  }
  function draw() {
    const middle = [...times].sort((a, b) => a - b)[times.length >> 1];
    el.textContent = times.length ? `${middle.toFixed(0)} ms for each picture here.` : "";
  }
  return { add, el, draw };
}

const MODES = [
  ["digit", "the digit"],
  ["turn", "turn it"],
  ["pose", "its pose"],
  ["second", "two digits"],
];

// What lies below the figure: twenty digits, what to play with, and its controls.
function below({ get, set }, ink, drawers) {
  const first = digitStrip("Or take one of twenty digits", {
    get: () => (get("strokes").length ? null : get("digit")),
    set: (digit) => ink({ ...BLANK, digit }),
  });
  const second = digitStrip("On top of the other:", {
    get: () => get("second"),
    set: (n) => ink({ second: n }),
  });
  const modes = choice("Play with", MODES, {
    get: () => get("show"),
    set: (show) => set({ ...PLAIN, show, ...(show === "second" && { second: 17 }) }),
  });
  const parts = { ...drawers, second };
  const el = html("div", { class: "cx-drawers" }, ...Object.values(parts).map((part) => part.el));
  function draw() {
    for (const [name, { el }] of Object.entries(parts)) put(el, { hidden: get("show") !== name });
    second.draw();
  }
  const paint = () => [first, second].forEach((strip) => strip.paint());
  return { controls: [first, modes, { el, draw }], paint };
}

export function playgroundView(hand) {
  const { get, frame, signal, redraw } = hand;
  const spread = spreadOf(get);
  const net = networkOf(hand);
  const theNet = () => net.net;
  const { ink, strokes, acts } = padHands(hand);
  const left = paper({ ...acts, signal });
  const right = answer(hand, net, spread.length);
  const turn = turnPanel(hand, theNet);
  const pose = posePanel(hand, spread, theNet);
  const { controls, paint } = below(hand, ink, { turn, pose });
  const tell = teller(hand);
  const clock = stopwatch();
  const pen = slider("pen", {
    min: 1,
    max: 4,
    step: 0.5,
    text: (x) => `${x} px`,
    get: () => get("pen"),
    set: (x) => ink({ pen: x }),
  });
  const centred = check("Move the drawing to the middle and scale it, as in MNIST", {
    get: () => get("centred"),
    set: (yes) => ink({ centred: yes }),
  });
  let at = null;
  let theme = 0;
  let painted = null;
  const repaint = () => {
    theme += 1;
    redraw();
  };
  onTheme(repaint, signal);
  whenNear(hand, () => {
    repaint();
    net.load();
  });

  function draw() {
    const began = performance.now();
    const before = at?.read;
    const traits = Object.fromEntries(Object.keys(playgroundLink).map((name) => [name, get(name)]));
    at = everything({ ...traits, strokes: strokes() }, net, spread);
    put(frame, { "data-network": net.stage });
    for (const part of [left, right, turn]) part.draw(at);
    pose.draw(at, theme);
    if (painted !== theme) paint();
    painted = theme;
    if (at.read !== before && net.net) clock.add(began);
    tell(at.seen);
  }
  return {
    figure: [left.el, right.el],
    controls,
    more: [pen, centred, clock],
    draw,
    readout: () => playgroundRows(at),
    say: () => playgroundSentence(at),
  };
}
