// Load the weights that parts.py wrote beside a page, with progress, and check them.
//
// Scripts, because a page that was opened from disk may run a script but not fetch a
// file; over http it is the same.  Two widgets on a page share what was loaded.

/** @import { Header } from "./tensors.js" */

/** @typedef {{ header: Header, block: ArrayBuffer }} Weights */
/** @typedef {(share: number) => void} OnProgress  hears numbers from 0 to 1 */

/**
 * What scripts and widgets of one page leave to each other.
 *
 * @typedef {object} Shared
 * @property {Record<string, any>} [capsnetParts]  what scripts brought, by their names
 * @property {Map<string, Promise<Weights>>} [capsnetWeights]  by the address of their script
 */
const page = /** @type {Shared} */ (globalThis);

/** @param {string} url */
const fileName = (url) => new URL(url, document.baseURI).pathname.replace(/.*\//, "");

/**
 * Run one script, and take the value that it leaves.
 *
 * @param {string} url
 */
async function loadScript(url) {
  const name = fileName(url);
  const script = Object.assign(document.createElement("script"), { src: url });
  await new Promise((done) => {
    script.onload = done;
    script.onerror = done;
    document.head.append(script);
  });
  script.remove();
  const { [name]: value, ...others } = page.capsnetParts ?? {};
  if (value === undefined) throw Error(`${name} did not load; load the page again`);
  page.capsnetParts = others;
  return value;
}

/** @param {string} text */
function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k);
  return bytes;
}

/** @param {Uint8Array} bytes */
function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

/**
 * The block of all parts, in order.
 *
 * @param {string[]} urls
 * @param {Header} header
 * @param {OnProgress} onProgress  hears 0 at first and 1 at last
 */
async function loadParts(urls, { bytes, adler32: sum }, onProgress) {
  let loaded = 0;
  onProgress(0);
  /** @param {string} url */
  const part = async (url) => {
    const content = fromBase64(await loadScript(url));
    loaded += 1;
    onProgress(loaded / urls.length);
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

/**
 * The weights, from the address of their first script, NAME.js.  Asked again, even by
 * another widget, it answers with what was loaded before.
 *
 * @param {string} url
 * @param {OnProgress} [onProgress]
 */
export async function loadWeights(url, onProgress = () => {}) {
  const address = new URL(url, document.baseURI).href;
  page.capsnetWeights ??= new Map();
  const known = page.capsnetWeights;
  const loading = known.get(address) ?? load(address, onProgress);
  known.set(address, loading);
  try {
    const weights = await loading;
    onProgress(1);
    return weights;
  } catch (error) {
    known.delete(address); // so that one can try again
    throw error;
  }
}

/**
 * @param {string} address
 * @param {OnProgress} onProgress
 * @returns {Promise<Weights>}
 */
async function load(address, onProgress) {
  /** @type {Header & { parts: string[] }} */
  const header = await loadScript(address);
  const urls = header.parts.map((name) => new URL(name, address).href);
  return { header, block: await loadParts(urls, header, onProgress) };
}
