"""A loopback subnet per lab: labs run side by side on the course's own ports.

Linux routes all of 127.0.0.0/8 to the loopback device, so an address there needs no set-up.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import platformdirs

from topicmark.model import LabFault

COURSE_PORTS = (9092, 9093, 9094, 19092, 8081, 8083, 8088, 9000, 9870, 9864, 9866, 9867)
_SECOND = range(64, 128)
_THIRD = range(1, 255)
_TRIES = 500


@dataclass(slots=True)
class Subnet:
    """A lease on ``127.x.y.0/24``. Ends with ``release`` (or the ``with`` block), at the latest with the process."""

    prefix: str
    _descriptor: int = field(repr=False)

    def address(self, host: int) -> str:
        """``127.x.y.<host>``; ``host`` from 1 to 254."""
        if not 1 <= host <= 254:
            raise ValueError(f"no host {host} in a /24")
        return f"{self.prefix}.{host}"

    def release(self) -> None:
        """Give the subnet back. Harmless if done before."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Subnet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def state_dir() -> Path:
    """Where leases and the like of this user are kept: ``$TOPICMARK_STATE``, else the user's state folder."""
    chosen = os.environ.get("TOPICMARK_STATE")
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_state_dir("topicmark"))


def claim(hosts: range = range(10, 44), ports: tuple[int, ...] = COURSE_PORTS) -> Subnet:
    """Lease a subnet on which ``ports`` can be bound on every one of ``hosts``.

    Another user's labs are seen by their ports, our own by the lock. Raises ``LabFault`` if none is free.
    """
    folder = state_dir() / "subnets"
    folder.mkdir(parents=True, exist_ok=True)
    for prefix in itertools.islice(_prefixes(), _TRIES):
        descriptor = os.open(folder / f"{prefix}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        if all(_can_bind(f"{prefix}.{host}", port) for host in hosts for port in ports):
            return Subnet(prefix, descriptor)
        os.close(descriptor)
    raise LabFault(
        "no free loopback subnet",
        service="subnet",
        remedy="Stop programs that listen on 0.0.0.0 on the course's ports (9092, 8081, 8083, 8088, 9000, 9870).",
    )


def _prefixes() -> Iterator[str]:
    """A start of one's own: labs that start together rarely try the same subnet."""
    every = [f"127.{second}.{third}" for second in _SECOND for third in _THIRD]
    start = random.SystemRandom().randrange(len(every))
    return iter(every[start:] + every[:start])


def _can_bind(address: str, port: int) -> bool:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
