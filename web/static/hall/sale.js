/** Prices, areas and times of an event, as its document tells; what is free in areas comes with the seats from then on. */

import { kopecksOf } from "./words.js";

/** @typedef {import("./plan.js").Hall} Hall */

export class Sale {
  /** @param {any} event its document @param {Hall} hall @param {import("./seats.js").Seats} seats */
  constructor(event, hall, seats) {
    this._hall = hall;
    this._seats = seats;
    this._prices = hall.categories.map((name) => (event.prices[name] ? kopecksOf(event.prices[name]) : 0));
    this._sold = hall.categories.map((name) => name in event.prices);
    /** @type {number} */ this.limit = event.per_customer_limit ?? Infinity;
    /** @type {number} unix ms */ this.closesAt = event.sale_closes_at ? Date.parse(event.sale_closes_at) : Infinity;
    /** @type {(() => void)[]} */ this._watchers = [];
    /** @type {Map<string, number>} free places by area, in the order in which the server counts them */
    this._areas = new Map(event.areas.map((/** @type {any} */ area) => [area.area, area.free]));
  }

  /** @param {() => void} tell called when areas have other numbers of free places */
  watch(tell) {
    this._watchers.push(tell);
  }

  /** @param {number} category @returns {number} kopecks */
  priceOf(category) {
    return this._prices[category];
  }

  /** @param {number} category */
  isSold(category) {
    return this._sold[category];
  }

  /** Free places of an area; null for an unknown one. @param {string} area */
  freeIn(area) {
    return this._areas.get(area) ?? null;
  }

  /** Free places of a category, seats and areas; null while the seats are unknown. @param {number} category */
  freeOf(category) {
    if (!this._seats.known) return null;
    const areas = this._hall.areas.filter((area) => area.category === category);
    return this._seats.categoryFree[category] + areas.reduce((sum, area) => sum + (this._areas.get(area.name) ?? 0), 0);
  }

  /** What the areas have free now. @param {number[]} frees in the order of the event's areas */
  learn(frees) {
    let isNews = false;
    [...this._areas].forEach(([area, before], at) => {
      const free = frees[at] ?? before;
      this._areas.set(area, free);
      isNews ||= free !== before;
    });
    if (isNews) for (const tell of this._watchers) tell();
  }
}
