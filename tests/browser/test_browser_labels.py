"""What is written on the hall's map and beside it: names where they can be read, on no seat that could be picked; a box is no row."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from infra.demonstration.halls import HALLS
from infra.halls.drawing import Plan
from infra.halls.shapes import Point
from tests.browser.test_browser_hall import BOX, PITCH, ROWS, SEATS, seat_at, small_hall
from tests.fixtures.browser import Visit
from tests.fixtures.http import Site
from tests.fixtures.shop import plan

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Draws a hall's texts at scales (pixels between neighbouring seats), each with points of the plan in the middle of the picture. Tells
# the texts, and which seats stand under the ground of one.
WRITTEN = """async ([plan, pitches, middles, [width, height], isClose]) => {
  const [{ Hall }, { Seats }, { Labels }, { Words }, { looksOf, themeNow }] = await Promise.all(
    ["plan", "seats", "labels", "words", "palette"].map((name) => import(`/static/hall/${name}.js`)));
  const hall = new Hall(plan);
  const seats = new Seats(hall);
  seats.replace(".".repeat(hall.count), 1);
  const labels = new Labels(hall, seats, looksOf(hall.categories.length, (category) => category), new Words("ru", {}), () => 5);
  const ctx = document.createElement("canvas").getContext("2d");
  [ctx.canvas.width, ctx.canvas.height] = [width, height];
  const texts = [], covered = new Set();
  let camera;
  ctx.fillText = (text) => texts.push(text);
  ctx.roundRect = (left, top, w, h) => {
    const toText = ctx.getTransform().inverse();
    const radius = 0.42 * hall.pitch * camera.scale;
    for (let seat = 0; seat < hall.count; seat++) {
      const at = toText.transformPoint({ x: hall.x[seat] * camera.scale + camera.x, y: hall.y[seat] * camera.scale + camera.y });
      const [across, down] = [Math.max(left - at.x, 0, at.x - left - w), Math.max(top - at.y, 0, at.y - top - h)];
      if (Math.hypot(across, down) < radius) covered.add(hall.guids[seat]);
    }
  };
  for (const pitch of pitches) {
    for (const [x, y] of middles) {
      const scale = pitch / hall.pitch;
      camera = { scale, x: width / 2 - x * scale, y: height / 2 - y * scale };
      labels.drawTexts(ctx, camera, themeNow(), 1, isClose);
    }
  }
  const zones = hall.zones.filter((zone) => zone.end > zone.first).map((zone) => zone.name);
  return { texts, covered: [...covered], zones };
}"""


class Lettering:
    """The modules of the map in a page, with what they write on a hall."""

    def __init__(self, page: Any) -> None:
        self._page = page

    async def of(self, plan: Plan, pitches: list[float], middles: list[Point], size: tuple[int, int], *, is_close: bool) -> dict[str, Any]:
        """With so many pixels between neighbouring seats, and these points in the middle of the picture; all together."""
        told: dict[str, Any] = await self._page.evaluate(WRITTEN, [plan, pitches, middles, size, is_close])
        return told

    async def whole(self, name: str, pitch: float, size: tuple[int, int], *, is_close: bool = False) -> dict[str, Any]:
        """A whole hall in the picture."""
        plan = HALLS[name].plan()
        return await self.of(plan, [pitch], [(plan["size"]["width"] / 2, plan["size"]["height"] / 2)], size, is_close=is_close)


@pytest_asyncio.fixture(loop_scope="session")
async def lettering(box_office: Site, visit: Visit) -> Lettering:
    return Lettering(await (await visit("ru")).open(f"/events/{await small_hall(box_office)}"))


def all_over(plan: Plan) -> list[Point]:
    """Points all over a plan."""
    width, height = plan["size"]["width"], plan["size"]["height"]
    return [(width * x / 6, height * y / 6) for x in range(1, 6) for y in range(1, 6)]


@pytest.mark.parametrize("name", ["opera", "club", "arena", "palace"])
async def test_nothing_is_written_on_seats_that_can_be_picked(lettering: Lettering, name: str):
    plan = HALLS[name].plan()
    told = await lettering.of(plan, [15.0, 24.0, 40.0], all_over(plan), (900, 700), is_close=True)
    assert told["texts"]
    assert told["covered"] == []


async def test_every_tier_of_boxes_has_its_whole_name(lettering: Lettering):
    told = await lettering.whole("opera", 12.0, (2400, 2400))
    for zone in told["zones"]:
        assert [text for text in told["texts"] if text.startswith(zone)], (zone, told["texts"])
    assert len([zone for zone in told["zones"] if "сторона" in zone]) == 8


async def test_the_whole_theatre_names_every_part_at_first_sight(lettering: Lettering):
    told = await lettering.whole("opera", 6.5, (1000, 600))
    for short in {zone.partition(",")[0] for zone in told["zones"]}:
        parts = [zone for zone in told["zones"] if zone.startswith(short)]
        assert len([text for text in told["texts"] if text.startswith(short)]) == len(parts), told["texts"]


async def test_rows_have_their_numbers_at_both_ends_and_in_aisles(lettering: Lettering):
    told = await lettering.whole("small", 16.0, (2400, 2400), is_close=True)
    assert told["texts"].count("13") >= 3  # one aisle in the stalls


async def test_a_box_is_called_a_box_wherever_its_seats_are_named(box_office: Site, visit: Visit):
    hall = plan(ROWS, SEATS)
    hall["zones"][0]["rows"][1]["row_label"] = "Ложа %s"
    event_id = await box_office.on_sale(hall)
    window = await visit("ru", await box_office.shopper())
    page = window.page
    picture = await window.open_hall(event_id)
    await page.mouse.move(*await picture.at(seat_at(2, 3), BOX, PITCH))
    await expect(page.locator(".hall-tooltip")).to_contain_text("Ложа 2, место 3")
    await page.get_by_role("button", name="Список").click()
    await page.locator(".hall-zone").click()
    await expect(page.get_by_role("group", name="Ложа 2")).to_be_visible()
    for name in ("Ложа 2, место 3,", "Ложа 2, место 4,"):
        await page.get_by_role("button", name=name).click()
    await expect(page.locator(".hall-status")).to_contain_text("Ложа 2, место 4")
    await expect(page.locator(".hall-items li").first).to_contain_text("Ложа 2, место 3")
    await page.locator(".hall-hold").click()
    await page.wait_for_url("**/orders/*")
    await expect(page.locator(".lines")).to_contain_text("Ложа 2, места 3, 4")
