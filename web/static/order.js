// The order's page stays true by itself: it counts down, waits at the API for the next state, and then shows the page anew.
// The server writes every word; without this script the page asks again by itself while it waits.

const WAITS = new Set(["paying", "paid"]);
const PAUSE_MS = 2_000; // after an answer that told nothing new at once, or none
const PAUSE_MS_MAX = 30_000;
const WAIT_SECONDS = 20;
const HURRY = "hurry"; // why a question was given up for a new one
const ANSWER_MS = 10_000; // an answer that takes longer does not come: connections die without a word when a phone sleeps

let shown = document.getElementById("order");
let loadedAt = Date.now();
let waiting = false;
let renewing = false;
let asking = new AbortController(); // what is being asked while the page waits

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** An answer, or an error when none comes in time; `limit.abort()` gives up at once. */
async function asked(address, ms, limit = new AbortController(), headers = {}) {
  const late = setTimeout(() => limit.abort(), ms);
  try {
    const answer = await fetch(address, { headers, signal: limit.signal });
    return { status: answer.status, text: await answer.text() };
  } finally {
    clearTimeout(late);
  }
}

/** Whether the shop can be reached. While it cannot, the page says that what it shows may be old, and what to do: nothing. */
function reached(isReached) {
  const away = document.getElementById("away");
  if (away.hidden === isReached) return;
  away.hidden = isReached;
  document.getElementById("news").textContent = isReached ? shown.querySelector("h1").textContent : away.textContent;
}

/** Put the present page in place of the one that is shown, and tell its title to who listens. */
async function renew() {
  const answer = await asked(location.pathname, ANSWER_MS, undefined, { accept: "text/html" });
  if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status)); // what is shown stays, and is asked for again
  const page = new DOMParser().parseFromString(answer.text, "text/html");
  const order = page.getElementById("order");
  if (!order) return location.reload(); // signed out, or away: the page says so
  const told = order.dataset.status !== shown.dataset.status;
  const focused = shown.contains(document.activeElement);
  shown.replaceWith(order);
  shown = order;
  loadedAt = Date.now();
  document.title = page.title;
  if (focused || told) document.getElementById("main").focus({ preventScroll: true });
  if (told) document.getElementById("news").textContent = order.querySelector("h1").textContent;
  tick();
}

/** Ask the API to answer when the order is confirmed or ended; whatever it answers, show it if it is news. */
async function wait() {
  if (waiting) return;
  waiting = true;
  let ms = PAUSE_MS;
  while (WAITS.has(shown.dataset.status)) {
    try {
      const since = Date.now();
      asking = new AbortController();
      const address = `/api/v1/orders/${shown.dataset.order}?wait_for=confirmed&timeout=${WAIT_SECONDS}`;
      const answer = await asked(address, 1_000 * WAIT_SECONDS + ANSWER_MS, asking);
      if (answer.status === 401) return location.reload();
      if (answer.status !== 200) throw new Error(String(answer.status));
      const order = JSON.parse(answer.text);
      if (order.status !== shown.dataset.status || order.refund !== shown.dataset.refund) await renew();
      else if (Date.now() - since < PAUSE_MS) await pause(PAUSE_MS);
      reached(true);
      ms = PAUSE_MS;
    } catch {
      if (asking.signal.reason === HURRY) continue;
      reached(false);
      await pause(ms * (0.5 + Math.random()));
      ms = Math.min(2 * ms, PAUSE_MS_MAX);
    }
  }
  waiting = false;
}

/** The time that is left, as the server counted it when it wrote the page: this clock may be wrong, its steps are not. */
function tick() {
  const countdown = document.getElementById("countdown");
  if (!countdown) return;
  const left = Math.max(0, Number(shown.dataset.secondsLeft) - Math.floor((Date.now() - loadedAt) / 1000));
  countdown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  countdown.parentElement.hidden = false;
  countdown.classList.toggle("urgent", left < 60);
}

setInterval(() => {
  tick();
  const over = Date.now() - loadedAt > 1000 * Number(shown.dataset.secondsLeft) + 1_000;
  if (shown.dataset.status === "held" && over) renewSoon();
}, 1_000);

async function renewSoon() {
  if (renewing) return;
  renewing = true;
  try {
    await renew();
    reached(true);
    wait();
  } catch {
    reached(false);
    await pause(PAUSE_MS);
  } finally {
    renewing = false;
  }
}

/** Whoever comes back to the page, or whose network does, reads what is true now; what was asked before may never be answered. */
function hurry() {
  if (shown.dataset.status === "held") renewSoon();
  else asking.abort(HURRY);
}

addEventListener("pageshow", (event) => event.persisted && renewSoon());
addEventListener("online", hurry);
addEventListener("offline", () => reached(false));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());

tick();
wait();
