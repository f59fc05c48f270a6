// The countdown, and buttons that can be pressed only once. The page works without either.
const clock = document.querySelector("time[data-left]");
if (clock) {
  const end = performance.now() + Number(clock.dataset.left) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.classList.toggle("urgent", left < 60);
    if (left) {
      setTimeout(tick, 500);
    } else {
      document.getElementById("left").hidden = true;
      document.getElementById("over").hidden = false;
    }
  };
  tick();
}
document.querySelector("form")?.addEventListener("submit", (event) => {
  // After the form's data were gathered: a disabled button would not be among them.
  setTimeout(() => event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; }), 0);
});
// Coming back with the browser's back button finds the page as it was left: ask for what has become of the payment.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
