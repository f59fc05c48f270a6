"""The operations ports: alive, ready and why not, figures that move when something happens. None of it is on the site."""

import asyncio
import contextlib

import pytest

from tests.fixtures.http import Site, Visitor, eventually
from tests.fixtures.problems import check_problem

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUMP = 2  # behind the two units in `ops`
READERS = 64
SEATS_PATH = "/api/v1/events/{event_id}/seats"
ORDERS_PATH = "/api/v1/events/{event_id}/orders"


async def test_every_process_says_that_it_lives_and_is_ready_with_each_dependency_by_name(site: Site):
    assert len(site.urls["ops"]) == 4
    for address in site.urls["ops"]:
        assert (await site.apart.get(f"{address}/livez")).status_code == 200
        ready = await site.apart.get(f"{address}/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert ready.json()["dependencies"]
        for name, dependency in ready.json()["dependencies"].items():
            assert name
            assert dependency["ready"] is True
            assert isinstance(dependency["state"], str)


async def test_a_unit_names_grid_self_test_and_catalogue_as_what_it_needs(site: Site):
    told = (await site.apart.get(f"{site.urls['ops'][0]}/readyz")).json()["dependencies"]
    assert {"grid", "self_test", "catalogue"} <= told.keys()
    assert told["grid"]["state"].startswith("3 members")


async def test_figures_are_in_the_prometheus_text_format(site: Site):
    for address in site.urls["ops"]:
        answer = await site.apart.get(f"{address}/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert b"# TYPE front_row_" in answer.content


async def test_a_unit_tells_how_full_the_members_are(site: Site):
    told = (await site.apart.get(f"{site.urls['ops'][0]}/metrics")).text
    assert "\nfront_row_members_short 0.0\n" in told
    assert "\nfront_row_member_heap_ratio " in told


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_operations_are_not_on_the_site(site: Site, path: str):
    for address in (site.urls["site"], *site.urls["units"]):
        for prefix in ("", "/api/v1"):
            answer = await site.apart.get(address + prefix + path)
            assert answer.status_code == 404
            assert b"front_row_" not in answer.content


async def test_the_site_is_not_on_the_operations_ports(site: Site):
    for address in site.urls["ops"]:
        assert (await site.apart.get(f"{address}/api/v1/events")).status_code == 404


async def test_an_accepted_and_a_refused_hold_are_counted_with_their_outcomes(site: Site, shopper: Visitor, event_id: str):
    before = await site.figures()
    await shopper.hold(event_id, {"seats": ["1-1"]})
    await shopper.answer("POST", f"/events/{event_id}/orders", {"seats": ["1-1"]})
    after = await site.figures()

    def more(name: str, **labels: str) -> float:
        return after.total(name, **labels) - before.total(name, **labels)

    assert more("front_row_outcomes_total", outcome="seat_taken") == 1
    assert more("front_row_outcomes_total", outcome="accepted") >= 1
    for status in ("201", "409"):
        assert more("front_row_requests_total", method="POST", route=ORDERS_PATH, status=status) == 1
    assert more("front_row_request_seconds_count", method="POST", route=ORDERS_PATH) == 2
    assert more("front_row_batch_commands_count") >= 2
    assert more("front_row_batch_commands_sum") >= 2
    assert more("front_row_grid_seconds_count") >= 2
    assert more("front_row_grid_seconds_sum") > 0


async def burst(site: Site, shopper: Visitor, event_id: str) -> tuple[float, float]:
    """Holds over many connections at once, all for a seat that is taken; (batches, commands) that it took."""
    wish, token = b'{"seats":["1-1"]}', shopper.http.headers["authorization"]
    head = f"POST /api/v1/events/{event_id}/orders HTTP/1.1\r\nHost: shop\r\nAuthorization: {token}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(wish)}\r\nConnection: close\r\n\r\n".encode() + wish
    before = await site.figures()
    async with contextlib.AsyncExitStack() as open_lines:
        lines = [await open_lines.enter_async_context(site.connection()) for _ in range(READERS)]
        for _, writer in lines:  # nothing is awaited here
            writer.write(request)
        answers = await asyncio.gather(*(reader.read() for reader, _ in lines))
    assert {answer.split(b" ", 2)[1] for answer in answers} == {b"409"}
    after = await site.figures()
    names = ("front_row_batch_commands_count", "front_row_batch_commands_sum")
    batches, commands = (after.total(name) - before.total(name) for name in names)
    return batches, commands


async def test_what_comes_at_once_shares_batches_and_the_queue_is_told(site: Site, shopper: Visitor, event_id: str):
    await (await site.shoppers(2))[1].hold(event_id, {"seats": ["1-1"]})
    await eventually(lambda: burst(site, shopper, event_id), lambda told: told[0] < told[1] >= READERS)  # on a busy machine they drip
    figures = await site.figures()
    assert "front_row_queue_commands" in figures.names()
    assert figures.total("front_row_queue_commands") == 0


async def test_listeners_are_counted_while_they_listen(site: Site, event_id: str):
    before = (await site.figures(1)).total("front_row_stream_clients")
    async with site.anyone(1).http.stream("GET", f"/events/{event_id}/seats/stream"):
        await eventually(lambda: site.figures(1), lambda figures: figures.total("front_row_stream_clients") == before + 1)
    await eventually(lambda: site.figures(1), lambda figures: figures.total("front_row_stream_clients") == before)


async def test_the_pump_counts_what_it_writes_and_has_nothing_left_when_it_is_quiet(site: Site, shopper: Visitor, event_id: str):
    before = await site.figures(PUMP)
    await shopper.hold(event_id, {"seats": ["1-1"]})
    written = before.total("front_row_pump_changes_total") + 1
    after = await eventually(lambda: site.figures(PUMP), lambda figures: figures.total("front_row_pump_changes_total") >= written)
    assert after.total("front_row_pump_write_seconds_count") > before.total("front_row_pump_write_seconds_count")
    assert after.total("front_row_pump_set_aside_total") == 0
    quiet = await eventually(lambda: site.figures(PUMP), lambda figures: figures.total("front_row_pump_outbox_changes") == 0)
    assert quiet.total("front_row_pump_lag_seconds") < 60


async def test_a_forged_notification_is_counted(site: Site):
    before = (await site.figures()).total("front_row_notifications_forged_total")
    check_problem(await site.anyone().answer("POST", "/payments/sandbox/notifications", {}), "malformed")
    assert (await site.figures()).total("front_row_notifications_forged_total") == before + 1


async def test_made_up_addresses_share_one_line_of_figures(site: Site):
    """Otherwise a scanner could make a unit's memory grow."""
    for number in range(5):
        await site.anyone().answer("GET", f"/nowhere/{number}")
        await site.anyone().answer("GET", f"/events/made-up-{number}/seats")
    figures = await site.figures()
    routes = {labels["route"] for name, labels, _ in figures.samples if name == "front_row_requests_total"}
    assert not any("nowhere" in route or "made-up" in route for route in routes)
    assert figures.total("front_row_requests_total", route="(no such route)", status="404") >= 5
    assert figures.total("front_row_requests_total", route=SEATS_PATH, status="404") >= 5
