"""infra/up, status and down on this machine: a system comes, changes while it runs, says how it is, and goes without a trace."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from infra.demonstration.artists import ARTISTS
from infra.demonstration.loading import UNFINISHED
from infra.demonstration.programme import SHOWINGS
from infra.places import CHECKOUT
from tests.fixtures.system import RunningSystem, free_base, infra_command, running_system

QUICK_SECONDS = 15
pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def own():
    """A system that these tests may change and stop: the fewest members that may sell, one unit, with the demonstration.

    Who loaded it was killed in the middle of it, and started again.
    """
    with running_system("--members", "2", "--units", "1", "--no-demo") as system:
        kill_the_loading(system)
        again(system, "--units", "1")
        yield system


def own_arguments(system: RunningSystem, hold_seconds: float) -> list[str]:
    return ["--members", "2", "--units", "1", "--port", str(system.port), "--hold-seconds", f"{hold_seconds:g}", "--detach"]


def kill_the_loading(system: RunningSystem):
    arguments = own_arguments(system, system.hold_seconds)
    loading = subprocess.Popen(
        [CHECKOUT / "infra" / "up", *arguments, "--run-dir", str(system.run_dir)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not items(system, "/events"):
        assert loading.poll() is None, loading.communicate()[1].decode()
        assert time.monotonic() < deadline, "no event was published"
        time.sleep(0.05)
    loading.kill()
    loading.communicate()
    assert (system.run_dir / UNFINISHED).exists()


def again(system: RunningSystem, *arguments: str):
    started = time.monotonic()
    done = system.up("--members", "2", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - started, done.stdout


def everything(system: RunningSystem):
    return {process["name"]: process["pid"] for process in system.status()["processes"]}


def traces_of(run_dir: Path):
    """The pids of processes that were started for a run directory."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or process.name == str(os.getpid()):
            continue
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(run_dir) in told:
            found.append(int(process.name))
    return found


def items(system: RunningSystem, path: str, headers: dict[str, str] | None = None):
    with urllib.request.urlopen(urllib.request.Request(f"{system.urls['api']}{path}", headers=headers or {}), timeout=10) as answer:
        return json.load(answer)["items"]


def free_places(system: RunningSystem):
    """By title, once the grid has told all of them: the list does not wait for it."""
    deadline = time.monotonic() + 20
    while None in (free := {event["title"]: event["seats_free"] for event in items(system, "/events")}).values():
        assert time.monotonic() < deadline, free
        time.sleep(0.2)
    return free


def test_the_demonstration_is_on_sale(own):
    free = free_places(own)
    assert {title: free[title] for title in ("Верди. Реквием", "Ночь свинга", "Вивальди. «Времена года»")} == {
        "Верди. Реквием": 1740, "Ночь свинга": 2000, "Вивальди. «Времена года»": 300,
    }  # fmt: skip
    assert max(free.values()) == 23_000
    assert 0 < free["«Патетическая» и «Картинки с выставки»"] < 300  # what the killed buyers held may be free again


def test_a_loading_that_was_killed_is_gone_on_with_and_makes_nothing_twice(own):
    assert not (own.run_dir / UNFINISHED).exists()
    assert Counter(event["title"] for event in items(own, "/events")) == Counter(showing.title for showing in SHOWINGS)
    session = json.dumps(own.administrator).encode()
    signing_in = urllib.request.Request(f"{own.urls['api']}/sessions", session, {"Content-Type": "application/json"})
    with urllib.request.urlopen(signing_in, timeout=10) as answer:
        headers = {"Authorization": f"Bearer {json.load(answer)['token']}"}
    assert len(items(own, "/admin/artists", headers)) == len(ARTISTS)
    assert len(items(own, "/admin/halls", headers)) == len({showing.hall for showing in SHOWINGS})


def test_the_readmes_purchase_ends_with_tickets(own):
    readme = (CHECKOUT / "README.md").read_text()
    script = readme.split("<!-- purchase -->", 1)[1].split("```bash", 1)[1].split("```", 1)[0]
    assert "api=http://127.0.0.1:8000/api/v1" in script
    script = script.replace("http://127.0.0.1:8000/api/v1", own.urls["api"])
    bought = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    order = json.loads(bought.stdout.splitlines()[-1])
    assert (order["status"], [ticket["status"] for ticket in order["tickets"]]) == ("confirmed", ["valid", "valid"]), bought.stderr


def test_a_second_up_is_quick_and_leaves_everything_alone(own):
    before = everything(own)
    seconds, said = again(own, "--units", "1")
    assert seconds < QUICK_SECONDS
    assert everything(own) == before
    assert "demonstration" not in said
    assert len(items(own, "/events")) == len(SHOWINGS)


def test_units_come_and_go_while_the_others_run(own):
    before = everything(own)
    again(own, "--units", "2")
    grown = everything(own)
    assert set(grown) - set(before) == {"unit-2"}
    assert len(own.urls["units"]) == 2
    again(own, "--units", "1")
    assert everything(own) == before


