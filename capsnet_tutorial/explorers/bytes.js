// Data too big for every visit, such as weights: a DataView, asked for when needed.
// In Jupyter a trait brings it.  A page from disk cannot fetch, so there it comes as
// scripts that capsbook/explorers.py wrote; `progress` is called with numbers up to 1.

function script(src) {
  return new Promise((done, failed) => {
    const onerror = () => failed(new Error(`${src} did not load`));
    document.head.append(Object.assign(document.createElement("script"), { src, onload: done, onerror }));
  });
}

async function fromScripts(files, name, progress) {
  const parts = ((window.capsAssets ??= {})[name] ??= []);
  for (let n = 0; n < (parts.count ?? 1); n++) {
    if (!parts[n]) await script(`${files}asset-${name}-${n}.js`);
    progress((n + 1) / parts.count);
  }
  const text = atob(parts.join(""));
  return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
}

// bytes(hand, "weights", "tiny", (part) => ...) in a view or later.
export async function bytes({ get, experimental }, trait, name, progress = () => {}) {
  const given = get(trait);
  return given?.byteLength ? given : fromScripts(experimental.files, name, progress);
}
