/** What is written over the hall: names of zones with their free seats from afar, row numbers from near, texts of shapes. */

import { trace } from "./geometry.js";
import { RowNumbers } from "./rows.js";
import { FREE } from "./words.js";
import { Writing } from "./writing.js";
import { ZoneNames, seen } from "./zones.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./seats.js").Seats} Seats */
/** @typedef {import("./bitmaps.js").Camera} Camera */
/** @typedef {import("./palette.js").Theme} Theme */
/** @typedef {import("./palette.js").Look} Look */

export class Labels {
  /** @param {Hall} hall @param {Seats} seats @param {Look[]} looks @param {import("./words.js").Words} words
   * @param {(area: string) => number|null} freeIn free places of an area, null while unknown */
  constructor(hall, seats, looks, words, freeIn) {
    this._hall = hall;
    this._looks = looks;
    this._words = words;
    this._freeIn = freeIn;
    this._zones = new ZoneNames(hall, seats, words);
    this._rows = new RowNumbers(hall);
    this._names = new Set(hall.zones.map((zone) => zone.name));
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

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {Theme} theme @param {number} ratio
   * @param {boolean} isClose whether single seats can be chosen */
  drawTexts(ctx, camera, theme, ratio, isClose) {
    const writing = new Writing(ctx, theme, ratio);
    this._shapeTexts(writing, camera, isClose);
    this._zones.draw(writing, camera, isClose);
    if (isClose) this._rows.draw(writing, camera);
  }

  /** @param {Writing} writing @param {Camera} camera @param {boolean} isClose */
  _shapeTexts(writing, camera, isClose) {
    const { ratio } = writing;
    const fits = (/** @type {import("./writing.js").Spot} */ spot) => !isClose || !this._zones.covers(spot, camera);
    for (const shape of this._hall.shapes) {
      // A text without a shape names a zone; so do we, and with what is free in it.
      if (!seen(shape.box, camera, writing.ctx.canvas) || (!shape.kind && this._names.has(shape.text))) continue;
      const across = (shape.box.right - shape.box.left) * camera.scale;
      const down = (shape.box.bottom - shape.box.top) * camera.scale;
      const size = Math.min(18 * ratio, shape.kind ? down * 0.4 : shape.letters * camera.scale);
      const free = shape.area === null ? null : this._freeIn(shape.area);
      const lines = shape.area === null ? [shape.text] : [shape.area, free === null ? "" : this._words.count(FREE, free)];
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
        if (writing.amid(told, letters, at.x, at.y, room, fits)) break;
      }
    }
  }
}
