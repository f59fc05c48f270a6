/**
 * What the shopper does with seats, and what others do to them: choosing, losing, taking others instead, holding. Map and list call
 * the same few functions; this is the only place that changes the basket.
 */

import { sentenceOf } from "./refusals.js";
import { similar } from "./similar.js";
import { LIMIT, TICKETS } from "./words.js";

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {{hall: Hall, seats: import("./seats.js").Seats, basket: import("./basket.js").Basket, orders: import("./orders.js").Orders,
 *   words: import("./words.js").Words, naming: import("./naming.js").Naming, notices: import("./notices.js").Notices,
 *   opening: import("./opening.js").Opening, sale: import("./sale.js").Sale}} Parts */

export class Choosing {
  /** @param {Parts} parts @param {string} page the address to come back to after signing in @param {boolean} signedIn */
  constructor(parts, page, signedIn) {
    /** @type {Hall} */ this.hall = parts.hall;
    this.parts = parts;
    this.signedIn = signedIn;
    this._page = page;
    this.busy = false; // an order is on its way: what the stream says of its seats may be ours
    this.uncertain = false; // an order may have been made, nobody knows
    /** @type {number[]} */ this.lost = [];
    /** @type {number[]} */ this.offered = [];
    /** @type {(() => void)[]} */ this._watchers = [];
    parts.seats.watch((changed) => this._othersChose(changed));
    parts.sale.watch(() => this._othersCame());
    parts.basket.watch(() => this._tell());
  }

  /** @param {() => void} tell called when what is shown may differ */
  watch(tell) {
    this._watchers.push(tell);
  }

  _tell() {
    for (const tell of this._watchers) tell();
  }

  /** Choose a seat, or give it back. @param {number} seat @returns {boolean} whether anything changed */
  toggle(seat) {
    const { basket, seats, naming, notices, words } = this.parts;
    if (basket.has(seat)) {
      basket.remove([seat]);
      notices.say(words.say("{seat}: given back.", { seat: naming.seat(seat) }));
      return true;
    }
    if (this.busy) return false;
    if (!seats.isFree(seat)) {
      notices.say(naming.whole(seat));
      return false;
    }
    return this._refused(1) ? false : this._add([seat]);
  }

  /** @param {string} area @param {number} places */
  setArea(area, places) {
    const { basket, notices, words, sale } = this.parts;
    if (basket.seats.length) {
      notices.warn(words.say("Seats and places without a seat are two orders. Hold your seats first, or give them back."));
      return false;
    }
    const free = sale.freeIn(area) ?? places;
    if (places > free && places > (basket.areas.get(area) ?? 0)) {
      notices.say(words.say("{place}: places left: {n}.", { place: area, n: words.number(free) }));
      return false;
    }
    const others = basket.size - (basket.areas.get(area) ?? 0);
    if (others + places > basket.limit) {
      notices.say(words.count(LIMIT, basket.limit));
      return false;
    }
    basket.setArea(area, places);
    notices.say(this._summary());
    return true;
  }

  /** @param {number} count @returns {boolean} */
  _refused(count) {
    const { basket, notices, words } = this.parts;
    const refusal = basket.refusal(count);
    if (refusal === "limit") notices.warn(words.count(LIMIT, basket.limit));
    if (refusal === "areas")
      notices.warn(words.say("Seats and places without a seat are two orders. Hold your places first, or give them back."));
    return refusal !== "";
  }

  /** @param {number[]} seats */
  _add(seats) {
    const { basket, notices, naming } = this.parts;
    basket.add(seats);
    notices.say(`${seats.length === 1 ? naming.whole(seats[0]) : naming.several(seats)}. ${this._summary()}`);
    return true;
  }

  _summary() {
    const { basket, words } = this.parts;
    return `${words.count(TICKETS, basket.size)}, ${words.money(basket.total)}`;
  }

  /** @param {number[]} changed */
  _othersChose(changed) {
    if (this.busy || this.uncertain) return;
    const { basket, seats } = this.parts;
    const lost = basket.seats.filter((seat) => !seats.isFree(seat));
    if (lost.length) this._lose(lost);
    else if (this.offered.some((seat) => !seats.isFree(seat)) && changed.length) this._offer();
  }

  /** Others took places of areas, and may have left fewer than are in the basket. */
  _othersCame() {
    if (this.busy || this.uncertain) return;
    const { basket, notices, words, sale } = this.parts;
    for (const [area, places] of [...basket.areas]) {
      const free = sale.freeIn(area) ?? places;
      if (places <= free) continue;
      basket.setArea(area, free);
      notices.say(basket.size ? this._summary() : "");
      notices.warn(words.say("{place}: others were faster. Places left for you: {n}.", { place: area, n: words.number(free) }));
    }
  }

