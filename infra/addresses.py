"""What a run directory tells others: `urls.json` (api.md, Local helpers) and the first administrator's `admin.json`."""

import json
import secrets as randomness
from typing import Any

from infra import secrets
from infra.places import Places
from infra.ports import Ports

ADMINISTRATOR = "admin"


def urls(ports: Ports, units: int) -> dict[str, Any]:
    """The addresses of a system with that many units. `ops` are the operations addresses: the units', the pump's, the worker's."""
    site = _address(ports.site)
    operations = [ports.unit_operations(number) for number in range(1, units + 1)]
    return {
        "site": site,
        "api": f"{site}/api/v1",
        "units": [_address(ports.unit(number)) for number in range(1, units + 1)],
        "ops": [_address(port) for port in (*operations, ports.pump_operations, ports.worker_operations)],
        "provider": _address(ports.provider),
    }


def write_urls(places: Places, ports: Ports, units: int) -> dict[str, Any]:
    told = urls(ports, units)
    places.urls.write_text(json.dumps(told, indent=2) + "\n")
    return told


def ensure_administrator(places: Places) -> tuple[str, str]:
    """(login, password) of the first administrator, made at the first start; the file's mode is 600."""
    if not places.administrator.exists():
        told = {"login": ADMINISTRATOR, "password": randomness.token_urlsafe(18)}
        secrets.write(places.administrator, json.dumps(told, indent=2) + "\n")
    told = json.loads(places.administrator.read_text())
    return told["login"], told["password"]


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"
