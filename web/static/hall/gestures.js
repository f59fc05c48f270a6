/**
 * Moving over the hall: mouse, wheel, touch and pinch by d3-zoom, keys by us. It is kept by many, tells a transform instead of moving
 * elements (a canvas has none), and needs no bundler. One finger moves the hall once it is enlarged, and the page before: otherwise a
 * phone could not scroll past the map.
 */

import { select } from "../vendor/d3-selection.js";
import * as d3 from "../vendor/d3-zoom.js";
import "../vendor/d3-transition.js";
import { wantsStillness } from "./elements.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */

const { zoom, zoomIdentity } = /** @type {any} */ (d3); // minified files tell no types

const SEAT_PIXELS_MAX = 64; // between neighbours, at the closest
const SEAT_PIXELS_NEAR = 34; // between neighbours when a tap brings them nearer
const FLIGHT_MS = 350;
const STEP = 0.2; // of the view, by one press of an arrow
const ZOOM_STEP = 1.6;

export class Gestures {
  /** @param {Drawing} drawing */
  constructor(drawing) {
    this._drawing = drawing;
    /** @type {any} */ this._canvas = select(drawing.canvas);
    this._zoom = zoom()
      .filter((/** @type {any} */ event) => this._wants(event))
      .clickDistance(6)
      .tapDistance(12)
      .on("zoom", (/** @type {any} */ event) => this._look(event.transform));
    this._canvas.call(this._zoom).on("dblclick.zoom", null);
    this.resize();
    new ResizeObserver(() => this.resize()).observe(drawing.canvas);
  }

  /** @param {any} event */
  _wants(event) {
    if (event.type === "wheel") return !(event.deltaY > 0 && this.isWhole); // scrolling down past the whole hall goes on down the page
    if (event.type === "touchstart" && event.touches.length === 1) return !this.isWhole;
    return !event.button;
  }

  get isWhole() {
    return this._drawing.transform.k <= this._drawing.fit * 1.01;
  }

  /** The canvas has another size, or has come to be seen: the whole hall, unless the shopper looks at a part of it. */
  resize() {
    const drawing = this._drawing;
    const wasWhole = this.isWhole || !drawing.ratio;
    if (!drawing.resize()) return;
    const whole = drawing.whole();
    const { box, pitch } = drawing.hall;
    const room = {
      x: Math.max(0, drawing.width / whole.k - (box.right - box.left)) / 2,
      y: Math.max(0, drawing.height / whole.k - (box.bottom - box.top)) / 2,
    };
    this._zoom
      .extent([
        [0, 0],
        [drawing.width, drawing.height],
      ])
      .scaleExtent([whole.k, Math.max(whole.k * 2, SEAT_PIXELS_MAX / pitch)])
      .translateExtent([
        [box.left - room.x, box.top - room.y],
        [box.right + room.x, box.bottom + room.y],
      ]);
    if (wasWhole) this._canvas.call(this._zoom.transform, zoomIdentity.translate(whole.x, whole.y).scale(whole.k));
    else this._canvas.call(this._zoom.scaleBy, 1);
  }

  /** @param {{k: number, x: number, y: number}} transform */
  _look(transform) {
    this._drawing.look(transform);
    this._drawing.canvas.classList.toggle("hall-canvas-near", !this.isWhole);
  }

  /** The selection to move: it glides there, unless motion is unwelcome. */
  _moving() {
    return wantsStillness() ? this._canvas : this._canvas.transition().duration(FLIGHT_MS);
  }

  /** @param {number} factor above 1: nearer @param {[number, number]} [point] in CSS pixels; the middle of the view unless given */
  zoomBy(factor, point) {
    this._moving().call(this._zoom.scaleBy, factor, point);
  }

  showWhole() {
    const { x, y, k } = this._drawing.whole();
    this._moving().call(this._zoom.transform, zoomIdentity.translate(x, y).scale(k));
  }

  /** Come near to a point of the plan, so that single seats can be chosen. @param {{x: number, y: number}} point */
  comeNear(point) {
    const drawing = this._drawing;
    const k = Math.max(drawing.transform.k, SEAT_PIXELS_NEAR / drawing.hall.pitch);
    this._moving().call(
      this._zoom.transform,
      zoomIdentity
        .translate(drawing.width / 2, drawing.height / 2)
        .scale(k)
        .translate(-point.x, -point.y),
    );
  }

  /** Bring a seat into view, with room around it. @param {number} seat */
  show(seat) {
    const drawing = this._drawing;
    if (!drawing.isClose) return this.comeNear({ x: drawing.hall.x[seat], y: drawing.hall.y[seat] });
    const { x, y } = drawing.toScreen(seat);
    const room = Math.min(90, drawing.width / 4, drawing.height / 4);
    const dx = Math.min(0, drawing.width - room - x) + Math.max(0, room - x);
    const dy = Math.min(0, drawing.height - room - y) + Math.max(0, room - y);
    if (dx || dy) this._canvas.call(this._zoom.translateBy, dx / drawing.transform.k, dy / drawing.transform.k);
  }

  /** @param {number} across @param {number} down -1, 0 or 1 */
  pan(across, down) {
    const { width, height, transform } = this._drawing;
    this._canvas.call(this._zoom.translateBy, (-across * STEP * width) / transform.k, (-down * STEP * height) / transform.k);
  }

  /** A key that moves the view; whether it was one. @param {KeyboardEvent} event
   * @param {[number, number]} [point] what stays where it is when the hall comes nearer, in CSS pixels; the middle unless given */
  key(event, point) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow) this.pan(arrow[0], arrow[1]);
    else if (event.key === "+" || event.key === "=") this.zoomBy(ZOOM_STEP, point);
    else if (event.key === "-") this.zoomBy(1 / ZOOM_STEP, point);
    else if (event.key === "0") this.showWhole();
    else return false;
    return true;
  }
}

/** @type {Record<string, [number, number]>} */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
