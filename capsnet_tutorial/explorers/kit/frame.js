// The frame of every explorer, from the question down to "Reset" and "Copy link".
//
//   export default explorer({ name, question, insight, missing, link, tries, view });
//
// The traits of the model are the only state.  `view` returns nodes and a `draw` that
// shows that state; it is called after each change, whoever made it: a hand, a chip, a
// link, Python.  tests/explorers/test_every_explorer_page.py drives all of it.

import { button } from "./controls.js";
import { decode, encode, rounded } from "./link.js";
import { html, put } from "./marks.js";

const GLIDE = 350; // milliseconds from one state to another
const QUIET = 300; // milliseconds before the status line speaks

export function explorer(spec) {
  return {
    initialize: ({ model }) => keepLink(spec.link, model),
    render: (context) => show(spec, context),
  };
}

// Once for each model: the trait `link` says the same as the other traits, always.
function keepLink(kinds, model) {
  const names = Object.keys(kinds);
  const now = () => encode(kinds, Object.fromEntries(names.map((name) => [name, model.get(name)])));
  const save = (traits) => {
    model.set(traits);
    model.save_changes();
  };
  const write = () => {
    if (model.get("link") !== now()) save({ link: now() });
  };
  function read() {
    if (model.get("link") === now()) return;
    let traits;
    let note = "";
    try {
      traits = { ...decode(kinds, model.get("first")), ...decode(kinds, model.get("link")) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      traits = decode(kinds, model.get("first"));
      note = "That link could not be read, so this is the first view.";
    }
    save({ ...traits, note });
    write();
  }
  if (!model.get("first")) save({ first: now() });
  if (model.get("link")) read();
  else write();
  model.on("change:link", read);
  for (const name of names) model.on(`change:${name}`, write);
  return () => {
    model.off("change:link", read);
    for (const name of names) model.off(`change:${name}`, write);
  };
}

// What a view can do: read and set traits, at once or in a short glide.
function hands(spec, model) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = null; // of the glide that goes on
  function stop() {
    cancelAnimationFrame(frame);
    frame = null;
  }
  function write(traits) {
    model.set({ ...rounded(spec.link, traits), note: "" });
    model.save_changes();
  }
  function set(traits) {
    stop();
    write(traits);
  }
  function glide(traits) {
    stop();
    const from = Object.fromEntries(Object.keys(traits).map((name) => [name, model.get(name)]));
    const glides = (name, to) => !spec.link[name]?.jumps && mixes(from[name], to);
    if (still.matches || !Object.entries(traits).some(([name, to]) => glides(name, to))) {
      return write(traits);
    }
    const start = performance.now();
    const step = (time) => {
      const part = Math.min(Math.max((time - start) / GLIDE, 0), 1);
      const eased = part * part * (3 - 2 * part);
      frame = part < 1 ? requestAnimationFrame(step) : null;
      write(
        part === 1
          ? traits
          : Object.fromEntries(
              Object.entries(traits).map(([name, to]) => [
                name,
                glides(name, to) ? mixed(from[name], to, eased) : to,
              ]),
            ),
      );
    };
    frame = requestAnimationFrame(step);
  }
  return { get: (name) => model.get(name), set, glide, gliding: () => frame !== null };
}

const mixes = (a, b) =>
  Array.isArray(b)
    ? Array.isArray(a) && a.length === b.length && b.every((x, n) => mixes(a[n], x))
    : typeof a === "number" && typeof b === "number";
const mixed = (a, b, part) =>
  Array.isArray(b) ? b.map((x, n) => mixed(a[n], x, part)) : a + (b - a) * part;

