// Draw a digit: what the network sees of it, believes, and remembers.  Chapter 6.

import { norm } from "./capsules.js";
import { button, check, choice, slider } from "./controls.js";
import { DIGITS } from "./digits.js";
import { drawingPad } from "./drawing.js";
import { explorer } from "./kit.js";
import { lengthBars } from "./lengthbars.js";
import { fixed, flag, listOf, maybe, oneOf } from "./link.js";
import { html, put } from "./marks.js";
import { onTheme, pixelPicture } from "./pixels.js";
import { changed, posePanel, sliderEnds, spreadOf } from "./posepanel.js";
import { amountOf, layersOf, longestFirst, seenBy, verdictOf } from "./reading.js";
import { decodeStrokes, encodeStrokes } from "./strokes.js";
import { trained, whenNear } from "./trained.js";
import { turnPanel } from "./turnpanel.js";

const UPRIGHT = { angle: 0, scale: 1, right: 0, down: 0 };
const PLAIN = { second: null, change: [], capsule: null, ...UPRIGHT };
const BLANK = { digit: null, strokes: [], capsule: null };
const WARM = 4; // runs before the first one that counts
const WAIT = 150; // milliseconds of rest before the sliders are sorted

const drawn = {
  jumps: true,
  write: encodeStrokes,
  read(text) {
    const strokes = decodeStrokes(text);
    if (!strokes) throw new RangeError(`cannot read ${text}`);
    return strokes;
  },
};
const which = { ...maybe(fixed(0, 0, DIGITS.length - 1)), jumps: true };
const link = {
  show: oneOf("digit", "turn", "pose", "second"),
  digit: which, strokes: drawn, second: which,
  angle: fixed(0, -180, 180), scale: fixed(2, 0.3, 2), right: fixed(1, -14, 14), down: fixed(1, -14, 14),
  capsule: { ...maybe(fixed(0, 0, 99)), jumps: true }, change: listOf(fixed(1, -2, 2)),
  pen: fixed(1, 1, 4), centred: flag,
};
const NAMES = Object.keys(link);

// The network, run only when its input changed; before it is here, the stored example.
function runner({ get }) {
  let net = null, seen = null, known = null;
  const same = (bytes) => seen !== null && bytes.every((x, k) => x === seen[k]);
  function read(bytes) {
    if (net && !(known && same(bytes))) {
      [seen, known] = [bytes, net.forward(Float32Array.from(bytes, (x) => x / 255))];
    }
    const { lengths, remembered } = get("example");
    if (!net) return get("link") === get("first") && lengths ? { lengths, stored: fromText(remembered) } : null;
    return known;
  }
  return { read, start: (network) => ([net, known] = [network, null]), get net() { return net; } };
}

const fromText = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const toBytes = (image) => Uint8Array.from(image, (x) => Math.round(255 * x));
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

// One run for nothing, and then the page may breathe.
function warm(net) {
  const { pose } = net.forward(new Float32Array(28 * 28));
  net.decode?.(pose[0], 0);
  return new Promise((done) => setTimeout(done, 0));
}

// A row of the twenty digits: radio buttons, so that arrow keys choose.
let strips = 0;
function strip(label, { get, set, none }) {
  const group = `cx-strip-${(strips += 1)}`;
  const options = [...(none ? [null] : []), ...DIGITS.keys()];
  const parts = options.map((n) => {
    const input = html("input", { type: "radio", name: group, "aria-label": n === null ? none : `digit ${DIGITS[n].label}, number ${n + 1} of ${DIGITS.length}` });
    const picture = n === null ? { el: html("span", {}, none) } : pixelPicture("", { "aria-hidden": "true", role: null });
    input.addEventListener("change", () => set(n));
    return { n, input, picture, el: html("label", {}, input, picture.el) };
  });
  const el = html("fieldset", { class: "cx-strip" }, html("legend", {}, label), ...parts.map((part) => part.el));
  const paint = () => parts.forEach(({ n, picture }) => n !== null && picture.show(toBytes(DIGITS[n].pixels)));
  const draw = () => parts.forEach(({ n, input }) => (input.checked = n === get()));
  return { el, draw, paint };
}

