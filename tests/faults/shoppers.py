"""A small rush from a seed: shoppers hold, repeat, release, pay and look, through both units, and keep asking until they know.

Everything they are told is in the history. Time-outs and 5xx mean *unknown*: the same key is asked again at the other unit.
"""

import asyncio
import contextlib
import itertools
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.construction import laboratory
from tests.faults.history import History, Told
from tests.faults.laboratory import Laboratory
from tests.faults.listeners import Listener
from tests.faults.network_building import network
from tests.fixtures.shop import PASSWORD, Client, Clientele, person, plan

ROWS, SEATS = 40, 30  # enough for half a minute: in a hall that is sold out nothing changes any more, and nothing can go wrong
GUIDS = [f"{row}-{seat}" for row in range(1, ROWS + 1) for seat in range(1, SEATS + 1)]  # in plan order
AREA, AREA_CAPACITY = "Танцпол", 150
FLOOR = {"area": AREA, "capacity": AREA_CAPACITY, "category": "Партер", "position": {"x": 0, "y": 800}, "width": 200, "height": 80}
LISTENED = (1, 2)  # units that somebody listens to
PERSIST_SECONDS = 90.0  # longer than the longest outage that a scenario makes
ANSWER_SECONDS = 12.0
AGAIN_SECONDS = 0.1
CROWD = 6
ARRIVAL_SECONDS = 0.1
ARRIVALS_MAX = 300  # at once; beyond that nobody else comes


class Caller(Client):
    """A client of a unit over a real connection."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http


@dataclass(frozen=True)
class Shopper:
    account_id: str
    token: str


class House(Clientele):
    """The laboratory as its visitors meet it; whoever comes is signed in once."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.administrator = ("admin", (laboratory.directory / "secrets" / "administrator").read_text().strip())
        self.clients: dict[tuple[int, str | None], Caller] = {}
        self.crowd: list[Shopper] = []
        self.shopping: Rush | None = None  # the latest, also when its scenario did not come to its end
        self.listeners: dict[int, Listener] = {}  # by unit
        self.office = Shopper("", "")  # the administrator's
        self.provider = httpx.AsyncClient(base_url=laboratory.settings["provider_url"], timeout=10, trust_env=False)

    def anyone(self, unit: int = 1, token: str | None = None, address: str = "127.0.0.1") -> Caller:  # noqa: ARG002 - everybody comes from here
        if (unit, token) not in self.clients:
            base = f"http://{self.laboratory.address(f'unit-{unit}')}:{self.laboratory.ports.unit(unit)}/api/v1"
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            http = httpx.AsyncClient(base_url=base, headers=headers, timeout=ANSWER_SECONDS, trust_env=False)
            self.clients[unit, token] = Caller(http)
        return self.clients[unit, token]

    async def admin(self, unit: int = 1) -> Client:
        return await self.signed_in(*self.administrator, unit=unit)

    async def gather_crowd(self) -> None:
        self.crowd = list(await asyncio.gather(*(self._register(1 + number % 2) for number in range(CROWD))))
        wanted = dict(zip(("login", "password"), self.administrator, strict=True))
        session = await self.anyone().call("POST", "/sessions", 201, wanted)
        self.office = Shopper(session["account_id"], session["token"])

    async def _register(self, unit: int) -> Shopper:
        who = person()
        await self.anyone(unit).call("POST", "/accounts", 201, who)
        wanted = {"login": who["login"], "password": PASSWORD}
        session = await self.anyone(unit).call("POST", "/sessions", 201, wanted)
        return Shopper(session["account_id"], session["token"])

    async def on_sale(self) -> str:
        """A published event that both units know: no limit per customer."""
        event_id = await self.event(await self.admin(), plan(ROWS, SEATS, (FLOOR,)), per_customer_limit=None)
        for unit in self.laboratory.units:
            await self.sells(unit, event_id)
        return event_id

    async def listen(self, history: History, event_id: str) -> None:
        """From now on somebody listens to this event's seats at each unit, and nobody to those of another."""
        await self.hush()
        for unit in LISTENED:
            self.listeners[unit] = Listener(self.anyone(unit).http, history, event_id, unit)

    async def hush(self) -> None:
        await asyncio.gather(*(listener.stop() for listener in self.listeners.values()))
        self.listeners.clear()

    async def forget(self, token: str) -> None:
        """Whose token this is does not come back."""
        for unit, held in [key for key in self.clients if key[1] == token]:
            await self.clients.pop((unit, held)).http.aclose()

    async def sells(self, unit: int, event_id: str, seconds: float = 60.0) -> dict[str, Any]:
        """The seats, once the unit tells them."""
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = await self.anyone(unit).http.get(f"/events/{event_id}/seats")
                    if answer.is_success:
                        seats: dict[str, Any] = answer.json()
                        return seats
                await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        await self.hush()
        for client in self.clients.values():
            await client.http.aclose()
        await self.provider.aclose()


