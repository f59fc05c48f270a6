/** What the page says: English texts are the keys, `#hall-words` has their translations, `words.json` lists them all. */

/** @typedef {[string, string]} Plural singular and plural; the singular is the key of all forms */

/** @type {Plural} */ export const FREE = ["{n} place free", "{n} places free"];
/** @type {Plural} */ export const TICKETS = ["{n} ticket", "{n} tickets"];
/** @type {Plural} */ export const DAYS = ["{n} day", "{n} days"];
/** @type {Plural} */ export const LIMIT = ["At most {n} ticket for one customer.", "At most {n} tickets for one customer."];
/** @type {Plural} */ export const ROWS_MORE = ["Show {n} more row", "Show {n} more rows"];

const FORMS = ["zero", "one", "two", "few", "many", "other"]; // the order of a catalogue's forms, of which a language has some

export class Words {
  /** @param {string} language "ru" or "en" @param {Record<string, string|string[]>} translations for a plural all its forms */
  constructor(language, translations) {
    this._translations = translations;
    this._plural = new Intl.PluralRules(language);
    const used = this._plural.resolvedOptions().pluralCategories;
    this._forms = FORMS.filter((form) => used.includes(/** @type {any} */ (form)));
    this._integers = new Intl.NumberFormat(language);
    this._cents = new Intl.NumberFormat(language, { minimumFractionDigits: 2 });
  }

  /** @param {string} text @param {Record<string, string|number>} [values] what stands for `{name}` */
  say(text, values = {}) {
    return filled(/** @type {string} */ (this._translations[text]) || text, values);
  }

  /** A text about a number. @param {Plural} plural @param {number} n @param {Record<string, string|number>} [values] */
  count(plural, n, values = {}) {
    const told = this._translations[plural[0]] || plural;
    const form = told[Math.min(this._forms.indexOf(this._plural.select(n)), told.length - 1)];
    return filled(form, { n: this.number(n), ...values });
  }

  /** @param {number} n */
  number(n) {
    return this._integers.format(n);
  }

  /** @param {number} kopecks */
  money(kopecks) {
    const format = kopecks % 100 ? this._cents : this._integers;
    return `${format.format(kopecks / 100)}\u00a0₽`;
  }
}

/** @param {string} text @param {Record<string, string|number>} values */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** @param {{amount: string}} money a decimal string with two decimals @returns {number} kopecks */
export function kopecksOf(money) {
  return Math.round(Number(money.amount) * 100);
}

/** The language that a hall's own names are written in, where letters tell: a page in English then has them spoken as Russian.
 * @param {string} name @returns {string|null} */
export function languageOf(name) {
  return /[а-яё]/i.test(name) ? "ru" : null;
}
