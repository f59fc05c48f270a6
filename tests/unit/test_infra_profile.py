"""What a sampled stack counts to."""

from collections import Counter

import pytest

from infra.benchmarks.profile import told
from infra.benchmarks.stacks import java_room, python_room, thread_kind
from infra.places import CHECKOUT

STANDARD = "dumps (/usr/lib/python3.11/json/__init__.py:238)"


@pytest.mark.parametrize(
    ("innermost", "room"),
    [
        (f"take ({CHECKOUT}/processing_units/sales/batcher.py:70)", "processing_units.sales"),
        (f"run ({CHECKOUT}/data_pumps/pump.py:9)", "data_pumps.pump"),
        (f"encode ({CHECKOUT}/.venv/lib/python3.11/site-packages/hazelcast/protocol/codec.py:5)", "hazelcast"),
        ("wrapper (/anywhere/lib/python3.11/site-packages/six.py:3)", "six"),
    ],
)
def test_the_standard_library_works_for_its_caller(innermost, room):
    assert python_room(["<module> (<string>:1)", innermost, STANDARD]) == room


def test_a_stack_of_the_standard_library_alone_is_pythons():
    assert python_room(["_bootstrap (/usr/lib/python3.11/threading.py:1)", STANDARD]) == "python"


def test_java_counts_to_our_package_or_to_hazelcasts_part():
    assert java_room(["java/util/HashMap", "frontrow/member/rules/Decide", "com/hazelcast/map/impl/MapService"]) == "frontrow.member.rules"
    assert java_room(["com/hazelcast/internal/serialization/impl/X", "frontrow/member/Member"]) == "hazelcast.internal.serialization"
    assert java_room(["java/lang/Thread"]) == "java"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hz.front-row.partition-operation.thread-0", "partition-operation"),
        ("hz.front-row.IO.thread-in-0", "IO"),
        ("C1 CompilerThread0", "C1 CompilerThread"),
        ("GC Thread#1", "GC Thread"),
        ("VM Thread", "VM Thread"),
    ],
)
def test_threads_of_a_kind_are_counted_together(name, kind):
    assert thread_kind(name) == kind


def test_the_parts_of_a_figure_add_up_to_it():
    counted = Counter({f"room{number}": 100 - number for number in range(20)}) + Counter(gone=0)

    parts = told(counted, 50.0).split(", ")

    assert parts[0].startswith("room0 ")
    assert sum(float(part.rpartition(" ")[2]) for part in parts) == pytest.approx(50.0, abs=1.0)
    assert parts[-1].startswith("others ")
