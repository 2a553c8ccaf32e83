// The capsules of the digit explorer: squares for those below, bars for the classes.
//
// Area is size and hue is sign, on scales that are the same for all digits and classes.

import { button } from "../kit/controls.js";
import { html, panel, put, svg } from "../kit/marks.js";
import { SIDE } from "./ink.js";

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

// Numbers as squares, cell by cell, as the text of two paths: those above 0, those below.
function squares(numbers, columns, cell, full) {
  const paths = { for: "", against: "" };
  numbers.forEach((value, n) => {
    const side = Math.sqrt(Math.min(Math.abs(value) / full, 1)) * (cell - 3);
    const [x, y] = [n % columns, Math.floor(n / columns)].map((k) => (k + 0.5) * cell - side / 2);
    paths[value < 0 ? "against" : "for"] +=
      `M${x.toFixed(2)} ${y.toFixed(2)}h${side.toFixed(2)}v${side.toFixed(2)}h${-side.toFixed(2)}z`;
  });
  return paths;
}

const twoPaths = () =>
  ["for", "against"].map((kind) => svg("path", { class: `cx-${kind}`, "pointer-events": "none" }));
const drawSquares = (nodes, ...given) =>
  Object.values(squares(...given)).forEach((d, n) => put(nodes[n], { d }));

// One square for each place: what its capsules give to the class.
export function placesPanel(hand, [rows, columns], { show, press }) {
  const cell = SIDE / columns;
  const frame = panel({
    width: SIDE,
    height: cell * rows,
    x: [0, columns],
    y: [rows, 0],
    name: "places",
    label: "Primary capsules, one square for each place",
  });
  const cells = Array.from({ length: rows * columns }, (_, n) => {
    const [x, y] = [(n % columns) * cell, Math.floor(n / columns) * cell];
    return svg(
      "g",
      { role: "button", class: "cx-cell" },
      svg("rect", { class: "cx-tile", x: x + 1, y: y + 1, width: cell - 2, height: cell - 2 }),
    );
  });
  const shown = twoPaths();
  pickable(cells, columns, { show, press, signal: hand.signal });
  frame.el.append(...cells, ...shown);
  return {
    el: frame.el,
    draw({ numbers, full, place, what }) {
      drawSquares(shown, numbers, columns, cell, full);
      cells.forEach((mark, n) => {
        put(mark, {
          "aria-pressed": String(hand.get("place") === n),
          class: n === place ? "cx-cell cx-on" : "cx-cell",
          "aria-label": `row ${Math.floor(n / columns) + 1}, column ${(n % columns) + 1}: ${what} ${numbers[n].toFixed(2)}`,
        });
      });
    },
  };
}

// The same map once for each type; a press looks at this type alone.
export function typesPanel(hand, types, [rows, columns], press) {
  const marks = Array.from({ length: types }, () => {
    return { shown: twoPaths(), el: button("", () => {}, { kind: "cx-type" }) };
  });
  marks.forEach(({ el, shown }, n) => {
    el.replaceChildren(
      svg("svg", { viewBox: `0 0 ${columns * 10} ${rows * 10}`, "aria-hidden": "true" }, ...shown),
    );
    put(el, { "aria-label": `capsules of type ${n + 1} alone` });
    el.addEventListener("click", () => press(n), { signal: hand.signal });
  });
  const el = html(
    "div",
    { class: "cx-types", role: "group", "aria-label": "Types of primary capsules" },
    ...marks.map((mark) => mark.el),
  );
  return {
    el,
    draw({ numbers, full, type }) {
      const places = rows * columns;
      marks.forEach(({ el, shown }, t) => {
        put(el, { "aria-pressed": String(t === type) });
        drawSquares(shown, numbers.slice(t * places, (t + 1) * places), columns, 10, full);
      });
    },
  };
}

// One row for each class: its length, and the coupling that it gets.
export function classesPanel(hand, count, { show, press }) {
  const ROW = 44;
  const HEAD = 20;
  const BAR = [72, 232];
  const HEIGHT = HEAD + ROW * count;
  const bar = (x) => BAR[0] + x * (BAR[1] - BAR[0]);
  const frame = panel({
    width: SIDE,
    height: HEIGHT,
    x: [0, SIDE],
    y: [HEIGHT, 0],
    name: "classes",
    label: "Class capsules: the length of each",
  });
  const rows = Array.from({ length: count }, (_, j) => {
    const y = HEAD + ROW * j + ROW / 2;
    const parts = {
      square: svg("rect", { class: "cx-for" }),
      ghost: svg("line", { class: "cx-ghost", y1: y - 9, y2: y + 9 }),
      bar: svg("line", { class: "cx-length", x1: bar(0), y1: y, y2: y }),
      value: svg("text", { class: "cx-text cx-end", x: SIDE - 2, y: y + 5 }),
    };
    const el = svg(
      "g",
      { role: "button", class: "cx-class" },
      svg("rect", {
        class: "cx-tile",
        x: 0,
        y: y - ROW / 2 + 2,
        width: SIDE,
        height: ROW - 4,
        rx: 4,
      }),
      svg("text", { class: "cx-name", x: 12, y }, j),
      ...Object.values(parts),
    );
    return { el, ...parts, y };
  });
  const marks = [0.1, 0.9].flatMap((x) => [
    svg("line", { class: "cx-never", x1: bar(x), x2: bar(x), y1: HEAD, y2: HEIGHT }),
    svg("text", { class: "cx-text cx-middle", x: bar(x), y: 13 }, x),
  ]);
  const head = svg("text", { class: "cx-text cx-symbol cx-middle", x: 42, y: 13 }, "c");
  pickable(
    rows.map((row) => row.el),
    1,
    { show, press, signal: hand.signal },
  );
  frame.el.append(
    head,
    svg("line", { class: "cx-axis", x1: bar(0), x2: bar(0), y1: HEAD, y2: HEIGHT }),
    ...marks,
    ...rows.map((row) => row.el),
  );
  return {
    el: frame.el,
    draw({ lengths, intact, coupling, chosen }) {
      rows.forEach(({ el, square, ghost, bar: length, value, y }, j) => {
        const side = 30 * Math.sqrt(coupling[j]);
        put(square, { x: 42 - side / 2, y: y - side / 2, width: side, height: side });
        put(length, { x2: bar(lengths[j]) });
        put(ghost, {
          x1: bar(intact?.[j] ?? 0),
          x2: bar(intact?.[j] ?? 0),
          visibility: intact ? null : "hidden",
        });
        value.textContent = lengths[j].toFixed(3);
        put(el, {
          "aria-pressed": String(hand.get("chosen") === j),
          class: j === chosen ? "cx-class cx-on" : "cx-class",
          "aria-label": `class ${j}: length ${lengths[j].toFixed(3)}, coupling ${coupling[j].toFixed(2)}`,
        });
      });
    },
  };
}