function view(hand) {
  const { get, set, model, frame, signal, redraw } = hand;
  const run = runner(hand);
  const times = [], spread = spreadOf(get);
  const time = html("p", { class: "cx-hint" });
  let live = null, progress = null, trouble = "", tints = true, stage = "waiting";
  const state = () => ({
    ...Object.fromEntries(NAMES.map((name) => [name, get(name)])),
    ...(live && { strokes: [...get("strokes"), ...live] }),
  });
  const ink = (traits) => set({ change: [], ...traits });

  // A new drawing takes the place of a stored digit, or, with a second one, of that.
  function begin() {
    const two = get("show") === "second";
    if (two && get("digit") !== null) ink({ second: null, capsule: null });
    else if (!two && get("digit") !== null) ink(BLANK);
  }
  function undo() {
    const strokes = get("strokes").slice(0, -1);
    ink(get("strokes").length ? { strokes } : get("second") !== null ? { second: null } : { digit: null });
  }
  const pad = drawingPad({
    signal, begin, undo,
    grow: (strokes) => { live = strokes; redraw(); },
    end(strokes) {
      live = null;
      if (strokes.length) ink({ strokes: [...get("strokes"), ...strokes] });
      redraw();
    },
  });
  const under = pixelPicture("", { role: null, "aria-hidden": "true" });
  const over = pixelPicture("", { role: null, "aria-hidden": "true", kind: "cx-data" });
  const back = button("Undo", undo, { kind: "cx-word" });
  const clear = button("Clear", () => ink({ ...BLANK, second: null }), { kind: "cx-word" });
  const first = html("div", { class: "cx-drawn" }, html("div", { class: "cx-paper" }, under.el, over.el, pad.el),
    html("p", { class: "cx-caption" }, html("span", {}, "you draw"), back, clear));

  const sees = pixelPicture("What the network sees", { kind: "cx-ink" });
  const remembers = [pixelPicture("What it remembers", { kind: "cx-above" }), pixelPicture("What the second capsule remembers", { kind: "cx-two" })];
  const captions = remembers.map(() => html("p", { class: "cx-caption" }));
  const memories = remembers.map((picture, n) => html("div", {}, picture.el, captions[n]));
  const bars = lengthBars(spread.length, { choose: (capsule) => set({ capsule, change: [] }) });
  const verdict = html("span"), unpin = button("Show the longest", () => set({ capsule: null, change: [] }), { kind: "cx-word" });
  const loading = html("progress", { max: 1, value: 0, "aria-label": "the network is loading" });
  const retry = button("Try again", () => load(), { kind: "cx-word" });
  const wait = html("p", { class: "cx-wait" }, html("span"), loading, retry);
  const below = html("div", { class: "cx-verdict" }, html("p", {}, verdict, " ", unpin), wait);
  const right = html("div", { class: "cx-answer" },
    html("div", { class: "cx-pictures" },
      html("div", {}, sees.el, html("p", { class: "cx-caption" }, "network sees")), html("span", { class: "cx-to", "aria-hidden": "true" }, "→"), ...memories),
    bars.el, below);

  const modes = choice("Play with", [["digit", "the digit"], ["turn", "turn, shift"], ["pose", "its pose"], ["second", "a second digit"]], {
    get: () => get("show"),
    set: (show) => set({ ...PLAIN, show, ...(show === "second" && { second: get("digit") === 7 ? 0 : 7 }) }),
  });
  const digits = strip("Or take one of twenty digits", { get: () => (get("strokes").length ? null : get("digit")), set: (digit) => ink({ ...BLANK, digit }) });
  const seconds = strip("Second digit", { get: () => get("second"), set: (second) => ink({ second }) });
  const turn = turnPanel(hand, run);
  const pose = posePanel(hand, spread[0].length);
  const drawers = { turn, pose, second: seconds };

  async function load() {
    [progress, trouble, stage] = [0, "", "loading"];
    redraw();
    try {
      const net = await trained(hand, (share) => { progress = share; redraw(); });
      for (let n = 0; n < WARM; n++) await warm(net); // a browser compiles what runs often
      run.start(net);
      stage = "here";
    } catch (error) {
      [trouble, stage] = [error.message, "missing"];
    }
    progress = null;
    redraw();
  }
  const repaint = () => { tints = true; redraw(); };
  whenNear(hand, () => { repaint(); load(); });
  onTheme(repaint, signal);

  // Everything that is on the screen, from the state.
  function now() {
    const all = state(), seen = seenBy(all), read = run.read(seen);
    const amount = amountOf(all, seen), two = layersOf(all) > 1;
    if (!read) return { all, seen, read, amount, two, shown: [] };
    const order = longestFirst(read.lengths);
    const shown = all.capsule !== null ? [all.capsule] : order.slice(0, two ? 2 : 1);
    const poses = shown.map((j) => read.pose && changed(read.pose[j], all.change, spread[j]));
    const pictures = shown.map((j, n) => (read.stored ?? (run.net.decode ? toBytes(run.net.decode(poses[n], j)) : null)));
    return { all, seen, read, amount, two, order, shown, poses, pictures };
  }

  let sorting = null, sorted = null;
  function sortSliders({ read, shown, all }) {
    if (all.show !== "pose" || !run.net?.decode || !read?.pose) return;
    const about = [read, shown[0]];
    if (!tints && sorted && about.every((x, n) => x === sorted[n])) return;
    sorted = about;
    clearTimeout(sorting);
    sorting = setTimeout(() => {
      if (!signal.aborted) pose.sort(sliderEnds(read.pose[shown[0]], spread[shown[0]], (v) => run.net.decode(v, shown[0])));
    }, WAIT);
  }

  // What the network gets, for Jupyter's trait `seen`; a page of the book has no use for it.
  let told = null;
  function tellPython(seen) {
    if (!get("block")?.byteLength || live || told?.every((x, k) => x === seen[k])) return;
    told = seen;
    model.set("seen", new DataView(seen.slice().buffer));
    model.save_changes();
  }

  let at = null, timed = null;
  function draw() {
    const start = performance.now();
    const what = (at = now());
    const { all, seen, read, amount, order, shown, poses, pictures } = what;
    pad.draw(all.strokes, all.pen);
    const blank = new Uint8Array(28 * 28);
    under.show(all.digit === null ? blank : toBytes(DIGITS[all.digit].pixels));
    over.show(all.second === null ? blank : toBytes(DIGITS[all.second].pixels));
    sees.show(seen);
    memories.forEach((memory, n) => {
      put(memory, { hidden: n > 0 && shown.length < 2 });
      remembers[n].show(pictures?.[n] ?? blank);
      put(remembers[n].el, { "aria-label": shown[n] === undefined ? "nothing yet" : `What capsule ${shown[n]} remembers` });
      const weak = n > 0 && read?.lengths[shown[n]] < 0.5;
      put(memory, { class: weak ? "cx-weak" : null });
      captions[n].textContent = shown[n] === undefined ? "it remembers" : weak ? `${shown[n]}: too short`
        : all.capsule !== null && shown[n] !== order[0] ? `if it were a ${shown[n]}` : `it remembers: ${shown[n]}`;
    });
    bars.draw(read?.lengths ?? null, shown);
    put(right, { "data-amount": amount });
    put(unpin, { hidden: all.capsule === null });
    put(frame, { "data-network": stage });
    verdict.textContent = read ? verdictOf(amount, read.lengths, layersOf(all)) : "";
    put(wait, { hidden: progress === null && !trouble });
    wait.firstChild.textContent = trouble ? `The network is not here: ${trouble}. ${read ? "What you see is a stored example." : "Reset shows a stored example."} ` : "The network is loading: 2 MB. ";
    put(retry, { hidden: !trouble });
    put(put(loading, { hidden: Boolean(trouble) }), { value: progress ?? 0 });
    for (const [name, drawer] of Object.entries(drawers)) put(drawer.el, { hidden: all.show !== name });
    seconds.draw();
    turn.draw(all);
    pose.draw(poses?.[0], shown[0]);
    sortSliders(what);
    if (tints) { digits.paint(); seconds.paint(); }
    tints = false;
    if (read !== timed) times.push(performance.now() - start);
    if (times.length > 9) times.shift();
    timed = read;
    tellPython(seen);
  }

  const shown = (x, digits) => (x === undefined ? "…" : x.toFixed(digits));
  return {
    figure: [first, right],
    controls: [digits, modes, { el: html("div", { class: "cx-drawers" }, ...Object.values(drawers).map((d) => d.el)), draw() {} }],
    more: [
      slider("pen", { min: 1, max: 4, step: 0.5, get: () => get("pen"), set: (pen) => ink({ pen }), text: (x) => `${x} px` }),
      check("Move the drawing to the middle and scale it, as in MNIST", { get: () => get("centred"), set: (centred) => ink({ centred }) }),
      { el: time, draw: () => (time.textContent = times.length ? `${median(times).toFixed(0)} ms for each picture of this figure, all computed in this page.` : "") },
    ],
    draw,
    readout() {
      const { read, order, seen, pictures } = at;
      const error = pictures?.[0] && seen.reduce((sum, x, k) => sum + ((x - pictures[0][k]) / 255) ** 2, 0);
      return [
        [order ? `longest, ${order[0]}` : "longest", shown(read?.lengths[order?.[0]], 3), "length of the longest capsule"],
        [order ? `next, ${order[1]}` : "next", shown(read?.lengths[order?.[1]], 3), "length of the second longest"],
        ["error", shown(error, 1), "of what it remembers: squared, summed over 784 pixels"],
      ];
    },
    say() {
      const { all, read, amount, order, poses } = at;
      if (!read) return "The network is loading.";
      const two = (order ?? []).slice(0, 2).map((j) => `capsule ${j}, length ${read.lengths[j].toFixed(2)}`).join("; ");
      const turned = all.angle || all.right || all.down || all.scale !== 1
        ? ` Turned by ${all.angle}°, shifted by ${all.right} to the right and ${all.down} down, size ${all.scale}.` : "";
      const moved = all.change.flatMap((x, n) => (x ? [`number ${n} by ${x}`] : []));
      const pose = moved.length && poses?.[0] ? ` Changed: ${moved.join(", ")}; the pose is ${norm(poses[0]).toFixed(2)} long.` : "";
      return `${verdictOf(amount, read.lengths, layersOf(all))} Longest: ${two}.${turned}${pose}`;
    },
  };
}

