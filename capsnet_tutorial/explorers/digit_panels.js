// The parts of the digit explorer: ink, capsules below, classes, passes of routing.
//
// Each is { el, draw(seen) }; `seen` is what digit_routing.js computed for the present
// state.  Scales are fixed, for all digits, classes and passes, and said.

import { button } from "./controls.js";
import { drag, handle, html, line, panel, path, put, svg, text } from "./marks.js";
import { WINDOW } from "./network.js";
import { PASSES, windowAt } from "./voters.js";

export const FULL_PLACE = 2; // of |s_j|: the share of a place that fills its square
export const FULL_CAPSULE = 0.5; // of |s_j|: the share of one capsule that does
export const FULL_PIXEL = 0.05; // of |s_j|, in one pixel
export const FULL_EFFECT = 0.5; // of |v_j|, by rubbing out around a pixel
const SIDE = 280;

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// One stop for Tab, arrow keys between the marks; hover and focus show, a press pins.
export function pickable(marks, columns, { show, press, signal }) {
  marks.forEach((mark, n) => {
    put(mark, { tabindex: n ? -1 : 0 });
    const on = (type, act) => mark.addEventListener(type, act, { signal });
    on("pointerenter", (event) => event.pointerType === "mouse" && show(n));
    on("pointerleave", () => show(null));
    on("focus", () => mark.matches(":focus-visible") && show(n));
    on("blur", () => show(null));
    on("click", () => press(n));
    on("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") press(n);
      else if (STEPS[event.key]) move(n, STEPS[event.key]);
      else return;
      event.preventDefault();
    });
  });
  function move(n, [down, right]) {
    const to = n + down * columns + right;
    if (!marks[to]) return;
    put(marks[n], { tabindex: -1 });
    put(marks[to], { tabindex: 0 });
    marks[to].focus();
  }
}

// A number as a square: area is size, hue is sign.
function squared(rect, x, y, cell, value, full) {
  const side = Math.sqrt(Math.min(Math.abs(value) / full, 1)) * (cell - 3);
  put(rect, { x: x + (cell - side) / 2, y: y + (cell - side) / 2, width: side, height: side, class: value < 0 ? "cx-against" : "cx-for" });
}

// The digit: each pixel as dark as its ink, in the hue of what it does for the class.
export function inkPanel({ signal }, [, height, width], { columns, rub, lift }) {
  const tall = (SIDE * height) / width, unit = SIDE / width;
  const frame = panel({ width: SIDE, height: tall, x: [0, width], y: [height, 0], name: "ink",
    label: "The image, and the eraser to rub ink out" });
  const pixels = Array.from({ length: height * width }, (_, k) => svg("rect", {
    x: (k % width) * unit, y: Math.floor(k / width) * unit, width: unit, height: unit, opacity: 0 }));
  const seen = svg("rect", { class: "cx-window", width: WINDOW * unit, height: WINDOW * unit });
  let spot = [width - 3, height - 3]; // column, row under the eraser
  const within = ([x, y]) => [[x, width], [y, height]].map(([v, size]) => Math.min(Math.max(Math.floor(v), 0), size - 1));
  const go = (point) => { spot = within(point); };
  const erase = (point) => { go(point); rub(spot[1] * width + spot[0]); };
  const middle = () => spot.map((v) => v + 0.5);
  const rubber = handle(frame, {
    label: "Eraser: move it with the arrow keys, rub out with Enter", at: middle, move: erase, signal,
    home: () => [width - 3, height - 3], nudge: ([dx, dy]) => { go([spot[0] + dx, spot[1] - dy]); rubber.draw(); },
    value: () => ({ now: spot[1] * width + spot[0], min: 0, max: height * width - 1, text: `row ${spot[1] + 1}, column ${spot[0] + 1}` }),
  });
  put(rubber.el.querySelector(".cx-grip"), { r: 2.5 * unit, class: "cx-grip cx-rubber" });
  rubber.el.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    erase(middle());
  }, { signal });
  rubber.el.addEventListener("pointerup", lift, { signal });
  // a mouse or a pen may rub anywhere; a finger takes the eraser, so that the page scrolls
  const pad = svg("rect", { class: "cx-pad", width: SIDE, height: tall });
  pad.addEventListener("pointerdown", (event) => event.pointerType !== "touch" && erase(frame.point(event)), { signal });
  drag(pad, frame, { at: middle, move: (_, event) => event.pointerType !== "touch" && erase(frame.point(event)), end: lift, signal });
  frame.el.append(...pixels, seen, pad, rubber.el);
  return { el: frame.el, draw({ ink, tint, full, place }) {
    pixels.forEach((pixel, k) => {
      const part = Math.min(Math.abs(tint[k]) / full, 1) * 100;
      put(pixel, { opacity: ink[k] > 0 ? ink[k].toFixed(3) : 0,
        style: ink[k] > 0 ? `fill:color-mix(in srgb, var(${tint[k] < 0 ? "--wrong" : "--agreement"}) ${part.toFixed(1)}%, var(--faint))` : null });
    });
    const [row, column] = place === null ? [0, 0] : windowAt(place, columns);
    put(seen, { x: column * unit, y: row * unit, visibility: place === null ? "hidden" : null });
    rubber.draw();
  } };
}

