/**
 * A seating plan as columns: seat i of every column is seat i of the plan order, which is the order of the states that the
 * server tells. Positions add up (zone + row + seat) and are plan units, y downwards.
 */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{zone: number, number: string, label: string, first: number, end: number}} Row seats first..end-1; `label`: what a box or a table is called, "" for a row */
/** @typedef {{name: string, firstRow: number, endRow: number, first: number, end: number, box: Box, middle: {x: number, y: number}}} Zone */
/** @typedef {{x: number, y: number, turn: number, kind: string, size: any, box: Box, text: string, at: {x: number, y: number}, letters: number,
 *   area: string|null}} Shape `turn` in radians around (x, y), `letters` the text's height */
/** @typedef {{name: string, category: number, capacity: number, shape: number}} Area */

import { boxAround, median, shapeOf, widen } from "./geometry.js";

const GAP_FACTOR = 1.6; // as the server counts neighbours: wider than this multiple of the row's median spacing is an aisle
const CELL_PITCHES = 3;
const AMID = 3; // pitches from the nearest seat

export class Hall {
  /** @param {any} plan the seating-plan JSON */
  constructor(plan) {
    /** @type {string[]} */ this.categories = plan.categories.map((/** @type {any} */ category) => category.name);
    const count = plan.zones.reduce((/** @type {number} */ sum, /** @type {any} */ zone) => sum + seatsOf(zone), 0);
    this.count = count;
    /** @type {string[]} */ this.guids = new Array(count);
    /** @type {string[]} */ this.numbers = new Array(count);
    this.x = new Float32Array(count);
    this.y = new Float32Array(count);
    this.category = new Uint8Array(count);
    this.row = new Uint32Array(count);
    this.run = new Uint32Array(count); // seats of one run sit beside each other without an aisle
    this.kinds = /** @type {Map<number, string>} */ (new Map()); // only of seats that are not ordinary: "wheelchair", "companion"
    /** @type {Row[]} */ this.rows = [];
    /** @type {Zone[]} */ this.zones = [];
    /** @type {Shape[]} */ this.shapes = [];
    /** @type {Area[]} */ this.areas = [];
    this._read(plan);
    this.pitch = this._pitch();
    for (const zone of this.zones) zone.middle = this._middle(zone.first, zone.end);
    this.box = boxAround([
      ...this.zones.filter((zone) => zone.end > zone.first).map((zone) => zone.box),
      ...this.shapes.map((shape) => shape.box),
    ]);
    this.index = new Map(this.guids.map((guid, seat) => [guid, seat]));
    this._grid = new Grid(this);
  }

  /** @param {any} plan */
  _read(plan) {
    const categories = new Map(this.categories.map((name, index) => [name, index]));
    let seat = 0;
    let run = 0;
    plan.zones.forEach((/** @type {any} */ zone, /** @type {number} */ zoneIndex) => {
      const first = seat;
      const firstRow = this.rows.length;
      for (const row of zone.rows) {
        const left = zone.position.x + (row.position?.x ?? 0);
        const top = zone.position.y + (row.position?.y ?? 0);
        const from = seat;
        for (const place of row.seats) {
          this.guids[seat] = place.seat_guid;
          this.numbers[seat] = place.seat_number;
          this.x[seat] = left + place.position.x;
          this.y[seat] = top + place.position.y;
          this.category[seat] = categories.get(place.category) ?? 0;
          this.row[seat] = this.rows.length;
          if (place.type) this.kinds.set(seat, place.type);
          seat++;
        }
        run = this._runs(from, seat, run);
        const label = String(row.row_label ?? "").replace("%s", row.row_number); // the editor writes the number so
        this.rows.push({ zone: zoneIndex, number: row.row_number, label, first: from, end: seat });
      }
      for (const area of zone.areas ?? []) this._shape(area, zone.position, categories);
      const box = this._boxOf(first, seat);
      this.zones.push({ name: zone.name, firstRow, endRow: this.rows.length, first, end: seat, box, middle: { x: 0, y: 0 } });
    });
  }

  /** Numbers the runs of one row; the number that the next row begins with. @param {number} from @param {number} end @param {number} run */
  _runs(from, end, run) {
    const steps = [];
    for (let seat = from + 1; seat < end; seat++) steps.push(this.between(seat - 1, seat));
    const widest = GAP_FACTOR * median(steps);
    for (let seat = from; seat < end; seat++) {
      if (seat > from && steps[seat - from - 1] > widest) run++;
      this.run[seat] = run;
    }
    return run + 1;
  }

  /** @param {any} area @param {{x: number, y: number}} zone @param {Map<string, number>} categories */
  _shape(area, zone, categories) {
    const shape = shapeOf(area, zone);
    if (!shape) return;
    if (area.area)
      this.areas.push({
        name: area.area,
        category: categories.get(area.category) ?? 0,
        capacity: area.capacity,
        shape: this.shapes.length,
      });
    this.shapes.push(shape);
  }

