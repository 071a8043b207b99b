"""A proxy on loopback that knows names which nobody else here does: those of a cluster's pods and Services.

Clients that can use a proxy (kafka-python's ``proxy_url``, ``requests``) reach a broker or a datanode under the very
name that it advertises, without a change of hosts files.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from topicmark.model import LabFault

HOST = "127.0.0.1"
_HEAD_S = 10.0
_CONNECT_S = 10.0
_CHUNK_BYTES = 1 << 16
_STOP_S = 5.0
_OF_ONE_HOP = ("connection:", "proxy-connection:", "keep-alive:")

Resolve = Callable[[str, int], tuple[str, int]]
"""From a host and port as they are spoken of to where they are reached from here. May block. Raises ``LookupError`` for
what does not exist and ``LabFault`` for what cannot be reached."""


class NameProxy:
    """Serves ``CONNECT`` and requests for ``http://`` from a thread of its own.

    ``refused`` keeps the last hundred answers that were not 200: what was asked for, and why not.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="name-proxy", daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.refused: list[tuple[str, str]] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_CONNECT_S)

    def close(self) -> None:
        """Cut every connection. Idempotent."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_S)

    def __enter__(self) -> NameProxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, HOST, 0, limit=_CHUNK_BYTES)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._forward(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either end is gone, or the proxy is
        finally:
            self._connections.discard(task)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        method, _, rest = head.partition(b" ")
        target, _, _ = rest.partition(b" ")
        place = urlsplit((b"//" + target if method == b"CONNECT" else target).decode("latin-1"))
        asked = place.netloc or target.decode("latin-1")
        try:
            address = await self._address(place.hostname, place.port or 80)
            async with asyncio.timeout(_CONNECT_S):
                far_reader, far_writer = await asyncio.open_connection(*address)
        except (LookupError, LabFault, OSError, TimeoutError, ValueError) as error:
            await self._refuse(writer, asked, f"{type(error).__name__}: {error}")
            return
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far_writer.write(_for_origin(head, target, place.netloc))
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.close()

    async def _address(self, host: str | None, port: int) -> tuple[str, int]:
        if not host:
            raise LookupError("no host is named")
        return await asyncio.get_running_loop().run_in_executor(None, self._resolve, host, port)

    async def _refuse(self, writer: asyncio.StreamWriter, asked: str, why: str) -> None:
        self.refused = [*self.refused[-99:], (asked, why)]
        body = f"{asked}: {why}\n".encode()
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Type: text/plain\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await source.read(_CHUNK_BYTES):
        sink.write(chunk)
        await sink.drain()
    with contextlib.suppress(OSError, RuntimeError):
        sink.write_eof()


def _for_origin(head: bytes, target: bytes, netloc: str) -> bytes:
    """A request to a proxy as the server itself expects it. One request only: the next may be for another host."""
    origin = target.decode("latin-1").partition(netloc)[2] or "/"
    lines = head.decode("latin-1").split("\r\n")[:-2]
    method, _, version = lines[0].split(" ", 2)
    kept = [line for line in lines[1:] if not line.lower().startswith(_OF_ONE_HOP)]
    return "\r\n".join([f"{method} {origin} {version}", *kept, "Connection: close", "", ""]).encode("latin-1")