// One square for each place: what its capsules give to the class.
export function placesPanel(hand, [rows, columns], { show, press }) {
  const cell = SIDE / columns;
  const frame = panel({ width: SIDE, height: cell * rows, x: [0, columns], y: [rows, 0], name: "places",
    label: "Primary capsules, one square for each place" });
  const cells = Array.from({ length: rows * columns }, (_, n) => {
    const [x, y] = [(n % columns) * cell, Math.floor(n / columns) * cell];
    return svg("g", { role: "button", class: "cx-cell" },
      svg("rect", { class: "cx-tile", x: x + 1, y: y + 1, width: cell - 2, height: cell - 2 }), svg("rect"));
  });
  pickable(cells, columns, { show, press, signal: hand.signal });
  frame.el.append(...cells);
  return { el: frame.el, draw({ squares, fullSquare, place, what }) {
    cells.forEach((mark, n) => {
      squared(mark.lastChild, (n % columns) * cell, Math.floor(n / columns) * cell, cell, squares[n], fullSquare);
      put(mark, { "aria-pressed": String(hand.get("place") === n), class: n === place ? "cx-cell cx-on" : "cx-cell",
        "aria-label": `row ${Math.floor(n / columns) + 1}, column ${(n % columns) + 1}: ${what} ${squares[n].toFixed(2)}` });
    });
  } };
}

// The same map once for each type; a press looks at this type alone.
export function typesPanel(hand, types, [rows, columns], press) {
  const marks = Array.from({ length: types }, () => {
    const squares = Array.from({ length: rows * columns }, () => svg("rect"));
    return { squares, el: button("", () => {}, { kind: "cx-type" }) };
  });
  marks.forEach(({ el, squares }, n) => {
    el.replaceChildren(svg("svg", { viewBox: `0 0 ${columns * 8} ${rows * 8}`, "aria-hidden": "true" }, ...squares));
    put(el, { "aria-label": `capsules of type ${n + 1} alone` });
    el.addEventListener("click", () => press(n), { signal: hand.signal });
  });
  const el = html("div", { class: "cx-types", role: "group", "aria-label": "Types of primary capsules" }, ...marks.map((mark) => mark.el));
  return { el, draw({ numbers, full, type }) {
    const places = rows * columns;
    marks.forEach(({ el, squares }, t) => {
      put(el, { "aria-pressed": String(t === type) });
      squares.forEach((rect, n) => squared(rect, (n % columns) * 8, Math.floor(n / columns) * 8, 10, numbers[t * places + n], full));
    });
  } };
}

// One row for each class: its length, and the coupling that it gets.
export function classesPanel(hand, count, { show, press }) {
  const ROW = 44, HEAD = 20, BAR = [72, 232], HEIGHT = HEAD + ROW * count;
  const bar = (x) => BAR[0] + x * (BAR[1] - BAR[0]);
  const frame = panel({ width: SIDE, height: HEIGHT, x: [0, SIDE], y: [HEIGHT, 0], name: "classes",
    label: "Class capsules: the length of each" });
  const rows = Array.from({ length: count }, (_, j) => {
    const y = HEAD + ROW * j + ROW / 2;
    const parts = {
      square: svg("rect"),
      ghost: svg("line", { class: "cx-ghost", y1: y - 9, y2: y + 9 }),
      bar: svg("line", { class: "cx-length", x1: bar(0), y1: y, y2: y }),
      value: svg("text", { class: "cx-text cx-end", x: SIDE - 2, y: y + 5 }),
    };
    const el = svg("g", { role: "button", class: "cx-class" },
      svg("rect", { class: "cx-tile", x: 0, y: y - ROW / 2 + 2, width: SIDE, height: ROW - 4, rx: 4 }),
      svg("text", { class: "cx-name", x: 12, y }, j), ...Object.values(parts));
    return { el, ...parts, y };
  });
  const marks = [0.1, 0.9].flatMap((x) => [
    svg("line", { class: "cx-never", x1: bar(x), x2: bar(x), y1: HEAD, y2: HEIGHT }),
    svg("text", { class: "cx-text cx-middle", x: bar(x), y: 13 }, x)]);
  const head = svg("text", { class: "cx-text cx-symbol cx-middle", x: 42, y: 13 }, "c");
  pickable(rows.map((row) => row.el), 1, { show, press, signal: hand.signal });
  frame.el.append(head, svg("line", { class: "cx-axis", x1: bar(0), x2: bar(0), y1: HEAD, y2: HEIGHT }), ...marks, ...rows.map((row) => row.el));
  return { el: frame.el, draw({ lengths, before, coupling, chosen }) {
    rows.forEach(({ el, square, ghost, bar: length, value, y }, j) => {
      squared(square, 27, y - 15, 30, coupling[j], 1);
      put(length, { x2: bar(lengths[j]) });
      put(ghost, { x1: bar(before?.[j] ?? 0), x2: bar(before?.[j] ?? 0), visibility: before ? null : "hidden" });
      value.textContent = lengths[j].toFixed(3);
      put(el, { "aria-pressed": String(hand.get("chosen") === j), class: j === chosen ? "cx-class cx-on" : "cx-class",
        "aria-label": `class ${j}: length ${lengths[j].toFixed(3)}, coupling ${coupling[j].toFixed(2)}` });
    });
  } };
}