  /** Seats of the basket that somebody else has. @param {number[]} lost */
  _lose(lost) {
    const { basket, notices } = this.parts;
    this.lost = lost;
    basket.remove(lost);
    notices.say(basket.size ? this._summary() : ""); // what was said of the choice before is no longer so
    this._offer();
  }

  _offer() {
    const { seats, basket, naming, notices, words } = this.parts;
    const offers = similar(this.hall, (seat) => seats.isFree(seat), this.lost, basket.seats);
    this.offered = offers.flatMap((offer) => offer.seats);
    const ways = offers.map((offer) => ({
      text: naming.several(offer.seats),
      more: this._virtue(offer),
      seats: offer.seats,
      act: () => this._take(offer),
    }));
    const happened = words.say("Somebody else was faster: {seats}.", { seats: naming.several(this.lost) });
    const next = ways.length ? words.say("Take one of these instead:") : words.say("There is no other place of this price left.");
    notices.warn(`${happened} ${next}`, ways, () => this._settle());
    this._tell();
  }

  /** What is good about an offer. @param {import("./similar.js").Offer} offer */
  _virtue(offer) {
    const { basket, words } = this.parts;
    if (!offer.keeps) return words.say("all together, instead of your others too");
    if (offer.together && basket.seats.length) return words.say("beside yours");
    return offer.together ? words.say("together, near by") : words.say("nearest of this price");
  }

  /** @param {import("./similar.js").Offer} offer */
  _take(offer) {
    const { basket, notices } = this.parts;
    if (!offer.keeps) basket.remove([...basket.seats]);
    this._settle();
    notices.clear();
    if (!this._refused(offer.seats.length)) this._add(offer.seats);
  }

  /** The conflict is over. */
  _settle() {
    this.lost = [];
    this.offered = [];
    this._tell();
  }

  /** Hold the basket, or the best places: on to the order's page. @param {object} [wish] */
  async hold(wish = this.parts.basket.wish()) {
    if (this.busy) return;
    if (!this.signedIn) {
      location.assign(`/sign-in?back=${this._page}`);
      return;
    }
    const { orders, notices, words, basket } = this.parts;
    this._busy(true);
    notices.clear();
    notices.say(words.say("Holding the places…"));
    const { order, refusal } = await orders.hold(wish, () => notices.say(words.say("No answer yet, asking again…")));
    if (order) {
      basket.clear();
      location.assign(`/orders/${order.order_id}`);
      return;
    }
    this.uncertain = refusal?.code === "no_answer";
    this._busy(false);
    notices.say("");
    if (refusal) {
      this._explain(refusal, wish);
      notices.show();
    }
  }

  /** @param {boolean} busy */
  _busy(busy) {
    this.busy = busy;
    this._tell();
  }

  /** @param {import("./orders.js").Refusal} refusal @param {any} wish */
  _explain(refusal, wish) {
    const { basket, notices, words, naming, opening } = this.parts;
    if (refusal.code === "not_signed_in") {
      this.signedIn = false;
      return void this.hold(wish);
    }
    const named = this._named(refusal.seats);
    if (refusal.code === "seat_taken" && named.length) return this._lose(named);
    if (refusal.code === "orphan_seats") {
      const text = words.say("This choice would leave a single seat that nobody wants: {seats}. Take it too, or move along the row.", {
        seats: naming.several(named),
      });
      this.offered = named;
      return notices.warn(
        text,
        [
          {
            text: naming.several(named),
            more: words.say("take it too"),
            seats: named,
            act: () => this._take({ seats: named, keeps: true, together: true }),
          },
        ],
        () => this._settle(),
      );
    }
    if (refusal.code === "sale_not_open") opening.correct(refusal.opens_at);
    const ways = refusal.code === "no_answer" ? [{ text: words.say("Ask again"), act: () => this.hold(wish) }] : [];
    notices.warn(sentenceOf(refusal, words), ways);
    if (this.uncertain) return;
    this._othersChose(basket.seats);
    this._othersCame();
  }

  /** @param {string[]|undefined} guids */
  _named(guids) {
    return (guids ?? []).map((guid) => this.hall.index.get(guid)).filter((seat) => seat !== undefined);
  }

  /** A wish whose answer was lost with the page is asked for again. */
  resume() {
    const pending = this.parts.orders.pending;
    if (pending && this.signedIn) this.hold(pending);
  }
}
