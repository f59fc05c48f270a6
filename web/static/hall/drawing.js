/** The hall on its canvas: bitmaps of the seats, texts, and on top what concerns this shopper. Draws only when something changed. */

import { Bitmaps } from "./bitmaps.js";
import { Brush, SEAT_RADIUS } from "./brush.js";
import { wantsStillness } from "./elements.js";
import { holds } from "./geometry.js";
import { Labels } from "./labels.js";
import { themeNow } from "./palette.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./seats.js").Seats} Seats */
/** @typedef {import("./palette.js").Look} Look */
/** @typedef {{k: number, x: number, y: number}} Transform plan point (px, py) is at CSS pixel (px * k + x, py * k + y) */

const SETTLE_MS = 140; // after the last change of scale: then the seats are painted sharp
const FLASH_MS = 700;
const FLASHES_MAX = 80;
export const CLOSE_PITCH = 15; // CSS pixels between seats from which on single seats can be chosen
const MARGIN = 14; // CSS pixels around the whole hall

export class Drawing {
  /** @param {HTMLCanvasElement} canvas @param {Hall} hall @param {Seats} seats @param {Look[]} looks @param {import("./words.js").Words} words
   * @param {(area: string) => number|null} freeIn */
  constructor(canvas, hall, seats, looks, words, freeIn) {
    this.canvas = canvas;
    this.hall = hall;
    this.theme = themeNow();
    this._seats = seats;
    this._looks = looks;
    this._ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this._labels = new Labels(hall, seats, looks, words, freeIn);
    this._bitmaps = new Bitmaps(hall, new Brush(hall, seats, looks, this.theme));
    this.transform = { k: 1, x: 0, y: 0 };
    this.fit = 1; // the k at which the whole hall is seen
    this.ratio = 0; // until it has a size
    this.mine = new Set(); // seats in the basket
    this.offered = new Set(); // seats that are offered instead of lost ones
    this.lost = new Set(); // seats that were in the basket and went to somebody else
    this.hovered = -1;
    this.cursor = -1; // of the keyboard
    /** @type {Map<number, number>} */ this._flashes = new Map(); // seat → when it changed
    this._frame = 0;
    this._settling = 0;
    this._drawn = false;
    seats.watch((changed) => this._changed(changed));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
  }

  get width() {
    return this.canvas.clientWidth;
  }

  get height() {
    return this.canvas.clientHeight;
  }

  /** Whether single seats are big enough to be chosen. */
  get isClose() {
    return this.hall.pitch * this.transform.k >= CLOSE_PITCH || this.transform.k >= this.fit * 24;
  }

  /** Takes the size that the canvas has on the page; whether it is another one. */
  resize() {
    const ratio = Math.min(3, Math.max(1, devicePixelRatio));
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (!width || !height || (ratio === this.ratio && width === this.canvas.width && height === this.canvas.height)) return false;
    this.ratio = ratio;
    this.canvas.width = width;
    this.canvas.height = height;
    const { box, pitch } = this.hall;
    const across = box.right - box.left + pitch;
    const down = box.bottom - box.top + pitch;
    this.fit = Math.min((this.width - 2 * MARGIN) / across, (this.height - 2 * MARGIN) / down);
    this._bitmaps.begin(this.fit * this.ratio, this.ratio);
    this._bitmaps.rescale(this.transform.k * this.ratio);
    this.redraw();
    return true;
  }

  /** The transform at which the whole hall is seen. @returns {Transform} */
  whole() {
    const { box } = this.hall;
    return {
      k: this.fit,
      x: (this.width - (box.left + box.right) * this.fit) / 2,
      y: (this.height - (box.top + box.bottom) * this.fit) / 2,
    };
  }

  /** The page's colours may have changed. */
  restyle() {
    this.theme = themeNow();
    this._bitmaps.begin(this.fit * this.ratio, this.ratio, new Brush(this.hall, this._seats, this._looks, this.theme));
    this._bitmaps.rescale(this.transform.k * this.ratio);
    this.redraw();
  }

  /** Look from here. @param {Transform} transform */
  look(transform) {
    const zoomed = transform.k !== this.transform.k;
    this.transform = { k: transform.k, x: transform.x, y: transform.y };
    if (zoomed) {
      clearTimeout(this._settling);
      this._settling = setTimeout(() => {
        this._bitmaps.rescale(this.transform.k * this.ratio);
        this.redraw();
      }, SETTLE_MS);
    }
    this.redraw();
  }

