/* Runs the explorers of a page without a kernel: anywidget modules, each with its state.
   A classic script, so that pages work from file://, too.  capsbook/explorers.py wrote
   the places; window.capsExplorers has the code, from one script for each explorer. */
(() => {
  "use strict";
  const page = /** @type {any} */ (window);
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const files = own.src.replace(/[^/]*$/, ""); // where scripts lie

  // What a module expects of a model, when nobody else listens.
  class Model {
    /** @type {[string, Function][]} */
    heard = [];
    /** @param {Record<string, any>} state */
    constructor(state) {
      this.state = state;
    }
    /** @param {string} name */
    get(name) {
      return this.state[name];
    }
    /** @param {any} name @param {any} [value] */
    set(name, value) {
      const news = typeof name === "object" ? name : { [name]: value };
      const changed = Object.keys(news).filter((key) => this.state[key] !== news[key]);
      Object.assign(this.state, news);
      for (const key of changed) this.trigger(`change:${key}`, this, news[key]);
      if (changed.length) this.trigger("change", this);
    }
    save_changes() {}
    send() {}
    /** @param {string} name @param {Function} act */
    on(name, act) {
      this.heard.push([name, act]);
    }
    /** @param {string} [name] @param {Function} [act] */
    off(name, act) {
      this.heard = this.heard.filter(([n, a]) => (name && n !== name) || (act && a !== act));
    }
    /** @param {string} name @param {any[]} news */
    trigger(name, ...news) {
      for (const [n, act] of this.heard.slice()) if (n === name) act(...news);
    }
  }

  // ?squash=1~s:100,0 is the state of the explorer `squash`, as its trait `link` has it.
  const parts = () => location.search.slice(1).split("&").filter(Boolean);
  /** @param {string} part */
  function value(part) {
    const text = part.slice(part.indexOf("=") + 1);
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // the explorer will say that it cannot read it
    }
  }
  /** @param {string} key @param {string} link @param {string} [anchor] */
  function address(key, link, anchor = location.hash) {
    const others = parts().filter((text) => !text.startsWith(`${key}=`));
    const query = [...others, ...(link ? [`${key}=${link}`] : [])].join("&");
    return location.href.replace(/[?#].*/s, "") + (query && `?${query}`) + anchor;
  }

  /** @param {HTMLElement} place */
  async function start(place) {
    const key = place.dataset.explorer ?? "";
    const { esm, css } = page.capsExplorers[key];
    const state = { link: "", first: "", note: "", ...JSON.parse(place.dataset.state ?? "") };
    const model = new Model(state);
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const explorer = (await import(url)).default;
    document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
    await explorer.initialize({ model });
    const link = value(parts().find((text) => text.startsWith(`${key}=`)) ?? "");
    if (link) model.set("link", link);
    const anchor = place.closest("[id]")?.id; // of its figure
    /** @param {string} text */
    const copied = (text) => address(key, text, anchor && `#${anchor}`);
    const experimental = { files, address: copied };
    await explorer.render({ model, el: place, experimental });
    place.parentElement?.classList.add("caps-alive");
    running[key] ??= model;
    let waiting = 0;
    const write = () => {
      const text = model.get("link");
      history.replaceState(null, "", address(key, text === model.get("first") ? "" : text));
      place.dataset.link = text; // what the address says
    };
    model.on("change:link", () => {
      clearTimeout(waiting);
      waiting = setTimeout(write, 250);
    });
    write();
  }

  /** @type {Record<string, Model>} */
  const running = {};
  const places = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-explorer]")
  );
  const starts = [...places].map((el) =>
    start(el).catch((error) => {
      console.warn(error);
      el.textContent = "This figure did not come to life here; the picture shows how it begins.";
      el.className = "caps-explorer-note";
    }),
  );

  // A living figure is taller than its picture: what the address names has moved away.
  let moved = false;
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"])
    addEventListener(kind, () => (moved = true), { once: true, passive: true });
  const loaded = new Promise((done) => addEventListener("load", done));
  Promise.all([...starts, loaded, document.fonts.ready]).then(() => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named && !moved) named.scrollIntoView({ behavior: "instant" });
    document.documentElement.dataset.explorers = "running";
  });

  // Words of the page that set a figure: <a class="caps-try" href="?squash=…#…">
  document.addEventListener("click", (event) => {
    const words = event.target instanceof Element && event.target.closest("a.caps-try");
    if (!(words instanceof HTMLAnchorElement)) return;
    const key = words.search.slice(1).split("=")[0];
    if (!running[key] || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    running[key].set("link", value(words.search));
    const figure = document.querySelector(`[data-explorer=${key}] .cx-figure`);
    if (figure) lookAt(figure, words);
  });

  // Show a figure that the reader set from the text, and offer the way back.
  const back = document.createElement("button");
  back.className = "caps-back";
  back.textContent = "Back to the text";
  /** @param {Element} figure @param {HTMLElement} words */
  function lookAt(figure, words) {
    const { top, bottom } = figure.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return; // it is there already
    figure.scrollIntoView({ block: "start" });
    document.body.append(back);
    back.onclick = () => {
      back.remove();
      words.scrollIntoView({ block: "center" });
      words.focus({ preventScroll: true });
    };
  }
})();
