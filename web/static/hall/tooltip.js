/** What stands beside a seat that is pointed at. */

import { element } from "./elements.js";

const AWAY = 14; // CSS pixels from the point

export class Tooltip {
  /** @param {HTMLElement} frame positioned; the tooltip stays within it */
  constructor(frame) {
    this._frame = frame;
    this._place = element("div", { class: "hall-tooltip", "aria-hidden": "true", hidden: true });
    frame.append(this._place);
  }

  /** @param {string[]} lines the first one stands out @param {number} x @param {number} y CSS pixels within the frame */
  show(lines, x, y) {
    this._place.replaceChildren(...lines.filter(Boolean).map((line, at) => element(at ? "span" : "strong", {}, line)));
    this._place.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this._place;
    const left = Math.max(4, Math.min(x - width / 2, this._frame.clientWidth - width - 4));
    const top = y - height - AWAY > 4 ? y - height - AWAY : y + AWAY;
    this._place.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide() {
    this._place.hidden = true;
  }
}
