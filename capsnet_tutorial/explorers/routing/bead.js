// One vote in a plane: its arrow, the part of it that is given, and a bead to drag it by.

import { handle } from "../kit/drag.js";
import { put, seen, svg } from "../kit/marks.js";
import { clamp, decimals } from "../kit/numbers.js";
import { arrow, ends } from "../kit/panel.js";
import { norm } from "../model/capsules.js";
import { changed, kept, polar, whole } from "./maths.js";

/** @import { Handle } from "../kit/drag.js" */
/** @import { Point } from "../kit/panel.js" */
/** @import { Arrow, Routed } from "./maths.js" */
/** @import { Plane } from "./plane.js" */

export const RADIUS = 9; // pixels

/**
 * What stands for one vote; `draw` is told where the bead is, and nothing if there is no
 * such child.
 *
 * @typedef {object} Bead
 * @property {{ given: SVGElement, vote: SVGElement, lead: SVGElement }} marks
 * @property {Handle} handle
 * @property {(spot: Point | undefined, now: Routed) => void} draw
 */

/**
 * @param {Plane} plane
 * @param {number} i
 * @returns {Bead}
 */
export function bead(plane, i) {
  const { state, j, frame, far } = plane;
  const vote = arrow(frame, "below", { name: `c${i} a` });
  const marks = {
    given: svg("line", { class: "cx-given", "data-mark": `c${i} c` }),
    vote: vote.el,
    lead: svg("line", { class: "cx-lead" }),
  };
  let at = [0, 0];
  const held = hold(plane, i, () => at);
  /** @type {Bead["draw"]} */
  function draw(spot, { votes, right, used }) {
    for (const part of [...Object.values(marks), held.el]) seen(part, Boolean(spot));
    put(held.el, { "aria-current": String(state.get("child") === i) });
    if (!spot) return;
    const tip = far(votes[i][j]);
    const share = used.coupling[i][j];
    vote.to(tip);
    put(
      marks.given,
      ends(
        frame,
        [0, 0],
        tip.map((x) => x * share),
      ),
    );
    marks.given.classList.toggle("cx-wrong", used !== right);
    put(marks.lead, ends(frame, tip, spot));
    at = spot;
    held.draw();
  }
  return { marks, handle: held, draw };
}

/**
 * The bead itself.  It stands beside the tip of its arrow, and a hand moves the tip.
 *
 * @param {Plane} plane
 * @param {number} i
 * @param {() => Point} at
 */
function hold({ state, j, name, frame, now, home, far, longest, tooLong }, i, at) {
  const { get, set, signal } = state;
  const present = () => get("arrows")[i]?.[j] ?? [0, 1];
  /** @param {Arrow} to */
  const move = (to) => set({ arrows: changed(get("arrows"), i, j, to), child: i });
  let shift = [0, 0]; // of the bead from the tip
  const bead = handle(frame, {
    label: `Vote of child ${i + 1} for ${name}`,
    kind: "cx-bead",
    radius: RADIUS,
    signal,
    at,
    move(point) {
      const [unit] = far([1]);
      const tip = point.map((x, d) => (x - shift[d]) / unit);
      tooLong(norm(tip) > longest());
      move(kept(tip, longest()));
    },
    home: () => far(polar(home(i))),
    nudge([dx, dy]) {
      const [turn, length] = present();
      move([whole(turn + dx), clamp(length + dy / 20, 0, longest())]);
    },
    value() {
      const [turn, length] = present();
      const share = now().used.coupling[i]?.[j] ?? 0;
      const where = `${decimals(turn, 0)}°, length ${decimals(length, 2)}`;
      const text = `${where}, coupling ${decimals(share, 2)}`;
      return { now: turn, min: 0, max: 360, text };
    },
  });
  put(bead.el, { "data-lights": `c${i}` }).append(svg("text", {}, i + 1));
  /** @type {(type: keyof SVGElementEventMap, act: () => void) => void} */
  const on = (type, act) => bead.el.addEventListener(type, act, { signal, capture: true });
  on("pointerdown", () => {
    const tip = far(polar(present()));
    shift = at().map((x, d) => x - tip[d]);
  });
  on("keydown", () => {
    shift = [0, 0];
  });
  on("lostpointercapture", () => tooLong(false));
  on("focus", () => get("child") === i || set({ child: i }));
  return bead;
}
