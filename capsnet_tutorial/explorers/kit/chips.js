// "Try this": a chip sets a state and asks for a prediction, then it shows and tells.

import { button } from "./controls.js";
import { html, put } from "./marks.js";

/** @import { State } from "./state.js" */

const HEADER = 56; // pixels that a page may cover at its top

/**
 * Words with handles in them: "text", or ["text ", ["a handle", { trait: value }], " text"].
 *
 * @template {object} Traits
 * @typedef {string | (string | [string, Partial<Traits>])[]} Words
 */

/**
 * A question, and what shows its answer.
 *
 * @template {object} Traits
 * @typedef {object} Try
 * @property {string} title
 * @property {string} [focus]  the panels that stay bright while it asks: their names
 * @property {Partial<Traits>} set  the state that it asks about
 * @property {string} ask
 * @property {string[]} answers
 * @property {number} right  which of them
 * @property {Partial<Traits>} reveal  the state that shows the answer
 * @property {Words<Traits>} tell
 */

/**
 * @template {object} Traits
 * @template {object} Other
 * @param {Words<Traits>} parts
 * @param {State<Traits, Other>} state
 */
export function words(parts, { glide }) {
  const list = typeof parts === "string" ? [parts] : parts;
  return list.map((part) => {
    if (typeof part === "string") return part;
    const [text, traits] = part;
    return button(text, () => glide(traits), { kind: "cx-word" });
  });
}

/**
 * The chips, the panel in which the open one speaks, and what closes it.
 *
 * @template {object} Traits
 * @template {object} Other
 * @param {Try<Traits>[]} tries
 * @param {State<Traits, Other>} state
 */
export function tryThis(tries, state) {
  const panel = html("div", { class: "cx-ask", hidden: true });
  const close = () => open && toggle(open);
  /** @type {Try<Traits> | null} */
  let open = null;
  const chips = tries.map((one) =>
    button(one.title, () => toggle(one), { kind: "cx-chip", "aria-expanded": "false" }),
  );
  /** @param {Try<Traits>} one */
  function toggle(one) {
    open = open === one ? null : one;
    for (const [n, chip] of chips.entries()) {
      put(chip, { "aria-expanded": String(tries[n] === open) });
    }
    put(panel, { hidden: !open });
    dim(state.frame, open?.focus);
    if (open) ask(one, panel, state);
  }
  state.frame.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !open) return;
    chips[tries.indexOf(open)].focus();
    close();
  });
  const group = { class: "cx-try", role: "group", "aria-label": "Try this" };
  const title = html("span", { "aria-hidden": "true" }, "Try this");
  return { els: [html("div", group, title, ...chips), panel], close };
}

/**
 * @template {object} Traits
 * @template {object} Other
 * @param {Try<Traits>} one
 * @param {HTMLElement} panel
 * @param {State<Traits, Other>} state
 */
function ask(one, panel, state) {
  state.glide(one.set);
  inSight(state.frame);
  /** @param {string | null} answer */
  const reveal = (answer) => {
    state.glide(one.reveal);
    dim(state.frame);
    const told = html("p", { class: "cx-tell", tabindex: -1 }, verdict(one, answer));
    told.append(...words(one.tell, state));
    say(panel, one.ask, told);
    told.focus({ preventScroll: true });
  };
  const answers = one.answers.map((answer) => button(answer, () => reveal(answer)));
  const skip = button("just show me", () => reveal(null), { kind: "cx-word" });
  say(panel, one.ask, html("div", { class: "cx-answers" }, ...answers, skip));
}

/**
 * @param {Try<any>} one
 * @param {string | null} answer  null if there was no guess
 */
function verdict({ answers, right }, answer) {
  if (answer === null) return html("b");
  return html("b", {}, answer === answers[right] ? "Yes. " : `You said “${answer}”. `);
}

/**
 * @param {HTMLElement} panel
 * @param {string} question
 * @param {HTMLElement} rest
 */
function say(panel, question, rest) {
  panel.replaceChildren(html("p", {}, question), rest);
}

/**
 * Show the figure that is asked about: the question itself stays at the lower edge.
 *
 * @param {HTMLElement} frame
 */
function inSight(frame) {
  const figure = frame.querySelector(".cx-figure");
  const panel = frame.querySelector(".cx-ask");
  if (!figure || !panel) return;
  const { top, bottom } = figure.getBoundingClientRect();
  const hidden = bottom > innerHeight - panel.clientHeight;
  if (top < HEADER || hidden) figure.scrollIntoView({ block: "start" });
}

/**
 * Dim all panels but those with one of these names; without names, none.
 *
 * @param {HTMLElement} frame
 * @param {string} [names]
 */
function dim(frame, names) {
  const bright = names?.split(" ");
  for (const panel of frame.querySelectorAll(".cx-panel")) {
    const name = panel.getAttribute("data-mark") ?? "";
    panel.classList.toggle("cx-dim", Boolean(bright) && !bright?.includes(name));
  }
}
