/** Numbers of rows, at both ends of each row and in its aisles, once seats are far enough from each other. */

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {{x: number, y: number, label: string}} Note in plan units */

const AISLE = 3; // pitches between two seats from which on both sides of an aisle have the number
const ROOM = 0.8; // pitches around a number in which no seat stands

export class RowNumbers {
  /** @param {Hall} hall */
  constructor(hall) {
    this._hall = hall;
    /** @type {Note[]} */ this._notes = [];
    for (const row of hall.rows) {
      for (let first = row.first, seat = row.first; seat < row.end; seat++) {
        const isLast = seat + 1 === row.end;
        if (!isLast && hall.run[seat + 1] === hall.run[seat]) continue;
        if (first === row.first) this._beyond(first, first + 1 === row.end ? first - 1 : first + 1, row.number);
        const gap = isLast ? Infinity : hall.between(seat, seat + 1);
        if (gap >= AISLE * hall.pitch && !isLast) {
          this._beyond(seat, seat - 1, row.number);
          this._beyond(seat + 1, seat + 2, row.number);
        } else if (isLast) this._beyond(seat, seat - 1, row.number);
        else this._note((hall.x[seat] + hall.x[seat + 1]) / 2, (hall.y[seat] + hall.y[seat + 1]) / 2, row.number);
        first = seat + 1;
      }
    }
  }

  /** @param {import("./writing.js").Writing} writing @param {import("./bitmaps.js").Camera} camera */
  draw(writing, camera) {
    const { width, height } = writing.ctx.canvas;
    for (const note of this._notes) {
      const [x, y] = [note.x * camera.scale + camera.x, note.y * camera.scale + camera.y];
      if (x > 0 && y > 0 && x < width && y < height) writing.note(note.label, 11 * writing.ratio, x, y);
    }
  }

  /** A number beyond a seat, away from its neighbour. @param {number} seat @param {number} beside @param {string} label */
  _beyond(seat, beside, label) {
    const { x, y, pitch, row } = this._hall;
    if (row[beside] !== row[seat]) return;
    const away = this._hall.between(seat, beside) || 1;
    this._note(x[seat] + ((x[seat] - x[beside]) / away) * pitch, y[seat] + ((y[seat] - y[beside]) / away) * pitch, label);
  }

  /** @param {number} x @param {number} y @param {string} label */
  _note(x, y, label) {
    if (this._hall.nearest(x, y, ROOM * this._hall.pitch) < 0) this._notes.push({ x, y, label });
  }
}
