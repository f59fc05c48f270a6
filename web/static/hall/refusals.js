/** Why an order was refused, in a sentence that says what to do: one for every problem code that the call may answer. */

import { LIMIT } from "./words.js";

/** @typedef {import("./words.js").Words} Words */

/** @type {Record<string, string>} */
const SENTENCES = {
  sale_not_open: "The sale has not opened yet. Your choice is kept: it can be held as soon as the sale opens.",
  sale_closed: "The sale is closed.",
  not_enough_seats: "There are not so many places left there. Choose fewer, or another price.",
  idempotency_key_reused: "This choice was sent before and has changed since. Please try again.",
  too_many_requests: "That was too fast. Wait a few seconds and try again; your choice is kept.",
  no_answer: "The shop does not answer. Nobody knows yet whether the places are yours: ask again, nothing is bought twice.",
  not_found: "This event is no longer on sale.",
  invalid: "The hall has changed. Reload the page and choose again.",
};

/** @param {import("./orders.js").Refusal} refusal @param {Words} words @returns {string} */
export function sentenceOf(refusal, words) {
  if (refusal.code === "limit_exceeded") {
    const had = refusal.held_or_bought ? words.say("You already have {n} of them.", { n: refusal.held_or_bought }) : "";
    return `${words.count(LIMIT, refusal.limit)} ${had}`.trim();
  }
  return words.say(SENTENCES[refusal.code] ?? "That did not work. Your choice is kept, try again.");
}
