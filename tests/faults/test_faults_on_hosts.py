"""The whole system on hosts whose wires break keeps its promises; where hosts are not to be had, it is said why."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.places import CHECKOUT
from tests.faults.campaign import one_round
from tests.faults.faults import EVERYWHERE, FAULTS, ON_HOSTS
from tests.faults.injector import planned
from tests.faults.network_building import obstacle
from tests.faults.shoppers import opened
from tests.faults.verdict import keep

HOLD_SECONDS = 12.0
SECONDS = 8.0
SEED = 29  # a host is cut off while the database is


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = obstacle.__wrapped__()
    assert refused is not None
    assert "root" in refused or "ip, iptables-restore" in refused


def test_plain_processes_have_no_faults_of_the_network():
    command = [sys.executable, "-m", "tests.faults", "--plain", "--faults", "kill-unit,cut-host"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "cut-host cannot be made here: --plain" in done.stderr


def test_faults_of_the_network_are_planned_where_there_are_hosts_only():
    assert not {due.fault.name for seed in range(20) for lane in planned(seed, list(FAULTS), 60.0) for due in lane} & set(ON_HOSTS)
    assert {due.fault.name for seed in range(20) for lane in planned(seed, list(EVERYWHERE), 60.0) for due in lane} > set(ON_HOSTS)


@pytest.mark.usefixtures("allowed")
async def test_what_was_promised_is_kept_on_hosts_whose_wires_break():
    async with opened(hold_seconds=HOLD_SECONDS, hosts=True) as house:
        done = await one_round(house, SEED, list(ON_HOSTS), SECONDS)
        assert not done.found, f"{done}\n{keep(house, done.history, done.final, done.found)}\n" + "\n".join(done.found[:20])
    assert len({broken.fault for broken in done.history.broken}) >= 2
    assert len(done.history.held()) > 20
