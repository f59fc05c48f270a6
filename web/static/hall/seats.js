/** Who has which seat, as the server last told it, and how many are free where. */

/** @typedef {import("./plan.js").Hall} Hall */

export const FREE = 46; // "."
export const HELD = 104; // "h"
export const SOLD = 115; // "s"
export const CLOSED = 120; // "x"

export class Seats {
  /** @param {Hall} hall */
  constructor(hall) {
    this._hall = hall;
    this.known = false;
    this.version = -1;
    this.states = new Uint8Array(hall.count).fill(CLOSED);
    this.zoneFree = new Uint32Array(hall.zones.length);
    this.rowFree = new Uint32Array(hall.rows.length);
    this.categoryFree = new Uint32Array(hall.categories.length);
    /** @type {((changed: number[]) => void)[]} */ this._watchers = [];
  }

  /** Calls `tell` with the seats that changed, after every change. @param {(changed: number[]) => void} tell */
  watch(tell) {
    this._watchers.push(tell);
  }

  /** @param {number} seat */
  isFree(seat) {
    return this.states[seat] === FREE;
  }

  /** All seats at one version. @param {string} states a character per seat in plan order @param {number} version */
  replace(states, version) {
    /** @type {number[]} */ const changed = [];
    for (let seat = 0, end = Math.min(states.length, this._hall.count); seat < end; seat++) {
      if (this._set(seat, states.charCodeAt(seat))) changed.push(seat);
    }
    this._tell(changed, version);
  }

  /** What changed since the last version. @param {[number, string][]} changes @param {number} version */
  change(changes, version) {
    const changed = changes
      .filter(([seat, state]) => seat < this._hall.count && this._set(seat, state.charCodeAt(0)))
      .map(([seat]) => seat);
    this._tell(changed, version);
  }

  /** @param {number} seat @param {number} state @returns {boolean} whether that is news */
  _set(seat, state) {
    const before = this.states[seat];
    if (before === state) return false;
    this.states[seat] = state;
    const more = Number(state === FREE) - Number(before === FREE);
    if (more) {
      this.zoneFree[this._hall.zoneOf(seat)] += more;
      this.rowFree[this._hall.row[seat]] += more;
      this.categoryFree[this._hall.category[seat]] += more;
    }
    return true;
  }

  /** @param {number[]} changed @param {number} version */
  _tell(changed, version) {
    const first = !this.known;
    this.known = true;
    this.version = version;
    if (changed.length || first) for (const tell of this._watchers) tell(changed);
  }
}
