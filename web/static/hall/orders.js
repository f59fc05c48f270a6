/**
 * Holding: the one call that takes seats. Its key and body are kept until an answer has come, so that a repeat after a lost answer,
 * also after a reload, finds the order that was made instead of making another.
 */

import { memory } from "./memory.js";

/** @typedef {{code: string, [field: string]: any}} Refusal a problem document */
/** @typedef {{order: any, refusal: Refusal|null}} Outcome */

const TRIES = 4;
const PAUSE_MS = 700;
const ANSWER_MS = 12_000; // the shop itself gives up after eight seconds: later comes nothing, on a slow network either
const PENDING_MS_MAX = 120_000; // an older unanswered wish is no longer one

export class Orders {
  /** @param {string} event */
  constructor(event) {
    this._address = `/api/v1/events/${event}/orders`;
    this._key = `order ${event}`;
    this._madeKey = `made ${event}`;
  }

  /** The wish whose answer never came, to be asked again; null when there is none. @returns {object|null} */
  get pending() {
    const kept = memory.get(this._key);
    return kept && Date.now() - kept.since < PENDING_MS_MAX ? JSON.parse(kept.body) : null;
  }

  /** The order made last on this page's event, if this tab remembers one: `{order_id, seats}`. */
  get made() {
    return memory.get(this._madeKey);
  }

  forget() {
    memory.set(this._madeKey, null);
  }

  /**
   * Holds what is wished for, asking again while no answer comes. Code `no_answer`: nobody knows yet, the same wish may be asked again.
   * @param {object} wish @param {() => void} again called before every repeat
   * @returns {Promise<Outcome>}
   */
  async hold(wish, again = () => {}) {
    const body = JSON.stringify(wish);
    const kept = memory.get(this._key);
    const key = kept?.body === body ? kept.key : crypto.getRandomValues(new Uint32Array(4)).join("-");
    memory.set(this._key, { key, body, since: Date.now() });
    for (let left = TRIES; left > 0; left--) {
      const answer = await this._ask(body, key);
      if (answer) return this._settled(answer);
      if (left > 1) {
        again();
        await new Promise((resume) => setTimeout(resume, PAUSE_MS * (TRIES - left + 1)));
      }
    }
    return { order: null, refusal: { code: "no_answer" } };
  }

  /** The answer's status and document; null when it should be asked again. @param {string} body @param {string} key */
  async _ask(body, key) {
    const patience = new AbortController();
    const late = setTimeout(() => patience.abort(), ANSWER_MS);
    try {
      const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
      const answer = await fetch(this._address, { method: "POST", credentials: "same-origin", headers, body, signal: patience.signal });
      return answer.status >= 500 ? null : { status: answer.status, told: await answer.json() };
    } catch {
      return null;
    } finally {
      clearTimeout(late);
    }
  }

  /** @param {{status: number, told: any}} answer @returns {Outcome} */
  _settled({ status, told }) {
    memory.set(this._key, null);
    if (status !== 200 && status !== 201) return { order: null, refusal: told };
    memory.set(this._madeKey, { order_id: told.order_id, seats: told.seats.map((/** @type {any} */ place) => place.seat).filter(Boolean) });
    return { order: told, refusal: null };
  }

  /** Whether the order made last still holds its seats; null when nobody tells. @returns {Promise<any>} the order or null */
  async living() {
    const made = this.made;
    if (!made) return null;
    try {
      const answer = await fetch(`/api/v1/orders/${made.order_id}`, { credentials: "same-origin" });
      const order = answer.ok ? await answer.json() : null;
      if (order && ["held", "paying", "paid"].includes(order.status)) return order;
      if (answer.ok || answer.status === 404) this.forget();
    } catch {
      // whether it lives is told by its own page, too
    }
    return null;
  }
}
