/**
 * Names of zones with what is free in them. From afar they stand amid their seats; a tier of boxes or a gallery, which is a mere line
 * of seats, has its name beside that line. Once seats are big enough to be chosen no name covers any: names stand beside their zones.
 */

import { SEAT_RADIUS } from "./brush.js";
import { FREE } from "./words.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./plan.js").Zone} Zone */
/** @typedef {import("./bitmaps.js").Camera} Camera */
/** @typedef {import("./writing.js").Writing} Writing */
/** @typedef {import("./writing.js").Spot} Spot */
/** @typedef {{x: number, y: number, angle: number}} Anchor a seat of the zone and which way its neighbours stand */

const SPARSE = 0.22; // of its box that a zone's seats fill, below which it is a line
const NARROW = 2.5; // pitches
const ANCHORS = 25; // seats of a line beside which its name may stand
const LEAD_MAX = 120; // CSS pixels from a line of seats to a name that stands apart
const LEAD_STEP = 10;

export class ZoneNames {
  /** @param {Hall} hall @param {import("./seats.js").Seats} seats @param {import("./words.js").Words} words */
  constructor(hall, seats, words) {
    this._hall = hall;
    this._seats = seats;
    this._words = words;
    this._zones = hall.zones
      .map((zone, index) => ({ zone, index, isLine: isLine(zone, hall.pitch), anchors: /** @type {Anchor[]} */ ([]) }))
      .filter(({ zone }) => zone.end > zone.first)
      .sort((a, b) => b.zone.end - b.zone.first - (a.zone.end - a.zone.first)); // where two names do not both fit, the larger zone has its own
    for (const each of this._zones) each.anchors = this._anchors(each.zone, each.isLine);
  }

  /** @param {Writing} writing @param {Camera} camera @param {boolean} isClose whether single seats can be chosen */
  draw(writing, camera, isClose) {
    const apart = [];
    for (const { zone, index, isLine, anchors } of this._zones) {
      if (!seen(zone.box, camera, writing.ctx.canvas)) continue;
      const count = this._seats.zoneFree[index];
      if (isLine || isClose) apart.push({ zone, count, anchors, isLine });
      else this._amid(writing, camera, zone, count);
    }
    for (const { zone, count, anchors, isLine } of apart) {
      const [whole, short] = [zone.name, zone.name.split(",")[0]].map((name) => `${name} · ${this._words.number(count)}`);
      if (this._beside(writing, camera, anchors, whole) || this._beside(writing, camera, anchors, short) || isClose || !isLine) continue;
      if (this._apart(writing, camera, anchors, short)) continue;
      const [x, y] = [zone.middle.x * camera.scale + camera.x, zone.middle.y * camera.scale + camera.y];
      writing.amid([this._words.number(count)], 12 * writing.ratio, x, y, Infinity, (spot) => writing.isSeen(spot));
    }
  }

  /** @param {Writing} writing @param {Camera} camera @param {Zone} zone @param {number} count */
  _amid(writing, camera, zone, count) {
    const { ratio } = writing;
    const across = (zone.box.right - zone.box.left) * camera.scale;
    const isFlat = (zone.box.bottom - zone.box.top) * camera.scale < 60 * ratio; // one line hides fewer of its seats
    const whole = isFlat ? [`${zone.name} · ${this._words.number(count)}`] : [zone.name, this._words.count(FREE, count)];
    const x = zone.middle.x * camera.scale + camera.x;
    const y = zone.middle.y * camera.scale + camera.y;
    writing.amid(whole, 13 * ratio, x, y, across) || writing.amid([this._words.number(count)], 12 * ratio, x, y, across);
  }

  /** Along the seats, on either side of them; whether there was room. @param {Writing} writing @param {Camera} camera
   * @param {Anchor[]} anchors @param {string} text */
  _beside(writing, camera, anchors, text) {
    const size = 12 * writing.ratio;
    const room = writing.measure([text], size, 0.4);
    const away = SEAT_RADIUS * this._hall.pitch * camera.scale * 1.2 + room.height / 2;
    for (const anchor of anchors) {
      for (const side of [1, -1]) {
        const x = anchor.x * camera.scale + camera.x - Math.sin(anchor.angle) * away * side;
        const y = anchor.y * camera.scale + camera.y + Math.cos(anchor.angle) * away * side;
        const spot = { x, y, angle: anchor.angle, ...room };
        if (!writing.isSeen(spot) || !writing.isFree(spot) || this.covers(spot, camera)) continue;
        writing.write([text], size, spot);
        return true;
      }
    }
    return false;
  }

