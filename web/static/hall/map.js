/** The hall as a picture that answers: pointing, touching and keys become choices. */

import { Drawing } from "./drawing.js";
import { element } from "./elements.js";
import { ARROWS, Gestures } from "./gestures.js";
import { Tooltip } from "./tooltip.js";
import { FREE } from "./words.js";

/** @typedef {import("./choosing.js").Choosing} Choosing */

const TOUCH_REACH = 20; // CSS pixels: a finger is no needle
const MOUSE_REACH = 6;
const LONG_TOUCH_MS = 450;
const TOUCH_SLIP = 10; // CSS pixels a finger may move and still be still

export class HallMap {
  /** @param {Choosing} choosing @param {import("./sale.js").Sale} sale @param {import("./palette.js").Look[]} looks
   * @param {() => void} leave to what was chosen */
  constructor(choosing, sale, looks, leave) {
    this._choosing = choosing;
    this._leave = leave;
    this._sale = sale;
    const { hall, parts } = choosing;
    const { words } = parts;
    this.canvas = element("canvas", {
      class: "hall-canvas",
      tabindex: 0,
      role: "application",
      "aria-label": words.say("Map of the hall"),
      "aria-describedby": "hall-keys",
    });
    const button = (/** @type {string} */ sign, /** @type {string} */ name, /** @type {() => void} */ act) =>
      element("button", { type: "button", "aria-label": name, title: name, onclick: act }, sign);
    this.place = element(
      "div",
      { class: "hall-map" },
      this.canvas,
      element(
        "p",
        { id: "hall-keys", class: "hall-unseen" },
        words.say(
          "Enter comes nearer, then chooses the marked seat. Arrow keys move, plus and minus zoom, zero shows the whole hall, Escape leads back to it and then to your choice. The list has the same seats in words.",
        ),
      ),
      element(
        "div",
        { class: "hall-zoom" },
        button("+", words.say("Nearer"), () => this.gestures.zoomBy(1.8)),
        button("−", words.say("Farther"), () => this.gestures.zoomBy(1 / 1.8)),
        button("", words.say("Whole hall"), () => this.gestures.showWhole()),
      ),
    );
    this.drawing = new Drawing(this.canvas, hall, parts.seats, looks, words, (area) => sale.freeIn(area));
    this._tooltip = new Tooltip(this.place);
    this._touched = 0;
    this._from = { x: 0, y: 0 };
    this._long = false;
    this.gestures = /** @type {Gestures} */ (/** @type {unknown} */ (null)); // from `begin` on
    this._listen();
    choosing.watch(() => this._show());
    parts.seats.watch(() => this._refreshTooltip());
    sale.watch(() => this.drawing.redraw());
  }

  /** Begin once the place is on the page and has its size. */
  begin() {
    this.gestures = new Gestures(this.drawing);
    this._show();
  }

  /** Mark the seats that are spoken of. @param {number[]} seats */
  point(seats) {
    this.drawing.offered = new Set(seats.length ? seats : this._choosing.offered);
    this.drawing.redraw();
  }

  _show() {
    const { basket } = this._choosing.parts;
    this.drawing.mine = new Set(basket.seats);
    this.drawing.lost = new Set(this._choosing.lost);
    this.drawing.offered = new Set(this._choosing.offered);
    this.drawing.redraw();
    this._refreshTooltip();
  }

