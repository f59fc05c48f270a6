"""The two processes behind the grid, as they are started: ready, telling their figures, gone at SIGTERM."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra.ports import Ports
from tests.fixtures.behind import until
from tests.fixtures.database import Databases
from tests.fixtures.grid import Cluster
from tests.fixtures.system import free_base

pytest_plugins = ["tests.fixtures.behind"]

CHECKOUT = Path(__file__).parents[2]


def started(module: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module],
            env=os.environ | environment,
            cwd=CHECKOUT,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )


@pytest.mark.parametrize(
    ("module", "figure"), [("data_pumps.process", "front_row_pump_lag_seconds 0.0"), ("data_writers.jobs.worker", "front_row_jobs_failed")]
)
async def test_a_process_is_ready_tells_its_figures_and_goes_when_told(
    behind_members: Cluster, databases: Databases, tmp_path: Path, module: str, figure: str
) -> None:
    secret = tmp_path / "provider"
    secret.write_text("secret")
    secret.chmod(0o600)
    port = Ports(free_base()).pump_operations
    environment = {
        "FRONT_ROW_GRID_MEMBERS": ",".join(behind_members.addresses),
        "FRONT_ROW_GRID_NAME": behind_members.shape.name,
        "FRONT_ROW_DATABASE_URL": databases.main,
        "FRONT_ROW_AUDIT_DATABASE_URL": databases.audit,
        "FRONT_ROW_OPERATIONS_PORT": str(port),
        "FRONT_ROW_PROVIDER_SECRET_FILE": str(secret),
    }
    log = tmp_path / "log"
    process = started(module, environment, log)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=5) as client:

            async def is_ready() -> bool:
                assert process.poll() is None, log.read_text()
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(is_ready, 60)
            assert (await client.get("/livez")).status_code == 200
            assert figure in (await client.get("/metrics")).text
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 40) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
