/** Beside the hall: prices with what is free, the best places by number, areas by count, and the basket with its one button. */

import { element } from "./elements.js";
import { clockText } from "./opening.js";
import { markOf } from "./palette.js";
import { FREE, TICKETS, languageOf } from "./words.js";

/** @typedef {import("./choosing.js").Choosing} Choosing */
/** @typedef {import("./sale.js").Sale} Sale */

export class Panel {
  /** @param {Choosing} choosing @param {Sale} sale @param {import("./palette.js").Look[]} looks @param {() => import("./palette.js").Theme} theme */
  constructor(choosing, sale, looks, theme) {
    this._choosing = choosing;
    this._sale = sale;
    this._looks = looks;
    this._theme = theme;
    const { words } = choosing.parts;
    this._marks = element("ul", { class: "hall-prices" });
    this._items = element("ul", { class: "hall-items" });
    this._total = element("p", { class: "hall-total" });
    this._hint = element("p", { class: "hall-hint" });
    this._hold = element("button", { type: "button", class: "hall-hold", onclick: () => choosing.hold() });
    this.prices = element(
      "section",
      { class: "hall-part", "aria-labelledby": "hall-prices-title" },
      element("h3", { id: "hall-prices-title" }, words.say("Prices")),
      this._marks,
    );
    this.basket = element(
      "section",
      { class: "hall-basket", "aria-labelledby": "hall-basket-title", tabindex: -1 },
      element("h3", { id: "hall-basket-title" }, words.say("Your choice")),
      this._items,
      element("div", { class: "hall-sum" }, this._total, this._hold),
      this._hint,
    );
    this._frees = new Map();
    this._showPrices();
    this.best = this._bestForm();
    this.areas = this._areaForms();
    choosing.watch(() => this.show());
    choosing.parts.seats.watch(() => this._showFree());
    sale.watch(() => this._showFree());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._showPrices());
    choosing.parts.opening.count((left) => this._count(left));
    this._showFree();
    this.show();
  }

  /** Categories by price, dearest first. @returns {number[]} */
  _order() {
    const { hall } = this._choosing;
    return hall.categories
      .map((_, category) => category)
      .filter((category) => this._sale.isSold(category))
      .sort((a, b) => this._sale.priceOf(b) - this._sale.priceOf(a));
  }

  _showPrices() {
    const { hall, parts } = this._choosing;
    this._frees.clear();
    this._marks.replaceChildren(
      ...this._order().map((category) => {
        const free = element("span", { class: "hall-free" });
        this._frees.set(category, free);
        return element(
          "li",
          {},
          markOf(this._looks[category], this._theme()),
          element("span", { class: "hall-name", lang: languageOf(hall.categories[category]) }, hall.categories[category]),
          element("strong", {}, parts.words.money(this._sale.priceOf(category))),
          free,
        );
      }),
    );
    this._showFree();
  }

  _showFree() {
    for (const [category, shown] of this._frees) {
      const free = this._sale.freeOf(category);
      shown.textContent = free === null ? "" : this._choosing.parts.words.count(FREE, free);
      shown.parentElement.classList.toggle("hall-none", free === 0);
    }
    for (const [area, shown] of this._areaFrees ?? []) {
      const free = this._sale.freeIn(area);
      shown.textContent = free === null ? "" : this._choosing.parts.words.count(FREE, free);
    }
  }

  /** The server chooses and holds in one step: in a rush everybody's own idea of the best seats would be the same seats. */
  _bestForm() {
    const { hall, parts } = this._choosing;
    const { words, basket } = parts;
    const seated = this._order().filter((category) => hall.category.includes(category));
    if (!seated.length) return null;
    const category = element(
      "select",
      { id: "hall-best-category" },
      ...seated.map((each) =>
        element(
          "option",
          { value: hall.categories[each], lang: languageOf(hall.categories[each]) },
          `${hall.categories[each]}, ${words.money(this._sale.priceOf(each))}`,
        ),
      ),
    );
    const quantity = element(
      "select",
      { id: "hall-best-quantity" },
      ...Array.from({ length: basket.limit }, (_, at) =>
        element("option", { value: at + 1, selected: at === Math.min(1, basket.limit - 1) }, words.number(at + 1)),
      ),
    );
    this._bestButton = element("button", { class: "hall-second" });
    return element(
      "form",
      {
        class: "hall-part hall-best",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this._choosing.hold({ best_available: { category: category.value, quantity: Number(quantity.value) } });
        },
      },
      element("h3", {}, words.say("The best places, chosen for you")),
      element("p", {}, element("label", { for: "hall-best-category" }, words.say("Price")), category),
      element("p", {}, element("label", { for: "hall-best-quantity" }, words.say("How many")), quantity),
      this._bestButton,
    );
  }

  _areaForms() {
    const { hall, parts } = this._choosing;
    const { words, basket } = parts;
    /** @type {Map<string, HTMLElement>} */ this._areaFrees = new Map();
    /** @type {Map<string, HTMLOutputElement>} */ this._areaCounts = new Map();
    if (!hall.areas.length) return null;
    const lines = hall.areas.map((area) => {
      const free = element("span", { class: "hall-free" });
      const count = element("output", {}, words.number(0));
      const step = (/** @type {number} */ more) => () =>
        this._choosing.setArea(area.name, Math.max(0, (basket.areas.get(area.name) ?? 0) + more));
      this._areaFrees?.set(area.name, free);
      this._areaCounts?.set(area.name, count);
      return element(
        "li",
        { role: "group", "aria-label": area.name },
        element("span", { class: "hall-name", lang: languageOf(area.name) }, area.name),
        element("strong", {}, words.money(this._sale.priceOf(area.category))),
        free,
        element(
          "span",
          { class: "hall-steps" },
          element("button", { type: "button", "aria-label": words.say("One less: {place}", { place: area.name }), onclick: step(-1) }, "−"),
          count,
          element("button", { type: "button", "aria-label": words.say("One more: {place}", { place: area.name }), onclick: step(1) }, "+"),
        ),
      );
    });
    return element(
      "section",
      { class: "hall-part", "aria-labelledby": "hall-areas-title" },
      element("h3", { id: "hall-areas-title" }, words.say("Places without a seat number")),
      element("ul", { class: "hall-areas" }, ...lines),
    );
  }

  /** Everything that the basket and the sale decide. */
  show() {
    const { basket, words, opening } = this._choosing.parts;
    this._items.replaceChildren(...this._lines());
    for (const [area, count] of this._areaCounts ?? []) count.textContent = words.number(basket.areas.get(area) ?? 0);
    const total = [words.count(TICKETS, basket.size), words.money(basket.total)];
    if (basket.size) this._total.replaceChildren(...total.flatMap((text) => [element("span", {}, text), " "]));
    else this._total.textContent = words.say("Nothing chosen yet");
    this.basket.classList.toggle("hall-empty", !basket.size);
    const over = opening.now > this._sale.closesAt;
    const open = opening.left === 0 && !over;
    this._offer(this._hold, words.say("Hold these places"), open && basket.size > 0);
    if (this._bestButton) this._offer(this._bestButton, words.say("Hold the best"), open);
    if (open)
      this._hint.textContent = basket.size
        ? words.say("The places become yours for some minutes when you hold them. You pay after that.")
        : words.say("Choose on the map or in the list.");
    if (over) this._hint.textContent = words.say("The sale is closed.");
  }

  /** A button that holds. While an order is on its way it says so and keeps the keyboard. @param {HTMLButtonElement} button
   * @param {string} text @param {boolean} possible */
  _offer(button, text, possible) {
    const { parts, busy, signedIn } = this._choosing;
    if (!possible && document.activeElement === button) this.basket.focus({ preventScroll: true });
    button.disabled = !possible;
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    const { words } = parts;
    button.textContent = busy ? words.say("Holding the places…") : signedIn ? text : words.say("Sign in and hold");
  }

  /** The basket's places, each with a button that gives it back. @returns {HTMLElement[]} */
  _lines() {
    const { parts, hall } = this._choosing;
    const { basket, words, naming } = parts;
    const line = (/** @type {string} */ text, /** @type {string} */ zone, /** @type {string} */ price, /** @type {() => void} */ act) =>
      element(
        "li",
        {},
        element("span", { class: "hall-name" }, text, element("small", { lang: languageOf(zone) }, zone)),
        element("span", {}, price),
        element(
          "button",
          { type: "button", class: "hall-drop", "aria-label": words.say("Give back {place}", { place: text }), onclick: act },
          "✕",
        ),
      );
    const seats = basket.seats.map((seat) =>
      line(naming.seat(seat), naming.zone(seat), naming.price(seat), () => this._drop(() => this._choosing.toggle(seat))),
    );
    const areas = hall.areas
      .filter((area) => basket.areas.has(area.name))
      .map((area) => {
        const places = basket.areas.get(area.name) ?? 0;
        return line(area.name, words.count(TICKETS, places), words.money(places * this._sale.priceOf(area.category)), () =>
          this._drop(() => this._choosing.setArea(area.name, 0)),
        );
      });
    return [...seats, ...areas];
  }

  /** Give back, and keep the keyboard where it was: at the next line's button, or at the heading. @param {() => void} act */
  _drop(act) {
    const buttons = [...this._items.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    act();
    const left = this._items.querySelectorAll("button");
    if (at >= 0) (left[Math.min(at, left.length - 1)] ?? this.basket).focus();
  }

  /** The countdown to the opening. @param {number} left ms */
  _count(left) {
    const { words } = this._choosing.parts;
    if (left > 0) this._hint.textContent = words.say("The sale opens in {time}. Choose now, hold then.", { time: clockText(left, words) });
    else this.show();
  }
}