// Once for each view.
function show(spec, { model, el, experimental = {} }) {
  const stop = new AbortController();
  const { signal } = stop;
  const hand = hands(spec, model);
  let waiting = false;
  const status = html("p", { class: "cx-status", role: "status" });
  const note = html("p", { class: "cx-note" });
  const frame = html("section", { class: `cx ${spec.name}`, "aria-label": spec.question });
  const view = spec.view({ ...hand, model, frame, signal, experimental, redraw });
  const controls = view.controls ?? [];
  const more = view.more ?? [];
  const readout = html("dl", { class: "cx-readout" });
  frame.append(
    ...[
      html("p", { class: "cx-question" }, spec.question),
      note,
      html("div", { class: "cx-figure" }, ...view.figure),
      controls.length ? html("div", { class: "cx-controls" }, ...controls.map((c) => c.el)) : "",
      view.readout ? readout : "",
      view.formula ? html("div", { class: "cx-formula" }, ...view.formula) : "",
      ...tryThis(spec.tries, hand, frame),
      html("p", { class: "cx-insight" }, spec.insight),
      html("p", { class: "cx-missing" }, `Not shown: ${spec.missing}`),
      more.length
        ? html(
            "details",
            { class: "cx-more" },
            html("summary", {}, "More"),
            html("div", { class: "cx-controls" }, ...more.map((c) => c.el)),
          )
        : "",
      foot(spec, hand, experimental, note),
      status,
    ].filter((part) => part !== ""),
  );
  lights(frame, signal);
  keys(frame, signal);

  let speaking = null;
  function draw() {
    put(note, { hidden: !model.get("note") }).textContent = model.get("note");
    view.draw();
    for (const control of [...controls, ...more]) control.draw();
    if (view.readout) tell(readout, view.readout());
    clearTimeout(speaking);
    speaking = setTimeout(() => (status.textContent = view.say()), QUIET);
    // The link of what is on the screen; none while it moves.
    put(frame, { "data-settled": hand.gliding() ? null : model.get("link") });
  }
  function redraw() {
    if (waiting) return;
    waiting = true;
    put(frame, { "data-settled": null });
    queueMicrotask(() => {
      waiting = false;
      if (!signal.aborted) draw();
    });
  }
  draw();
  el.append(frame);
  // "change" alone is not enough: ipywidgets forgets it when a handler sets a trait.
  const events = [
    "change",
    "change:note",
    ...Object.keys(spec.link).map((name) => `change:${name}`),
  ];
  for (const event of events) model.on(event, redraw);
  return () => {
    for (const event of events) model.off(event, redraw);
    clearTimeout(speaking);
    stop.abort();
    frame.remove();
  };
}

// Rows of [symbol, value, what it is, mark]: a table of numbers that stay in place.
function tell(list, rows) {
  while (list.children.length > rows.length) list.lastChild.remove();
  rows.forEach(([symbol, value, meaning, mark], n) => {
    const item = list.children[n] ?? list.appendChild(html("div", {}, html("dt"), html("dd")));
    put(item, { title: meaning, "data-lights": mark ?? null });
    const [name, number] = item.children;
    if (name.textContent !== symbol) name.textContent = symbol;
    number.textContent = value;
  });
}

// Words with handles in them: "text", or ["text ", ["a handle", { trait: value }], " text"].
export const words = (parts, hand) =>
  (typeof parts === "string" ? [parts] : parts).map((part) =>
    typeof part === "string"
      ? part
      : button(part[0], () => hand.glide(part[1]), { kind: "cx-word" }),
  );

