"""A wire between grid members that a test can hold back, thin out or cut.

Every member announces the address of its proxy (`public-address`), so all traffic from member to member passes here. A
member's outgoing connections come from a port range of its own (`outbound-ports`), so the proxy knows who speaks.
Packets are Hazelcast's (5.x, `com.hazelcast.internal.nio.Packet`): after the three bytes `HZC`, a header of 11 bytes,
big-endian: version u8, flags u16, partition i32, size u32; then `size` bytes. An operation for a partition carries its
number; from an owner to its backup these are the backup messages of that partition. Answers carry none.

The proxies run in a thread of their own, ahead of the rest: a busy test must not look like a broken network.
"""

import asyncio
import contextlib
import os
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.faults.hosts import HERE, Host

HEADER = struct.Struct(">BHii")
PROTOCOL = 3  # bytes: HZC
PACKET_MAX = 64 * 1024 * 1024  # bytes; larger means that the stream was misread
AHEAD = -10  # niceness, where that is permitted
CONTROL_SECONDS_MAX = 10.0
EVERY_PACKET = 1 << 30
MENDED_SECONDS = 0.01  # between two looks at a wire that is cut
Result = TypeVar("Result")


@dataclass
class Wire:
    """One direction between two members: `source` speaks, `target` listens."""

    source: int
    target: int
    holding: Callable[[int], bool] | None = None  # by partition: kept until `release` or `discard`
    dropping: dict[int, int] = field(default_factory=dict)  # partition: packets still to be lost
    chosen: Callable[[bytes], bool] | None = None  # which of them; None: any
    # Nothing passes, not even the end of a connection. What was sent arrives once it is mended, as TCP would send it again: a stream
    # that goes on with a hole in it is nothing that a network can do, and members wait for ever for what was in the hole.
    cut: bool = False
    held: list[bytes] = field(default_factory=list)
    dropped: Counter[int] = field(default_factory=Counter)  # packets by partition
    passed: Counter[int] = field(default_factory=Counter)

    async def mended(self) -> None:
        while self.cut:  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(MENDED_SECONDS)


class MemberProxies:
    """Proxies for members 0..n-1; `wire(a, b)` is the direction from a to b, whichever side made the connection."""

    def __init__(
        self, member_ports: list[int], proxy_ports: list[int], outbound: Callable[[int], int | None], hosts: Sequence[Host] = ()
    ) -> None:
        """`outbound(port)` says which member a connection from that local port comes from; None: unknown. `hosts`: where each member
        runs, and its proxy beside it; without them all are here."""
        self._member_ports = member_ports
        self._proxy_ports = proxy_ports
        self._outbound = outbound
        self._hosts = hosts or [HERE] * len(member_ports)
        self._wires: dict[tuple[int, int], Wire] = {}
        self._servers: list[asyncio.Server] = []
        self._writers: dict[tuple[int, int], list[asyncio.StreamWriter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="member proxies", daemon=True)

    def wire(self, source: int, target: int) -> Wire:
        return self._wires.setdefault((source, target), Wire(source, target))

    def wires_from(self, source: int) -> list[Wire]:
        return [self.wire(source, target) for target in range(len(self._proxy_ports)) if target != source]

    def start(self) -> None:
        self._thread.start()
        self._there(self._listen())

    def stop(self) -> None:
        self._there(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CONTROL_SECONDS_MAX)
        self._loop.close()

    def _work(self) -> None:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), AHEAD)
        self._loop.run_forever()

    def _there(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Have it done in the proxies' thread, where everything about connections belongs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CONTROL_SECONDS_MAX)

    async def _listen(self) -> None:
        for target, port in enumerate(self._proxy_ports):
            listener = self._hosts[target].socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._hosts[target].address, port))
            self._servers.append(await asyncio.start_server(self._accept(target), sock=listener))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self, source: int, target: int, partition: int) -> None:
        """Keep the packets of one partition back, in order, until they are released or discarded."""
        self.wire(source, target).holding = lambda number: number == partition

    def release(self, source: int, target: int) -> int:
        """Let what was held go on its way; returns how many packets that were."""
        return self._there(self._release(source, target))

    async def _release(self, source: int, target: int) -> int:
        wire = self.wire(source, target)
        wire.holding = None
        packets, wire.held = wire.held, []
        for writer in self._writers.get((source, target), [])[-1:]:
            writer.writelines(packets)
        return len(packets)

    def send(self, source: int, target: int, packet: bytes) -> None:
        """Let one packet that was held, and taken from its wire, go on its way."""
        self._there(self._send(source, target, packet))

    async def _send(self, source: int, target: int, packet: bytes) -> None:
        for writer in self._writers.get((source, target), [])[-1:]:
            writer.write(packet)

    def discard(self, source: int, target: int) -> int:
        """Lose what was held; returns how many packets that were."""
        wire = self.wire(source, target)
        wire.holding = None
        lost, wire.held = len(wire.held), []
        return lost

    def drop_next(self, source: int, target: int, partition: int, count: int = 1, chosen: Callable[[bytes], bool] | None = None) -> None:
        """Lose the next packets of one partition, or the next of those that are `chosen` by their bytes."""
        wire = self.wire(source, target)
        wire.chosen = chosen
        wire.dropping[partition] = count

    def cut(self, member: int, *, members: int) -> None:
        """Nothing passes between `member` and the others any more."""
        for other in range(members):
            if other != member:
                self.wire(member, other).cut = self.wire(other, member).cut = True

    def heal(self) -> None:
        """Everything passes again; what was held is lost."""
        for wire in self._wires.values():
            wire.cut, wire.holding = False, None
            wire.held.clear()
            wire.dropping.clear()

    def _accept(self, target: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._serve(target, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return accept

    async def _serve(self, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = self._outbound(writer.get_extra_info("peername")[1])
        try:
            onward_reader, onward_writer = await self._connected(target)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(
                self._pass(source, target, reader, onward_writer),
                self._pass(target, source, onward_reader, writer),
            )
        except (OSError, asyncio.IncompleteReadError):
            pass  # a member died or closed: the other side must see the same
        finally:
            writer.close()
            onward_writer.close()

    async def _connected(self, target: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        onward = self._hosts[target].socket()
        onward.setblocking(False)
        try:
            await self._loop.sock_connect(onward, (self._hosts[target].address, self._member_ports[target]))
        except BaseException:
            onward.close()
            raise
        return await asyncio.open_connection(sock=onward)

    async def _pass(self, source: int | None, target: int | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if source is None or target is None:  # not a member of ours: passed on unread
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            raise asyncio.IncompleteReadError(b"", 1)
        wire = self.wire(source, target)
        writers = self._writers.setdefault((source, target), [])
        writers.append(writer)
        try:
            writer.write(await reader.readexactly(PROTOCOL))
            while True:
                await self._pass_packet(wire, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            await wire.mended()
            raise
        finally:
            writers.remove(writer)

    async def _pass_packet(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        header = await reader.readexactly(HEADER.size)
        _version, _flags, partition, size = HEADER.unpack(header)
        if not 0 <= size <= PACKET_MAX:
            raise ValueError(f"a packet of {size} bytes from member {wire.source} to {wire.target}: the stream was misread")
        packet = header + await reader.readexactly(size)
        await wire.mended()
        if wire.dropping.get(partition, 0) > 0 and (wire.chosen is None or wire.chosen(packet)):
            wire.dropping[partition] -= 1
            wire.dropped[partition] += 1
        elif wire.holding is not None and wire.holding(partition):
            wire.held.append(packet)
        else:
            wire.passed[partition] += 1
            writer.write(packet)
            await writer.drain()
