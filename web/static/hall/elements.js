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

/** Session storage that is full, forbidden or holds nonsense is an empty one: a basket is a comfort, not a promise. */
export const memory = {
  /** @param {string} key @returns {any} */
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  },
  /** @param {string} key @param {any} value null forgets it */
  set(key, value) {
    try {
      if (value === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // nothing to do: the basket then lives as long as the page
    }
  },
};
