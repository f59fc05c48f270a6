"""One running system: made, started, changed and stopped. `infra/up`, `infra/bench` and the tests all go through here."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping

import httpx
import psycopg

from infra import secrets
from infra.addresses import ensure_administrator
from infra.libraries import ensure_vendored
from infra.machine import check_disk, check_ports, find_java
from infra.member_build import ensure_built
from infra.options import Options, Remembered, recall, remember
from infra.places import CHECKOUT, Places
from infra.ports import Ports
from infra.postgres import AUDIT, MAIN, Cluster, answers
from infra.processes import Blueprint, Databases, Process, environment_of, role_of, table
from infra.progress import Progress
from infra.readiness import Watch, is_ready, listens
from infra.status import pump_outbox
from infra.stop import Stop
from infra.supervision import Supervisor

PROGRAM_SECONDS = 120
OUTBOX_SECONDS = 15.0
# The order of a stop, with the seconds each role is given: nobody new comes in, what was accepted reaches PostgreSQL, then the
# rest. Members get no time to move partitions to each other, since all of them leave.
STOP_ORDER = ((("unit",), 10.0), (("pump", "worker", "provider"), 10.0), (("member",), 1.0), (("postgres",), 30.0))


class System:
    """The system of one run directory as `options` describe it."""

    def __init__(self, options: Options, progress: Progress, environment: Mapping[str, str] = os.environ) -> None:
        self.options = options
        self.places = options.places
        self.progress = progress
        self.supervisor = Supervisor(self.places)
        self._environment = environment
        self._watch = Watch(self.supervisor, self.places)
        self.plan: Blueprint | None = None
        self.was_started = False  # by us: whoever called us stops it again when the rest fails

    async def bring_up(self) -> Blueprint:
        """Everything that was asked for runs and is ready when this returns; what ran already and has not changed was left alone."""
        was_running = self.supervisor.runs()
        self._check(was_running)
        self.places.prepare()
        for name in ("session", "provider"):
            secrets.ensure(self.places.secrets / name)
        plan = self.plan = await self._blueprint()
        processes = table(plan)
        if not was_running:
            check_ports(_ports_needed(plan))
        for path, text in (item for process in processes for item in process.files.items()):
            path.write_text(text)
        changed = self.supervisor.configure({process.name: process.program(self.places) for process in processes})
        if not was_running:
            self.supervisor.start()
            self.was_started = True
        remember(self.places, _remembered(plan))
        await self._start(plan, processes, changed)
        return plan

    def _check(self, was_running: bool) -> None:
        check_disk(self.places.run_dir)
        before = recall(self.places)
        if was_running and before is not None:
            self._check_change(before)

    def _check_change(self, before: Remembered) -> None:
        options = self.options
        for name, old, new in (
            ("--port", before.port, options.ports.base), ("--members-max", before.members_max, options.members_max),
        ):  # fmt: skip
            if old != new:
                raise Stop(f"{self.places.run_dir} runs with {name} {old}; infra/down first, then up with {name} {new}")

    async def _blueprint(self) -> Blueprint:
        java = find_java(self._environment)
        if java is None:
            raise Stop("wrong Java: a development kit of 17 or later is needed, none was found")
        with self.progress.step("member jar, pages' libraries and database cluster"):
            home, (cluster, databases), _ = await asyncio.gather(
                asyncio.to_thread(ensure_built, java), asyncio.to_thread(self._databases), asyncio.to_thread(ensure_vendored)
            )
        options = self.options
        return Blueprint(
            self.places, options.ports, options.members, options.members_max, options.units, options.hold_seconds,
            databases, cluster, java, home, options.clock_file, options.heap_mib,
        )  # fmt: skip

    def _databases(self) -> tuple[Cluster | None, Databases]:
        main, audit = self._environment.get("DATABASE_URL"), self._environment.get("AUDIT_DATABASE_URL")
        if main and audit:
            archive = self._environment.get("ARCHIVE_DATABASE_URL", main)
            return None, Databases(main, audit, archive, self._environment.get("AUDIT_ARCHIVE_DATABASE_URL", audit))
        if main or audit:
            raise Stop("DATABASE_URL and AUDIT_DATABASE_URL belong together: set both or neither")
        cluster = Cluster.at(self.places.postgres, self.places.secrets, self.options.ports.postgres)
        cluster.create()
        return cluster, Databases(cluster.url(MAIN), cluster.url(AUDIT), cluster.reader_url(MAIN), cluster.reader_url(AUDIT))

    async def _start(self, plan: Blueprint, processes: list[Process], changed: list[str]) -> None:
        """Members begin while the databases are prepared: they take longest."""
        by_role = {role: [process for process in processes if process.role == role] for role in {process.role for process in processes}}
        self._begin(by_role.get("postgres", []), changed)
        await self._replace([process for process in by_role["member"] if process.name in changed])
        self._begin([*by_role["member"], *by_role["provider"]], [])
        await self._migrate(plan)
        later = [*by_role["provider"], *by_role["pump"], *by_role["worker"], *by_role["unit"]]
        await self._replace([process for process in later if process.name in changed])
        self._begin(later, [])
        self._end_unwanted(processes)
        with self.progress.step(f"{plan.members} members"):
            await self._members_listen(plan)
        with self.progress.step(f"{plan.units} processing units, pump, worker, provider"):
            await self._all_ready(plan)
        with self.progress.step("first administrator"):
            await self._first_administrator(plan)

    def _begin(self, processes: list[Process], changed: list[str]) -> None:
        for process in processes:
            if process.name in changed:
                self.supervisor.replace(process.name)
            elif process.wanted:
                self.supervisor.begin(process.name)

    async def _replace(self, processes: list[Process]) -> None:
        """Bring in what changed, one process at a time, each ready before the next one stops."""
        for process in processes:
            running = any(state.name == process.name and state.runs for state in self.supervisor.states())
            bring_in = self.supervisor.replace if process.wanted else self.supervisor.renew
            await asyncio.to_thread(bring_in, process.name, process.stop_seconds)
            if process.wanted and running:
                self.progress.say(f"{process.name} replaced: it had changed")
                await self._process_ready(process)

    async def _process_ready(self, process: Process) -> None:
        assert self.plan is not None
        ports = self.plan.ports
        number = int(process.name.partition("-")[2] or 0)
        if process.role == "member":
            await self._member_listens(self.plan, number)
        elif process.role == "unit":
            await self._ready(process.name, ports.unit_operations(number))

    def _end_unwanted(self, processes: list[Process]) -> None:
        unwanted = {process.name: process for process in processes if not process.wanted}
        for state in self.supervisor.states():
            if state.runs and state.name in unwanted:
                self.supervisor.stop(state.name, unwanted[state.name].stop_seconds)

    async def _migrate(self, plan: Blueprint) -> None:
        with self.progress.step("databases migrated"):
            if plan.cluster is not None:
                await plan.cluster.answers()
                await plan.cluster.make_databases()
            for url in (plan.databases.main, plan.databases.audit):
                await answers(url, 10)
            await self.run_once(plan, "migration", "data_writers.migrate")

    async def run_once(self, plan: Blueprint, role: str, module: str, *arguments: str, **more: str) -> str:
        """Run `python -m module` with a role's settings to its end; Stop with its last line when it fails. Returns its output."""
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env=environment_of(plan, role) | more, cwd=CHECKOUT,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(program.communicate(), PROGRAM_SECONDS)
        except TimeoutError:
            program.kill()
            await program.wait()
            raise Stop(f"{module} did not end within {PROGRAM_SECONDS} s") from None
        said = output.decode(errors="replace").strip()
        if program.returncode:
            raise Stop(f"{module} failed: {said.splitlines()[-1][-400:] if said else 'no output'}")
        return said

    async def _members_listen(self, plan: Blueprint) -> None:
        await asyncio.gather(*(self._member_listens(plan, number) for number in range(1, plan.members + 1)))

    async def _member_listens(self, plan: Blueprint, number: int) -> None:
        name, port = f"member-{number}", plan.ports.member_clients(number)
        await self._watch.until(name, lambda: listens(port), processes=[name])

    async def _all_ready(self, plan: Blueprint) -> None:
        ports = plan.ports
        wanted = [(f"unit-{number}", ports.unit_operations(number)) for number in range(1, plan.units + 1)]
        wanted += [("pump", ports.pump_operations), ("worker", ports.worker_operations)]
        names = [f"member-{number}" for number in range(1, plan.members + 1)]
        await asyncio.gather(*(self._ready(name, port, [name, *names]) for name, port in wanted))
        await self._watch.until("provider", lambda: listens(ports.provider), processes=["provider"])

    async def _ready(self, name: str, port: int, processes: list[str] | None = None) -> None:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            await self._watch.until(name, lambda: is_ready(client, port), processes=processes or [name])

    async def _first_administrator(self, plan: Blueprint) -> None:
        """Made once; the account of a password file that was there before is only looked for in the database, which is quicker."""
        was_there = self.places.administrator.exists()
        login, _ = ensure_administrator(self.places)
        if was_there and await _has_account(plan.databases.main, login):
            return
        await self.run_once(plan, "unit", "processing_units.accounts.first_administrator", str(self.places.administrator))


