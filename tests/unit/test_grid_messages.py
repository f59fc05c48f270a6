"""What Python sends to the grid and reads from it, without a grid: twins, bodies, records, hints."""

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_config import processors
from grid_config.attempts import Attempt, decode_attempt, encode_attempt
from grid_config.client import partition_of
from grid_config.documents import (
    BODY_JSON_BYTES_MAX,
    COMPRESSED_BYTES_MIN,
    PLAIN,
    ZLIB,
    Document,
    decode_body,
    encode_body,
    marker_keys,
    number_body,
)
from grid_config.hints import Hints, SelfTest, decode_hints, decode_self_test
from grid_config.wire import Malformed, Writer

GRID = Path(__file__).parents[2] / "grid_config/member/src/main/java/frontrow/member/grid"
TWINS = [twin for twin in vars(processors).values() if isinstance(twin, type) and issubclass(twin, processors.Twin)][1:]
AMONG_MEMBERS = {"BROUGHT_PROCESSOR", "BROUGHT_TASK"}  # what members send each other alone
RECORD_BYTES_MAX = 4_096  # AttemptsProcessor

numbers = st.integers(0, 2**63 - 1)
texts = st.text(max_size=60)


def java_constants(name: str) -> dict[str, int]:
    return {key: int(value) for key, value in re.findall(r"static final int (\w+) = (\d+);", (GRID / f"{name}.java").read_text())}


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_carries_the_ids_of_its_java_class(twin: type[processors.Twin]):
    factory = java_constants("MemberFactory")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", twin.__name__).upper()

    assert (twin(b"").get_factory_id(), twin(b"").get_class_id()) == (factory["ID"], factory[name])


def test_every_processor_and_task_of_the_factory_has_a_twin():
    ids = {key: value for key, value in java_constants("MemberFactory").items() if key.endswith(("_PROCESSOR", "_TASK"))}

    assert {twin.class_id for twin in TWINS} == {value for key, value in ids.items() if key not in AMONG_MEMBERS}


def test_the_operations_of_documents_and_attempts_are_numbered_as_in_java():
    from grid_config import attempts, documents

    document_ops = java_constants("DocumentProcessor")
    assert document_ops.pop("REHINT") == 9
    assert document_ops == {name: getattr(documents, name) for name in document_ops}
    attempt_ops = java_constants("AttemptsProcessor")
    assert {name: getattr(attempts, name) for name in ("APPEND", "DRAIN", "ACKNOWLEDGE")}.items() <= attempt_ops.items()


@given(st.dictionaries(texts, st.one_of(texts, st.integers(-(2**53), 2**53), st.none(), st.lists(texts, max_size=5)), max_size=20))
def test_fields_travel_in_a_body(fields: dict[str, object]):
    assert decode_body(encode_body(fields)) == fields


def test_long_bodies_are_compressed_and_short_ones_are_not():
    assert encode_body({"name": "x"})[0] == PLAIN
    assert encode_body({"name": "x" * 10_000})[0] == ZLIB
    assert len(encode_body({"name": "x" * 10_000})) < COMPRESSED_BYTES_MIN


def test_a_body_that_says_a_thousand_times_its_length_is_refused_before_it_has_said_it():
    body = bytes([ZLIB]) + zlib.compress(b'{"a":"' + b"x" * (BODY_JSON_BYTES_MAX + 1) + b'"}')

    with pytest.raises(Malformed):
        decode_body(body)


@pytest.mark.parametrize("body", [b"", b"\x07{}", b"\x00[]", b"\x00{", b"\x00", b"\x01\x00\x00", encode_body({"a": "b" * 300}) + b"\x00"])
def test_what_is_no_body_is_refused(body: bytes):
    with pytest.raises(ValueError):
        decode_body(body)


def test_a_claim_holds_a_number_and_an_empty_body_is_a_tombstone():
    assert Document("login:ann", 1, 0, 0, number_body(2**62)).number == 2**62
    assert Document("hall:1", 2, 1, 0, b"").is_gone


@given(st.builds(Attempt, numbers, st.ip_addresses().map(str), numbers, numbers, numbers, st.text(max_size=30), st.text(max_size=2_000)))
def test_an_attempt_travels_and_its_record_fits(attempt: Attempt):
    record = encode_attempt(attempt)
    back = decode_attempt(record)

    assert len(record) <= RECORD_BYTES_MAX
    assert back._replace(address="", detail="") == attempt._replace(address="", detail="")
    assert attempt.detail.startswith(back.detail)


def test_hints_and_self_tests_are_read_as_the_members_write_them():
    hints = Hints(5, (1, 2), (3,), (), ("hall:1", "event:ы"), ("attempts:0",))
    writer = Writer().u8(1).i64(hints.now)
    for events in hints[1:4]:
        writer.u32(len(events))
        for event in events:
            writer.i64(event)
    for keys in hints[4:6]:
        writer.u32(len(keys))
        for key in keys:
            writer.text(key)
    test = SelfTest("0.1.0", 1, 1, 1_700_000_000_000, 3, 2, 110 << 20, 109 << 20, memory_short=True)
    told = Writer().u8(1).text(test.version).u8(1).u8(1).i64(test.clock).u32(3).u32(2).i64(110 << 20).i64(109 << 20).u8(1).bytes()

    assert decode_hints(writer.bytes()) == hints
    assert decode_self_test(told) == test
    with pytest.raises(Malformed):
        decode_self_test(told[:-1])


@pytest.mark.parametrize("partition_count", [11, 271])
def test_every_partition_has_a_marker_of_its_own(partition_count: int):
    keys = marker_keys(partition_count)

    assert [partition_of(key, partition_count) for key in keys] == list(range(partition_count))
    assert len(set(keys)) == partition_count
