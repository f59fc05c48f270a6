"""Hosts for the tests of faults that need them."""

from collections.abc import Iterator

import pytest

from tests.faults.network import Network
from tests.faults.network_building import network, obstacle


@pytest.fixture
def allowed() -> None:
    """Skips what needs hosts where they are not to be had, and says why."""
    refused = obstacle()
    if refused:
        pytest.skip(f"no network namespaces here: {refused}")


@pytest.fixture
def joined(allowed: None) -> Iterator[Network]:
    with network() as joined:
        yield joined