async def _has_account(url: str, login: str) -> bool:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute("SELECT FROM accounts WHERE lower(login) = lower(%s)", [login])
        return found.rowcount > 0


def _remembered(plan: Blueprint) -> Remembered:
    return Remembered(plan.ports.base, plan.members, plan.members_max, plan.units, plan.hold_seconds, plan.cluster is not None)


def _ports_needed(plan: Blueprint) -> list[tuple[int, str]]:
    """Every port that the processes to be started listen on, with its use."""
    ports = plan.ports
    needed = [(ports.site, "the site")]
    for number in range(1, plan.units + 1):
        needed += [(ports.unit(number), f"unit {number}"), (ports.unit_operations(number), f"operations of unit {number}")]
    needed += [(ports.provider, "sandbox provider"), (ports.pump_operations, "operations of the pump")]
    needed += [(ports.worker_operations, "operations of the worker")]
    if plan.cluster is not None:
        needed.append((ports.postgres, "PostgreSQL"))
    for number in range(1, plan.members + 1):
        needed += [(ports.member(number), f"member {number}"), (ports.member_clients(number), f"clients of member {number}")]
    return needed


async def stop(places: Places) -> bool:
    """Stop everything that the supervisor of this run directory has started, and it; False when nothing ran. The data stays.

    What the units accepted is given time to reach PostgreSQL: the members keep nothing.
    """
    supervisor = Supervisor(places)
    if not supervisor.runs():
        return False
    names = [state.name for state in supervisor.states() if state.runs]
    for roles, seconds in STOP_ORDER:
        if "pump" in roles and "pump" in names:
            await _outboxes_drained(places)
        ending = [name for name in names if role_of(name) in roles]
        supervisor.ask_to_stop(ending)
        await asyncio.to_thread(supervisor.wait_stopped, ending, seconds)
    await asyncio.to_thread(supervisor.shut_down)
    return True


async def _outboxes_drained(places: Places) -> None:
    """Return when the pump has nothing left to carry, or when the time for that is over."""
    remembered = recall(places)
    if remembered is None:
        return
    deadline = time.monotonic() + OUTBOX_SECONDS
    port = Ports(remembered.port).pump_operations
    while time.monotonic() < deadline:
        outbox = await pump_outbox(port)
        if outbox is None or not outbox["changes"]:
            return
        await asyncio.sleep(0.1)


def clear(places: Places) -> None:
    """Throw away the data of a run directory that does not run: its database cluster, its administrator, its secrets and logs."""
    if os.environ.get("DATABASE_URL"):
        raise Stop("--fresh throws away only a database of its own: empty the one of DATABASE_URL yourself")
    postgres = places.postgres
    if postgres.is_symlink():
        shutil.rmtree(postgres.resolve(), ignore_errors=True)
        postgres.unlink()
    for place in (postgres, places.secrets, places.logs, places.supervisor, places.sandbox):
        shutil.rmtree(place, ignore_errors=True)
    for path in (places.administrator, places.urls, places.state):
        path.unlink(missing_ok=True)
