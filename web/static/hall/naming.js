/** Places in words: for the tooltip, the list, the basket and whoever listens instead of looking. */

import { FREE, HELD, SOLD } from "./seats.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./words.js").Words} Words */

export class Naming {
  /** @param {Hall} hall @param {import("./seats.js").Seats} seats @param {import("./basket.js").Basket} basket @param {Words} words
   * @param {(category: number) => number} priceOf kopecks */
  constructor(hall, seats, basket, words, priceOf) {
    this._hall = hall;
    this._seats = seats;
    this._basket = basket;
    this._words = words;
    this._priceOf = priceOf;
  }

  /** "Row 5", "Box 2". @param {number} row */
  row(row) {
    const { label, number } = this._hall.rows[row];
    return label || this._words.say("Row {row}", { row: number });
  }

  /** "Row 5, seat 12". @param {number} seat */
  seat(seat) {
    return this._words.say("{row}, seat {seat}", { row: this.row(this._hall.row[seat]), seat: this._hall.numbers[seat] });
  }

  /** @param {number} seat */
  zone(seat) {
    return this._hall.zones[this._hall.zoneOf(seat)].name;
  }

  /** @param {number} seat */
  price(seat) {
    return this._words.money(this._priceOf(this._hall.category[seat]));
  }

  /** @param {number} seat @returns {string} "" for an ordinary seat */
  kind(seat) {
    const kind = this._hall.kinds.get(seat);
    if (kind === "wheelchair") return this._words.say("wheelchair place");
    return kind === "companion" ? this._words.say("companion's seat") : "";
  }

  /** @param {number} seat */
  state(seat) {
    if (this._basket.has(seat)) return this._words.say("your choice");
    const state = this._seats.states[seat];
    if (state === FREE) return this._words.say("free");
    if (state === HELD) return this._words.say("somebody is buying it");
    return state === SOLD ? this._words.say("sold") : this._words.say("not on sale");
  }

  /** Everything about a seat in one breath. @param {number} seat */
  whole(seat) {
    return [this.zone(seat), this.seat(seat), this.price(seat), this.kind(seat), this.state(seat)].filter(Boolean).join(", ");
  }

  /** Several seats, those of a row together: "Stalls, row 5, seats 12, 13". @param {number[]} seats */
  several(seats) {
    /** @type {Map<number, number[]>} */ const rows = new Map();
    for (const seat of seats) rows.set(this._hall.row[seat], [...(rows.get(this._hall.row[seat]) ?? []), seat]);
    const told = [...rows.values()].map((same) => {
      const numbers = same
        .sort((a, b) => a - b)
        .map((seat) => this._hall.numbers[seat])
        .join(", ");
      const values = { row: this.row(this._hall.row[same[0]]), seats: numbers };
      return `${this.zone(same[0])}, ${same.length > 1 ? this._words.say("{row}, seats {seats}", values) : this.seat(same[0])}`;
    });
    return told.join("; ");
  }
}
