/**
 * The hall in words: zones, their rows, and a button for every free seat. Of equal power with the map, for keyboards and screen
 * readers, and for everybody who would rather read. A zone is written when it is opened, its rows a screenful at a time.
 */

import { element } from "./elements.js";
import { FREE, ROWS_MORE, languageOf } from "./words.js";

/** @typedef {import("./choosing.js").Choosing} Choosing */

const ROWS_AT_ONCE = 30;

export class Listing {
  /** @param {Choosing} choosing @param {import("./sale.js").Sale} sale @param {() => void} leave to what was chosen */
  constructor(choosing, sale, leave) {
    this._choosing = choosing;
    this._leave = leave;
    this._sale = sale;
    /** @type {Map<number, HTMLButtonElement>} buttons of the seats that are written */ this._buttons = new Map();
    /** @type {Map<number, HTMLElement>} */ this._rowNotes = new Map();
    const { hall, parts } = choosing;
    this._zones = hall.zones.map((zone, index) => (zone.end > zone.first ? this._zone(index) : null));
    this.place = element(
      "div",
      { class: "hall-list", hidden: true },
      element(
        "p",
        { class: "hall-hint" },
        parts.words.say(
          "Open a part of the hall; every free seat is a button. Arrow keys move from seat to seat, Escape leads to your choice.",
        ),
      ),
      ...this._zones.flatMap((zone) => (zone ? [zone.place] : [])),
    );
    parts.seats.watch((changed) => this._changed(changed));
    choosing.watch(() => this._marked());
    this._noteZones();
  }

  /** @param {number} index */
  _zone(index) {
    const zone = this._choosing.hall.zones[index];
    const free = element("span", { class: "hall-free" });
    const id = `hall-zone-${index}`;
    const rows = element("ul", { id, class: "hall-rows", hidden: true });
    const toggle = element(
      "button",
      {
        type: "button",
        class: "hall-zone",
        "aria-expanded": "false",
        "aria-controls": id,
        onclick: () => {
          const opens = rows.hidden;
          rows.hidden = !opens;
          toggle.setAttribute("aria-expanded", String(opens));
          if (opens && !rows.childElementCount) this._more(index, rows);
        },
      },
      element("span", { class: "hall-name", lang: languageOf(zone.name) }, zone.name || this._choosing.parts.words.say("Hall")),
      free,
    );
    return { place: element("section", {}, element("h3", { class: "hall-zone-title" }, toggle), rows), free, rows, next: zone.firstRow };
  }

  /** Write the next rows of a zone. @param {number} index @param {HTMLElement} rows */
  _more(index, rows) {
    const zone = this._choosing.hall.zones[index];
    const written = /** @type {any} */ (this._zones[index]);
    const end = Math.min(zone.endRow, written.next + ROWS_AT_ONCE);
    const items = [];
    for (let row = written.next; row < end; row++) items.push(this._row(row));
    written.next = end;
    const left = zone.endRow - end;
    if (left) {
      const more = element(
        "button",
        {
          type: "button",
          class: "hall-second",
          onclick: () => {
            more.parentElement.remove();
            this._more(index, rows);
            /** @type {any} */ (rows.children[end - zone.firstRow])?.querySelector("button:not([hidden])")?.focus();
          },
        },
        this._choosing.parts.words.count(ROWS_MORE, Math.min(left, ROWS_AT_ONCE)),
      );
      items.push(element("li", {}, more));
    }
    rows.append(...items);
    this._marked();
  }

  /** @param {number} row */
  _row(row) {
    const { hall, parts } = this._choosing;
    const { label, first, end } = hall.rows[row];
    const name = parts.naming.row(row);
    const note = element("span", { class: "hall-free" });
    const seats = element("span", {
      class: "hall-seats",
      role: "group",
      "aria-label": name,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._key(event, first, end),
    });
    for (let seat = first; seat < end; seat++) {
      const button = element(
        "button",
        { type: "button", class: "hall-seat", tabindex: -1, onclick: () => this._choosing.toggle(seat) },
        hall.numbers[seat],
      );
      this._buttons.set(seat, button);
      this._write(seat);
      seats.append(button);
    }
    this._rowNotes.set(row, note);
    this._noteRow(row);
    return element("li", { class: "hall-row" }, element("span", { class: "hall-name", lang: languageOf(label) }, name), note, seats);
  }