  /** Where there is room: outside to the left or right, inside above or below, with a line that leads to the seats; whether there was any.
   * @param {Writing} writing @param {Camera} camera @param {Anchor[]} anchors @param {string} text */
  _apart(writing, camera, anchors, text) {
    const { ctx, ratio, theme } = writing;
    const size = 11 * ratio;
    const room = writing.measure([text], size, 0.4);
    const { left, right, top, bottom } = this._hall.box;
    for (let lead = 2 * LEAD_STEP; lead <= LEAD_MAX; lead += LEAD_STEP) {
      for (const anchor of anchors) {
        const [x, y] = [anchor.x * camera.scale + camera.x, anchor.y * camera.scale + camera.y];
        if (x < 0 || y < 0 || x > ctx.canvas.width || y > ctx.canvas.height) continue;
        const isFlat = Math.abs(anchor.angle) < Math.PI / 4; // a lead leaves the seats across, it does not run along them
        const across = isFlat ? 0 : anchor.x < (left + right) / 2 ? -1 : 1;
        const down = isFlat ? (anchor.y < (top + bottom) / 2 ? 1 : -1) : 0;
        const end = { x: x + across * lead * ratio, y: y + down * lead * ratio };
        const spot = { x: end.x + (across * room.width) / 2, y: end.y + (down * room.height) / 2, angle: 0, ...room };
        if (!writing.isSeen(spot) || !writing.isFree(spot) || this.covers(spot, camera)) continue;
        ctx.strokeStyle = theme.ink;
        ctx.lineWidth = ratio;
        ctx.beginPath();
        ctx.moveTo(x, y);
        ctx.lineTo(end.x, end.y);
        ctx.stroke();
        writing.write([text], size, spot);
        return true;
      }
    }
    return false;
  }

  /** Whether a text would stand on seats, whoever has them. @param {Spot} spot @param {Camera} camera */
  covers({ x, y, angle, width, height }, camera) {
    const hall = this._hall;
    const radius = SEAT_RADIUS * hall.pitch;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [along, across] = [width / 2 / camera.scale + radius, height / 2 / camera.scale + radius];
    const [px, py] = [(x - camera.x) / camera.scale, (y - camera.y) / camera.scale];
    const reachX = Math.abs(along * cos) + Math.abs(across * sin);
    const reachY = Math.abs(along * sin) + Math.abs(across * cos);
    let covers = false;
    hall.within({ left: px - reachX, top: py - reachY, right: px + reachX, bottom: py + reachY }, (seat) => {
      const [dx, dy] = [hall.x[seat] - px, hall.y[seat] - py];
      covers ||= Math.abs(dx * cos + dy * sin) < along && Math.abs(dy * cos - dx * sin) < across;
    });
    return covers;
  }

  /** Beside which seats a zone's name may stand, the best first: of a line all along it from its middle, otherwise at the front and
   * the back. @param {Zone} zone @param {boolean} isLine @returns {Anchor[]} */
  _anchors(zone, isLine) {
    const { rows } = this._hall;
    if (!isLine) {
      const middle = (/** @type {import("./plan.js").Row} */ row) => (row.first + row.end) >> 1;
      const filled = rows.slice(zone.firstRow, zone.endRow).filter((row) => row.end > row.first);
      return [filled[0], filled[filled.length - 1]].map((row) => this._anchor(Math.min(middle(row), row.end - 1)));
    }
    const count = zone.end - zone.first;
    const seats = Array.from({ length: Math.min(ANCHORS, count) }, (_, at, all = Math.min(ANCHORS, count)) =>
      Math.min(zone.end - 1, zone.first + Math.floor(((at + 0.5) * count) / all)),
    );
    const amid = (zone.first + zone.end) / 2;
    return seats.sort((a, b) => Math.abs(a - amid) - Math.abs(b - amid)).map((seat) => this._anchor(seat));
  }

  /** @param {number} seat @returns {Anchor} */
  _anchor(seat) {
    const { x, y, row, rows, count } = this._hall;
    const { first, end } = rows[row[seat]];
    const isAlone = end - first === 1; // the neighbours are those of the rows beside it then
    const a = isAlone ? Math.max(0, seat - 1) : Math.max(first, seat - 1);
    const b = isAlone ? Math.min(count - 1, seat + 1) : Math.min(end - 1, seat + 1);
    let angle = Math.atan2(y[b] - y[a], x[b] - x[a]);
    if (angle > Math.PI / 2 + 0.01) angle -= Math.PI; // nobody reads upside down
    if (angle < -Math.PI / 2 + 0.01) angle += Math.PI;
    return { x: x[seat], y: y[seat], angle };
  }
}

/** Whether a zone's seats are a mere line: around the hall, along a wall. @param {Zone} zone @param {number} pitch */
function isLine(zone, pitch) {
  const across = zone.box.right - zone.box.left + pitch;
  const down = zone.box.bottom - zone.box.top + pitch;
  return Math.min(across, down) < NARROW * pitch || ((zone.end - zone.first) * pitch * pitch) / (across * down) < SPARSE;
}

/** @param {import("./plan.js").Box} box @param {Camera} camera @param {{width: number, height: number}} canvas */
export function seen(box, camera, canvas) {
  return (
    box.right * camera.scale + camera.x > 0 &&
    box.left * camera.scale + camera.x < canvas.width &&
    box.bottom * camera.scale + camera.y > 0 &&
    box.top * camera.scale + camera.y < canvas.height
  );
}