// Chips: set a state, ask for a prediction, then show and tell.
function tryThis(tries, hand, frame) {
  const panel = html("div", { class: "cx-ask", hidden: true });
  let open = null;
  const chips = tries.map((one) =>
    button(one.title, () => toggle(one), { kind: "cx-chip", "aria-expanded": "false" }),
  );
  function toggle(one) {
    open = open === one ? null : one;
    chips.forEach((chip, n) => put(chip, { "aria-expanded": String(tries[n] === open) }));
    put(panel, { hidden: !open });
    dim(open?.focus);
    if (open) ask(one);
  }
  function dim(focus) {
    for (const part of frame.querySelectorAll(".cx-panel")) {
      part.classList.toggle(
        "cx-dim",
        Boolean(focus) && !focus.split(" ").includes(part.dataset.mark),
      );
    }
  }
  function ask(one) {
    hand.glide(one.set);
    const answers = one.answers.map((answer) => button(answer, () => reveal(one, answer)));
    const skip = button("just show me", () => reveal(one, null), { kind: "cx-word" });
    panel.replaceChildren(
      html("p", {}, one.ask),
      html("div", { class: "cx-answers" }, ...answers, skip),
    );
    panel.scrollIntoView({ block: "nearest" });
  }
  function reveal(one, answer) {
    hand.glide(one.then);
    dim(null);
    const right = one.answers[one.right];
    const verdict = answer === null ? "" : answer === right ? "Yes. " : `You said “${answer}”. `;
    const told = html(
      "p",
      { class: "cx-tell", tabindex: -1 },
      html("b", {}, verdict),
      ...words(one.tell, hand),
    );
    panel.replaceChildren(html("p", {}, one.ask), told);
    told.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    chips[tries.indexOf(open)].focus();
    toggle(open);
  });
  return [
    html(
      "div",
      { class: "cx-try", role: "group", "aria-label": "Try this" },
      html("span", { "aria-hidden": "true" }, "Try this"),
      ...chips,
    ),
    panel,
  ];
}

function foot(spec, hand, experimental, note) {
  const reset = button("Reset", () => hand.glide(decode(spec.link, hand.get("first"))));
  const place = experimental.address?.(hand.get("link"));
  const copy = button(place ? "Copy link" : "Copy code", async () => {
    const text =
      experimental.address?.(hand.get("link")) ?? `${spec.name}(link="${hand.get("link")}")`;
    const before = copy.textContent;
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = before), 1500);
    } catch {
      // not allowed here: show it, to copy by hand
      put(note, { hidden: null }).textContent = text;
    }
  });
  return html("div", { class: "cx-foot" }, reset, copy);
}

// Touch a term, and its mark lights up: [data-lights=a] -> [data-mark=a].
function lights(frame, signal) {
  let pinned = null;
  function light(name) {
    frame.classList.toggle("cx-lighting", Boolean(name));
    for (const mark of frame.querySelectorAll("[data-mark], [data-lights]")) {
      const own = mark.dataset.mark ?? mark.dataset.lights;
      mark.classList.toggle("cx-lit", Boolean(name) && own.split(" ").includes(name));
    }
  }
  const named = (event) => event.target.closest?.("[data-lights]")?.dataset.lights ?? null;
  const on = (type, act) => frame.addEventListener(type, act, { signal });
  on("pointerover", (event) => light(named(event) ?? pinned));
  on("pointerleave", () => light(pinned));
  on("focusin", (event) => light(named(event) ?? pinned));
  on("focusout", () => light(pinned));
  on("click", (event) => light((pinned = named(event) === pinned ? null : named(event))));
  on("keydown", (event) => {
    if (event.key === "Escape") light((pinned = null));
  });
}

// A control with data-key="[" is pressed by that key, anywhere in the frame.
function keys(frame, signal) {
  frame.addEventListener(
    "keydown",
    (event) => {
      if (/^[[\]]$/.test(event.key)) frame.querySelector(`[data-key="${event.key}"]`)?.click();
    },
    { signal },
  );
}

// A piece of a formula that shows its value and lights its mark.
export function term(symbol, mark) {
  const value = html("span", { class: "cx-value" });
  const el = html(
    "span",
    { class: "cx-term", tabindex: 0, "data-lights": mark },
    html("span", { class: "cx-symbol" }, ...[symbol].flat()),
    value,
  );
  return { el, show: (text) => (value.textContent = text) };
}

export const fraction = (top, bottom) =>
  html(
    "span",
    { class: "cx-fraction" },
    html("span", {}, ...[top].flat()),
    html("span", {}, ...[bottom].flat()),
  );
export const vector = (name) => html("b", {}, name);
