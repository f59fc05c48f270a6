"""The operations port: alive, ready or why not, figures."""

from types import SimpleNamespace

import httpx
import pytest
from starlette.routing import BaseRoute

from processing_units.edge.application import Application
from processing_units.metrics import Metrics
from processing_units.operations import build


@pytest.fixture
def unit():
    routes: list[BaseRoute] = []
    unit = Application(routes, Metrics())
    unit.state.parts = None
    return unit


def parts(members=3, agrees=True, loaded=True):
    return SimpleNamespace(
        grid=SimpleNamespace(members=lambda: members), settings=SimpleNamespace(members_min=2),
        watch=SimpleNamespace(agrees=agrees, state="versions 1"), catalogue=SimpleNamespace(ready=loaded),
    )  # fmt: skip


async def ask(unit, path):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(unit)), base_url="http://ops") as client:
        return await client.get(path)


async def test_a_unit_that_waits_for_its_grid_is_alive_and_not_ready(unit):
    assert (await ask(unit, "/livez")).status_code == 200
    ready = await ask(unit, "/readyz")
    assert (ready.status_code, ready.json()["dependencies"]["grid"]["ready"]) == (503, False)


async def test_a_unit_that_has_everything_is_ready(unit):
    unit.state.parts = parts()
    ready = await ask(unit, "/readyz")

    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert set(ready.json()["dependencies"]) == {"grid", "self_test", "catalogue"}


@pytest.mark.parametrize(("lack", "name"), [({"members": 1}, "grid"), ({"agrees": False}, "self_test"), ({"loaded": False}, "catalogue")])
async def test_what_is_missing_is_named(unit, lack, name):
    unit.state.parts = parts(**lack)
    ready = await ask(unit, "/readyz")

    assert ready.status_code == 503
    assert [dependency for dependency, state in ready.json()["dependencies"].items() if not state["ready"]] == [name]


async def test_the_figures_are_prometheus_text(unit):
    unit.metrics.answered("GET /x", 200, 0.004)
    figures = await ask(unit, "/metrics")

    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'front_row_requests_total{method="GET",route="/x",status="200"} 1.0' in figures.text
    assert 'front_row_request_seconds_bucket{le="0.005",method="GET",route="/x"} 1.0' in figures.text
    assert "process_resident_memory_bytes" in figures.text
