/**
 * Keeps the seats current: the event's stream while the page is seen, else nothing. A browser has six connections to a site for
 * all of its tabs, so a tab in the background gives its own back. Where no stream can be had the seats are asked for.
 */

/** @typedef {import("./seats.js").Seats} Seats */

const ASK_MS = 3_000;
const RETRY_MS = 15_000;
const SILENCE_MS = 3_000; // a connection that is back sooner was not missed

export class Stream {
  /** @param {string} api the event's address in the API @param {Seats} seats @param {import("./sale.js").Sale} sale
   * @param {(connected: boolean) => void} tell */
  constructor(api, seats, sale, tell) {
    this._api = api;
    this._seats = seats;
    this._sale = sale;
    this._tell = tell;
    this._asking = 0;
    this._silence = 0;
    /** @type {EventSource|null} */ this._source = null;
    document.addEventListener("visibilitychange", () => (document.hidden ? this._close() : this._open()));
    addEventListener("pagehide", () => this._close());
    this._open();
  }

  _open() {
    if (this._source || document.hidden) return;
    const source = (this._source = new EventSource(`${this._api}/seats/stream`));
    source.addEventListener("open", () => this._connected()); // who missed nothing meanwhile is told nothing
    source.addEventListener("snapshot", (event) => this._replace(JSON.parse(event.data)));
    source.addEventListener("change", (event) => {
      const told = JSON.parse(event.data);
      this._sale.learn(told.areas_free ?? []);
      this._seats.change(told.changes, told.version);
    });
    source.addEventListener("error", () => {
      this._silence ||= setTimeout(() => this._tell(false), SILENCE_MS);
      if (source.readyState === EventSource.CLOSED) this._ask(); // refused: the browser does not come back by itself
    });
  }

  /** All that is free, at one version. @param {{states: string, version: number, areas_free?: number[]}} told */
  _replace(told) {
    this._sale.learn(told.areas_free ?? []);
    this._seats.replace(told.states, told.version);
  }

  _connected() {
    clearTimeout(this._silence);
    this._silence = 0;
    this._tell(true);
  }

  _close() {
    this._source?.close();
    this._source = null;
    clearTimeout(this._asking);
  }

  /** Ask for the seats until a stream can be had again. */
  _ask() {
    const since = performance.now();
    this._close();
    const ask = async () => {
      if (document.hidden) return;
      if (performance.now() - since > RETRY_MS) return this._open();
      try {
        const answer = await fetch(`${this._api}/seats`);
        if (this._source) return; // the page was out of sight meanwhile, and has a stream again
        if (answer.ok) {
          this._replace(await answer.json());
          this._connected();
        }
      } catch {
        // the next turn asks again; the page says already that it is not current
      }
      this._asking = setTimeout(ask, ASK_MS);
    };
    ask();
  }
}
