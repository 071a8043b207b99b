"""One thread that moves what all programs print into their files and notices their ends."""

from __future__ import annotations

import collections
import os
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from topicmark.sandbox.running import Program

_TICK_S = 0.2
_FLOOD_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class _Source:
    program: Program
    read: Callable[[], bool]


class Pump:
    """Programs are added while they start; each is finished when its three sources are exhausted."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._new: collections.deque[Program] = collections.deque()
        self._open: dict[Program, set[int]] = {}
        self._paused: collections.deque[tuple[float, int, _Source]] = collections.deque()
        woken, self._wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(self._wake, False)
        self._selector.register(woken, selectors.EVENT_READ, None)
        self._woken = woken
        threading.Thread(target=self._run, name="topicmark-pump", daemon=True).start()

    def add(self, program: Program) -> None:
        """Read this program's output from now on. From any thread; a second time changes nothing."""
        self._new.append(program)
        try:
            os.write(self._wake, b"x")
        except BlockingIOError:
            return  # the pipe is full of reasons to wake up already

    @property
    def programs(self) -> list[Program]:
        """Those that have not ended."""
        return [program for program in [*self._open, *self._new] if program.running]

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select(self._timeout()):
                if key.data is None:
                    os.read(self._woken, 4096)
                else:
                    self._serve(key.fd, key.data)
            self._take_in()
            self._resume()
            for program in [one for one in self._open if one.overdue]:
                for fd in list(self._open.get(program, ())):
                    self._exhaust(fd, program)

    def _timeout(self) -> float | None:
        if self._paused:
            return max(0.0, self._paused[0][0] - time.monotonic())
        return _TICK_S if self._open else None

    def _take_in(self) -> None:
        while self._new:
            program = self._new[0]
            if program in self._open or not program.running:
                self._new.popleft()
                continue
            sources = program.sources()
            self._open[program] = {fd for fd, _ in sources}
            self._new.popleft()
            for fd, read in sources:
                self._selector.register(fd, selectors.EVENT_READ, _Source(program, read))

    def _serve(self, fd: int, source: _Source) -> None:
        if fd not in self._open.get(source.program, ()):
            return
        try:
            more = source.read()
        except Exception as error:  # noqa: BLE001 (without this thread no program would ever end)
            more = False
            source.program.kill_because(f"lost: its output cannot be read: {error!r}", wait=False)
        if not more:
            self._exhaust(fd, source.program)
        elif source.program.flooding:
            # Thrown away anyway: the program waits for its terminal a little, and the grader keeps its processor.
            self._selector.unregister(fd)
            self._paused.append((time.monotonic() + _FLOOD_PAUSE_S, fd, source))

    def _resume(self) -> None:
        while self._paused and self._paused[0][0] <= time.monotonic():
            _, fd, source = self._paused.popleft()
            if fd in self._open.get(source.program, ()):
                self._selector.register(fd, selectors.EVENT_READ, source)

    def _exhaust(self, fd: int, program: Program) -> None:
        if fd in self._selector.get_map():
            self._selector.unregister(fd)
        left = self._open[program]
        left.discard(fd)
        if not left:
            del self._open[program]
            program.finish()


_lock = threading.Lock()
_pump: Pump | None = None


def pump() -> Pump:
    """The pump of this process, started when first needed."""
    global _pump
    with _lock:
        if _pump is None:
            _pump = Pump()
        return _pump
