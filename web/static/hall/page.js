/** Puts the hall into the event's page: asks for everything at once, draws as soon as plan and seats are there. */

import { Basket } from "./basket.js";
import { Choosing } from "./choosing.js";
import { element } from "./elements.js";
import { HallMap } from "./map.js";
import { Listing } from "./listing.js";
import { memory } from "./memory.js";
import { Naming } from "./naming.js";
import { Notices } from "./notices.js";
import { Opening } from "./opening.js";
import { Orders } from "./orders.js";
import { looksOf, themeNow } from "./palette.js";
import { Panel } from "./panel.js";
import { Hall } from "./plan.js";
import { Sale } from "./sale.js";
import { Seats } from "./seats.js";
import { Stream } from "./stream.js";
import { Words } from "./words.js";

const root = /** @type {HTMLElement} */ (document.getElementById("hall"));
const { event, language, signedIn, opensAt } = /** @type {Record<string, string>} */ (root.dataset);
const api = `/api/v1/events/${event}`;
const words = new Words(language, JSON.parse(document.getElementById("hall-words")?.textContent || "{}"));
const opening = new Opening(opensAt);
const TRIES = 4;
const PAUSE_MS = 1_500;
const ANSWER_MS = 20_000; // until an answer begins: a large hall may take longer to come

/** @param {string} address @returns {Promise<any>} */
async function asked(address) {
  for (let left = TRIES; ; left--) {
    const patience = new AbortController();
    const late = setTimeout(() => patience.abort(), ANSWER_MS);
    try {
      const answer = await fetch(address, { credentials: "same-origin", signal: patience.signal });
      clearTimeout(late);
      opening.learn(answer);
      if (answer.ok) return await answer.json();
      if (answer.status < 500) left = 0;
      throw new Error(`${address}: ${answer.status}`);
    } catch (error) {
      clearTimeout(late);
      if (left <= 1) throw error;
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }
}

/** Until nobody is at work in the forms: who fills them in while the map is on its way may finish. @param {HTMLElement} forms */
async function left(forms) {
  while (forms.contains(document.activeElement)) {
    await new Promise((resume) => forms.addEventListener("focusout", () => setTimeout(resume), { once: true }));
  }
}

async function begin() {
  const [described, plan, told] = await Promise.all([asked(api), asked(`${api}/hall`), asked(`${api}/seats`)]);
  const forms = /** @type {HTMLElement} */ (document.getElementById("hall-forms"));
  await left(forms);
  const hall = new Hall(plan);
  const seats = new Seats(hall);
  const sale = new Sale(described, hall, seats);
  const priceOf = (/** @type {number} */ category) => sale.priceOf(category);
  const basket = new Basket(event, hall, sale.limit, priceOf);
  const naming = new Naming(hall, seats, basket, words, priceOf);
  /** @type {HallMap} */ let map;
  const notices = new Notices(words, (shown) => map.point(shown));
  const orders = new Orders(event);
  const choosing = new Choosing(
    { hall, seats, basket, orders, words, naming, notices, opening, sale },
    location.pathname,
    signedIn === "true",
  );
  const looks = looksOf(hall.categories.length, priceOf);
  const leave = () => panel.basket.focus();
  map = new HallMap(choosing, sale, looks, leave);
  const listing = new Listing(choosing, sale, leave);
  const panel = new Panel(choosing, sale, looks, () => map.drawing.theme);
  choosing.resume(); // before the seats are known: those that look taken may be this shopper's own
  seats.replace(told.states, told.version);
  sale.learn(told.areas_free ?? []);
  const showCurrent = place(map, listing, panel, notices);
  map.begin();
  new Stream(api, seats, sale, showCurrent);
  if (signedIn === "true") tellOfOrder(orders, notices, (guids) => map.point(guids.flatMap((guid) => hall.index.get(guid) ?? [])));
}

/** @param {HallMap} map @param {Listing} listing @param {Panel} panel @param {Notices} notices
 * @returns {(current: boolean) => void} shows whether the seats are current */
function place(map, listing, panel, notices) {
  const views = { map: map.place, list: listing.place };
  const buttons = {
    map: element("button", { type: "button", onclick: () => show("map") }, words.say("Map")),
    list: element("button", { type: "button", onclick: () => show("list") }, words.say("List")),
  };
  const show = (/** @type {"map"|"list"} */ chosen) => {
    for (const view of /** @type {("map"|"list")[]} */ (["map", "list"])) {
      views[view].hidden = view !== chosen;
      buttons[view].setAttribute("aria-pressed", String(view === chosen));
    }
    marks.hidden = chosen !== "map";
    memory.set("hall view", chosen);
  };
  const marks = legend();
  const stale = element("p", { class: "hall-stale-note", role: "status" });
  const bar = element(
    "div",
    { class: "hall-bar" },
    element("div", { class: "hall-views", role: "group", "aria-label": words.say("Show the hall as") }, buttons.map, buttons.list),
    stale,
  );
  const side = element("div", { class: "hall-side" }, panel.basket, panel.prices, panel.areas ?? "", panel.best ?? "");
  const frame = element(
    "div",
    { class: "hall-frame" },
    element("div", { class: "hall-main" }, bar, notices.alert, map.place, listing.place, notices.status, marks),
    side,
  );
  document.getElementById("hall-forms")?.setAttribute("hidden", "");
  document.querySelector("section.prices")?.setAttribute("hidden", ""); // the hall's own list of prices is the current one
  root.append(frame);
  root.classList.add("hall-on");
  show(memory.get("hall view") === "list" ? "list" : "map");
  return (current) => {
    if (root.classList.toggle("hall-stale", !current) === !stale.textContent) {
      stale.textContent = current ? "" : words.say("The connection is gone: what is free is no longer current.");
      if (current) notices.say(words.say("The connection is back: what is free is current again."));
    }
  };
}

/** What the marks on the map mean. */
function legend() {
  const sign = (/** @type {string} */ mark) => element("span", { class: `hall-sign hall-sign-${mark}`, "aria-hidden": "true" });
  const free = sign("free");
  const colored = () => {
    const [first, second, third] = themeNow().colors;
    free.style.background = `conic-gradient(${first} 0 33%, ${second} 0 66%, ${third} 0)`;
  };
  colored();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colored);
  return element(
    "ul",
    { class: "hall-legend", "aria-label": words.say("Marks on the map") },
    element("li", {}, free, words.say("free")),
    element("li", {}, sign("mine"), words.say("your choice")),
    element("li", {}, sign("held"), words.say("somebody is buying it")),
    element("li", {}, sign("sold"), words.say("sold")),
  );
}

/** Who comes back with places in hand is told so. @param {Orders} orders @param {Notices} notices @param {(guids: string[]) => void} point */
async function tellOfOrder(orders, notices, point) {
  const order = await orders.living();
  if (!order) return;
  const go = { text: words.say("Go to your order"), act: () => location.assign(`/orders/${order.order_id}`) };
  notices.warn(words.say("You hold places of this event in an order that waits for you."), [go]);
  point(orders.made?.seats ?? []);
}

addEventListener("pageshow", (shown) => {
  if (shown.persisted) location.reload(); // the back button: what was free then is not what is free now
});

begin().catch((error) => {
  console.warn(error);
  document
    .getElementById("hall-coming")
    ?.replaceChildren(
      words.say("The map of the hall did not come. You can buy without it here, or ask for it again."),
      " ",
      element("button", { type: "button", class: "plain", onclick: () => location.reload() }, words.say("Ask again")),
    );
});
