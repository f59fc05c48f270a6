/** What happened, said once: quietly for what the shopper did, at once and with a way on for what happened to the shopper. */

import { element } from "./elements.js";

/** @typedef {{text: string, more?: string, act: () => void, seats?: number[]}} Way a button that leads on; `seats` are shown while it is pointed at */

export class Notices {
  /** @param {import("./words.js").Words} words @param {(seats: number[]) => void} point called with seats to show, empty for none */
  constructor(words, point) {
    this._words = words;
    this._point = point;
    this.status = element("p", { class: "hall-status", role: "status" });
    this.alert = element("div", { class: "hall-alert", role: "alert", tabindex: -1 });
  }

  /** @param {string} text */
  say(text) {
    this.status.textContent = text;
  }

  /** @param {string} text @param {Way[]} ways @param {() => void} [dismissed] */
  warn(text, ways = [], dismissed = () => {}) {
    const close = element(
      "button",
      {
        type: "button",
        class: "hall-close",
        "aria-label": this._words.say("Close this message"),
        onclick: () => {
          this.clear();
          dismissed();
        },
      },
      "✕",
    );
    const buttons = ways.map((way) =>
      element(
        "button",
        {
          type: "button",
          class: "hall-way",
          onclick: way.act,
          onpointerenter: () => this._point(way.seats ?? []),
          onpointerleave: () => this._point([]),
          onfocus: () => this._point(way.seats ?? []),
          onblur: () => this._point([]),
        },
        element("strong", {}, way.text),
        ...(way.more ? [element("span", {}, way.more)] : []),
      ),
    );
    this._write(element("p", {}, text), ...(buttons.length ? [element("div", { class: "hall-ways" }, ...buttons)] : []), close);
  }

  /** Bring the shopper to what was said last: it is the answer to what was asked. */
  show() {
    this.alert.focus();
  }

  clear() {
    this._write();
    this._point([]);
  }

  /** The keyboard stays here when the button that it was on goes. @param {...HTMLElement} parts */
  _write(...parts) {
    const wasHere = this.alert.contains(document.activeElement);
    this.alert.replaceChildren(...parts);
    if (wasHere) this.alert.focus({ preventScroll: true });
  }
}
