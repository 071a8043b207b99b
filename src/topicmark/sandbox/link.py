"""The grader's end of the gateway process: starts it when first needed, one request at a time."""

from __future__ import annotations

import array
import itertools
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.sandbox import spawn

_REPLY_WITHIN_S = 15.0
_MAX_PACKET_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """What a program did with its network. Host names come from the program: show them through ``plain``."""

    connections: Mapping[str, int] = field(default_factory=dict)
    """Endpoint label → connections that reached the lab."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Endpoint label → connections for which no target accepted."""
    unknown_names: Sequence[str] = ()
    """Host names that were asked for and are no part of the lab, the first 50."""


class Link:
    """One gateway process. Thread safe. It ends when this end of its standard input is closed, so with the grader."""

    def __init__(self, marker: str) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_REPLY_WITHIN_S)
        program = Path(__file__).with_name("gateway.py")
        try:
            # By path and isolated: the package around it is not needed, so it is up in a moment.
            self._process = spawn.spawn(
                [sys.executable, "-I", "-S", str(program)],
                stdin=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                env=spawn.marked(marker),
                new_session=True,
            )
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Process id of the gateway."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def add(self, order: Mapping[str, Any], fds: Sequence[int]) -> int:
        """Connect a sandbox; the returned number names it from now on. Raises ``LabFault``."""
        number = next(self._ids)
        self._request({**order, "op": "add", "id": number}, fds)
        return number

    def remove(self, number: int) -> NetworkUse:
        """Close a sandbox's sockets and drop its connections. What it used until then. Raises ``LabFault``."""
        return _use(self._request({"op": "remove", "id": number}))

    def use(self, number: int) -> NetworkUse:
        """What a connected sandbox used so far. Raises ``LabFault``."""
        return _use(self._request({"op": "use", "id": number}))

    def close(self) -> None:
        """End the gateway."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _request(self, packet: Mapping[str, Any], fds: Sequence[int] = ()) -> dict[str, Any]:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            with self._lock:
                self._socket.sendmsg([json.dumps(packet).encode()], ancillary)
                while True:
                    data = self._socket.recv(_MAX_PACKET_BYTES)
                    reply: dict[str, Any] = json.loads(data) if data else {"error": "it ended"}
                    if not data or reply.get("id") == packet["id"]:
                        break
        except OSError as error:
            raise LabFault(f"the gateway of the sandboxes does not answer: {error}", service="sandbox") from error
        if "error" in reply:
            raise LabFault(f"the gateway of the sandboxes: {reply['error']}", service="sandbox")
        return reply


def _use(reply: Mapping[str, Any]) -> NetworkUse:
    return NetworkUse(reply.get("connections", {}), reply.get("refused", {}), tuple(reply.get("unknown", ())))


_links_lock = threading.Lock()
_current: Link | None = None


def gateway(marker: str) -> Link:
    """The gateway of this grader, started if there is none or the last one died. Raises ``LabFault``."""
    global _current
    with _links_lock:
        if _current is None or not _current.alive:
            try:
                _current = Link(marker)
            except OSError as error:
                raise LabFault(f"the gateway of the sandboxes cannot be started: {error}", service="sandbox") from error
        return _current
