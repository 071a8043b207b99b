"""The way from sandboxes to the lab: one process of its own that forwards connections and answers for names.

Runs alone (``python -m topicmark.sandbox.gateway``), standard library only. A socket stays in the network namespace
where it was made: the listeners and name-server sockets come from inside each sandbox, the connections that are
opened here go out from the host. Standard input is a SOCK_SEQPACKET unix socket; each packet is one JSON object:

- ``{"op": "add", "id", "routes": [{"label", "targets": [[host, port], …]}, …], "listeners": [route index, …],
  "dns": bool, "names": {name: address}, "patterns": [[regex, address], …]}`` with the descriptors (dns, listeners)
- ``{"op": "remove", "id"}`` closes the sandbox's sockets and drops its connections
- ``{"op": "use", "id"}`` is answered with ``{"id", "connections": {label: n}, "refused": {label: n},
  "unknown": [name, …]}``

Every packet is answered with one packet. End of file ends the process.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import json
import os
import re
import resource
import socket
import struct
import sys
from typing import Any, cast

CONNECT_TIMEOUT_S = 1.0
MAX_CONNECTIONS = 1024
MAX_UNKNOWN_NAMES = 50
MAX_PACKET_BYTES = 1 << 18
MAX_FDS = 250
HIGH_WATER_BYTES = 1 << 18

_A, _AAAA, _ANY = 1, 28, 255
_NO_ERROR, _FORMAT_ERROR, _NAME_ERROR = 0, 1, 3


class Side(asyncio.Protocol):
    """One end of a forwarded connection. What arrives here is written to ``other``."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: Side | None = None
        self.finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)

    def hold(self) -> None:
        """Read nothing until the other end is there.

        Not at once: before Python 3.11.4 a transport that is paused in ``connection_made`` starts to read all the same.
        """
        if self.transport is not None:
            asyncio.get_running_loop().call_soon(self.transport.pause_reading)

    def data_received(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.abort()  # never silently lose a part of a stream
            return
        self.other.transport.write(data)

    def eof_received(self) -> bool:
        self.finished = True
        other = self.other
        if other is None or other.transport is None:
            return False
        if other.finished:
            other.transport.close()
            return False
        with contextlib.suppress(OSError, RuntimeError):
            other.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        other = self.other
        if other is None or other.transport is None:
            return
        if exc is not None:
            other.abort()
        else:
            other.transport.close()

    def abort(self) -> None:
        """End with a reset, so that the peer sees at once that nobody is there."""
        if self.transport is None:
            return
        plug = self.transport.get_extra_info("socket")
        if plug is not None:
            with contextlib.suppress(OSError):
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class Client(Side):
    """The end in the sandbox: connects to a target before it reads."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.hold()
        if len(self.route.tenant.clients) >= MAX_CONNECTIONS:
            self.abort()
            return
        self.route.tenant.clients.add(self)
        self.route.tenant.spawn(self._connect())

    async def _connect(self) -> None:
        upstream = await self.route.open()
        if upstream is None or self.transport is None or self.transport.is_closing():
            if upstream is not None:
                upstream.abort()
            self.abort()
            return
        self.other, upstream.other = upstream, self
        self.transport.resume_reading()
        if upstream.transport is not None:
            upstream.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.route.tenant.clients.discard(self)
        super().connection_lost(exc)


class Upstream(Side):
    """The end at the lab: reads only once both ends know each other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.hold()


class Route:
    """The targets of one endpoint, tried in turn from a rotating start."""

    def __init__(self, tenant: Tenant, label: str, targets: list[tuple[str, int]]) -> None:
        self.tenant = tenant
        self.label = label
        self.targets = targets
        self.next = 0
        self.connections = 0
        self.refused = 0

    async def open(self) -> Upstream | None:
        first, self.next = self.next, self.next + 1
        loop = asyncio.get_running_loop()
        for step in range(len(self.targets)):
            host, port = self.targets[(first + step) % len(self.targets)]
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    _, upstream = await loop.create_connection(Upstream, host, port)
            except (OSError, TimeoutError):
                continue
            self.connections += 1
            return upstream
        self.refused += 1
        return None


class Names(asyncio.DatagramProtocol):
    """The name server of one sandbox: knows the lab's names and nothing else."""

    def __init__(self, names: dict[str, str], patterns: list[tuple[str, str]]) -> None:
        self._names = {name.lower(): address for name, address in names.items()}
        self._patterns = [(re.compile(pattern, re.IGNORECASE), address) for pattern, address in patterns]
        self._transport: asyncio.DatagramTransport | None = None
        self.unknown: dict[str, None] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self.answer(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    def address_of(self, name: str) -> str | None:
        """The inside address of a name without its trailing dot, in any case."""
        found = self._names.get(name.lower())
        if found is not None:
            return found
        return next((address for pattern, address in self._patterns if pattern.fullmatch(name)), None)

    def answer(self, query: bytes) -> bytes | None:
        """The reply to one DNS query (RFC 1035); None if it is too broken to be answered."""
        if len(query) < 12 or query[2] & 0x80:
            return None
        identity, flags, questions = struct.unpack(">HHH", query[:6])
        parsed = _question(query) if questions == 1 else None
        if parsed is None:
            return _reply(identity, flags, _FORMAT_ERROR, b"", b"")
        name, kind, question = parsed
        address = self.address_of(name)
        if address is None:
            if len(self.unknown) < MAX_UNKNOWN_NAMES:
                self.unknown[name] = None
            return _reply(identity, flags, _NAME_ERROR, question, b"")
        record = b""
        if kind in (_A, _ANY):
            record = struct.pack(">HHHIH", 0xC00C, _A, 1, 5, 4) + socket.inet_aton(address)
        return _reply(identity, flags, _NO_ERROR, question, record)


def _question(query: bytes) -> tuple[str, int, bytes] | None:
    """Name, type and the raw bytes of the only question."""
    labels: list[str] = []
    at = 12
    while at < len(query) and query[at]:
        length = query[at]
        if length > 63 or at + 1 + length >= len(query):
            return None
        labels.append(query[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    end = at + 5
    if end > len(query) or sum(map(len, labels)) + len(labels) > 254:
        return None
    return ".".join(labels), struct.unpack(">H", query[at + 1 : at + 3])[0], query[12:end]


def _reply(identity: int, flags: int, code: int, question: bytes, record: bytes) -> bytes:
    """Header with the query's opcode and "recursion desired", as an authoritative answer."""
    answered = 0x8480 | (flags & 0x7900) | code
    counts = (identity, answered, bool(question), bool(record), 0, 0)
    return struct.pack(">HHHHHH", *counts) + question + record


class Tenant:
    """The sockets of one sandbox and all that hangs on them."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.servers: list[asyncio.Server] = []
        self.clients: set[Client] = set()
        self.names: Names | None = None
        self._dns: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open(self, order: dict[str, Any], fds: list[int]) -> None:
        loop = asyncio.get_running_loop()
        plugs = [socket.socket(fileno=fd) for fd in fds]
        for plug in plugs:
            plug.setblocking(False)
        self.routes = [
            Route(self, route["label"], [(host, port) for host, port in route["targets"]]) for route in order["routes"]
        ]
        if order["dns"]:
            names = Names(order["names"], [(pattern, address) for pattern, address in order["patterns"]])
            self._dns, _ = await loop.create_datagram_endpoint(lambda: names, sock=plugs.pop(0))
            self.names = names
        for index, plug in zip(order["listeners"], plugs, strict=True):
            route = self.routes[index]
            server = await loop.create_server(lambda route=route: Client(route), sock=plug, backlog=256)  # type: ignore[misc]
            self.servers.append(server)

    def use(self) -> dict[str, Any]:
        return {
            "connections": {route.label: route.connections for route in self.routes},
            "refused": {route.label: route.refused for route in self.routes},
            "unknown": list(self.names.unknown) if self.names else [],
        }

    def close(self) -> None:
        for server in self.servers:
            server.close()
        if self._dns is not None:
            self._dns.abort()
        for task in self._tasks:
            task.cancel()
        for client in list(self.clients):
            if client.other is not None:
                client.other.abort()
            client.abort()


class Gateway:
    """The control side: reads packets from the grader until it is gone."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._tenants: dict[int, Tenant] = {}

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        packets: asyncio.Queue[tuple[bytes, list[int]]] = asyncio.Queue()
        loop.add_reader(self._control, lambda: packets.put_nowait(_receive(self._control)))
        while True:
            packet, fds = await packets.get()
            if not packet:
                return
            await self._answer(json.loads(packet), fds)

    async def _answer(self, order: dict[str, Any], fds: list[int]) -> None:
        reply: dict[str, Any] = {"id": order["id"]}
        try:
            reply |= await self._do(order, fds)
        except (OSError, KeyError, ValueError, IndexError, re.error) as error:
            reply["error"] = f"{type(error).__name__}: {error}"
        self._control.send(json.dumps(reply).encode())

    async def _do(self, order: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        match order["op"]:
            case "add":
                tenant = self._tenants[order["id"]] = Tenant()
                await tenant.open(order, fds)
            case "remove":
                gone = self._tenants.pop(order["id"], None)
                if gone is not None:
                    gone.close()
                    return gone.use()
            case "use":
                return self._tenants[order["id"]].use()
            case other:
                raise ValueError(f"unknown op {other!r}")
        return {}


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """One packet and its descriptors; an empty packet once the grader is gone."""
    fds = array.array("i")
    try:
        packet, ancillary, _, _ = control.recvmsg(MAX_PACKET_BYTES, socket.CMSG_LEN(MAX_FDS * fds.itemsize))
    except ConnectionError:
        return b"", []
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return packet, list(fds)


def main() -> None:
    """Serve until standard input ends."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else 65536, hard))
    control = socket.socket(fileno=os.dup(0))
    control.setblocking(False)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Gateway(control).serve())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