def test_what_has_changed_is_replaced_while_the_rest_runs_and_what_is_not_wanted_is_not_started(own):
    before = everything(own)
    done = own.command("up", *own_arguments(own, own.hold_seconds + 1))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unit-1 replaced: it had changed" in done.stdout
    assert {name for name, pid in everything(own).items() if before[name] != pid} >= {"unit-1", "pump"}
    assert everything(own)["postgres"] == before["postgres"]
    assert "'unit-3'" not in (own.run_dir / "logs" / "supervisor.log").read_text()
    again(own, "--units", "1")


def test_what_dies_is_started_again(own):
    before = own.pids("provider")["provider"]
    os.kill(before, 9)
    deadline = time.monotonic() + 20
    while own.pids("provider").get("provider") in {None, before}:
        assert time.monotonic() < deadline, "the provider did not come back"
        time.sleep(0.2)


def test_a_running_system_keeps_its_ports(own):
    refused = own.command("up", "--port", str(free_base()), "--detach", "--members", "2")
    assert refused.returncode == 1
    assert refused.stderr.strip().count("\n") == 0
    assert f"runs with --port {own.port}" in refused.stderr


def test_down_leaves_no_process_and_all_data(own):
    events = items(own, "/events")
    password = own.administrator["password"]
    stopped = own.command("down")
    assert stopped.returncode == 0, stopped.stderr
    assert traces_of(own.run_dir) == []
    assert own.status() == {"running": False, "processes": [], "grid": None, "outbox": None}
    again(own, "--units", "1")
    assert own.administrator["password"] == password
    assert [event["event_id"] for event in items(own, "/events")] == [event["event_id"] for event in events]


def test_down_of_what_never_ran_is_no_error(tmp_path):
    assert infra_command("down", "--run-dir", str(tmp_path)).returncode == 0


def test_secrets_are_for_their_owner_alone(system):
    places = (system.run_dir / "secrets", system.run_dir / "supervisor" / "programs")
    private = [system.run_dir / "admin.json", *(path for place in places for path in place.iterdir())]
    assert len(private) > 8
    assert [path.name for path in private if path.stat().st_mode & 0o077] == []


def test_status_tells_programs_what_runs(system):
    told = system.status()
    assert {process["role"] for process in told["processes"]} == {"member", "unit", "pump", "worker", "provider", "postgres"}
    for process in told["processes"]:
        assert process["name"]
        assert Path(f"/proc/{process['pid']}").exists()
        assert process["state"] in {"starting", "running"}
    assert told["grid"]["members"] == told["grid"]["members_wanted"] == 3
    assert told["grid"]["healthy"]
    assert [test["members"] for test in told["grid"]["self_tests"]] == [3, 3, 3]
    assert not any(test["memory_short"] for test in told["grid"]["self_tests"])
    assert told["outbox"]["changes"] >= 0
    assert told["outbox"]["lag_seconds"] >= 0


def test_status_tells_people_in_a_line_each(system):
    said = system.command("status").stdout
    assert "member-1" in said
    assert "grid healthy, 3 of 3 members" in said


def test_the_addresses_are_where_programs_look_for_them(system):
    urls = system.urls
    assert urls["api"] == f"{urls['site']}/api/v1"
    assert len(urls["units"]) == 2
    for operations in urls["ops"]:
        with urllib.request.urlopen(f"{operations}/readyz", timeout=10) as answer:
            assert answer.status == 200


def test_a_taken_port_is_named_in_one_line_and_nothing_starts(tmp_path):
    base = free_base()
    with socket.create_server(("127.0.0.1", base + 30)):
        refused = infra_command("up", "--run-dir", str(tmp_path), "--port", str(base), "--detach")
    assert refused.returncode == 1
    assert refused.stderr.startswith("infra/up: port taken")
    assert f"{base + 30} (PostgreSQL)" in refused.stderr
    assert refused.stderr.strip().count("\n") == 0
    assert traces_of(tmp_path) == []


def test_a_wrong_java_is_named_in_one_line(tmp_path):
    (tmp_path / "bin").mkdir()
    compiler = tmp_path / "bin" / "javac"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.2"\n')
    refused = infra_command("up", "--run-dir", str(tmp_path / "run"), "--detach", JAVA_HOME=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr == f"infra/up: wrong Java: 17 or later is needed, JAVA_HOME={tmp_path} is 11\n"


def test_one_database_address_without_the_other_is_refused(tmp_path):
    somewhere = "postgresql://nobody@127.0.0.1:1/x"
    refused = infra_command("up", "--run-dir", str(tmp_path), "--port", str(free_base()), "--detach", DATABASE_URL=somewhere)
    assert refused.returncode == 1
    assert "belong together" in refused.stderr
