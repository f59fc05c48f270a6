/** What this tab remembers across reloads. */

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