@contextlib.asynccontextmanager
async def opened(*, hosts: bool = False, **options: Any) -> AsyncIterator[House]:
    """A house in a laboratory of its own, with its crowd; all of it gone after the block. `hosts`: on several of them, NoHostsError
    where they are not to be had."""
    with (
        tempfile.TemporaryDirectory(prefix="front-row-faults-", dir="/var/tmp") as place,
        network() if hosts else contextlib.nullcontext() as joined,
    ):
        async with laboratory(Path(place), network=joined, **options) as running:
            house = House(running)
            try:
                await house.gather_crowd()
                yield house
            finally:
                await house.close()


@dataclass
class Rush:
    """Shoppers at work on one event until `stop`. `seed` decides what they want, not when they get it."""

    house: House
    history: History
    event_id: str
    seed: int
    units: tuple[int, ...] = (1, 2)
    guests: Sequence[Callable[["Rush", random.Random], Coroutine[Any, Any, None]]] = ()  # who else comes
    stopping: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    keys: Any = field(default_factory=itertools.count)

    @contextlib.asynccontextmanager
    async def under_way(self) -> AsyncIterator["Rush"]:
        """Shopping goes on during the block, and everybody gets his last answer after it."""
        for number, shopper in enumerate(self.house.crowd):
            self.tasks.append(asyncio.create_task(self._shop(shopper, random.Random(f"{self.seed}-{number}"))))
        self.tasks.append(asyncio.create_task(self._arrive(random.Random(f"{self.seed}-arrivals"))))
        for guest in self.guests:
            self.tasks.append(asyncio.create_task(guest(self, random.Random(f"{self.seed}-{guest.__name__}"))))
        try:
            yield self
            self.stopping = True
            await asyncio.wait_for(asyncio.gather(*self.tasks), PERSIST_SECONDS + 30)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def told(self, count: int, what: tuple[str, ...] = ("hold", "repeat"), seconds: float = 60.0) -> None:
        """Until so many more of these calls have succeeded; a task that fell over is raised."""
        wanted = self.count(what) + count
        async with asyncio.timeout(seconds):
            while self.count(what) < wanted:
                for task in self.tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.01)

    def count(self, what: tuple[str, ...], statuses: tuple[int, ...] = (200, 201, 204)) -> int:
        return sum(1 for told in self.history.calls if told.what in what and told.status in statuses)

    async def _arrive(self, chance: random.Random) -> None:
        """Others come at their own pace, however long those before them have to wait: each wants a place and gives it back."""
        arrivals = set[asyncio.Task[None]]()
        try:
            while not self.stopping:
                if len(arrivals) < ARRIVALS_MAX:
                    who = self.house.crowd[len(arrivals) % len(self.house.crowd)]
                    arrival = asyncio.create_task(self._come_and_go(who, random.Random(chance.random())))
                    arrivals.add(arrival)
                    arrival.add_done_callback(arrivals.discard)
                await asyncio.sleep(ARRIVAL_SECONDS)
            await asyncio.gather(*arrivals)
        finally:
            for arrival in list(arrivals):  # nobody asks on after a rush that did not come to its end
                arrival.cancel()

    async def _come_and_go(self, who: Shopper, chance: random.Random) -> None:
        held = await self.hold(who, {"best_available": {"category": "Балкон", "quantity": 1}}, chance)
        if held.status in {200, 201}:
            await self.ask(who, "release", "DELETE", f"/orders/{held.body['order_id']}", chance)

    # ---- what one shopper does ------------------------------------------------------------------------------------
    async def _shop(self, who: Shopper, chance: random.Random) -> None:
        while not self.stopping:
            held = await self.hold(who, _wanted(chance), chance)
            if held.status in {200, 201}:
                await self._go_on(who, held, chance)
            elif chance.random() < 0.5:
                await self.look(who, chance)
            await asyncio.sleep(chance.random() * 0.1)

    async def _go_on(self, who: Shopper, held: Told, chance: random.Random) -> None:
        order_id = str(held.body["order_id"])
        lot = chance.random()
        if lot < 0.3:
            await self.ask(who, "release", "DELETE", f"/orders/{order_id}", chance)
        elif lot < 0.6:
            paid = await self.pay(who, order_id, chance.choice(("sbp", "card")), chance)
            if paid and chance.random() < 0.5:
                await self.ask(who, "read", "GET", f"/orders/{order_id}?wait_for=confirmed&timeout=3", chance)
        elif lot < 0.8:
            again = held.request
            await self.ask(who, "repeat", "POST", again["path"], chance, json=again["json"], headers=again["headers"])
        else:
            await self.ask(who, "read", "GET", f"/orders/{order_id}", chance)

    async def hold(self, who: Shopper, wanted: dict[str, Any], chance: random.Random) -> Told:
        headers = {"Idempotency-Key": f"{self.seed}-{next(self.keys)}"}
        return await self.ask(who, "hold", "POST", f"/events/{self.event_id}/orders", chance, json=wanted, headers=headers)

    async def look(self, who: Shopper, chance: random.Random) -> Told:
        return await self.ask(who, "look", "GET", f"/events/{self.event_id}/seats", chance)

    async def pay(self, who: Shopper, order_id: str, method: str, chance: random.Random) -> str | None:
        """Start to pay and approve at the provider; the payment's id, None when the order could not be paid any more."""
        started = await self.start_to_pay(who, order_id, method, chance)
        return await self.approve(started) if started.status in (200, 201) else None

    async def start_to_pay(self, who: Shopper, order_id: str, method: str, chance: random.Random) -> Told:
        wanted = {"provider": "sandbox", "method": method, "return_url": f"/orders/{order_id}"}
        return await self.ask(who, "pay", "POST", f"/orders/{order_id}/payments", chance, json=wanted)

    async def approve(self, started: Told) -> str:
        """At the provider, which tells the shop; the payment's id. Who does not reach the provider tries again."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PERSIST_SECONDS
        while True:
            approved = await self.history.call(
                self.house.provider, "approve", "POST", f"{started.body['redirect_url']}/outcome",
                event_id=self.event_id, account_id=started.account_id, json={"outcome": "approve"},
            )  # fmt: skip
            if not approved.status:
                assert clock() < deadline, f"the provider was not reached within {PERSIST_SECONDS} s"
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            assert approved.status in (200, 409), approved
            return str(started.body["payment_id"])

    async def ask(self, who: Shopper, what: str, method: str, path: str, chance: random.Random, **options: Any) -> Told:
        """One call until its answer is known, from unit to unit; each try is in the history."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PERSIST_SECONDS
        units = itertools.cycle(chance.sample(self.units, len(self.units)))
        tried = what
        while True:
            client = self.house.anyone(next(units), who.token).http
            told = await self.history.call(client, tried, method, path, event_id=self.event_id, account_id=who.account_id, **options)
            if told.status not in (0, 500, 502, 503, 504):
                return told
            assert clock() < deadline, f"{what} {path} was not answered within {PERSIST_SECONDS} s: {told}"
            tried = "repeat" if what == "hold" else what
            await asyncio.sleep(AGAIN_SECONDS)


def _wanted(chance: random.Random) -> dict[str, Any]:
    """What somebody asks for: seats that he chose, the best of a category, or places of the area."""
    lot = chance.random()
    if lot < 0.2:
        return {"best_available": {"category": chance.choice(("Партер", "Балкон")), "quantity": chance.choice((1, 2, 3))}}
    if lot < 0.3:
        return {"areas": [{"area": AREA, "quantity": chance.choice((1, 2, 3))}]}
    return {"seats": chance.sample(GUIDS, chance.choice((1, 2, 2, 3)))}
