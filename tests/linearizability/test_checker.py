"""The checker itself: its own tests, and its way in from Python."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.judge import Judge, run_go
from tests.linearizability.history import History, Witness


@pytest.mark.parametrize("command", [("vet", "./..."), ("test", "./...")], ids=["vet", "test"])
def test_the_checkers_own_tests_pass(command: tuple[str, ...]) -> None:
    told = run_go(*command)
    assert told.returncode == 0, told.stdout + told.stderr


class Script:
    """A unit that answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception] = []

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def witness(script: Callable[[httpx.Request], httpx.Response], history: History, name: str) -> Witness:
    http = httpx.AsyncClient(transport=httpx.MockTransport(script), base_url="http://unit/api/v1")
    return Witness(name, [http], history, ["1-1", "1-2"])


def order(order_id: str, status: str = "held") -> dict[str, Any]:
    return {"order_id": order_id, "status": status}


async def test_a_double_sale_over_http_is_found_and_drawn(judge: Judge, tmp_path: Path) -> None:
    history, script = History("concert", 300), Script()
    anna, boris = witness(script, history, "anna"), witness(script, history, "boris")
    script.answers = [
        httpx.Response(201, json=order("a")),
        httpx.Response(200, json={"states": "h."}),
        httpx.Response(201, json=order("b")),
    ]
    await anna.hold(["1-1"])
    await anna.read()
    await boris.hold(["1-1", "1-2"])
    told = judge.judge(history.calls, drawing=tmp_path / "broken.html")
    assert told.verdict == "illegal"
    assert "told to boris" in str(told)
    assert "<html" in (tmp_path / "broken.html").read_text()


async def test_what_every_answer_means(judge: Judge) -> None:
    history, script = History("concert", 300), Script()
    anna, boris = witness(script, history, "anna"), witness(script, history, "boris")
    script.answers = [
        httpx.ReadTimeout("no answer"),
        httpx.Response(503, json={"code": "unavailable"}),
        httpx.Response(200, json=order("a")),
        httpx.Response(409, json={"code": "seat_taken", "seats": ["1-1"]}),
        httpx.Response(403, json={"code": "limit_exceeded", "limit": 1, "held_or_bought": 1}),
        httpx.Response(201, json={"redirect_url": "http://provider/p"}),
        httpx.Response(200, json=order("a", "paying")),
        httpx.Response(200, json={}),
        httpx.Response(200, json=order("a", "confirmed")),
        httpx.Response(409, json={"code": "order_not_releasable", "order_status": "confirmed"}),
        httpx.Response(409, json={"code": "order_not_payable", "order_status": "confirmed"}),
        httpx.Response(200, json={"states": "s."}),
    ]
    key, unknown = await anna.hold(["1-1"])
    await anna.hold(["1-1"], key)
    await anna.hold(["1-1"], key)
    await boris.hold(["1-1", "1-2"])
    await boris.hold(["1-2"])
    _, redirect_url = await anna.start_payment("a")
    await anna.read_order("a")
    await anna.pay("a", redirect_url)
    await anna.release("a")
    await anna.start_payment("a")
    await boris.read()
    assert unknown is None
    told = judge.judge(history.calls)
    assert (told.verdict, told.report["calls"], told.report["unknown"]) == ("ok", 11, 2), str(told)


async def test_a_forgotten_order_is_found(judge: Judge) -> None:
    history, script = History("concert", 300), Script()
    anna = witness(script, history, "anna")
    script.answers = [httpx.Response(201, json=order("a")), httpx.Response(404, json={"code": "not_found"})]
    await anna.hold(["1-1"])
    await anna.release("a")
    assert judge.judge(history.calls).verdict == "illegal"