  /** A seat's button as the seat stands. @param {number} seat */
  _write(seat) {
    const button = /** @type {HTMLButtonElement} */ (this._buttons.get(seat));
    const { hall, parts } = this._choosing;
    const { naming, basket, seats } = parts;
    const mine = basket.has(seat);
    const free = seats.isFree(seat);
    // One that is focused stays until the focus leaves it: the keyboard must not fall back to the top of the page.
    button.hidden = !free && !mine && document.activeElement !== button;
    button.setAttribute("aria-pressed", String(mine));
    if (free || mine) button.removeAttribute("aria-disabled");
    else button.setAttribute("aria-disabled", "true");
    const told = [naming.seat(seat), naming.price(seat), naming.kind(seat), free || mine ? "" : naming.state(seat)].filter(Boolean);
    button.setAttribute("aria-label", told.join(", "));
    button.classList.toggle("hall-wheels", hall.kinds.get(seat) === "wheelchair");
  }

  /** What is free in a row and what it costs; its first seat is where the Tab key comes in. @param {number} row */
  _noteRow(row) {
    const { hall, parts } = this._choosing;
    const { first, end } = hall.rows[row];
    const prices = new Set();
    let entered = false;
    for (let seat = first; seat < end; seat++) {
      const button = /** @type {HTMLButtonElement} */ (this._buttons.get(seat));
      button.tabIndex = !entered && !button.hidden ? 0 : -1;
      entered ||= !button.hidden;
      if (parts.seats.isFree(seat)) prices.add(this._sale.priceOf(hall.category[seat]));
    }
    const told = [
      parts.words.count(FREE, parts.seats.rowFree[row]),
      ...[...prices].sort((a, b) => b - a).map((price) => parts.words.money(price)),
    ];
    /** @type {HTMLElement} */ (this._rowNotes.get(row)).textContent = told.join(" · ");
  }

  _noteZones() {
    const { seats, words } = this._choosing.parts;
    this._zones.forEach((zone, index) => {
      if (zone) zone.free.textContent = seats.known ? words.count(FREE, seats.zoneFree[index]) : "";
    });
  }

  /** @param {number[]} changed */
  _changed(changed) {
    this._noteZones();
    this._rewrite(changed);
  }

  /** The basket is another one. */
  _marked() {
    const pressed = [...this._buttons].filter(([, button]) => button.getAttribute("aria-pressed") === "true").map(([seat]) => seat);
    this._rewrite([...pressed, ...this._choosing.parts.basket.seats]);
  }

  /** @param {number[]} seats */
  _rewrite(seats) {
    const written = seats.filter((seat) => this._buttons.has(seat));
    for (const seat of written) this._write(seat);
    for (const row of new Set(written.map((seat) => this._choosing.hall.row[seat]))) this._noteRow(row);
  }

  /** Left and right within the row, up and down to the rows beside it. @param {KeyboardEvent} event @param {number} first @param {number} end */
  _key(event, first, end) {
    if (event.key === "Escape") return this._leave();
    const buttons = this._shown(first, end);
    const at = buttons.indexOf(/** @type {any} */ (document.activeElement));
    const row = /** @type {HTMLElement} */ (event.currentTarget).closest(".hall-row");
    /** @type {Record<string, () => any>} */
    const moves = {
      ArrowLeft: () => buttons[at - 1],
      ArrowRight: () => buttons[at + 1],
      Home: () => buttons[0],
      End: () => buttons[buttons.length - 1],
      ArrowUp: () => beside(row, "previousElementSibling", at),
      ArrowDown: () => beside(row, "nextElementSibling", at),
    };
    const next = moves[event.key]?.();
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /** @param {number} first @param {number} end */
  _shown(first, end) {
    const buttons = [];
    for (let seat = first; seat < end; seat++) buttons.push(/** @type {HTMLButtonElement} */ (this._buttons.get(seat)));
    return buttons.filter((button) => !button.hidden);
  }
}

/** The button at about the same place in the next row that has one. @param {any} row @param {string} way @param {number} at */
function beside(row, way, at) {
  for (let other = row[way]; other; other = other[way]) {
    const buttons = other.querySelectorAll("button:not([hidden])");
    if (buttons.length) return buttons[Math.min(at, buttons.length - 1)];
  }
  return null;
}
