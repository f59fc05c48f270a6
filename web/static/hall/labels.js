/** What is written over the hall: names of zones with their free seats from afar, row numbers from near, texts of shapes. */

import { trace } from "./geometry.js";
import { FREE as FREE_FORMS } from "./words.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./seats.js").Seats} Seats */
/** @typedef {import("./bitmaps.js").Camera} Camera */
/** @typedef {import("./palette.js").Theme} Theme */
/** @typedef {import("./palette.js").Look} Look */

const ROWS_FROM = 15; // CSS pixels between seats from which on row numbers are legible
const ROWS_MAX = 400;
const FONT = 'system-ui, "DejaVu Sans", sans-serif';

export class Labels {
  /** @param {Hall} hall @param {Seats} seats @param {Look[]} looks @param {import("./words.js").Words} words
   * @param {(area: string) => number|null} freeIn free places of an area, null while unknown */
  constructor(hall, seats, looks, words, freeIn) {
    this._hall = hall;
    this._seats = seats;
    this._looks = looks;
    this._words = words;
    this._freeIn = freeIn;
    this._zones = hall.zones
      .map((zone, index) => ({ zone, index }))
      .filter(({ zone }) => zone.end > zone.first)
      .sort((a, b) => b.zone.end - b.zone.first - (a.zone.end - a.zone.first)); // where two names do not both fit, the larger zone has its own
    this._names = new Set(hall.zones.map((zone) => zone.name));
    /** @type {import("./plan.js").Box[]} where something is written in this frame */ this._written = [];
  }

