"""A program that runs in a sandbox: what it prints, how it is stopped, how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from topicmark.model import LabFault
from topicmark.sandbox.link import NetworkUse
from topicmark.sandbox.output import Output, whole_characters
from topicmark.sandbox.spec import Limits
from topicmark.sandbox.text import plain
from topicmark.waiting import Deadline, WaitExpired

_READ_BYTES = 1 << 16
_BURST_BYTES = 1 << 18
_DIES_WITHIN_S = 20.0
_LAST_OUTPUT_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended. Either ``code`` or ``signal`` is set, unless the namespace was killed around it.

    ``reason`` is ``ended`` (by itself), ``stopped`` (by us, in the usual way), ``killed: …`` (a limit, in words for a
    student) or ``lost: …`` (the sandbox itself broke: our fault). ``at`` is ``time.monotonic()``. ``needed`` is the
    strongest of ``SIGINT``, ``SIGTERM``, ``SIGKILL`` that a stop had to send, empty if the program ended by itself.
    """

    code: int | None
    signal: int | None
    reason: str
    at: float
    needed: str = ""

    @property
    def lost(self) -> bool:
        """Whether it ended through a fault of ours."""
        return self.reason.startswith("lost")

    def __str__(self) -> str:
        """``ended with code 1``, ``stopped by SIGINT, code 0``, ``killed: memory limit of …``."""
        how = f"code {self.code}" if self.code is not None else _signal_name(self.signal)
        if self.reason == "ended":
            return f"ended with {how}" if self.code is not None else f"ended by {how}"
        if self.reason == "stopped":
            return f"stopped by {self.needed}, {how}"
        return self.reason


def _signal_name(number: int | None) -> str:
    try:
        return signal.Signals(number or 0).name
    except ValueError:
        return f"signal {number}"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program's processes use together. ``memory_bytes`` counts shared memory once where the kernel tells."""

    processes: int
    memory_bytes: int
    files: int


class Census(Protocol):
    """Counts and kills the processes of one sandbox."""

    def usage(self, limits: Limits) -> Usage | None:
        """What they use now; None if that cannot be seen any more."""

    def kill(self) -> None:
        """Kill them all. Returns before they are gone."""

    def close(self) -> None:
        """Let go of what was held open."""


@dataclass(slots=True)
class Parts:
    """What a started sandbox is made of, all of it owned by the ``Program`` from then on."""

    ended: Callable[[], int | None]
    """None while the sandbox's first process runs."""
    process_fd: int
    control: socket.socket
    terminal: int
    census: Census
    errors: Path
    on_end: Callable[[], NetworkUse]
    network: Callable[[], NetworkUse]
    pid: int
    heard: Callable[[Mapping[str, Any]], None] = lambda _: None
    """Is told each message of the sandbox's first process."""


