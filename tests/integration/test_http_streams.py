"""Seat changes as they come, over HTTP: snapshot, changes, coming back, many listeners, listeners who do not listen."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from grid_config.limits import RING_CHANGES_MIN
from processing_units.sales.streams import GATHER_SECONDS, HEARTBEAT_SECONDS, UNREAD_MAX
from tests.fixtures.http import PROMPTLY, Site, Visitor, eventually
from tests.fixtures.problems import check_problem
from tests.fixtures.shop import plan
from tests.fixtures.taps import TOLD_WITHIN, Tap, tapped

pytestmark = pytest.mark.asyncio(loop_scope="session")

CROWD = 200
TAPS = 20  # of the crowd's connections that are read to the end


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def quiet(site: Site) -> AsyncIterator[Tap]:
    """A listener of an event where nothing happens, from before the module's first test to its last."""
    event_id = await site.on_sale()
    async with tapped(site.anyone(), event_id) as tap:
        yield tap


async def test_a_stream_begins_with_what_the_seats_are_now(site: Site, shopper: Visitor, event_id: str):
    await shopper.hold(event_id, {"seats": ["1-2"]})
    seats = await shopper.seats(event_id)
    async with tapped(site.anyone(1), event_id) as tap:
        assert tap.kinds == ["snapshot"]
        assert tap.raw[0].split(b"data: ")[1] == json.dumps(seats, separators=(",", ":")).encode()
        assert tap.versions == [seats["version"]]


async def test_every_change_comes_once_in_order_and_adds_up_to_the_seats(site: Site, shopper: Visitor, event_id: str):
    async with tapped(site.anyone(1), event_id) as tap:
        order = await shopper.hold(event_id, {"seats": ["1-1", "1-2"]})
        await tap.until(lambda tap: tap.told == "hh........")
        await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
        bought = await shopper.hold(event_id, {"seats": ["2-5"]})
        await site.pay(shopper, bought["order_id"])
        await tap.until(lambda tap: tap.told == ".........s")
        seats = await shopper.seats(event_id)
    assert tap.told == seats["states"]
    assert tap.versions == sorted(set(tap.versions))
    assert set(tap.kinds) == {"snapshot", "change"}
    counts = {name: seats["states"].count(mark) for name, mark in (("free", "."), ("held", "h"), ("sold", "s"), ("closed", "x"))}
    assert seats["counts"] == counts


async def test_places_of_areas_are_told_as_they_go_and_come_back(site: Site, shopper: Visitor):
    floor = {"area": "Танцпол", "capacity": 5, "category": "Партер"}
    event_id = await site.on_sale(plan(areas=(floor,)))
    async with tapped(site.anyone(1), event_id) as tap:
        order = await shopper.hold(event_id, {"areas": [{"area": "Танцпол", "quantity": 2}]})
        await tap.until(lambda tap: tap.areas_free == [3])
        await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
        await tap.until(lambda tap: tap.areas_free == [5])
        seats = await shopper.seats(event_id)
    assert seats["areas_free"] == [5]
    assert tap.told == "." * 10
    assert tap.changes == []


async def test_a_hold_that_runs_out_is_told_though_nobody_did_anything(site: Site, shopper: Visitor, event_id: str):
    async with tapped(site.anyone(), event_id) as tap:
        await shopper.hold(event_id, {"seats": ["1-3"]})
        await tap.until(lambda tap: tap.told == "..h.......")
        await tap.until(lambda tap: tap.told == "..........", site.hold_seconds + TOLD_WITHIN)


async def test_a_client_that_comes_back_gets_what_it_missed(site: Site, shopper: Visitor, event_id: str):
    async with tapped(site.anyone(), event_id) as tap:
        pass
    await shopper.hold(event_id, {"seats": ["1-3"]})
    seen = (await shopper.seats(event_id))["version"]
    await shopper.hold(event_id, {"seats": ["1-4"]})
    for last, missed in ((tap.versions[0], [[2, "h"], [3, "h"]]), (seen, [[3, "h"]])):
        for unit in (0, 1):  # the version may be one that this unit never had
            async with tapped(site.anyone(unit), event_id, last) as again:
                assert again.kinds[0] == "change"
                assert sorted(again.changes) == missed
                assert again.versions[0] > last


async def test_a_client_that_missed_nothing_is_told_the_next_change(site: Site, shopper: Visitor, event_id: str):
    seen = (await shopper.seats(event_id))["version"]
    async with tapped(site.anyone(), event_id, seen) as tap:  # a comment comes at once, so that the client knows it is through
        await shopper.hold(event_id, {"seats": ["1-1"]})
        await tap.until(lambda tap: tap.changes == [[0, "h"]])
    assert "snapshot" not in tap.kinds


@pytest.mark.parametrize("last", ["1", "0", "-5", "nonsense", "9" * 18, "9" * 40, "1.5", ""])
async def test_a_version_that_nobody_remembers_begins_anew(site: Site, event_id: str, last: str):
    async with tapped(site.anyone(), event_id, last) as tap:
        assert tap.kinds[0] == "snapshot"
        assert tap.told == "." * 10


