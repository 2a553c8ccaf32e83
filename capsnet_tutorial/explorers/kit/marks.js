// What a view is made of: elements and their attributes.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */
/** @typedef {Node | string | number | null} Child  null: nothing is there */

/**
 * A piece of a view: an element, and `draw`, which shows what it is given.
 *
 * @template [Given=void]
 * @typedef {{ el: HTMLElement | SVGElement, draw: (given: Given) => void }} Part
 */

/**
 * Set attributes; null and false take one away.
 *
 * @template {Element} E
 * @param {E} node
 * @param {Attributes} attributes
 * @returns {E} the node
 */
export function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  return node;
}

/**
 * @template {Element} E
 * @param {E} node
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function made(node, attributes, children) {
  const there = children.filter((child) => child !== null);
  put(node, attributes).append(.../** @type {(Node | string)[]} */ (there));
  return node;
}

/**
 * svg("line", { x1: 0 })
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, tag), attributes, children);

/**
 * html("p", { class: "x" }, "text", otherNode)
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const html = (tag, attributes = {}, ...children) =>
  made(document.createElement(tag), attributes, children);

/**
 * Show or hide a mark; what is hidden takes no focus.
 *
 * @param {Element} node
 * @param {boolean} yes
 */
export function seen(node, yes) {
  put(node, { visibility: yes ? null : "hidden" });
  if (node.hasAttribute("tabindex")) put(node, { tabindex: yes ? 0 : -1 });
}
