"""Calls to another party: what becomes of them when it is away, slow, rude or endless."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest

from infra.payment.connections import BODY_BYTES_MAX, Connections, NoAnswer, Reply

CONNECTIONS = 2
SECONDS = 0.5


class Party:
    """A server that says `says` to every request, as it stands, after `after` seconds; it counts connections and keeps heads."""

    def __init__(self) -> None:
        self.says = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        self.after = 0.0
        self.hangs_up = False
        self.connections = 0
        self.heads: list[str] = []
        self.address = ""
        self._serving: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.create_task(self.serve(reader, writer)))

    async def end(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError), contextlib.closing(writer):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                await reader.readexactly(int(head.lower().partition("content-length: ")[2].partition("\r")[0] or 0))
                await asyncio.sleep(self.after)
                writer.write(self.says)
                await writer.drain()
                if self.hangs_up:
                    break


@pytest.fixture
async def party() -> AsyncIterator[Party]:
    party = Party()
    server = await asyncio.start_server(party.accept, "127.0.0.1", 0)
    party.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield party
    server.close()
    await party.end()


@pytest.fixture
async def calls() -> AsyncIterator[Connections]:
    calls = Connections(CONNECTIONS, ssl.create_default_context(), seconds=SECONDS, connect_seconds=SECONDS)
    yield calls
    await calls.close()


async def test_a_call_goes_out_as_it_is_and_the_answer_comes_back(party, calls):
    assert await calls.call("POST", party.address + "/x", b"{}", {"content-type": "application/json", "mark": "7"}) == Reply(200, b"ok")
    [head] = party.heads
    assert head.startswith("POST /x HTTP/1.1\r\n")
    assert {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line} == {"host", "content-type", "mark", "content-length"}


async def test_connections_are_kept_and_their_number_is_bounded(party, calls):
    for _ in range(3):
        await calls.call("GET", party.address, b"", {})
    assert party.connections == 1
    party.after = 0.05
    await asyncio.gather(*(calls.call("GET", party.address, b"", {}) for _ in range(4 * CONNECTIONS)))
    assert party.connections == CONNECTIONS


async def test_the_wait_for_a_connection_counts(party, calls):
    party.after = 0.75 * SECONDS
    answers = await asyncio.gather(
        *(calls.call("GET", party.address, b"", {}) for _ in range(2 * CONNECTIONS)), return_exceptions=True
    )  # fmt: skip
    assert sum(isinstance(one, NoAnswer) for one in answers) == CONNECTIONS


async def test_redirections_are_told_and_not_followed(party, calls):
    party.says = f"HTTP/1.1 302 Found\r\nlocation: {party.address}/elsewhere\r\ncontent-length: 0\r\n\r\n".encode()
    assert (await calls.call("GET", party.address, b"", {})).status == 302
    assert len(party.heads) == 1


async def test_a_proxy_of_the_machine_is_not_asked(party, calls, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await calls.call("GET", party.address, b"", {})).body == b"ok"


async def test_nobody_there_is_no_answer(calls):
    with pytest.raises(NoAnswer):
        await calls.call("GET", "http://127.0.0.1:1", b"", {})


async def test_an_answer_that_is_slow_as_a_whole_is_cut_off(party, calls):
    party.says = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nslow"
    with pytest.raises(NoAnswer):
        await calls.call("GET", party.address, b"", {})


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (BODY_BYTES_MAX + 1),
    ],
    ids=["nothing", "another protocol", "half a body", "no end"],
)
async def test_whatever_is_no_whole_answer_is_none(party, calls, says):
    party.says, party.hangs_up = says, True
    with pytest.raises(NoAnswer):
        await calls.call("POST", party.address, b"{}", {})
