"""How fast a hall of 30,000 seats is drawn and panned here. The figures are printed; only what no machine may need is a failure."""

from statistics import median

import pytest
from playwright.async_api import Page

from infra.benchmarks.plans import CATEGORY, hall
from tests.fixtures.browser import Visit
from tests.fixtures.http import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")
SEATS = 30_000
STEPS = 60
HOPELESS_MS = 20_000

DRAWN = """() => new Promise((done) => {
  const look = () => {
    const [mark] = performance.getEntriesByName("hall-drawn");
    mark ? done(mark.startTime) : setTimeout(look, 20);
  };
  look();
})"""
FRAMES = """() => {
  const frames = (window.frames_ = []);
  let last = performance.now();
  const next = (now) => { frames.push(now - last); last = now; window.frames_ === frames && requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
TAKEN = "() => { const taken = window.frames_.slice(1); window.frames_ = null; return taken; }"


async def frames_while(page: Page, steps: int) -> list[float]:
    """Milliseconds between frames while the mouse drags the hall about."""
    await page.mouse.move(640, 400)
    await page.mouse.down()
    await page.evaluate(FRAMES)
    for step in range(steps):
        await page.mouse.move(640 - 6 * (step % 40), 400 - 4 * (step % 30))
    taken: list[float] = await page.evaluate(TAKEN)
    await page.mouse.up()
    return sorted(taken)


async def test_a_hall_of_30_000_seats(box_office: Site, visit: Visit, capsys: pytest.CaptureFixture[str]):
    event_id = await box_office.on_sale(hall(SEATS), prices={CATEGORY: {"amount": "1000.00", "currency": "RUB"}})
    figures = []
    window = await visit(reduced_motion="reduce")  # nearer at once, without a glide
    for visited in ("first visit", "second visit"):
        await window.open_hall(event_id)
        drawn = await window.page.evaluate(DRAWN)
        figures.append(f"{visited}: drawn {drawn:.0f} ms after the page was asked for")
        assert drawn < HOPELESS_MS
    await window.page.locator(".hall-canvas").scroll_into_view_if_needed()
    for name, nearer in (("a little nearer", 2), ("single seats", 5)):
        for _ in range(nearer):
            await window.page.get_by_role("button", name="Nearer").click()
        await window.page.wait_for_timeout(500)  # the seats are painted sharp
        frames = await frames_while(window.page, STEPS)
        figures.append(
            f"panning, {name}: {len(frames)} frames, median {median(frames):.1f} ms, p95 {frames[int(0.95 * len(frames))]:.1f} ms"
        )
    with capsys.disabled():
        print(f"\n{SEATS:,} seats at 1280x800: " + "; ".join(figures))