  _listen() {
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) => this.canvas.addEventListener(name, act);
    on("pointermove", (event) => this._pointed(event));
    on("pointerleave", () => this._hover(-1));
    on("pointerdown", (event) => this._pressed(event));
    for (const name of ["pointerup", "pointercancel"]) on(name, () => clearTimeout(this._touched));
    on("click", (event) => this._clicked(event));
    on("contextmenu", (event) => event.preventDefault()); // a long touch shows the seat, not a menu
    on("keydown", (event) => this._key(event));
    on("focus", () => this.canvas.matches(":focus-visible") && this._markCursor());
    on("blur", () => this._hover(-1));
  }

  /** @param {PointerEvent} event */
  _pointed(event) {
    if (event.pointerType === "touch") {
      if (Math.hypot(event.offsetX - this._from.x, event.offsetY - this._from.y) > TOUCH_SLIP) clearTimeout(this._touched);
      return;
    }
    if (event.buttons) return this._hover(-1);
    const seat = this.drawing.seatAt(event.offsetX, event.offsetY, MOUSE_REACH);
    this._hover(this.drawing.isClose ? seat : -1);
    if (!this.drawing.isClose || seat < 0) this._showPlace(seat, event.offsetX, event.offsetY);
    this.canvas.classList.toggle("hall-canvas-hand", seat >= 0 || this.drawing.areaAt(event.offsetX, event.offsetY) !== null);
  }

  /** @param {PointerEvent} event */
  _pressed(event) {
    this._from = { x: event.offsetX, y: event.offsetY };
    this._long = false;
    if (event.pointerType !== "touch") return;
    clearTimeout(this._touched);
    this._touched = setTimeout(() => {
      this._long = true;
      const seat = this.drawing.seatAt(event.offsetX, event.offsetY, TOUCH_REACH);
      if (seat >= 0 && this.drawing.isClose) this._hover(seat);
      else this._showPlace(seat, event.offsetX, event.offsetY);
    }, LONG_TOUCH_MS);
  }

  /** @param {PointerEvent} event */
  _clicked(event) {
    if (this._long) return;
    const touch = event.pointerType === "touch";
    const seat = this.drawing.seatAt(event.offsetX, event.offsetY, touch ? TOUCH_REACH : MOUSE_REACH);
    const area = this.drawing.areaAt(event.offsetX, event.offsetY);
    if (seat < 0 && area) {
      const { basket } = this._choosing.parts;
      this._choosing.setArea(area.name, (basket.areas.get(area.name) ?? 0) + 1);
    } else if (seat >= 0 && this.drawing.isClose) {
      this._choosing.toggle(seat);
      this._hover(seat);
    } else if (seat >= 0) {
      this._hover(-1);
      this.gestures.comeNear({ x: this.drawing.hall.x[seat], y: this.drawing.hall.y[seat] });
    } else this._hover(-1);
  }

  /** @param {number} seat -1 for none */
  _hover(seat) {
    this.drawing.hovered = seat;
    this.drawing.redraw();
    this._refreshTooltip();
  }

  _refreshTooltip() {
    const seat = this.drawing.hovered;
    if (seat < 0) return this._tooltip.hide();
    const { naming } = this._choosing.parts;
    const { x, y } = this.drawing.toScreen(seat);
    this._tooltip.show([naming.seat(seat), naming.zone(seat), `${naming.price(seat)} · ${naming.state(seat)}`, naming.kind(seat)], x, y);
  }

  /** From afar: the area at the point, or the zone of the seat there. @param {number} seat @param {number} x @param {number} y */
  _showPlace(seat, x, y) {
    const { hall, parts } = this._choosing;
    const area = seat < 0 ? this.drawing.areaAt(x, y) : null;
    if (area) {
      const free = this._sale.freeIn(area.name);
      return this._tooltip.show(
        [area.name, parts.words.money(this._sale.priceOf(area.category)), free === null ? "" : parts.words.count(FREE, free)],
        x,
        y,
      );
    }
    if (seat < 0) return this._tooltip.hide();
    const zone = hall.zoneOf(seat);
    this._tooltip.show(
      [
        hall.zones[zone].name,
        hall.categories[hall.category[seat]],
        parts.naming.price(seat),
        parts.words.count(FREE, parts.seats.zoneFree[zone]),
      ],
      x,
      y,
    );
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const { drawing } = this;
    const arrow = ARROWS[event.key];
    if (arrow && drawing.isClose && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) this._moveCursor(arrow);
    else if ((event.key === "Enter" || event.key === " ") && drawing.cursor >= 0 && drawing.isClose) this._choosing.toggle(drawing.cursor);
    else if (event.key === "Enter") this.gestures.comeNear(this._middle());
    else if (event.key === "Escape" && this.gestures.isWhole) return this._leave();
    else if (event.key === "Escape") this.gestures.showWhole();
    else if (!this.gestures.key(event, this._cursorPoint())) return;
    event.preventDefault();
    setTimeout(() => this._markCursor(), 400); // once the view has come to rest
  }

  _middle() {
    return this.drawing.toPlan(this.drawing.width / 2, this.drawing.height / 2);
  }

  /** Where the keyboard's mark is on the screen, if it is in view. @returns {[number, number]|undefined} */
  _cursorPoint() {
    const { drawing } = this;
    const { x, y } = drawing.cursor >= 0 ? drawing.toScreen(drawing.cursor) : { x: -1, y: -1 };
    return x >= 0 && y >= 0 && x <= drawing.width && y <= drawing.height ? [x, y] : undefined;
  }

  /** The keyboard's mark: the seat nearest to the middle, unless it is in view already. */
  _markCursor() {
    const { drawing } = this;
    if (document.activeElement !== this.canvas) return;
    if (!drawing.isClose) {
      if (drawing.cursor >= 0) this._choosing.parts.notices.say(this._choosing.parts.words.say("Whole hall"));
      drawing.cursor = -1;
      return this._hover(-1);
    }
    if (!this._cursorPoint()) {
      const middle = this._middle();
      this._setCursor(drawing.hall.nearest(middle.x, middle.y, drawing.width / drawing.transform.k));
    }
  }

  /** To the next seat in this direction: along the row first, and the nearer the straighter. @param {[number, number]} arrow */
  _moveCursor([across, down]) {
    const { hall, cursor, width, transform } = this.drawing;
    if (cursor < 0) return this._markCursor();
    const reach = width / transform.k;
    let best = -1;
    let least = Infinity;
    hall.within(
      { left: hall.x[cursor] - reach, top: hall.y[cursor] - reach, right: hall.x[cursor] + reach, bottom: hall.y[cursor] + reach },
      (seat) => {
        const dx = hall.x[seat] - hall.x[cursor];
        const dy = hall.y[seat] - hall.y[cursor];
        const ahead = dx * across + dy * down;
        const aside = Math.abs(dx * down) + Math.abs(dy * across);
        if (ahead > 0.2 * hall.pitch && aside <= 1.5 * ahead && ahead + 2 * aside < least) {
          least = ahead + 2 * aside;
          best = seat;
        }
      },
    );
    if (best >= 0) this._setCursor(best);
  }

  /** @param {number} seat */
  _setCursor(seat) {
    this.drawing.cursor = seat;
    if (seat < 0) return;
    this.gestures.show(seat);
    this._hover(seat);
    this._choosing.parts.notices.say(this._choosing.parts.naming.whole(seat));
  }
}
