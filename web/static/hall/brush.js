/** Paints seats as they stand: free ones in their category's colour and shape, the others so that nobody takes them for free. */

import { FREE, HELD, SOLD } from "./seats.js";
import { addShape, roomBelow } from "./palette.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./seats.js").Seats} Seats */
/** @typedef {import("./palette.js").Theme} Theme */
/** @typedef {import("./palette.js").Look} Look */

export const SEAT_RADIUS = 0.42; // of the distance between neighbours
const SHAPES_FROM = 2.2; // pixels of radius below which a shape is a square like any other
const NUMBERS_FROM = 8.5;

export class Brush {
  /** @param {Hall} hall @param {Seats} seats @param {Look[]} looks by category @param {Theme} theme */
  constructor(hall, seats, looks, theme) {
    this._hall = hall;
    this._seats = seats;
    this._looks = looks;
    this.theme = theme;
  }

  /** Half a seat's width in pixels. @param {number} scale pixels per plan unit */
  radius(scale) {
    return Math.max(0.7, SEAT_RADIUS * this._hall.pitch * scale);
  }

  /**
   * Paints these seats where nothing of them is painted yet; plan point (x, y) lies at pixel (x * scale - left, y * scale - top).
   * @param {CanvasRenderingContext2D} ctx @param {Iterable<number>} seats @param {number} scale @param {number} left @param {number} top
   * @param {number} ratio device pixels per CSS pixel
   */
  paint(ctx, seats, scale, left, top, ratio) {
    const { states } = this._seats;
    /** @type {Map<number, number[]>} */ const free = new Map();
    /** @type {number[]} */ const held = [];
    /** @type {number[]} */ const gone = [];
    for (const seat of seats) {
      if (states[seat] === FREE) {
        const category = this._hall.category[seat];
        const same = free.get(category);
        if (same) same.push(seat);
        else free.set(category, [seat]);
      } else if (states[seat] === HELD) held.push(seat);
      else if (states[seat] === SOLD) gone.push(seat);
    }
    const place = { scale, left, top, radius: this.radius(scale) };
    this._gone(ctx, gone, place);
    this._held(ctx, held, place);
    for (const [category, same] of free) this._free(ctx, same, this._looks[category], place, ratio);
  }

  /** Wipes a seat out. @param {CanvasRenderingContext2D} ctx @param {number} seat @param {number} scale @param {number} left @param {number} top */
  wipe(ctx, seat, scale, left, top) {
    const reach = 1.2 * this.radius(scale) + 1;
    ctx.clearRect(this._hall.x[seat] * scale - left - reach, this._hall.y[seat] * scale - top - reach, 2 * reach, 2 * reach);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number[]} seats @param {Look} look @param {Place} place @param {number} ratio */
  _free(ctx, seats, look, { scale, left, top, radius }, ratio) {
    const { x, y } = this._hall;
    ctx.fillStyle = this.theme.colors[look.color];
    if (radius < SHAPES_FROM) {
      for (const seat of seats) ctx.fillRect(x[seat] * scale - left - radius, y[seat] * scale - top - radius, 2 * radius, 2 * radius);
      return;
    }
    ctx.beginPath();
    for (const seat of seats) addShape(ctx, look.shape, x[seat] * scale - left, y[seat] * scale - top, radius);
    ctx.fill();
    if (radius >= NUMBERS_FROM * ratio) this._numbers(ctx, seats, roomBelow(look.shape), { scale, left, top, radius });
    else if (this._hall.kinds.size && radius >= (NUMBERS_FROM * ratio) / 2) this._wheels(ctx, seats, { scale, left, top, radius });
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number[]} seats @param {number} below where in the shape, in radii @param {Place} place */
  _numbers(ctx, seats, below, { scale, left, top, radius }) {
    const { x, y, numbers, kinds } = this._hall;
    ctx.fillStyle = this.theme.paper;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.font = `600 ${Math.round(radius * (below > 0.1 || below < 0 ? 0.72 : 0.92))}px system-ui, "DejaVu Sans", sans-serif`;
    for (const seat of seats) {
      const shown = kinds.get(seat) === "wheelchair" ? "♿\ufe0e" : numbers[seat];
      ctx.fillText(shown, x[seat] * scale - left, y[seat] * scale - top + radius * below, 1.7 * radius);
    }
  }

  /** A ring in seats for wheelchairs that are too small for a number. @param {CanvasRenderingContext2D} ctx @param {number[]} seats
   * @param {Place} place */
  _wheels(ctx, seats, { scale, left, top, radius }) {
    ctx.strokeStyle = this.theme.paper;
    ctx.lineWidth = radius * 0.22;
    ctx.beginPath();
    for (const seat of seats) {
      if (this._hall.kinds.get(seat) === "wheelchair")
        addShape(ctx, "circle", this._hall.x[seat] * scale - left, this._hall.y[seat] * scale - top, radius * 0.5);
    }
    ctx.stroke();
  }

  /** In somebody's hands: hollow, it may come back. @param {CanvasRenderingContext2D} ctx @param {number[]} seats @param {Place} place */
  _held(ctx, seats, { scale, left, top, radius }) {
    const { x, y } = this._hall;
    const ring = radius * 0.62;
    ctx.strokeStyle = ctx.fillStyle = this.theme.quiet;
    if (radius < SHAPES_FROM) {
      for (const seat of seats) ctx.fillRect(x[seat] * scale - left - ring / 2, y[seat] * scale - top - ring / 2, ring, ring);
      return;
    }
    ctx.lineWidth = Math.max(1, radius * 0.16);
    ctx.beginPath();
    for (const seat of seats) addShape(ctx, "circle", x[seat] * scale - left, y[seat] * scale - top, ring);
    ctx.stroke();
  }

  /** Sold: a dot. @param {CanvasRenderingContext2D} ctx @param {number[]} seats @param {Place} place */
  _gone(ctx, seats, { scale, left, top, radius }) {
    const { x, y } = this._hall;
    const dot = Math.max(0.5, radius * 0.3);
    ctx.fillStyle = this.theme.quiet;
    ctx.globalAlpha = 0.45;
    for (const seat of seats) ctx.fillRect(x[seat] * scale - left - dot, y[seat] * scale - top - dot, 2 * dot, 2 * dot);
    ctx.globalAlpha = 1;
  }
}

/** @typedef {{scale: number, left: number, top: number, radius: number}} Place */
