"""All targets by name."""

from collections.abc import Mapping

from tests.fuzz import header_targets, page_targets, provider_targets, request_targets, wire_targets
from tests.fuzz.target import Target

_ROOMS = (wire_targets, request_targets, header_targets, provider_targets, page_targets)
TARGETS: Mapping[str, Target] = {target.name: target for room in _ROOMS for target in room.TARGETS}
