/** When the sale opens, by the server's clock: a shopper's own clock may be minutes wrong, and minutes decide. */

import { DAYS } from "./words.js";

const DATE_STEP_MS = 1_000; // of the Date header
const LONGEST_TIMER_MS = 60_000;

export class Opening {
  /** @param {string} opensAt RFC 3339 */
  constructor(opensAt) {
    this.opensAt = Date.parse(opensAt);
    this._ahead = -Infinity; // the server's clock before the page's, in ms: the largest seen is the one with least delay
    this._started = performance.now();
    this._local = Date.now() - this._started;
  }

  /** Learn the server's time of an answer that has just come. @param {Response} answer */
  learn(answer) {
    const told = Date.parse(answer.headers.get("date") ?? "");
    // The header cuts the second off: the truth lies up to a second later, never earlier.
    if (told) this._ahead = Math.max(this._ahead, told - (this._local + performance.now()));
  }

  /** The server says it opens then. @param {string} opensAt */
  correct(opensAt) {
    this.opensAt = Date.parse(opensAt) || this.opensAt;
  }

  /** The server's time in unix ms; late by up to a second rather than early. */
  get now() {
    return this._local + performance.now() + (Number.isFinite(this._ahead) ? this._ahead : 0);
  }

  /** @returns {number} ms until the sale opens, not below 0 */
  get left() {
    return Math.max(0, this.opensAt - this.now);
  }

  /** Calls `tick` with the ms left every second, the last time with 0. @param {(left: number) => void} tick */
  count(tick) {
    const left = this.left;
    tick(left);
    if (left > 0) setTimeout(() => this.count(tick), Math.min(left > 3_600_000 ? LONGEST_TIMER_MS : DATE_STEP_MS, left));
  }
}

/** @param {number} ms @param {import("./words.js").Words} words @returns {string} "2 days 03:04:05" or "04:05" */
export function clockText(ms, words) {
  const seconds = Math.ceil(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const parts = [Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const shown = parts
    .slice(days || parts[0] ? 0 : 1)
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
  return days ? `${words.count(DAYS, days)} ${shown}` : shown;
}
