/**
 * What the shopper wants: seats by name, or places of areas by number. Never both, because an order is one or the other. It survives
 * a reload and signing in; it holds nothing until an order does.
 */

import { memory } from "./memory.js";

/** @typedef {import("./plan.js").Hall} Hall */

export const ORDER_PLACES_MAX = 10;

export class Basket {
  /** @param {string} event @param {Hall} hall @param {number} limit places one customer may have, at most ten an order
   * @param {(category: number) => number} priceOf kopecks */
  constructor(event, hall, limit, priceOf) {
    this._key = `basket ${event}`;
    this._hall = hall;
    this._priceOf = priceOf;
    this.limit = Math.min(ORDER_PLACES_MAX, limit);
    /** @type {number[]} in the order they were chosen */ this.seats = [];
    /** @type {Map<string, number>} places by area */ this.areas = new Map();
    /** @type {(() => void)[]} */ this._watchers = [];
    this._recall();
  }

  /** @param {() => void} tell called after every change */
  watch(tell) {
    this._watchers.push(tell);
  }

  get size() {
    return this.seats.length + [...this.areas.values()].reduce((sum, places) => sum + places, 0);
  }

  /** @returns {number} kopecks */
  get total() {
    const areas = this._hall.areas.map((area) => (this.areas.get(area.name) ?? 0) * this._priceOf(area.category));
    return (
      this.seats.reduce((sum, seat) => sum + this._priceOf(this._hall.category[seat]), 0) + areas.reduce((sum, price) => sum + price, 0)
    );
  }

  /** @param {number} seat */
  has(seat) {
    return this.seats.includes(seat);
  }

  /** Why a seat cannot be added: "limit", "areas" (there are places of areas), or "" when it can. @param {number} [count] */
  refusal(count = 1) {
    if (this.areas.size) return "areas";
    return this.size + count > this.limit ? "limit" : "";
  }

  /** @param {number[]} seats */
  add(seats) {
    this.seats.push(...seats.filter((seat) => !this.has(seat)));
    this._changed();
  }

  /** @param {number[]} seats */
  remove(seats) {
    this.seats = this.seats.filter((seat) => !seats.includes(seat));
    this._changed();
  }

  /** @param {string} area @param {number} places */
  setArea(area, places) {
    if (places > 0) this.areas.set(area, places);
    else this.areas.delete(area);
    this._changed();
  }

  clear() {
    this.seats = [];
    this.areas.clear();
    this._changed();
  }

  /** The body of the order. @returns {object} */
  wish() {
    if (this.seats.length) return { seats: this.seats.map((seat) => this._hall.guids[seat]) };
    return { areas: [...this.areas].map(([area, quantity]) => ({ area, quantity })) };
  }

  _changed() {
    const empty = !this.seats.length && !this.areas.size;
    memory.set(this._key, empty ? null : { seats: this.seats.map((seat) => this._hall.guids[seat]), areas: [...this.areas] });
    for (const tell of this._watchers) tell();
  }

  _recall() {
    const kept = memory.get(this._key);
    for (const guid of kept?.seats ?? []) {
      const seat = this._hall.index.get(guid);
      if (seat !== undefined && !this.has(seat) && this.size < this.limit) this.seats.push(seat);
    }
    for (const [area, places] of kept?.areas ?? []) {
      if (!this.seats.length && this._hall.areas.some((each) => each.name === area)) this.areas.set(area, places);
    }
  }
}
