"""Both sides of the wire say the same: Java's bytes read here, Python's bytes as Java reads them."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from grid_config import answers, changes, commands, orders, terms
from grid_config.outcomes import ChangeKind
from grid_config.wire import Malformed
from tests.contract import wire_samples
from tests.contract.wire_samples import VECTORS, fields_of, plain, terms_fields

JAVA = sorted(VECTORS.glob("java_*.json"))


def _batch_answer(encoded: bytes) -> dict[str, Any]:
    answer = answers.decode_batch(encoded)
    return {field.name: plain(getattr(answer, field.name)) for field in dataclasses.fields(answer)}


def _limit(encoded: bytes) -> dict[str, Any]:
    limit, held_or_bought = answers.decode_limit(encoded)
    return {"limit": limit, "held_or_bought": held_or_bought}


def _whole(encoded: bytes) -> dict[str, Any]:
    whole = answers.decode_whole(encoded)
    return fields_of(whole) | {"orders": [fields_of(order) for order in whole.orders], "sold": [fields_of(sold) for sold in whole.sold]}


READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "order": lambda encoded: fields_of(orders.decode_order(encoded)),
    "terms": lambda encoded: terms_fields(terms.decode_terms(encoded)),
    "change": lambda encoded: fields_of(changes.decode_change(encoded)),
    "answer": _batch_answer,
    "seats": lambda encoded: fields_of(answers.decode_seats(encoded)),
    "drained": lambda encoded: fields_of(answers.decode_drained(encoded)),
    "whole": _whole,
    "due": lambda encoded: {"due": [fields_of(order) for order in answers.decode_due(encoded)]},
    "status": lambda encoded: fields_of(answers.decode_status(encoded)),
    "number": lambda encoded: {"number": answers.decode_number(encoded)},
    "limit": _limit,
    "places": lambda encoded: {"places": plain(answers.decode_places(encoded))},
    "order_status": lambda encoded: {"status": answers.decode_order_status(encoded)},
    "lapsed": lambda encoded: {"lapsed": answers.decode_lapsed(encoded)},
}


def java_vectors() -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for path in JAVA for vector in json.loads(path.read_text())]


def reader_of(vector: dict[str, Any]) -> Callable[[bytes], dict[str, Any]]:
    return READERS[vector["name"].split("/")[0]]


@pytest.mark.parametrize("vector", java_vectors())
def test_what_java_wrote_has_the_fields_java_meant(vector: dict[str, Any]) -> None:
    assert reader_of(vector)(bytes.fromhex(vector["hex"])) == vector["fields"]


@pytest.mark.parametrize("vector", java_vectors())
def test_what_java_wrote_cut_short_or_too_long_is_malformed(vector: dict[str, Any]) -> None:
    encoded = bytes.fromhex(vector["hex"])
    read = reader_of(vector)
    for size in range(len(encoded)):
        with pytest.raises(Malformed):
            read(encoded[:size])
    with pytest.raises(Malformed):
        read(encoded + b"\0")


@pytest.mark.parametrize("file_name", list(wire_samples.samples()))
def test_the_vectors_for_java_are_what_python_writes_today(file_name: str) -> None:
    written = wire_samples.samples()[file_name]
    assert json.loads((VECTORS / file_name).read_text()) == json.loads(json.dumps(written))


def test_every_command_has_a_vector() -> None:
    kinds = {one["fields"]["kind"] for one in wire_samples.samples()["python_commands.json"] if one["name"].startswith("command/")}
    assert kinds == {int(command) for command in commands.Command}


def test_every_change_has_a_vector() -> None:
    kinds = {one["fields"]["kind"] for one in json.loads((VECTORS / "java_changes.json").read_text())}
    assert kinds == {int(kind) for kind in ChangeKind}


@pytest.mark.parametrize("order", [wire_samples.HELD, wire_samples.PAYING, wire_samples.DECLINED, wire_samples.RETURNED])
def test_a_full_order_comes_back(order: orders.Order) -> None:
    assert orders.decode_order(order.encode()) == order


@pytest.mark.parametrize("given", [wire_samples.TERMS, wire_samples.CLOSED_TERMS])
def test_terms_come_back(given: terms.Terms) -> None:
    assert terms.decode_terms(given.encode()) == given


def test_a_batch_has_a_bound() -> None:
    assert len(commands.batch(0, [commands.EXPIRE] * 256)) == 11 + 256 * 5
    with pytest.raises(ValueError, match="256"):
        commands.batch(0, [commands.EXPIRE] * 257)