  /** The usual distance between neighbours, in plan units: what a seat's size on the screen follows from. */
  _pitch() {
    const steps = [];
    const stride = Math.max(1, Math.floor(this.count / 4000));
    for (let seat = 1; seat < this.count; seat += stride) {
      if (this.row[seat] === this.row[seat - 1]) steps.push(this.between(seat - 1, seat));
    }
    return median(steps) || 25;
  }

  /** @param {number} first @param {number} end @returns {Box} */
  _boxOf(first, end) {
    const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (let seat = first; seat < end; seat++) widen(box, this.x[seat], this.y[seat]);
    return box;
  }

  /** Where a zone's name stands: amid its seats, and on them where they go around something. @param {number} first @param {number} end */
  _middle(first, end) {
    let x = 0;
    let y = 0;
    for (let seat = first; seat < end; seat++) {
      x += this.x[seat];
      y += this.y[seat];
    }
    const count = Math.max(1, end - first);
    const middle = { x: x / count, y: y / count };
    let nearest = first;
    const away = (/** @type {number} */ seat) => Math.hypot(this.x[seat] - middle.x, this.y[seat] - middle.y);
    for (let seat = first; seat < end; seat++) if (away(seat) < away(nearest)) nearest = seat;
    return end === first || away(nearest) < AMID * this.pitch ? middle : { x: this.x[nearest], y: this.y[nearest] };
  }

  /** Distance between two seats, in plan units. @param {number} a @param {number} b */
  between(a, b) {
    return Math.hypot(this.x[a] - this.x[b], this.y[a] - this.y[b]);
  }

  /** @param {number} seat */
  zoneOf(seat) {
    return this.rows[this.row[seat]].zone;
  }

  /** Calls `visit` with every seat whose point lies in the box. @param {Box} box @param {(seat: number) => void} visit */
  within(box, visit) {
    this._grid.within(box, visit);
  }

  /** The seat nearest to a point, no farther than `reach`; -1 when there is none. @param {number} x @param {number} y @param {number} reach
   * @param {(seat: number) => boolean} [accept] */
  nearest(x, y, reach, accept = () => true) {
    let best = -1;
    let least = reach * reach;
    this._grid.within({ left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }, (seat) => {
      const away = (this.x[seat] - x) ** 2 + (this.y[seat] - y) ** 2;
      if (away <= least && accept(seat)) {
        least = away;
        best = seat;
      }
    });
    return best;
  }
}

/** Which seats are where: the seats of every square cell one after the other. */
class Grid {
  /** @param {Hall} hall */
  constructor(hall) {
    this._hall = hall;
    const box = hall.count ? hall._boxOf(0, hall.count) : { left: 0, top: 0, right: 0, bottom: 0 };
    this._left = box.left;
    this._top = box.top;
    const area = (box.right - box.left + 1) * (box.bottom - box.top + 1);
    this._cell = Math.max(CELL_PITCHES * hall.pitch, Math.sqrt(area / 1e6)); // at most a million cells, whatever the plan says
    this._columns = Math.floor((box.right - box.left) / this._cell) + 1;
    this._lines = Math.floor((box.bottom - box.top) / this._cell) + 1;
    this._starts = new Uint32Array(this._columns * this._lines + 1);
    this._seats = new Uint32Array(hall.count);
    const cells = new Uint32Array(hall.count);
    for (let seat = 0; seat < hall.count; seat++) {
      cells[seat] = this._column(hall.x[seat]) + this._columns * this._line(hall.y[seat]);
      this._starts[cells[seat] + 1]++;
    }
    for (let cell = 0; cell < this._columns * this._lines; cell++) this._starts[cell + 1] += this._starts[cell];
    const next = this._starts.slice();
    for (let seat = 0; seat < hall.count; seat++) this._seats[next[cells[seat]]++] = seat;
  }

  /** @param {number} x */
  _column(x) {
    return Math.min(this._columns - 1, Math.max(0, Math.floor((x - this._left) / this._cell)));
  }

  /** @param {number} y */
  _line(y) {
    return Math.min(this._lines - 1, Math.max(0, Math.floor((y - this._top) / this._cell)));
  }

  /** @param {Box} box @param {(seat: number) => void} visit */
  within(box, visit) {
    const { x, y } = this._hall;
    const right = this._column(box.right);
    for (let line = this._line(box.top), last = this._line(box.bottom); line <= last; line++) {
      const end = this._starts[line * this._columns + right + 1];
      for (let at = this._starts[line * this._columns + this._column(box.left)]; at < end; at++) {
        const seat = this._seats[at];
        if (x[seat] >= box.left && x[seat] <= box.right && y[seat] >= box.top && y[seat] <= box.bottom) visit(seat);
      }
    }
  }
}

/** @param {any} zone @returns {number} */
function seatsOf(zone) {
  return zone.rows.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.seats.length, 0);
}
