// The digit explorer once its network is there: all parts, and what they show.

import { button, choice } from "../kit/controls.js";
import { html, put } from "../kit/marks.js";
import { inkPanel } from "./ink.js";
import { lookAt, presets } from "./look.js";
import { byPlace, inkOf, under } from "./maths.js";
import { classesPanel, placesPanel, typesPanel } from "./panels.js";
import { passesPanels, passesTable } from "./passes.js";

// Full scale: the same for all digits, classes and passes, so that pictures compare.
const FULL = { place: 2, capsule: 0.5, pixel: 0.05, effect: 0.5 };

function ownImage({ get }) {
  const view = get("image");
  if (!view?.byteLength) return null;
  return Float32Array.from({ length: view.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

// The ink of an image as a mask, which takes the colour of the page.
function mask(pixels, [channels, height, width]) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  const data = context.createImageData(width, height);
  inkOf(pixels, [channels, height, width]).forEach((ink, k) => (data.data[4 * k + 3] = 255 * ink));
  context.putImageData(data, 0, 0);
  return `mask-image:url(${canvas.toDataURL()});-webkit-mask-image:url(${canvas.toDataURL()})`;
}

// Small images to choose from; "null" is the reader's own.
function shelf(images, shape, press) {
  const marks = Object.entries(images).map(([key, pixels]) => {
    const label =
      key === "null" ? "your image" : `digit ${Number(key) + 1}, a ${presets[key].label}`;
    const el = button("", () => press(key === "null" ? null : Number(key)), {
      kind: "cx-digit",
      "aria-label": label,
    });
    el.append(html("i", { style: mask(pixels, shape) }));
    return { key, el };
  });
  const el = html(
    "div",
    { class: "cx-shelf", role: "group", "aria-label": "Choose a digit", hidden: marks.length < 2 },
    ...marks.map((mark) => mark.el),
  );
  return {
    el,
    draw: (digit) =>
      marks.forEach(({ key, el }) => put(el, { "aria-pressed": String(key === String(digit)) })),
  };
}

// The living figure: built once the network is there.
export function stage(hand, net, names) {
  const { image_shape: shape, n_classes: classes, primary_types: types, grid } = net.config;
  const own = ownImage(hand);
  const preview = { place: null, chosen: null };
  const images = {
    ...(shape.join() === "1,28,28" ? presets.map((digit) => digit.pixels) : []),
    ...(own ? { null: own } : {}),
  };
  const look = lookAt(net, images, () => hand.signal.aborted || hand.redraw());
  const seen = () =>
    look({ ...Object.fromEntries(names.map((name) => [name, preview[name] ?? hand.get(name)])) });
  let state = null;

  const hover = (name) => ({
    show: (value) => {
      preview[name] = value;
      hand.redraw();
    },
    press: (value) => {
      preview[name] = null;
      hand.set({ [name]: hand.get(name) === value ? null : value });
    },
  });
  function rub(spot) {
    if (under(spot, shape[1], shape[2]).some((k) => state.ink[k] > 0))
      hand.set({ erased: [...state.spots, spot] });
    else hand.redraw();
  }
  const pick = (name, options) =>
    choice(name === "ink" ? "The ink shows" : "Squares show", options, {
      get: () => hand.get(name),
      set: (value) => hand.set({ [name]: value }),
    });
  const ink = inkPanel(hand, shape, grid[1], rub);
  const below = placesPanel(hand, grid, hover("place"));
  const kinds = typesPanel(hand, types, grid, hover("type").press);
  const above = classesPanel(hand, classes, hover("chosen"));
  const charts = passesPanels(hand, classes);
  const table = passesTable(classes);
  const digits = shelf(images, shape, (digit) =>
    hand.set({ digit, erased: [], chosen: null, place: null }),
  );
  const inkShows = pick("ink", [
    ["votes", "votes"],
    ["effect", "effect"],
  ]);
  const squaresShow = pick("squares", [
    ["votes", "votes"],
    ["couplings", "couplings"],
  ]);
  const restore = button("Restore it", () => hand.set({ erased: [] }), { kind: "cx-word" });
  const heads = ["", "", "Class capsules"].map((words) => html("p", { class: "cx-head" }, words));
  const hints = ["", "", ""].map(() => html("p", { class: "cx-hint" }));
  const part = (...nodes) => html("div", { class: "cx-part" }, ...nodes);
  const el = html(
    "div",
    {},
    html(
      "div",
      { class: "cx-parts" },
      part(heads[0], ink.el, inkShows.el, hints[0], digits.el),
      part(heads[1], below.el, squaresShow.el, hints[1], kinds.el),
      part(heads[2], above.el, hints[2]),
    ),
    html(
      "div",
      { class: "cx-parts cx-charts" },
      part(html("p", { class: "cx-head" }, "Length after each pass"), charts.els[0]),
      part(
        html("p", { class: "cx-head" }, "How undecided the couplings are, in bits"),
        charts.els[1],
      ),
    ),
  );

  function draw() {
    state = seen();
    const { step, chosen, place, type, spots } = state;
    const votes = hand.get("squares") === "votes";
    const effect = hand.get("ink") === "effect";
    const numbers = votes ? state.shares : state.coupling;
    const one = type !== null; // a single capsule at each place
    const sums = byPlace(numbers, grid[0] * grid[1], type).map((x) =>
      votes || one ? x : x / types,
    );
    ink.draw({
      ink: state.ink,
      place,
      tint: effect ? state.effect() : state.painted.map,
      full: effect ? FULL.effect : FULL.pixel,
      busy: effect && state.busy(),
    });
    below.draw({
      numbers: sums,
      place,
      full: votes ? (one ? FULL.capsule : FULL.place) : 1,
      what: votes ? `votes for ${chosen}:` : `coupling to ${chosen}:`,
    });
    kinds.draw({ numbers, type, full: votes ? FULL.capsule : 1 });
    above.draw({
      lengths: step.lengths,
      intact: state.intact?.lengths,
      coupling: state.spread,
      chosen,
    });
    charts.draw({ passes: state.passes, chosen });
    digits.draw(state.digit);
    for (const control of [inkShows, squaresShow]) control.draw();
    heads[0].textContent = effect ? `What ink does for ${chosen}` : `Ink that votes for ${chosen}`;
    heads[1].textContent = `${one ? "This type:" : "Capsules:"} ${votes ? "votes for" : "coupling to"} ${chosen}`;
    const most = effect ? FULL.effect : FULL.pixel;
    const ramp = html(
      "span",
      { class: "cx-ramp" },
      `−${most}`,
      ...["against", "neither", "for"].map((kind) => html("i", { class: `cx-${kind}` })),
      String(most),
    );
    hints[0].replaceChildren(
      ramp,
      effect ? " of |v|, without it. " : " of |s|, in a pixel. ",
      ...(spots.length ? ["Some ink is gone: ", restore] : ["Drag the circle to rub ink out."]),
    );
    hints[1].textContent = `A full square is ${votes ? `${one ? FULL.capsule : FULL.place} of |s|` : "all of its votes"}.`;
    const alone = state.picked.length === 1;
    hints[2].textContent = `c: coupling ${alone ? "of this capsule" : `of ${place === null && !one ? "all" : "these"} capsules, on average`}.${spots.length ? " Thin marks: with all ink." : ""}`;
  }
  return {
    el,
    draw,
    table: table.el,
    drawTable: () => table.draw(state.passes),
    state: () => state,
  };
}