async def test_who_was_away_for_longer_than_the_ring_begins_anew(site: Site, shopper: Visitor):
    event_id = await site.on_sale(plan(1, 10))
    async with tapped(site.anyone(1), event_id) as tap:
        pass
    for _ in range(RING_CHANGES_MIN // 20 + 1):  # ten seats are held and let go
        order = await shopper.hold(event_id, {"seats": [f"1-{seat}" for seat in range(1, 11)]})
        await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
    async with tapped(site.anyone(1), event_id, tap.versions[-1]) as again:
        assert again.kinds[0] == "snapshot"
        assert again.versions[0] >= tap.versions[-1] + RING_CHANGES_MIN


async def test_listeners_of_one_unit_get_the_same_bytes(site: Site, shopper: Visitor, event_id: str):
    async with tapped(site.anyone(), event_id) as first, tapped(site.anyone(), event_id) as second:
        for seat in range(1, 6):
            await shopper.hold(event_id, {"seats": [f"1-{seat}"]})
            await first.until(lambda tap, seat=seat: tap.states[seat - 1] == "h")
        await second.until(lambda tap: tap.told == "hhhhh.....")
        assert first.raw == second.raw


async def test_an_unknown_event_has_no_stream(site: Site):
    for event_id in ("0000000000001", "nonsense"):
        check_problem(await site.anyone().answer("GET", f"/events/{event_id}/seats/stream"), "not_found")


async def test_two_hundred_listeners_cost_one_reader(site: Site, shopper: Visitor, event_id: str):
    before = await site.figures()
    async with contextlib.AsyncExitStack() as crowd:
        taps = [await crowd.enter_async_context(tapped(site.anyone(), event_id)) for _ in range(TAPS)]
        path = f"/events/{event_id}/seats/stream"
        for _ in range(CROWD - TAPS):
            await crowd.enter_async_context(site.anyone().http.stream("GET", path, timeout=60))
        begun = await site.figures()
        listening = begun.total("front_row_stream_clients") - before.total("front_row_stream_clients")
        assert listening == CROWD
        assert begun.total("front_row_stream_hubs") - before.total("front_row_stream_hubs") == 1
        began = asyncio.get_running_loop().time()
        await shopper.hold(event_id, {"seats": ["1-1"]})
        await asyncio.gather(*(tap.until(lambda tap: tap.told == "h.........") for tap in taps))
        await asyncio.sleep(5 * GATHER_SECONDS)
        told = await site.figures()
        calls = told.total("front_row_grid_seconds_count") - begun.total("front_row_grid_seconds_count")
        hubs = told.total("front_row_stream_hubs")
        rounds = (asyncio.get_running_loop().time() - began) / GATHER_SECONDS
        assert calls <= (rounds + 1) * hubs + 10
    await eventually(site.figures, lambda figures: figures.total("front_row_stream_hubs") == before.total("front_row_stream_hubs"))


async def test_a_client_that_does_not_read_is_dropped_and_nobody_waits_for_it(site: Site, shopper: Visitor):
    """It asks for a long answer first, on the same connection, and takes none of it: behind that its events pile up."""
    event_id = await site.on_sale(plan(150, 20), per_customer_limit=None)
    dropped = (await site.figures()).total("front_row_stream_clients_dropped_total")
    address = urlsplit(site.urls["units"][0])
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, (address.hostname, address.port))
        asked = "".join(f"GET /api/v1/events/{event_id}/{what} HTTP/1.1\r\nHost: shop\r\n\r\n" for what in ("hall", "seats/stream"))
        await loop.sock_sendall(client, asked.encode())
        async with tapped(site.anyone(), event_id) as patient:
            for number in range(4 * UNREAD_MAX):
                seat = f"1-{number % 20 + 1}"
                order = await shopper.hold(event_id, {"seats": [seat]})
                await patient.until(lambda tap, at=number % 20: tap.states[at] == "h")
                await shopper.call("DELETE", f"/orders/{order['order_id']}", 204)
                if (await site.figures()).total("front_row_stream_clients_dropped_total") > dropped:
                    break
            else:
                pytest.fail("nobody was dropped")
        taken = await until_the_end(client)
    assert taken.count(b"HTTP/1.1 200 OK") == 2  # the hall, and a stream that ended
    assert taken.endswith(b"\r\n0\r\n\r\n")


async def until_the_end(client: socket.socket) -> bytes:
    """Everything that still comes, to the end of the connection or of the stream's last chunk."""
    loop, taken = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PROMPTLY):
        while (piece := await loop.sock_recv(client, 65_536)) and not (taken := taken + piece).endswith(b"\r\n0\r\n\r\n"):
            pass
    return taken


async def test_a_quiet_stream_is_kept_alive(quiet: Tap):
    await quiet.until(lambda tap: "heartbeat" in tap.kinds, HEARTBEAT_SECONDS + TOLD_WITHIN)
    assert quiet.kinds == ["snapshot", "heartbeat"]
    assert quiet.raw[1] == b": quiet"
