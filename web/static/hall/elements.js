/** Small parts of a page, made without markup: nothing here ever reads HTML from a string. */

/**
 * An element with attributes, listeners (`onclick`) and children; `true` is an attribute without a value, `false` and null none.
 * @param {string} tag
 * @param {Record<string, any>} [traits]
 * @param {...(Node|string)} children
 * @returns {any}
 */
export function element(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Whether the shopper asked the system for less motion. */
export function wantsStillness() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
