"""Starting the first program of a sandbox and taking over what it hands out."""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.sandbox.census import NamespaceCensus
from topicmark.sandbox.link import NetworkUse
from topicmark.sandbox.running import Census as AnyCensus
from topicmark.sandbox.running import Parts
from topicmark.sandbox.spawn import marked, spawn
from topicmark.sandbox.spec import Limits
from topicmark.sandbox.text import plain
from topicmark.sandbox.weak import ProcessCensus

__all__ = ["AnyCensus", "Connect", "Launch", "Parts", "Release", "adopt", "start"]

Connect = Callable[[Sequence[int], bool, Sequence[int]], None]
"""Called with the listeners' endpoint indices, whether there is a name server, and the descriptors (dns first)."""
Release = Callable[[], NetworkUse]

_HELLO_WITHIN_S = 30.0
_MAX_FDS = 250


@dataclass(frozen=True, slots=True)
class Launch:
    """What a launch is called and where its complaints go."""

    label: str
    limits: Limits
    errors: Path
    marker: str


def start(what: Launch, argv: Sequence[str], *, cargo: int, uid: int | None, connect: Connect) -> Parts:
    """Start ``argv`` (the sandbox and its Python) with ``inside.py``, up to where it waits for ``go``.

    Raises ``LabFault`` with what bubblewrap or ``inside.py`` said.
    """
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    try:
        with theirs, what.errors.open("wb") as errors, Path(__file__).with_name("inside.py").open("rb") as inside:
            process = spawn(
                [*argv, "-I", "-S", "-E", "-", str(theirs.fileno()), str(cargo)],
                stdin=inside,
                stderr=errors,
                pass_fds=[theirs.fileno(), cargo],
                env=marked(what.marker),
                uid=uid,
                new_session=True,
            )
    except (OSError, ValueError) as error:
        control.close()
        raise _fault(what, error) from error
    return adopt(what, control, process, connect)


def adopt(what: Launch, control: socket.socket, process: subprocess.Popen[bytes] | None, connect: Connect) -> Parts:
    """Take over what the first program of a sandbox hands out. ``process`` is None for one that an engine started: then
    it is known by who sent the hello. Raises ``LabFault``; nothing is left open then, and the process is ended."""
    held = contextlib.ExitStack()
    held.callback(control.close)
    try:
        if process is not None:
            held.callback(_end, process)
            process_fd = os.pidfd_open(process.pid)
            held.callback(os.close, process_fd)
            pid, hello, fds = _receive(control, process_fd)
        else:
            pid, hello, fds = _receive(control, control.fileno())
            process_fd = os.pidfd_open(pid)
            held.callback(os.close, process_fd)
        closing = held.enter_context(contextlib.ExitStack())
        for fd in fds:
            closing.callback(os.close, fd)
        terminal, proc, *rest = fds
        network_fds = len(hello["listeners"]) + hello["dns"]
        scratch, sockets = rest[: len(rest) - network_fds], rest[len(rest) - network_fds :]
        connect(hello["listeners"], hello["dns"], sockets)
        os.set_blocking(terminal, False)
        closing.pop_all()
        for fd in sockets:
            os.close(fd)
        if scratch:
            census: AnyCensus = NamespaceCensus(os.pidfd_open(pid), proc, scratch)
        else:
            os.close(proc)
            census = ProcessCensus(process.pid if process is not None else pid)
    except (OSError, ValueError, KeyError) as error:
        held.close()
        raise _fault(what, error) from error
    except BaseException:
        held.close()
        raise
    held.pop_all()
    ended = process.poll if process is not None else lambda: _ended(process_fd)
    return Parts(ended, process_fd, control, terminal, census, what.errors, NetworkUse, NetworkUse, pid)


def _ended(process_fd: int) -> int | None:
    """As ``Popen.poll``, for a process that is nobody's child here."""
    poll = select.poll()
    poll.register(process_fd, select.POLLIN)
    return 0 if poll.poll(0) else None


def _fault(what: Launch, error: Exception) -> LabFault:
    said = plain(what.errors.read_text(errors="replace")).strip()[-1000:] if what.errors.exists() else ""
    return LabFault(f"{what.label} could not be put into a sandbox: {said or error}", service="sandbox")


def _receive(control: socket.socket, process_fd: int) -> tuple[int, dict[str, Any], list[int]]:
    """The host's pid of the first program, its hello, its descriptors. Raises ``OSError`` if it ends or hangs."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(process_fd, select.POLLIN)
    ready = [fd for fd, _ in poll.poll(_HELLO_WITHIN_S * 1000)]
    if control.fileno() not in ready:
        raise OSError("it ended at once" if ready else f"it did not answer within {_HELLO_WITHIN_S:.0f} s")
    fds = array.array("i")
    room = socket.CMSG_SPACE(struct.calcsize("3i")) + socket.CMSG_SPACE(_MAX_FDS * fds.itemsize)
    data, ancillary, _, _ = control.recvmsg(1 << 16, room, socket.MSG_CMSG_CLOEXEC)
    pid = 0
    for layer, kind, content in ancillary:
        if layer == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
        elif layer == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            pid = struct.unpack("3i", content)[0]
    if not data or not pid:
        raise OSError("it ended at once")
    return pid, json.loads(data), list(fds)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.send_signal(signal.SIGKILL)
    process.wait()
