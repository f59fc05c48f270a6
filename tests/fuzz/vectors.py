"""The byte vectors of tests/contract as seeds: messages as both sides of the wire write them."""

import json
from functools import cache

from tests.fuzz.target import CORPUS

VECTORS = CORPUS.parents[1] / "contract" / "vectors"


@cache
def _all() -> list[tuple[str, bytes]]:
    told = [vector for path in sorted(VECTORS.glob("*.json")) for vector in json.loads(path.read_text())]
    return [(vector["name"].split("/")[0], bytes.fromhex(vector["hex"])) for vector in told]


def vectors_of(message: str) -> tuple[bytes, ...]:
    """Every vector of a message (`order`, `seats`, ...), each once."""
    found = tuple(dict.fromkeys(encoded for name, encoded in _all() if name == message))
    assert found, f"no vector of {message}"
    return found