  /** Stages, floors and whatever else the plan shows, below the seats. @param {CanvasRenderingContext2D} ctx @param {Camera} camera
   * @param {Theme} theme @param {number} ratio */
  drawShapes(ctx, camera, theme, ratio) {
    for (const shape of this._hall.shapes) {
      if (!seen(shape.box, camera, ctx.canvas)) continue;
      const area = shape.area === null ? null : this._hall.areas.find((each) => each.name === shape.area);
      const color = area ? theme.colors[this._looks[area.category].color] : theme.quiet;
      ctx.save();
      ctx.translate(shape.x * camera.scale + camera.x, shape.y * camera.scale + camera.y);
      ctx.rotate(shape.turn);
      if (shape.kind) {
        ctx.save();
        ctx.scale(camera.scale, camera.scale);
        trace(ctx, shape);
        ctx.restore();
        ctx.globalAlpha = area ? 0.2 : 0.12;
        ctx.fillStyle = color;
        ctx.fill();
        ctx.globalAlpha = area ? 1 : 0.5;
        ctx.strokeStyle = color;
        ctx.lineWidth = (area ? 2 : 1) * ratio;
        ctx.stroke();
      }
      ctx.restore();
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {Theme} theme @param {number} ratio */
  drawTexts(ctx, camera, theme, ratio) {
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    this._written = [];
    this._shapeTexts(ctx, camera, theme, ratio);
    const pitch = (this._hall.pitch * camera.scale) / ratio;
    if (pitch < ROWS_FROM) this._zoneTexts(ctx, camera, theme, ratio);
    else this._rowTexts(ctx, camera, theme, ratio);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {Theme} theme @param {number} ratio */
  _shapeTexts(ctx, camera, theme, ratio) {
    for (const shape of this._hall.shapes) {
      // A text without a shape names a zone; so do we, and with what is free in it.
      if (!seen(shape.box, camera, ctx.canvas) || (!shape.kind && this._names.has(shape.text))) continue;
      const across = (shape.box.right - shape.box.left) * camera.scale;
      const down = (shape.box.bottom - shape.box.top) * camera.scale;
      const size = Math.min(18 * ratio, shape.kind ? down * 0.4 : shape.letters * camera.scale);
      const free = shape.area === null ? null : this._freeIn(shape.area);
      const lines = shape.area === null ? [shape.text] : [shape.area, free === null ? "" : this._words.count(FREE_FORMS, free)];
      const x = shape.x + shape.at.x * Math.cos(shape.turn) - shape.at.y * Math.sin(shape.turn);
      const y = shape.y + shape.at.x * Math.sin(shape.turn) + shape.at.y * Math.cos(shape.turn);
      if (size < 8 * ratio) continue;
      const at = { x: x * camera.scale + camera.x, y: y * camera.scale + camera.y };
      const room = shape.kind ? across : Infinity;
      const small = Math.max(10 * ratio, size * 0.62);
      const short = free === null ? [shape.text] : [shape.area ?? "", this._words.number(free)];
      for (const [told, letters] of /** @type {[string[], number][]} */ ([
        [lines, size],
        [lines, small],
        [short, small],
      ])) {
        if (this._lines(ctx, told, at.x, at.y, letters, room, theme)) break;
      }
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {Theme} theme @param {number} ratio */
  _zoneTexts(ctx, camera, theme, ratio) {
    for (const { zone, index } of this._zones) {
      if (!seen(zone.box, camera, ctx.canvas)) continue;
      const count = this._seats.zoneFree[index];
      const across = (zone.box.right - zone.box.left) * camera.scale;
      const isFlat = (zone.box.bottom - zone.box.top) * camera.scale < 60 * ratio; // one line hides fewer of its seats
      const whole = isFlat ? [`${zone.name} · ${this._words.number(count)}`] : [zone.name, this._words.count(FREE_FORMS, count)];
      const at = { x: zone.middle.x * camera.scale + camera.x, y: zone.middle.y * camera.scale + camera.y };
      this._lines(ctx, whole, at.x, at.y, 13 * ratio, across, theme) ||
        this._lines(ctx, [this._words.number(count)], at.x, at.y, 12 * ratio, across, theme);
    }
  }

  /** Lines of text one below the other on a soft ground; whether there was room, otherwise nothing is written.
   * @param {CanvasRenderingContext2D} ctx @param {string[]} lines @param {number} x @param {number} y @param {number} size
   * @param {number} across @param {Theme} theme */
  _lines(ctx, lines, x, y, size, across, theme) {
    ctx.font = `600 ${Math.round(size)}px ${FONT}`;
    const fitting = lines.filter((line) => line);
    if (!fitting.length || fitting.some((line) => ctx.measureText(line).width > across * 1.05)) return false;
    const width = Math.max(...fitting.map((line) => ctx.measureText(line).width)) + size * 0.9;
    const height = size * 1.25 * fitting.length + size * 0.35;
    const box = { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
    if (this._written.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top))
      return false;
    this._written.push(box);
    ctx.globalAlpha = 0.86;
    ctx.fillStyle = theme.paper;
    ctx.beginPath();
    ctx.roundRect(box.left, box.top, width, height, size * 0.45);
    ctx.fill();
    ctx.globalAlpha = 1;
    fitting.forEach((line, at) => {
      ctx.fillStyle = line === lines[0] ? theme.ink : theme.quiet;
      ctx.fillText(line, x, y + (at - (fitting.length - 1) / 2) * size * 1.25);
    });
    return true;
  }

  /** Row numbers at both ends. @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {Theme} theme @param {number} ratio */
  _rowTexts(ctx, camera, theme, ratio) {
    const { x, y, rows, pitch } = this._hall;
    ctx.font = `500 ${Math.round(11 * ratio)}px ${FONT}`;
    ctx.fillStyle = theme.quiet;
    let drawn = 0;
    for (const row of rows) {
      if (row.end === row.first || drawn > ROWS_MAX) continue;
      for (const [seat, beside] of [
        [row.first, Math.min(row.first + 1, row.end - 1)],
        [row.end - 1, Math.max(row.end - 2, row.first)],
      ]) {
        const away = Math.hypot(x[seat] - x[beside], y[seat] - y[beside]) || 1;
        const px = (x[seat] + ((x[seat] - x[beside]) / away) * pitch) * camera.scale + camera.x;
        const py = (y[seat] + ((y[seat] - y[beside]) / away) * pitch) * camera.scale + camera.y;
        if (px < 0 || py < 0 || px > ctx.canvas.width || py > ctx.canvas.height || seat === beside) continue;
        ctx.fillText(row.label, px, py);
        drawn++;
      }
    }
  }
}

/** @param {import("./plan.js").Box} box @param {Camera} camera @param {{width: number, height: number}} canvas */
function seen(box, camera, canvas) {
  return (
    box.right * camera.scale + camera.x > 0 &&
    box.left * camera.scale + camera.x < canvas.width &&
    box.bottom * camera.scale + camera.y > 0 &&
    box.top * camera.scale + camera.y < canvas.height
  );
}
