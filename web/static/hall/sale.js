/** Prices, areas and times of an event, as its document tells; free places in areas are asked for, since the stream tells of seats only. */

import { kopecksOf } from "./words.js";

/** @typedef {import("./plan.js").Hall} Hall */

const ASK_MS = 10_000; // and up to half as much more, so that thousands do not ask together

export class Sale {
  /** @param {string} api the event's address @param {any} event its document @param {Hall} hall @param {import("./seats.js").Seats} seats */
  constructor(api, event, hall, seats) {
    this._api = api;
    this._hall = hall;
    this._seats = seats;
    this._prices = hall.categories.map((name) => (event.prices[name] ? kopecksOf(event.prices[name]) : 0));
    this._sold = hall.categories.map((name) => name in event.prices);
    /** @type {number} */ this.limit = event.per_customer_limit ?? Infinity;
    /** @type {number} unix ms */ this.closesAt = event.sale_closes_at ? Date.parse(event.sale_closes_at) : Infinity;
    /** @type {(() => void)[]} */ this._watchers = [];
    this._learn(event);
    if (hall.areas.length) setInterval(() => this._ask(), ASK_MS * (1 + Math.random() / 2));
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

  /** @param {any} event */
  _learn(event) {
    /** @type {Map<string, number>} */ this._areas = new Map(event.areas.map((/** @type {any} */ area) => [area.area, area.free]));
    for (const tell of this._watchers) tell();
  }

  async _ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this._api);
      if (answer.ok) this._learn(await answer.json());
    } catch {
      // the numbers stay as they were; an order tells the truth
    }
  }
}
