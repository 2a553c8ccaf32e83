// What a view is made of: elements, panels with axes, arrows, and handles to drag.

const SVG = "http://www.w3.org/2000/svg";

// Set attributes; null and false take one away.
export function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

function made(node, attributes, children) {
  put(node, attributes).append(...children.filter((child) => child !== null));
  return node;
}

// svg("line", { x1: 0 }), html("p", { class: "x" }, "text", otherNode)
export const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, tag), attributes, children);
export const html = (tag, attributes = {}, ...children) =>
  made(document.createElement(tag), attributes, children);

// A drawing with axes: x and y are [from, to] in data units, y grows upwards.
// Keep `width` at 280 or less of a phone's 320 px: then 1 unit is at least 1 px.
export function panel({ width = 280, height = 280, x, y, label, name }) {
  const px = (value) => ((value - x[0]) / (x[1] - x[0])) * width;
  const py = (value) => height - ((value - y[0]) / (y[1] - y[0])) * height;
  const el = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "cx-panel",
    role: "group",
    "aria-label": label,
    "data-mark": name,
  });
  // Where a pointer is, in data units.
  function point(event) {
    const to = el.getScreenCTM().inverse();
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(to);
    return [
      x[0] + (at.x / width) * (x[1] - x[0]),
      y[0] + ((height - at.y) / height) * (y[1] - y[0]),
    ];
  }
  return { el, width, height, px, py, point, xRange: x, yRange: y };
}

// Points [[x, y], ...] of a panel as the text of a path.
export const path = (frame, points) =>
  points
    .map(([x, y], n) => `${n ? "L" : "M"}${frame.px(x).toFixed(2)} ${frame.py(y).toFixed(2)}`)
    .join("");

// Two points of a panel as the attributes of a line.
export const ends = (frame, [x1, y1], [x2, y2]) => ({
  x1: frame.px(x1),
  y1: frame.py(y1),
  x2: frame.px(x2),
  y2: frame.py(y2),
});

export const line = (frame, from, to, attributes = {}) =>
  svg("line", { class: "cx-rule", ...ends(frame, from, to), ...attributes });

// Show or hide a mark; what is hidden takes no focus.
export function seen(node, yes) {
  put(node, { visibility: yes ? null : "hidden" });
  if (node.hasAttribute("tabindex")) put(node, { tabindex: yes ? 0 : -1 });
}

export function text(frame, [x, y], words, attributes = {}) {
  return svg("text", { x: frame.px(x), y: frame.py(y), class: "cx-text", ...attributes }, words);
}

// An arrow of a role of the palette: below, above, agreement, wrong, data.
// `to` moves it; a vector that leaves the panel is cut there, its head becomes a bar.
export function arrow(frame, role, { bold = false, name = null } = {}) {
  const shaft = svg("line");
  const head = svg("path");
  const kind = `cx-arrow cx-${role}${bold ? " cx-bold" : ""}`;
  const el = svg("g", { class: kind, "data-mark": name }, shaft, head);
  function to([x, y], [x0, y0] = [0, 0]) {
    const [ax, ay] = [frame.px(x0), frame.py(y0)];
    const whole = [frame.px(x) - ax, frame.py(y) - ay];
    const length = Math.hypot(...whole);
    const seen = Number.isFinite(length) && length > 0.5;
    put(el, { visibility: seen ? null : "hidden" });
    if (!seen) return;
    const part = inside(frame, [ax, ay], whole);
    const [dx, dy] = whole.map((d) => d / length);
    const [tx, ty] = [ax + whole[0] * part, ay + whole[1] * part];
    const size = Math.min(bold ? 13 : 11, length * 0.7);
    const wide = size * 0.42;
    const [bx, by] = [tx - dx * size, ty - dy * size];
    const cut = part < 1;
    const [ex, ey] = cut ? [tx, ty] : [bx + dx, by + dy];
    put(shaft, { x1: ax, y1: ay, x2: ex, y2: ey });
    put(head, {
      d: cut
        ? `M${tx - dy * 6} ${ty + dx * 6}L${tx + dy * 6} ${ty - dx * 6}`
        : `M${tx} ${ty}L${bx - dy * wide} ${by + dx * wide}L${bx + dy * wide} ${by - dx * wide}Z`,
      class: cut ? "cx-cut" : null,
    });
  }
  return { el, to };
}

// How much of a step from a point stays inside the panel, at most 1.
function inside(frame, [ax, ay], [dx, dy]) {
  const room = (at, step, end) =>
    step > 0 ? (end - 2 - at) / step : step < 0 ? (2 - at) / step : 1;
  return Math.min(1, room(ax, dx, frame.width), room(ay, dy, frame.height));
}

// Call `move(point, event)` while a pointer drags `el`, mouse, pen or finger.
export function drag(el, frame, { at, move, end = () => {}, signal }) {
  let shift = null;
  const stop = () => {
    if (shift) end();
    shift = null;
  };
  el.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button) return;
      const [x, y] = frame.point(event);
      const [hx, hy] = at();
      shift = [hx - x, hy - y]; // the mark does not jump to the pointer
      el.setPointerCapture(event.pointerId);
      el.focus({ preventScroll: true });
      event.preventDefault();
    },
    { signal },
  );
  el.addEventListener(
    "pointermove",
    (event) => {
      if (!shift) return;
      const [x, y] = frame.point(event);
      move([x + shift[0], y + shift[1]], event);
    },
    { signal },
  );
  for (const type of ["pointerup", "pointercancel"]) el.addEventListener(type, stop, { signal });
  // Inside an <svg>, Chromium does not heed `touch-action`, and would scroll the page.
  // Asked at each touch: a handle may be made before it is put into its <svg>.
  el.addEventListener("touchstart", (event) => el.ownerSVGElement && event.preventDefault(), {
    passive: false,
    signal,
  });
}

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

// Arrow keys call `nudge([dx, dy])`, ten times as far with Shift; Home calls `home()`.
export function keyed(el, { nudge, home, signal }) {
  el.addEventListener(
    "keydown",
    (event) => {
      const way = KEYS[event.key];
      if (way) nudge(way.map((d) => d * (event.shiftKey ? 10 : 1)));
      else if (event.key === "Home") home();
      else return;
      event.preventDefault();
    },
    { signal },
  );
}

// A point to drag or to move with the arrow keys (Shift: ten times, Home: back).
//   at(): where it is · move(point): put it there · home(): where it began
//   nudge([dx, dy]): what one press of an arrow key does, instead of moving by `step`
//   value(): { now, min, max, text }, for those who listen
export function handle(frame, { label, at, move, home, nudge, step = 0.1, value, signal }) {
  const el = svg(
    "g",
    { class: "cx-handle", tabindex: 0, role: "slider", "aria-label": label },
    svg("circle", { r: 24, class: "cx-reach" }),
    svg("circle", { r: 11, class: "cx-grip" }),
  );
  drag(el, frame, { at, move, signal });
  nudge ??= ([dx, dy]) => move([at()[0] + dx * step, at()[1] + dy * step]);
  keyed(el, { nudge, home: () => move(home()), signal });
  function draw() {
    const [x, y] = at();
    const within = (v, size) => Math.min(Math.max(v, 0), size);
    const [px, py] = [within(frame.px(x), frame.width), within(frame.py(y), frame.height)];
    const { now, min, max, text } = value();
    put(el, {
      transform: `translate(${px} ${py})`,
      "aria-valuenow": Number(now.toFixed(3)),
      "aria-valuemin": min,
      "aria-valuemax": max,
      "aria-valuetext": text,
    });
  }
  return { el, draw };
}
