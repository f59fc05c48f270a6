"""Whatever happens behind the front door, the client gets a request id and, if refused, a problem document."""

import asyncio
import logging

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope

from processing_units.edge import problems
from processing_units.edge.application import Application
from processing_units.edge.front_door import WHOLE_ANSWER
from processing_units.edge.problems import CODES, Problem
from processing_units.edge.replies import JSON_HEADER, Reply
from processing_units.edge.validation import StrictModel, read_json
from processing_units.metrics import Metrics

EVENT = "0123456789abc"


class Greeting(StrictModel):
    name: str


async def greet(request: Request) -> Response:
    return PlainTextResponse((await read_json(request, Greeting)).name)


async def refuse(request: Request) -> Response:
    raise problems.seat_taken(["1-1"])


async def fail(request: Request) -> Response:
    raise RuntimeError("SELECT secret FROM hazelcast")


async def place(event: str, scope: Scope, receive: Receive) -> Reply:
    if event == EVENT:
        return Reply(201, [JSON_HEADER], b"{}")
    if event == EVENT[::-1]:
        raise RuntimeError("SELECT secret FROM hazelcast")
    raise problems.not_found()


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def client(metrics):
    routes = [
        Route("/greetings", greet, methods=["POST"]),
        Route("/refusals/{number}", refuse, methods=["GET"]),
        Route("/failures", fail, methods=["GET"]),
    ]
    app = Application(routes, metrics, hot={("POST", "/orders"): ("POST /events/{event_id}/orders", place)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        yield client


def assert_problem(response, status, code):
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    document = response.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["title"]
    assert document["type"].endswith(code)
    assert response.headers["x-request-id"]
    assert "SELECT" not in response.text
    assert "Traceback" not in response.text
    return document


async def test_every_answer_has_its_own_request_id(client):
    answers = [await client.post("/greetings", json={"name": "Анна"}) for _ in range(3)]

    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


async def test_unknown_addresses_and_methods_are_problem_documents(client):
    assert_problem(await client.get("/nowhere"), 404, "not_found")
    assert_problem(await client.get("/greetings/"), 404, "not_found")
    refused = await client.get("/greetings")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "POST"


async def test_a_refusal_carries_its_fields(client):
    assert assert_problem(await client.get("/refusals/1"), 409, "seat_taken")["seats"] == ["1-1"]


async def test_a_fault_tells_the_client_a_number_and_the_log_the_story(client, caplog):
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/failures")

    assert_problem(answer, 500, "internal")
    (record,) = caplog.records
    assert record.data["request"] == answer.headers["x-request-id"]
    assert "SELECT secret" in str(record.exc_info)


async def test_a_hot_call_answers_without_the_router(client):
    answer = await client.post(f"/api/v1/events/{EVENT}/orders", content=b"{}")

    assert (answer.status_code, answer.json()) == (201, {})
    assert answer.headers["x-request-id"]
    assert_problem(await client.post("/api/v1/events/zzzzzzzzzzzzz/orders"), 404, "not_found")
    assert_problem(await client.post(f"/api/v1/events/{EVENT[::-1]}/orders"), 500, "internal")
    assert_problem(await client.get(f"/api/v1/events/{EVENT}/orders"), 404, "not_found")


async def test_answers_are_counted_by_route_and_status(client, metrics):
    await client.get("/refusals/1")
    await client.get("/refusals/2")
    await client.post(f"/api/v1/events/{EVENT}/orders")

    text = metrics.text().decode()
    assert 'front_row_requests_total{method="GET",route="/refusals/{number}",status="409"} 2.0' in text
    assert 'front_row_requests_total{method="POST",route="/events/{event_id}/orders",status="201"} 1.0' in text
    assert 'front_row_request_seconds_count{method="GET",route="/refusals/{number}"} 2.0' in text


@pytest.mark.parametrize("code", sorted(CODES))
async def test_every_code_becomes_a_document_of_its_status(code):
    problem = Problem(code)
    response = problem.response()

    assert response.status_code == CODES[code].status
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code in {429, 503}) == ("retry-after" in response.headers)


async def test_an_answer_of_known_length_leaves_in_one_piece(metrics):
    written: list[tuple[int, bytes, bytes]] = []
    sent: list[Message] = []

    async def length_known(request: Request) -> Response:
        return PlainTextResponse("all of it")

    async def streamed(request: Request) -> Response:
        return StreamingResponse(iter(["some", "more"]))

    app = Application([Route("/whole", length_known), Route("/stream", streamed)], metrics)

    async def ask(method: str, path: str) -> None:
        def whole(status: int, head: bytes, body: bytes) -> bool:
            written.append((status, head, body))
            return True

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return await asyncio.Future[Message]()  # the client waits

        scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b"", WHOLE_ANSWER: whole}
        await app(scope, receive, send)

    await ask("GET", "/whole")
    [(status, head, body)] = written
    assert (status, body, sent) == (200, b"all of it", [])
    assert b"x-request-id" in head
    assert head.count(b"content-length: 9\r\n") == 1

    await ask("HEAD", "/whole")  # the server knows best what not to send
    await ask("GET", "/stream")
    assert len(written) == 1
    assert [message["type"] for message in sent].count("http.response.start") == 2
    assert b"".join(message["body"] for message in sent[3:] if message.get("body")) == b"somemore"
