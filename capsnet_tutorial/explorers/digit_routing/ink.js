// The image of the digit explorer, the window of a capsule on it, and the eraser.

import { drag, handle, panel, put, svg } from "../kit/marks.js";
import { WINDOW } from "../model/network.js";
import { RUBBER, windowAt } from "./maths.js";

export const SIDE = 280; // of a panel

// The digit: each pixel as dark as its ink, in the hue of what it does for the class.
// Neutral at 0, green for, purple against; full at 1.  As see-through as the ink is thin.
function hue(part, ink) {
  const percent = Math.min(Math.abs(part), 1) * 100;
  const colour = part < 0 ? "--wrong" : "--agreement";
  return `fill:color-mix(in srgb, var(${colour}) ${percent.toFixed(1)}%, var(--faint));opacity:${ink.toFixed(3)}`;
}

// rub(spot): the eraser is there, row * width + column.
export function inkPanel({ signal }, [, height, width], columns, rub) {
  const tall = (SIDE * height) / width;
  const unit = SIDE / width;
  const frame = panel({
    width: SIDE,
    height: tall,
    x: [0, width],
    y: [height, 0],
    name: "ink",
    label: "The image, and the eraser to rub ink out",
  });
  const pixels = Array.from({ length: height * width }, (_, k) =>
    svg("rect", {
      x: (k % width) * unit,
      y: Math.floor(k / width) * unit,
      width: unit,
      height: unit,
      style: "opacity:0",
    }),
  );
  const looks = pixels.map(() => "opacity:0");
  const seen = svg("rect", { class: "cx-window", width: WINDOW * unit, height: WINDOW * unit });
  let spot = [2, height - 3]; // column, row under the eraser
  const within = ([x, y]) =>
    [
      [x, width],
      [y, height],
    ].map(([v, size]) => Math.min(Math.max(Math.floor(v), 0), size - 1));
  const go = (point) => {
    spot = within(point);
  };
  const erase = (point) => {
    go(point);
    rub(spot[1] * width + spot[0]);
  };
  const middle = () => spot.map((v) => v + 0.5);
  const rubber = handle(frame, {
    label: "Eraser: move it with the arrow keys, rub out with Enter",
    at: middle,
    move: erase,
    signal,
    home: () => [2.5, height - 2.5],
    nudge: ([dx, dy]) => {
      go([spot[0] + dx, spot[1] - dy]);
      rubber.draw();
    },
    value: () => ({
      now: spot[1] * width + spot[0],
      min: 0,
      max: height * width - 1,
      text: `row ${spot[1] + 1}, column ${spot[0] + 1}`,
    }),
  });
  put(rubber.el.querySelector(".cx-grip"), { r: RUBBER * unit, class: "cx-grip cx-rubber" });
  put(rubber.el.querySelector(".cx-reach"), { r: Math.max(24, RUBBER * unit) });
  rubber.el.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      erase(middle());
    },
    { signal },
  );
  // a mouse or a pen may rub anywhere; a finger takes the eraser, so that the page scrolls
  const pad = svg("rect", { class: "cx-image", width: SIDE, height: tall });
  pad.addEventListener(
    "pointerdown",
    (event) => event.pointerType !== "touch" && erase(frame.point(event)),
    { signal },
  );
  drag(pad, frame, {
    at: middle,
    move: (_, event) => event.pointerType !== "touch" && erase(frame.point(event)),
    signal,
  });
  frame.el.append(...pixels, seen, pad, rubber.el);
  return {
    el: frame.el,
    draw({ ink, tint, full, place, busy }) {
      put(frame.el, { "aria-busy": busy ? "true" : null });
      pixels.forEach((pixel, k) => {
        const look = ink[k] > 0 ? hue(tint[k] / full, ink[k]) : "opacity:0";
        if (look !== looks[k]) put(pixel, { style: (looks[k] = look) });
      });
      const [row, column] = place === null ? [0, 0] : windowAt(place, columns);
      put(seen, { x: column * unit, y: row * unit, visibility: place === null ? "hidden" : null });
      rubber.draw();
    },
  };
}
