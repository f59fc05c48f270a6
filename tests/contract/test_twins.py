"""Names and numbers that stand on both sides of the wire are the same on both."""

import re
from enum import IntEnum
from pathlib import Path

import pytest

from grid_config import limits, outcomes
from grid_config.commands import Command
from grid_config.documents import DURABLE

RULES = Path(__file__).parents[2] / "grid_config/member/src/main/java/frontrow/member/rules"

# Python's own: documents answer with these two, inventories never do; a batch has no enum of its own in Java.
DOCUMENT_OUTCOMES = {"STALE", "ABSENT"}


def java_source(name: str) -> str:
    source = (RULES / f"{name}.java").read_text()
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL)


def java_limits() -> dict[str, int]:
    constants = re.findall(r"public static final (?:int|long) (\w+) = (\w+);", java_source("Limits"))
    return {name: int(number.replace("_", "").rstrip("L"), 0) for name, number in constants}


def java_enum(name: str) -> dict[str, int]:
    """Names and codes: the first argument of each constant, or its position where the code is `ordinal()`."""
    source = java_source(name)
    body = re.search(rf"enum {name} \{{(.*?)(?:;|\}}\s*$)", source, re.DOTALL)
    assert body, f"no enum {name}"
    constants = re.findall(r"(\w+)\s*(?:\((\d+)[^)]*\))?\s*(?:,|$)", body[1].strip())
    first = 1 if "ordinal() + 1" in source else 0
    return {constant: int(code) if code else index + first for index, (constant, code) in enumerate(constants)}


def python_enum(enum: type[IntEnum]) -> dict[str, int]:
    return {member.name: member.value for member in enum}


def test_every_limit_of_the_members_is_the_one_given_a_reason_in_python() -> None:
    java = java_limits()
    assert len(java) > 20
    assert java == {name: getattr(limits, name, None) for name in java}


def test_outcomes_have_the_same_names_codes_and_order_of_precedence() -> None:
    python = {name: code for name, code in python_enum(outcomes.Outcome).items() if name not in DOCUMENT_OUTCOMES}
    assert list(java_enum("Outcome").items()) == list(python.items())


def test_what_only_documents_answer_has_the_same_codes() -> None:
    message = (RULES.parent / "grid" / "Message.java").read_text()
    java = {name: int(code) for name, code in re.findall(r"static final int (\w+) = (\d+);", message)}
    assert java == {name: outcomes.Outcome[name] for name in DOCUMENT_OUTCOMES}


def test_the_same_kinds_of_documents_are_durable() -> None:
    keys = (RULES.parent / "grid" / "DocumentKeys.java").read_text()
    durable = re.search(r"DURABLE = List\.of\((.*?)\);", keys)
    assert durable, "no list of durable documents"
    assert tuple(re.findall(r'"(\w+:)"', durable[1])) == DURABLE


@pytest.mark.parametrize(
    ("name", "enum"),
    [
        ("OrderStatus", outcomes.OrderStatus),
        ("Refund", outcomes.Refund),
        ("PaymentResult", outcomes.PaymentResult),
        ("ReturnReason", outcomes.ReturnReason),
    ],
)
def test_closed_sets_have_the_same_names_and_codes(name: str, enum: type[IntEnum]) -> None:
    assert java_enum(name) == python_enum(enum)


def test_a_batch_is_refused_with_outcomes_of_the_same_name() -> None:
    assert python_enum(outcomes.BatchStatus).items() <= python_enum(outcomes.Outcome).items()


@pytest.mark.parametrize("enum", [value for value in vars(outcomes).values() if isinstance(value, type) and issubclass(value, IntEnum)])
def test_codes_fit_a_byte_and_stand_in_order(enum: type[IntEnum]) -> None:
    codes = [member.value for member in enum if enum is not outcomes.SeatState]
    assert codes == sorted(set(codes))
    assert all(0 <= member.value <= 255 for member in enum)


@pytest.mark.parametrize(("name", "enum"), [("Command", Command), ("Change", outcomes.ChangeKind)])
def test_kinds_have_the_same_names_and_numbers(name: str, enum: type[IntEnum]) -> None:
    source = java_source(name)
    kinds = source[source.index("interface") :].split("\n\n", 1)[0]  # the constants that the interface begins with
    assert {kind: int(number) for kind, number in re.findall(r"int (\w+) = (\d+);", kinds)} == python_enum(enum)


def test_commands_are_numbered_without_a_gap() -> None:
    assert [command.value for command in Command] == list(range(1, len(Command) + 1))
