// Load the weights that parts.py wrote beside a page, with progress, and check them.
//
// Scripts, because a page that was opened from disk may run a script but not fetch a
// file; over http it is the same.  Two widgets on a page share what was loaded.

const fileName = (url) => new URL(url, document.baseURI).pathname.split("/").pop();

// Run one script, and take the value that it leaves.
async function loadScript(url) {
  const name = fileName(url);
  const script = Object.assign(document.createElement("script"), { src: url });
  await new Promise((done) => {
    script.onload = script.onerror = done;
    document.head.append(script);
  });
  script.remove();
  const { [name]: value, ...others } = globalThis.capsnetParts ?? {};
  if (value === undefined) throw Error(`${name} did not load; load the page again`);
  globalThis.capsnetParts = others;
  return value;
}

function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

// The block of all parts, in order.  onProgress(share) hears 0 at first and 1 at last.
export async function loadParts(urls, { bytes, adler32: sum }, onProgress = () => {}) {
  let loaded = 0;
  onProgress(0);
  const part = async (url) => {
    const content = fromBase64(await loadScript(url));
    onProgress(++loaded / urls.length);
    return content;
  };
  const parts = await Promise.all(urls.map(part));
  const block = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (block.length !== bytes || adler32(block) !== sum)
    throw Error(
      `the weights are damaged (${block.length} of ${bytes} bytes came); load the page again`,
    );
  return block.buffer;
}

// { header, block } for createNetwork, from the address of the first script, NAME.js.
// Asked again, even by another widget, it answers with what was loaded before.
export async function loadWeights(url, onProgress = () => {}) {
  const address = new URL(url, document.baseURI).href;
  const known = (globalThis.capsnetWeights ??= new Map());
  if (!known.has(address)) known.set(address, load(address, onProgress));
  try {
    const weights = await known.get(address);
    onProgress(1);
    return weights;
  } catch (error) {
    known.delete(address); // so that one can try again
    throw error;
  }
}

async function load(address, onProgress) {
  const header = await loadScript(address);
  const urls = header.parts.map((name) => new URL(name, address).href);
  return { header, block: await loadParts(urls, header, onProgress) };
}
