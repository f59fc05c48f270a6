/**
 * Keeps the seats current: the event's stream while the page is seen, else nothing. A browser has six connections to a site for
 * all of its tabs, so a tab in the background gives its own back. Where no stream can be had the seats are asked for.
 *
 * A stream may be silent because nothing happens, or because its connection died and nobody said so: a phone slept, a network went
 * away, a unit froze. So silence is never trusted for long: the seats are asked for by a new request, which costs an answer without
 * a body while nothing has changed, and a stream that did not tell what they tell is opened anew.
 */

/** @typedef {import("./seats.js").Seats} Seats */

const QUIET_MS = 6_000; // of silence until the seats are asked for; up to half as much again, so that a crowd does not ask at once
const DOUBT_MS = 3_000; // a connection that is back sooner, an answer that comes sooner was not missed
const ANSWER_MS_MAX = 8_000; // an answer or a stream that takes longer does not come, on a slow network either
const LATE_MS = 2_500; // how much later than an answer a living stream may tell the same
const ASK_MS = 3_000; // from one question to the next while there is no stream
const RETRY_MS = 15_000; // until a stream that was refused is asked for again
const LOOK_MS = 1_000;

export class Stream {
  /** @param {string} api the event's address in the API @param {Seats} seats @param {import("./sale.js").Sale} sale
   * @param {(current: boolean) => void} tell called with whether what the page shows is known to be so */
  constructor(api, seats, sale, tell) {
    this._api = api;
    this._seats = seats;
    this._sale = sale;
    this._tell = tell;
    /** @type {EventSource|null} */ this._source = null;
    this._opened = 0; // when the stream was asked for, unix ms
    this._due = 0; // when to ask for the seats unless the stream tells something before, unix ms
    this._isLate = false; // the seats were asked for, and the stream has not told yet what they told
    /** @type {AbortController|null} */ this._question = null;
    this._patience = DOUBT_MS; // for the next answer, ms
    this._doubt = 0;
    this._look = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this._rest() : this._wake()));
    addEventListener("pagehide", () => this._rest());
    addEventListener("offline", () => this._lose());
    addEventListener("online", () => this._reopen());
    this._wake();
  }

  _wake() {
    if (this._source || document.hidden) return;
    this._look = setInterval(() => this._watch(), LOOK_MS);
    this._open();
  }

  _rest() {
    clearInterval(this._look);
    clearTimeout(this._doubt);
    this._doubt = 0;
    this._question?.abort();
    this._question = null;
    this._source?.close();
    this._source = null;
  }

  _open() {
    const source = (this._source = new EventSource(`${this._api}/seats/stream`));
    this._opened = Date.now();
    this._isLate = false;
    this._wonder();
    this._askIn(this._patience);
    source.addEventListener("open", () => this._heard()); // who missed nothing meanwhile is told nothing
    source.addEventListener("snapshot", (event) => {
      this._replace(JSON.parse(event.data));
      this._heard();
    });
    source.addEventListener("change", (event) => {
      this._change(JSON.parse(event.data));
      this._heard();
    });
    source.addEventListener("error", () => {
      this._wonder();
      if (source.readyState === EventSource.CLOSED) this._askIn(0); // refused: the browser does not come back by itself
    });
  }

  /** In place of one that told nothing, or was refused. */
  _reopen() {
    if (!this._source) return;
    this._source.close();
    this._open();
  }

  /** All that is free, at one version. @param {{states: string, version: number, areas_free?: number[]}} told */
  _replace(told) {
    this._sale.learn(told.areas_free ?? []);
    this._seats.replace(told.states, told.version);
  }

  /** What changed; an answer may have told it before. @param {{changes: [number, string][], version: number, areas_free?: number[]}} told */
  _change(told) {
    if (told.version <= this._seats.version) return;
    this._sale.learn(told.areas_free ?? []);
    this._seats.change(told.changes, told.version);
  }

  /** The stream lives: whatever was asked meanwhile is old news. */
  _heard() {
    this._question?.abort();
    this._question = null;
    this._isLate = false;
    this._know();
  }

  /** What is shown is so. */
  _know() {
    clearTimeout(this._doubt);
    this._doubt = 0;
    this._patience = DOUBT_MS;
    this._tell(true);
    this._askIn(this._source?.readyState === EventSource.OPEN ? QUIET_MS : ASK_MS);
  }

  /** Nobody knows whether what is shown is still so. */
  _wonder() {
    this._doubt ||= setTimeout(() => this._lose(), DOUBT_MS);
  }

  _lose() {
    this._tell(false);
    this._askIn(0);
  }

  /** @param {number} ms */
  _askIn(ms) {
    this._due = Date.now() + ms * (1 + Math.random() / 2);
  }

  /** By the clock on the wall: a phone's timers stand still while it sleeps, and what it shows then may be hours old. */
  _watch() {
    const ahead = this._due - Date.now();
    if (this._question || (ahead > 0 && ahead < 2 * QUIET_MS)) return; // more: somebody has set the clock back
    if (this._isLate) this._reopen();
    else this._ask();
  }

  /**
   * Ask for the seats themselves. The browser keeps the last answer and its version, so nothing new costs next to nothing. It also
   * keeps connections, of which several may have died: a question without an answer buries one, so the first ones do not wait long.
   */
  async _ask() {
    const question = (this._question = new AbortController());
    const late = setTimeout(() => question.abort(), this._patience);
    this._wonder();
    try {
      const answer = await fetch(`${this._api}/seats`, { cache: "no-cache", signal: question.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      if (question === this._question) this._learn(told);
    } catch {
      if (question !== this._question) return; // nobody waits for it any more
      this._tell(false);
      this._doubtStream();
      this._askIn(question.signal.aborted ? 0 : ASK_MS);
      this._patience = Math.min(this._patience + 1_000, ANSWER_MS_MAX);
    } finally {
      clearTimeout(late);
      if (question === this._question) this._question = null;
    }
  }

  /** Seats that were asked for while the stream said nothing. @param {{states: string, version: number, areas_free?: number[]}} told */
  _learn(told) {
    const isNews = told.version !== this._seats.version;
    this._replace(told);
    this._know();
    if (this._source?.readyState !== EventSource.OPEN) return this._doubtStream();
    this._isLate = isNews;
    if (isNews) this._askIn(LATE_MS);
  }

  /** It has told nothing for long: another one, unless it is too young, or was refused a moment ago. */
  _doubtStream() {
    const patience = this._source?.readyState === EventSource.CLOSED ? RETRY_MS : this._patience;
    if (Math.abs(Date.now() - this._opened) >= patience) this._reopen();
  }
}