// A line for each series over the passes, and a mark at the present one.
function curves(height, [low, high], name, label) {
  const frame = panel({ width: SIDE, height, x: [0.4, PASSES + 0.6], y: [low - (high - low) * 0.2, high * 1.08], name, label });
  const axis = Array.from({ length: PASSES }, (_, k) => text(frame, [k + 1, low - (high - low) * 0.16], k + 1, { "text-anchor": "middle" }));
  return { ...frame, axis: [...axis, line(frame, [0.4, low], [PASSES + 0.6, low], { class: "cx-axis" })] };
}

export function passesPanels(hand, count) {
  const top = Math.log2(count) || 1;
  const lengths = curves(150, [0, 1], "lengths", "Length of each class capsule over the passes of routing");
  const entropy = curves(150, [0, top], "entropy", "Entropy of the couplings over the passes of routing");
  const lines = Array.from({ length: count }, () => svg("path", { class: "cx-line" }));
  const [plain, weighted] = ["cx-line cx-agreement", "cx-line cx-agreement cx-dashed"].map((kind) => svg("path", { class: kind }));
  const at = () => hand.get("iterations");
  const to = (pass) => hand.set({ iterations: Math.min(Math.max(Math.round(pass), 1), PASSES) });
  let chosen = 0, now = null;
  const grip = handle(lengths, {
    label: "passes of routing", signal: hand.signal, at: () => [at(), now?.[at() - 1].lengths[chosen] ?? 0],
    move: ([x]) => to(x), home: () => [3, 0], nudge: ([dx, dy]) => to(at() + dx + dy),
    value: () => ({ now: at(), min: 1, max: PASSES, text: `${at()} of ${PASSES}` }),
  });
  const rules = [lengths, entropy].map(() => svg("line", { class: "cx-drop", "vector-effect": "non-scaling-stroke" }));
  const dot = svg("circle", { r: 4, class: "cx-dot cx-agreement" });
  const heights = [0.1, 0.9].map((y) => line(lengths, [0.4, y], [PASSES + 0.6, y], { class: "cx-never" }));
  lengths.el.append(...lengths.axis, ...heights, rules[0], ...lines, grip.el);
  entropy.el.append(...entropy.axis, line(entropy, [0.4, top], [PASSES + 0.6, top], { class: "cx-never" }),
    text(entropy, [0.5, top * 0.83], `${top.toFixed(2)} bits: all equal`), text(entropy, [0.5, top * 0.05], "0 bits: all to one"), rules[1], weighted, plain, dot);
  const over = (frame, passes, value) => path(frame, passes.map((pass, k) => [k + 1, value(pass)]));
  return { els: [lengths.el, entropy.el], draw({ passes, chosen: j }) {
    [now, chosen] = [passes, j];
    lines.forEach((node, n) => put(node, { d: over(lengths, passes, (pass) => pass.lengths[n]), class: n === j ? "cx-line cx-above" : "cx-line cx-other" }));
    put(plain, { d: over(entropy, passes, (pass) => pass.entropy) });
    put(weighted, { d: over(entropy, passes, (pass) => pass.weighted) });
    rules.forEach((rule, n) => put(rule, { x1: lengths.px(at()), x2: lengths.px(at()), y1: 0, y2: n ? entropy.py(0) : lengths.py(0) }));
    put(dot, { cx: entropy.px(at()), cy: entropy.py(passes[at() - 1].entropy) });
    grip.draw();
  } };
}
