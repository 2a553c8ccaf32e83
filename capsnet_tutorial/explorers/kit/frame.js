// The frame of every explorer, from the question down to "Reset" and "Copy link".
//
//   export default explorer({ name, question, insight, missing, link, tries, view });
//
// The traits of the model are the only state.  `view` returns nodes and a `draw` that
// shows that state; it is called after each change, whoever made it: a hand, a chip, a
// link, Python.  tests/explorers/test_every_explorer_page.py drives all of it.

import { tryThis } from "./chips.js";
import { button, keys } from "./controls.js";
import { lights } from "./lights.js";
import { decode } from "./link.js";
import { html, put } from "./marks.js";
import { readout, status } from "./readout.js";
import { changesOf, keepInSync, listen, stateOf } from "./state.js";

/** @import { Try } from "./chips.js" */
/** @import { Kind } from "./link.js" */
/** @import { Child, Part } from "./marks.js" */
/** @import { Row } from "./readout.js" */
/** @import { Host, Model, State } from "./state.js" */

/**
 * What an explorer is.
 *
 * @template {object} Linked  the traits that its link has
 * @template {object} Other  further traits
 * @typedef {object} Spec
 * @property {string} name  of its class in Python
 * @property {string} question
 * @property {string} insight
 * @property {string} missing  what the figure leaves out
 * @property {{ [Name in keyof Linked]: Kind<Linked[Name]> }} link
 * @property {Try<Linked>[]} tries
 * @property {(state: State<Linked, Other>) => View} view
 */

/**
 * What is on the screen, and what shows the present state there.
 *
 * @typedef {object} View
 * @property {Child[]} figure
 * @property {Part[]} controls
 * @property {Part[]} more  of them, for the few who ask
 * @property {Child[]} [formula]
 * @property {() => void} draw
 * @property {() => Row[]} readout
 * @property {() => string} say
 */

/** @typedef {{ model: Model, el: Element, experimental?: Host }} Context  what anywidget gives */

/**
 * The module that anywidget expects.
 *
 * @template {object} Linked
 * @template {object} Other
 * @param {Spec<Linked, Other>} spec
 */
export function explorer(spec) {
  return {
    /** @param {{ model: Model }} context */
    initialize: ({ model }) => keepInSync(spec.link, model),
    /** @param {Context} context */
    render: (context) => show(spec, context),
  };
}

/**
 * Once for each view; returns what takes it away.
 *
 * @template {object} Linked
 * @template {object} Other
 * @param {Spec<Linked, Other>} spec
 * @param {Context} context
 */
function show(spec, { model, el, experimental = {} }) {
  const stop = new AbortController();
  const { signal } = stop;
  const frame = html("section", { class: `cx ${spec.name}`, "aria-label": spec.question });
  let waiting = false;
  function redraw() {
    if (waiting) return;
    waiting = true;
    put(frame, { "data-settled": null });
    queueMicrotask(() => {
      waiting = false;
      if (!signal.aborted) draw();
    });
  }
  const around = { frame, experimental, redraw, signal };
  const state = /** @type {State<Linked, Other>} */ (stateOf(spec.link, model, around));
  const view = spec.view(state);
  const said = [noteOf(model), readout(view.readout), status(view.say, signal)];
  frame.append(...layout(spec, state, view, said));
  lights(frame, signal);
  keys(frame, signal);

  function draw() {
    view.draw();
    for (const part of [...view.controls, ...view.more, ...said]) part.draw();
    // The link of what is on the screen; none while it moves.
    put(frame, { "data-settled": state.gliding() ? null : model.get("link") });
  }
  draw();
  el.append(frame);
  // "change" alone is not enough: ipywidgets forgets it when a handler sets a trait.
  const silence = listen(model, ["change", "change:note", ...changesOf(spec.link)], redraw);
  return () => {
    silence();
    stop.abort();
    frame.remove();
  };
}

/**
 * All parts of the frame, from top to bottom.
 *
 * @template {object} Linked
 * @template {object} Other
 * @param {Spec<Linked, Other>} spec
 * @param {State<Linked, Other>} state
 * @param {View} view
 * @param {Part[]} said  note, read-out and status line
 */
function layout(spec, state, { figure, controls, more, formula = [] }, [note, numbers, spoken]) {
  const asked = tryThis(spec.tries, state);
  return [
    html("p", { class: "cx-question" }, spec.question),
    note.el,
    html("div", { class: "cx-figure" }, ...figure),
    row("cx-controls", controls),
    numbers.el,
    ...(formula.length ? [html("div", { class: "cx-formula" }, ...formula)] : []),
    ...asked.els,
    html("p", { class: "cx-insight" }, spec.insight),
    html("p", { class: "cx-missing" }, `Not shown: ${spec.missing}`),
    html("details", { class: "cx-more" }, html("summary", {}, "More"), row("cx-controls", more)),
    row("cx-foot", [reset(spec, state, asked.close), copy(spec, state, note.el)]),
    spoken.el,
  ];
}

/**
 * @param {string} kind
 * @param {{ el: Element }[]} parts
 */
const row = (kind, parts) => html("div", { class: kind }, ...parts.map((part) => part.el));

/**
 * What the reader should know about the last link.
 *
 * @param {Model} model
 * @returns {Part}
 */
function noteOf(model) {
  const el = html("p", { class: "cx-note" });
  function draw() {
    put(el, { hidden: !model.get("note") }).textContent = model.get("note");
  }
  return { el, draw };
}

/**
 * @template {object} Linked
 * @template {object} Other
 * @param {Spec<Linked, Other>} spec
 * @param {State<Linked, Other>} state
 * @param {() => void} close  what is open
 */
function reset({ link }, { get, glide }, close) {
  const press = () => {
    close();
    glide(decode(link, get("first")));
  };
  return { el: button("Reset", press) };
}

/**
 * The address of the present state, or in a notebook the line of Python that makes it.
 *
 * @param {{ name: string }} spec
 * @param {{ model: Model, experimental: Host }} state
 * @param {Element} note  shows it where the clipboard cannot be written
 */
function copy({ name }, { model, experimental }, note) {
  const text = () =>
    experimental.address?.(model.get("link")) ?? `${name}(link="${model.get("link")}")`;
  const label = experimental.address ? "Copy link" : "Copy code";
  const el = button(label, async () => {
    try {
      await navigator.clipboard.writeText(text());
      el.textContent = "Copied";
      setTimeout(() => el.replaceChildren(label), 1500);
    } catch {
      put(note, { hidden: null }).textContent = text();
    }
  });
  return { el };
}