  redraw() {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      this._draw();
    });
  }

  /** @param {number} px @param {number} py CSS pixels from the canvas' corner @returns {{x: number, y: number}} in the plan */
  toPlan(px, py) {
    return { x: (px - this.transform.x) / this.transform.k, y: (py - this.transform.y) / this.transform.k };
  }

  /** @param {number} seat @returns {{x: number, y: number}} in CSS pixels from the canvas' corner */
  toScreen(seat) {
    return { x: this.hall.x[seat] * this.transform.k + this.transform.x, y: this.hall.y[seat] * this.transform.k + this.transform.y };
  }

  /** The seat at a point, or the one nearest to it within `reach` CSS pixels; -1 when there is none. @param {number} px @param {number} py @param {number} reach */
  seatAt(px, py, reach) {
    const at = this.toPlan(px, py);
    return this.hall.nearest(at.x, at.y, Math.max(reach / this.transform.k, this.hall.pitch * 0.5));
  }

  /** The area sold by count at a point. @param {number} px @param {number} py */
  areaAt(px, py) {
    const at = this.toPlan(px, py);
    return this.hall.areas.find((area) => holds(this.hall.shapes[area.shape], at.x, at.y)) ?? null;
  }

  /** @param {number[]} changed */
  _changed(changed) {
    this._bitmaps.refresh(changed);
    if (changed.length <= FLASHES_MAX && !wantsStillness()) {
      const now = performance.now();
      for (const seat of changed) this._flashes.set(seat, now);
    }
    this.redraw();
  }

  _draw() {
    const ctx = this._ctx;
    if (!this.ratio) return;
    const ratio = this.ratio;
    // Whole device pixels: pictures are then copied, not resampled.
    const camera = { scale: this.transform.k * ratio, x: Math.round(this.transform.x * ratio), y: Math.round(this.transform.y * ratio) };
    ctx.fillStyle = this.theme.paper;
    ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    this._labels.drawShapes(ctx, camera, this.theme, ratio);
    const complete = this._bitmaps.draw(ctx, camera);
    this._labels.drawTexts(ctx, camera, this.theme, ratio, this.isClose);
    this._drawMarks(ctx, camera);
    if (!this._drawn) performance.mark("hall-drawn"); // how long a shopper waited: performance.getEntriesByName tells
    this._drawn = true;
    if (!complete || this._drawFlashes(ctx, camera)) this.redraw();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./bitmaps.js").Camera} camera */
  _drawMarks(ctx, camera) {
    const radius = Math.max(SEAT_RADIUS * this.hall.pitch * camera.scale, 3.5 * this.ratio);
    for (const seat of this.offered) this._ring(ctx, camera, seat, radius * 1.35, this.theme.accent, [radius * 0.6, radius * 0.4]);
    for (const seat of this.mine) this._tick(ctx, camera, seat, radius * 1.2);
    for (const seat of this.lost) this._cross(ctx, camera, seat, radius * 1.2);
    if (this.hovered >= 0) this._ring(ctx, camera, this.hovered, radius * 1.3, this.theme.ink, []);
    if (this.cursor >= 0 && document.activeElement === this.canvas)
      this._ring(ctx, camera, this.cursor, radius * 1.6, this.theme.accent, []);
  }

  /** @param {import("./bitmaps.js").Camera} camera @param {number} seat @returns {[number, number]} */
  _at(camera, seat) {
    return [this.hall.x[seat] * camera.scale + camera.x, this.hall.y[seat] * camera.scale + camera.y];
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./bitmaps.js").Camera} camera @param {number} seat @param {number} radius
   * @param {string} color @param {number[]} dashes */
  _ring(ctx, camera, seat, radius, color, dashes) {
    const [x, y] = this._at(camera, seat);
    ctx.setLineDash(dashes);
    ctx.lineWidth = Math.max(2 * this.ratio, radius * 0.14);
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** Mine: a dark disc with a tick. @param {CanvasRenderingContext2D} ctx @param {import("./bitmaps.js").Camera} camera @param {number} seat
   * @param {number} radius */
  _tick(ctx, camera, seat, radius) {
    const [x, y] = this._at(camera, seat);
    ctx.fillStyle = this.theme.ink;
    ctx.strokeStyle = this.theme.paper;
    ctx.lineWidth = Math.max(this.ratio, radius * 0.18);
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.beginPath();
    ctx.moveTo(x - radius * 0.45, y + radius * 0.02);
    ctx.lineTo(x - radius * 0.1, y + radius * 0.38);
    ctx.lineTo(x + radius * 0.48, y - radius * 0.35);
    ctx.stroke();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {import("./bitmaps.js").Camera} camera @param {number} seat @param {number} radius */
  _cross(ctx, camera, seat, radius) {
    const [x, y] = this._at(camera, seat);
    ctx.fillStyle = this.theme.paper;
    ctx.strokeStyle = this.theme.accent;
    ctx.lineWidth = Math.max(2 * this.ratio, radius * 0.2);
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.beginPath();
    for (const turn of [-1, 1]) {
      ctx.moveTo(x - radius * 0.4, y - turn * radius * 0.4);
      ctx.lineTo(x + radius * 0.4, y + turn * radius * 0.4);
    }
    ctx.stroke();
  }

  /** What others just chose or gave back; whether there is more to come. @param {CanvasRenderingContext2D} ctx
   * @param {import("./bitmaps.js").Camera} camera @returns {boolean} */
  _drawFlashes(ctx, camera) {
    const now = performance.now();
    const radius = Math.max(SEAT_RADIUS * this.hall.pitch * camera.scale, 2 * this.ratio);
    for (const [seat, since] of this._flashes) {
      const part = (now - since) / FLASH_MS;
      if (part >= 1 || this.mine.has(seat)) {
        this._flashes.delete(seat);
        continue;
      }
      ctx.globalAlpha = 1 - part;
      this._ring(ctx, camera, seat, radius * (1 + 2 * part), this.theme.quiet, []);
      ctx.globalAlpha = 1;
    }
    return this._flashes.size > 0;
  }
}
