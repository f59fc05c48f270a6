"""How a laboratory comes to be: its folder, its secrets and settings, a database with its schema, its processes, all of them ready."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from grid_config.limits import OUTBOX_CHANGES_MAX
from infra import secrets
from infra.places import CHECKOUT
from infra.ports import Ports
from infra.postgres import AUDIT, MAIN
from infra.postgres import Cluster as Postgres
from infra.settings import PREFIX
from tests.faults import disk, wall_clock
from tests.faults.disk import Disk
from tests.faults.hosts import HERE
from tests.faults.laboratory import MEMBERS, OUTBOUND_SPAN, PROXY_OFFSET, Laboratory
from tests.faults.member_proxy import MemberProxies
from tests.faults.network import Network
from tests.faults.placement import SELLING, HostedPostgres, host_in, outbound_base
from tests.faults.wall_clock import WallClock
from tests.fixtures.grid import built_module
from tests.fixtures.system import free_base


@contextlib.asynccontextmanager
async def laboratory(
    directory: Path,
    *,
    hold_seconds: float = 60.0,
    members: int = MEMBERS,
    quorum: bool = True,
    outbox_changes_max: int = OUTBOX_CHANGES_MAX,
    checkout: Path = CHECKOUT,
    network: Network | None = None,
) -> AsyncIterator[Laboratory]:
    """A whole system with two units, ready to sell, ended with the block. `quorum=False`: no member asks for a majority or
    for a backup (the forced double sale). With a `network` it is spread over its hosts."""
    await asyncio.to_thread(built_module, checkout)
    ports = Ports(free_base())
    _prepare(directory)
    postgres = Postgres.at(directory / "postgres", directory / "secrets", ports.postgres)
    if network:
        postgres = HostedPostgres.on(network, host_in(network, "postgres"), postgres)
    places = [host_in(network, f"member-{n}") for n in range(members)]
    base = outbound_base(ports.base)

    def speaker(port: int) -> int | None:
        number = (port - base) // OUTBOUND_SPAN
        return number if 0 <= number < members else None

    proxies = MemberProxies(
        [ports.member(n + 1) for n in range(members)], [ports.base + PROXY_OFFSET + n for n in range(members)], speaker, places
    )
    settings = {
        "run_dir": str(directory),
        "site": f"http://{network.balance(ports.site, SELLING[:2]) if network else HERE.address}:{ports.site}",
        "provider_url": f"http://{host_in(network, 'provider').address}:{ports.provider}",
        "grid_name": f"laboratory-{ports.base}",
        "grid_members": ",".join(f"{place.address}:{ports.member_clients(n)}" for n, place in enumerate(places, start=1)),
        "members_max": str(members if quorum else 1),
        "hold_seconds": f"{hold_seconds:g}",
        "session_secret_file": str(directory / "secrets" / "session"),
        "provider_secret_file": str(directory / "secrets" / "provider"),
        "database_url": postgres.url(MAIN),
        "audit_database_url": postgres.url(AUDIT),
        "archive_url": postgres.url(MAIN),
    }
    if network:
        settings["trusted_addresses"] = network.addresses  # all shoppers come from one of them
    made = Laboratory(
        directory, ports, settings, postgres, proxies,
        network=network, members=members, quorum=quorum, outbox_changes_max=outbox_changes_max, checkout=checkout,
    )  # fmt: skip
    if wall_clock.is_there():
        made.clocks = {number: WallClock(directory / f"clock-{number}") for number in range(members)}
    proxies.start()
    tending = asyncio.create_task(made.tend())
    with _disk_of_its_own(made):
        try:
            await _begin(made)
            yield made
        finally:
            tending.cancel()
            made.stop()
            proxies.stop()


@contextlib.contextmanager
def _disk_of_its_own(made: Laboratory) -> Iterator[None]:
    if disk.why_not():
        yield
        return
    made.disk = Disk(made.postgres.place)
    made.disk.mount()
    try:
        yield
    finally:
        made.disk.unmount()


def _prepare(directory: Path) -> None:
    directory.chmod(0o755)
    (directory / "secrets").mkdir(mode=0o700)
    for name in ("session", "provider"):
        secrets.ensure(directory / "secrets" / name)


async def _begin(made: Laboratory) -> None:
    for number in range(made.members):
        made.start_member(number)
    await asyncio.to_thread(made.postgres.create)
    made.start_postgres()
    await made.postgres.answers()
    await made.postgres.make_databases()
    await _once(made, "data_writers.migrate")
    made.units = {1: {}, 2: {}}
    await made.mend()
    administrator = made.directory / "admin.json"
    secrets.write(administrator, json.dumps({"login": "admin", "password": secrets.ensure(made.directory / "secrets" / "administrator")}))
    await _once(made, "processing_units.accounts.first_administrator", str(administrator))


async def _once(made: Laboratory, module: str, *arguments: str) -> None:
    environment = os.environ | {PREFIX + key.upper(): value for key, value in made.settings.items()} | {"PYTHONPATH": str(made.checkout)}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, env=environment, cwd=made.checkout,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 0, output.decode()[-3000:]