const only = (n, by) => Array.from({ length: 16 }, (_, m) => (m === n ? by : 0));
const SHOWN = { ...PLAIN, ...BLANK };
const tries = [
  {
    title: "One number",
    set: { ...SHOWN, digit: 11, show: "pose", change: only(0, 0) },
    ask: "Sixteen numbers describe this 5. How many of them change its thickness?",
    answers: ["one", "nine", "all"], right: 1,
    then: { change: only(9, 2) },
    tell: ["Number 9 does, and little else. ", ["Number 15", { change: only(15, -2) }], " does, and changes the width, too; ",
      ["number 7", { change: only(7, -2) }], " takes the slant along. Nine of them change it; chapter 8 measures how much."],
  },
  {
    title: "Turn it",
    set: { ...SHOWN, digit: 12, show: "turn" },
    ask: "This 6 is turned until it stands on its head. What is read there?",
    answers: ["a 6", "a 9", "nothing sure"], right: 1,
    then: { angle: 180 },
    tell: ["A 9, and what is remembered is a 9. On the way ", ["it is a 5", { angle: -60 }],
      ". No one told the network that digits can turn, and it does not say that it is lost."],
  },
  {
    title: "Two at once",
    set: { ...SHOWN, digit: 7, show: "second" },
    ask: "An 8 is put on top of this 3. How many capsules will be longer than 0.5?",
    answers: ["one", "two"], right: 1,
    then: { second: 17 },
    tell: ["Two, and each remembers its own digit. But that is luck: with ", ["the other 8", { second: 16 }],
      " it is one. This network learned from single digits."],
  },
];

export default explorer({
  name: "Playground",
  question: "What does the network see, believe and remember?",
  insight: "The capsule answers twice. How long: is it there? Which way: how is it written? The second answer is what the decoder draws.",
  missing: "the 288 capsules below, which vote; training.",
  link, tries, view,
});