@dataclass(slots=True)
class _Ending:
    """What is known about the end so far. Written by the pump thread and by whoever stops the program."""

    status: int | None = None
    fault: str = ""
    reason: str = ""
    needed: str = ""
    gone_at: float | None = None
    closed: bool = False
    """Whether the terminal is."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Program:
    """One run of a program. A context manager that stops it. Thread safe."""

    def __init__(self, label: str, parts: Parts, output: Output, limits: Limits) -> None:
        self.label = label
        self.pid = parts.pid
        """Process id on the host of the sandbox's first process, the parent of the program."""
        self.limits = limits
        self.started_at = time.monotonic()
        """``time.monotonic()`` when the program was let go."""
        self._parts = parts
        self._output = output
        self._ending = _Ending()
        self._exit: Exit | None = None
        self._done = threading.Event()
        self._use: NetworkUse | None = None

    def __repr__(self) -> str:
        return f"<Program {self.label}: {self._exit or 'running'}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ---- what it is doing -------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether it has not ended. Once False, its output is complete and none of its processes is left."""
        return not self._done.is_set()

    @property
    def exit(self) -> Exit | None:
        """How it ended, None while it runs."""
        return self._exit

    @property
    def log(self) -> Path:
        """The file with everything it printed, up to the cap."""
        return self._output.path

    @property
    def dropped_bytes(self) -> int:
        """Bytes of output beyond ``Limits.output_bytes``, thrown away."""
        return self._output.dropped_bytes

    def output(self) -> str:
        """All it printed so far (stdout and stderr in one). Raises ``LabFault`` if the disk was full."""
        return self.output_since(0)[0]

    def output_since(self, position: int) -> tuple[str, int]:
        """What it printed from a position on, and the position for the next call. Positions are bytes, from 0.

        While it runs, a character that has only partly arrived is left for the next call. Raises ``LabFault`` if the
        disk was full.
        """
        if self._output.fault:
            raise LabFault(
                f"output could not be kept: {self._output.fault}", service="sandbox", remedy="free some disk"
            )
        ended = self._done.is_set()
        data = self._output.read(position)
        if not ended:
            data = data[: whole_characters(data)]
        return data.decode("utf-8", "replace"), position + len(data)

    def arrived_at(self, position: int) -> float | None:
        """When the byte at a position arrived (``time.monotonic()``, exact to 10 ms); None if it has not."""
        return self._output.arrived_at(position)

    def tail(self, lines: int = 20) -> str:
        """The last lines it printed, safe to show. Lines are cut at 500 characters."""
        start = max(0, self._output.size - lines * 4096)
        shown = plain(self._output.read(start).decode("utf-8", "replace")).splitlines()[-lines:]
        return "\n".join(line if len(line) <= 500 else line[:499] + "…" for line in shown)

    def network(self) -> NetworkUse:
        """Which endpoints it reached and which unknown names it asked for, so far. Raises ``LabFault``."""
        if self._use is None:
            try:
                return self._parts.network()
            except LabFault:
                if self._use is None:
                    raise
        return self._use

    def usage(self) -> Usage | None:
        """What its processes use now; None once it ended."""
        return self._parts.census.usage(self.limits) if self.running else None

    def wait(self, within: float | Deadline) -> Exit:
        """Wait for its end by itself. Raises ``WaitExpired`` with the last lines of its output."""
        deadline = within if isinstance(within, Deadline) else Deadline.after(within)
        left = deadline.left_s
        if not self._done.wait(left) or self._exit is None:
            raise WaitExpired(f"the end of {self.label}", left, self.tail(5))
        return self._exit

    def type(self, text: str) -> None:
        """Type into its terminal, as somebody who sits before it would. Nothing happens if it has ended."""
        with self._ending.lock, contextlib.suppress(OSError):
            if not self._ending.closed:
                os.write(self._parts.terminal, text.encode())

    # ---- how it is ended --------------------------------------------------------------------------------------

    def send_signal(self, number: int) -> None:
        """Send a signal to the program's process group. Nothing happens if it has ended."""
        with contextlib.suppress(OSError):
            self._parts.control.send(b"signal %d" % number)

    def stop(self, grace_s: float = 3.0) -> Exit:
        """End it: SIGINT, after ``grace_s`` SIGTERM, after as long again the whole namespace. Returns how it ended.

        Raises ``LabFault`` if the processes cannot be killed.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            if not self._mark("stopped", number.name):
                break
            self.send_signal(number)
            if self._done.wait(grace_s):
                break
        return self.kill()

    def kill(self) -> Exit:
        """End it at once, with everything it started. Raises ``LabFault`` if the processes cannot be killed."""
        return self.kill_because("stopped")

    def kill_because(self, reason: str, *, wait: bool = True) -> Exit:
        """As ``kill``, for a reason: ``killed: …`` for a limit. The first reason given is kept."""
        if self._mark(reason, "SIGKILL"):
            self._parts.census.kill()
        if not wait:
            return self._exit or Exit(None, signal.SIGKILL, reason, time.monotonic(), "SIGKILL")
        if not self._done.wait(_DIES_WITHIN_S) or self._exit is None:
            raise LabFault(f"the processes of {self.label} cannot be killed", service="sandbox")
        return self._exit

    def _mark(self, reason: str, needed: str) -> bool:
        """Note why it is being ended. False if it is over already."""
        with self._ending.lock:
            if self._done.is_set() or self._ending.gone_at is not None or self._ending.status is not None:
                return False
            self._ending.reason = self._ending.reason or reason
            self._ending.needed = needed
            return True

    # ---- called by the pump thread only -----------------------------------------------------------------------

    def sources(self) -> Sequence[tuple[int, Callable[[], bool]]]:
        """Descriptors to watch, each with what to do when it is readable; that returns False once it is exhausted."""
        parts = self._parts
        return (
            (parts.terminal, self._read_terminal),
            (parts.control.fileno(), self._read_control),
            (parts.process_fd, self._see_end),
        )

    @property
    def flooding(self) -> bool:
        """Whether its output is only thrown away, so that reading it need not be quick."""
        return self._output.full

    @property
    def overdue(self) -> bool:
        """Whether its processes are gone and the rest of its output has had time to come."""
        gone = self._ending.gone_at
        return gone is not None and time.monotonic() - gone > _LAST_OUTPUT_WITHIN_S

    def _read_terminal(self) -> bool:
        taken = 0
        while taken < _BURST_BYTES:
            try:
                data = os.read(self._parts.terminal, _READ_BYTES)
            except BlockingIOError:
                return True
            except OSError:
                return False  # EIO: nobody holds the other end any more
            if not data:
                return False
            self._output.write(data)
            taken += len(data)
        return True

    def _read_control(self) -> bool:
        try:
            data = self._parts.control.recv(4096, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        with contextlib.suppress(ValueError, TypeError), self._ending.lock:
            message = json.loads(data)
            self._parts.heard(message)
            self._ending.fault = self._ending.fault or str(message.get("fault", ""))
            self._ending.reason = self._ending.reason or str(message.get("reason", ""))
            self._ending.status = message.get("status", self._ending.status)
        return True

    def _see_end(self) -> bool:
        if self._parts.ended() is None:
            return True
        while self._ending.status is None and self._read_control():
            if not _readable(self._parts.control):
                break
        with self._ending.lock:
            self._ending.gone_at = time.monotonic()
        return False

    def finish(self) -> None:
        """Everything is read and every process gone: let go of what was held, then say so."""
        parts = self._parts
        parts.census.close()
        parts.control.close()
        with self._ending.lock:
            self._ending.closed = True
            os.close(parts.terminal)
        os.close(parts.process_fd)
        self._output.close()
        try:
            self._use = parts.on_end()
        except LabFault:
            self._use = NetworkUse()
        self._exit = self._describe_exit()
        self._done.set()

    def _describe_exit(self) -> Exit:
        ending = self._ending
        at = ending.gone_at or time.monotonic()
        if ending.fault:
            return Exit(None, None, f"lost: the program could not be started. {plain(ending.fault)}", at)
        if ending.status is not None:
            code = os.waitstatus_to_exitcode(ending.status)
            reason = ending.reason or "ended"
            return Exit(max(code, 0) if code >= 0 else None, -code if code < 0 else None, reason, at, ending.needed)
        if ending.reason:
            return Exit(None, signal.SIGKILL, ending.reason, at, ending.needed)
        errors = ""
        with contextlib.suppress(OSError):
            errors = plain(self._parts.errors.read_text(errors="replace")).strip()[-500:]
        return Exit(None, signal.SIGKILL, f"lost: the sandbox ended unexpectedly. {errors}".strip(), at)


def _readable(plug: socket.socket) -> bool:
    try:
        return bool(plug.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False
