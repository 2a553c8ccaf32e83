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
  /** @param {string} key @param {string} link */
  function address(key, link) {
    const others = parts().filter((text) => !text.startsWith(`${key}=`));
    const query = [...others, ...(link ? [`${key}=${link}`] : [])].join("&");
    return location.href.replace(/[?#].*/s, "") + (query && `?${query}`) + location.hash;
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
    const experimental = { files, address: address.bind(null, key) };
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
  for (const place of document.querySelectorAll("[data-explorer]")) {
    const el = /** @type {HTMLElement} */ (place);
    start(el).catch((error) => {
      console.warn(error);
      el.textContent = "This figure did not come to life here; the picture shows how it begins.";
      el.className = "caps-explorer-note";
    });
  }

  // Words of the page that set a figure: <a class="caps-try" href="?squash=…#…">
  document.addEventListener("click", (event) => {
    const words = event.target instanceof Element && event.target.closest("a.caps-try");
    if (!(words instanceof HTMLAnchorElement)) return;
    const key = words.search.slice(1).split("=")[0];
    if (!running[key] || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    running[key].set("link", value(words.search));
    document.querySelector(`[data-explorer=${key}]`)?.scrollIntoView({ block: "nearest" });
  });
})();
