"""Twins of the members' processors and tasks: they carry one request and the ids by which a member finds its class.

The code is Java (`frontrow.member.grid`); `MemberFactory` has the same ids.
"""

from typing import ClassVar

from hazelcast.serialization.api import IdentifiedDataSerializable, ObjectDataOutput

FACTORY_ID = 1


class Twin(IdentifiedDataSerializable):
    """One request on its way to its class on a member. It only ever travels there, so it cannot be read back."""

    __slots__ = ("request",)
    class_id: ClassVar[int]

    def __init__(self, request: bytes) -> None:
        self.request = request

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        object_data_output.write_byte_array(self.request)  # type: ignore[arg-type]  # it takes any bytes

    def get_factory_id(self) -> int:
        return FACTORY_ID

    def get_class_id(self) -> int:
        return self.class_id


class InventoryProcessor(Twin):
    """A batch of commands for one event's inventory; the request is `commands.batch`, the answer `answers.decode_batch`."""

    class_id = 1


class DocumentProcessor(Twin):
    """Reading and writing one document; see `documents`."""

    class_id = 2


class AttemptsProcessor(Twin):
    """Appending to a log of refused attempts, draining and trimming it; see `attempts`."""

    class_id = 3


class HintsTask(Twin):
    """Which entries want something; see `hints`."""

    class_id = 4


class SelfTestTask(Twin):
    """Whether a member's code is there and speaks this format; see `client`."""

    class_id = 5
