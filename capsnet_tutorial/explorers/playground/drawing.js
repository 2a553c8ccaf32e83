// A pad to draw on, with mouse, pen, finger or keys.  Strokes as in pad.js: 0 to 255.

import { put, svg } from "../kit/marks.js";

const SIDE = 256; // units of pad.js
const PEN_KEYS =
  "Arrow keys move the pen, Space puts it down and lifts it, Backspace takes a stroke back.";
const STRIDES = {
  ArrowLeft: [-4, 0],
  ArrowRight: [4, 0],
  ArrowUp: [0, -4],
  ArrowDown: [0, 4],
};
const within = (x) => Math.min(SIDE - 1, Math.max(0, x));
const onPad = (point) => point.every((x) => x >= 0 && x < SIDE);

// Points of strokes as the text of an SVG path; a lone point is a dot.
export const strokePath = (strokes) =>
  strokes
    .map((points) => `M${points.map((point) => point.join(" ")).join("L")}`)
    .map((text, n) => (strokes[n].length > 1 ? text : `${text}h.01`))
    .join("");

// A pen: down(point), to(points), lift(), isDown().
//   begin(): it comes down · grow(strokes): what it drew since then; there are several
//   strokes if it left the pad · end(strokes): it is lifted
function penOf({ begin, grow, end }) {
  let live = null;
  let outside = false;
  const drawn = () => live.filter((stroke) => stroke.length);
  function to(points) {
    for (const point of points) {
      if (outside && onPad(point)) live.push([]);
      outside = !onPad(point);
      if (!outside) live.at(-1).push(point.map(Math.floor));
    }
    grow(drawn());
  }
  function down(point) {
    begin();
    [live, outside] = [[[]], false];
    to([point]);
  }
  function lift() {
    if (!live) return;
    const strokes = drawn();
    live = null;
    end(strokes);
  }
  return { down, to, lift, isDown: () => live !== null };
}

// begin, grow and end as above; undo(): Backspace.
export function drawingPad({ undo, signal, ...acts }) {
  const pen = penOf(acts);
  const ink = svg("path", { class: "cx-stroke" });
  const tip = svg("circle", { class: "cx-tip", r: 7 });
  const el = svg(
    "svg",
    {
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      class: "cx-pad",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "drawing pad",
      "aria-label": `Draw a digit. ${PEN_KEYS}`,
    },
    ink,
    tip,
  );
  const on = (type, act) => el.addEventListener(type, act, { signal });
  byPointer(el, on, pen);
  const tipAt = byKeys(on, pen, undo, showTip);
  on("blur", pen.lift);
  function showTip() {
    const [cx, cy] = tipAt();
    put(tip, { cx, cy, class: pen.isDown() ? "cx-tip cx-down" : "cx-tip" });
  }
  function draw(strokes, width) {
    put(ink, { d: strokePath(strokes), "stroke-width": (width * SIDE) / 28 });
    showTip();
  }
  return { el, draw };
}

function byPointer(el, on, pen) {
  let pointer = null;
  function place({ clientX, clientY }) {
    const { left, top, width, height } = el.getBoundingClientRect();
    return [((clientX - left) / width) * SIDE, ((clientY - top) / height) * SIDE];
  }
  on("pointerdown", (event) => {
    if (event.button || pointer !== null) return; // a second finger draws nothing
    pen.lift();
    pointer = event.pointerId;
    el.setPointerCapture(pointer);
    el.focus({ preventScroll: true });
    event.preventDefault();
    pen.down(place(event));
  });
  on("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    pen.to((all.length ? all : [event]).map(place));
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(type, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      pen.lift();
    });
  }
}

// Returns where the tip is.
function byKeys(on, pen, undo, showTip) {
  let at = [SIDE / 2, SIDE / 2];
  function step(way, far) {
    at = at.map((x, axis) => within(x + way[axis] * far));
    if (pen.isDown()) pen.to([at]);
  }
  const acts = {
    " ": () => (pen.isDown() ? pen.lift() : pen.down(at)),
    Enter: () => acts[" "](),
    Backspace: () => {
      pen.lift();
      undo();
    },
    Home: () => (at = [SIDE / 2, SIDE / 2]),
  };
  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = acts[event.key];
    const way = STRIDES[event.key];
    if (way) step(way, event.shiftKey ? 10 : 1);
    else if (act) act();
    else if (event.key === "Escape" && pen.isDown()) {
      pen.lift();
      event.stopPropagation();
    } else return;
    event.preventDefault();
    showTip();
  });
  return () => at;
}
