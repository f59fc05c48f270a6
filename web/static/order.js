// The order's page stays true by itself: it counts down, waits at the API for the next state, and then shows the page anew.
// The server writes every word; without this script the page asks again by itself while it waits.

const WAITS = new Set(["paying", "paid"]);
const PAUSE_MS = 2_000; // after an answer that told nothing new at once, or none
const PAUSE_MS_MAX = 30_000;

let shown = document.getElementById("order");
let loadedAt = Date.now();
let waiting = false;
let renewing = false;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Put the present page in place of the one that is shown, and tell its title to who listens. */
async function renew() {
  const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
  if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status)); // what is shown stays, and is asked for again
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
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
      const asked = Date.now();
      const answer = await fetch(`/api/v1/orders/${shown.dataset.order}?wait_for=confirmed&timeout=20`);
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const order = await answer.json();
      if (order.status !== shown.dataset.status || order.refund !== shown.dataset.refund) await renew();
      else if (Date.now() - asked < PAUSE_MS) await pause(PAUSE_MS);
      ms = PAUSE_MS;
    } catch {
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
    wait();
  } catch {
    await pause(PAUSE_MS);
  } finally {
    renewing = false;
  }
}

// Who comes back to the page, by the back button or from another tab, reads what is true now.
addEventListener("pageshow", (event) => event.persisted && renewSoon());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && shown.dataset.status === "held" && renewSoon());

tick();
wait();
