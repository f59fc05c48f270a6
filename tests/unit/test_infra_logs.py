"""Lines of the log: what a fault tells, and what it does not, because libraries quote in their messages what they were given."""

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel

from data_writers.database import reason_of
from grid_config.documents import named
from infra.logs import JsonLines

MARK = "anna-7f3c@example.org"


class Person(BaseModel):
    phone: int


def of_pydantic() -> None:
    Person.model_validate({"phone": MARK})


def of_a_dictionary() -> None:
    dict[str, int]()[MARK]


def of_a_cause() -> None:
    try:
        int(MARK)
    except ValueError as error:
        raise RuntimeError(f"no account of {MARK}") from error


def of_a_context() -> None:
    try:
        Path("/nowhere", MARK).read_bytes()
    except OSError:
        MARK.encode("ascii").index(MARK.encode() + b"!")


def of_a_group() -> None:
    raise ExceptionGroup(MARK, [ValueError(MARK)])


def fault_of(fail: Callable[[], None]) -> dict[str, Any]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("a room")
    logger.addHandler(handler)
    try:
        fail()
    except Exception:
        logger.exception("request_failed", extra={"data": {"request": "7"}})
    finally:
        logger.removeHandler(handler)
    line: dict[str, Any] = json.loads(out.getvalue())
    return line


@pytest.mark.parametrize("fail", [of_pydantic, of_a_dictionary, of_a_cause, of_a_context, of_a_group])
def test_a_fault_tells_where_and_what_kind_and_nothing_of_what_was_given(fail: Callable[[], None]):
    line = fault_of(fail)

    assert MARK not in json.dumps(line)
    assert fail.__name__ in line["fault"]
    assert (line["what"], line["request"]) == ("request_failed", "7")


def test_causes_come_first():
    told = fault_of(of_a_cause)["fault"]

    assert told.index("builtins.ValueError") < told.index("from which came") < told.index("builtins.RuntimeError")


def test_who_claims_what_is_not_in_an_errors_text():
    assert [named(f"{claim}:{MARK}") for claim in ("login", "email", "phone")] == ["login:…", "email:…", "phone:…"]
    assert named("hall:0000000000001") == "hall:0000000000001"


def test_a_reason_is_one_line_without_the_row():
    assert reason_of(psycopg.errors.UniqueViolation("x")) == "UniqueViolation: x"
    assert reason_of(ValueError("a\nb")) == "ValueError: a"
