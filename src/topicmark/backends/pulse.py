"""Feels the lab's pulse while programs are graded, so that a fault of ours is never a student's."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from topicmark.model import Fault, LabFault

EVERY_S = 0.5
_LATE_S = 3.0
_BUSY = "The machine has too much to do. Run again when it has less; it costs no points."
_LEAST_FREE_BYTES = 2**24
_JUMP_S = 10.0
_JUMPED = "Run again when the machine's clock is set, and the machine does not sleep; it costs no points."


class Pulse:
    """Runs ``check`` every half second in a thread and keeps what it says. ``folder`` is where the lab's files are, if
    they are on this machine: a disk that is full is a fault.

    ``check`` returns a fault, or None; it raises ``LabFault`` for the same. ``held`` pauses it while the lab is
    changed on purpose. A beat that comes late is a fault too: what kept this thread from its turn for seconds kept the
    services and the programs from theirs. (A program cannot do that: it has less of a claim to the processors.)

    So is a wall clock that jumps, for as long as the lab is used after that: Kafka's clients and brokers reckon with
    it, and what is to happen in a second may happen at once, or in an hour. A machine that slept looks the same.
    """

    def __init__(self, check: Callable[[], Fault | None], folder: Path | None = None) -> None:
        self._check = check
        self._folder = folder
        self._faults: list[tuple[float, Fault]] = []
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._wall_ahead_s = _wall_ahead_s()

    def start(self) -> None:
        self._thread.start()

    @property
    def begun(self) -> bool:
        """Whether ``start`` was called: the lab has been up."""
        return self._thread.ident is not None

    def _beat(self) -> None:
        due = time.monotonic() + EVERY_S
        while not self._stop.wait(EVERY_S):
            late_s = time.monotonic() - due
            if late_s > _LATE_S:
                reason = f"nothing went on for {late_s:.0f} s"
                self._faults.append((time.monotonic(), Fault("machine", reason, remedy=_BUSY)))
            self.feel()
            due = time.monotonic() + EVERY_S

    def feel(self) -> None:
        """Check now."""
        with self._turn:
            began = time.monotonic()
            try:
                fault = self._disk_full() or self._check()
            except LabFault as error:
                fault = Fault(error.service, error.reason, error.log, error.remedy)
            if fault is not None:
                self._faults.append((began, fault))

    def faults(self, since: float) -> list[Fault]:
        """What was found since the monotonic time ``since``, the latest look included."""
        self.feel()
        return [*self._jumped(), *(fault for at, fault in self._faults if at >= since)]

    def _disk_full(self) -> Fault | None:
        with contextlib.suppress(OSError):  # being taken down
            if self._folder is not None and shutil.disk_usage(self._folder).free < _LEAST_FREE_BYTES:
                return Fault("machine", f"its disk is full: {self._folder}", remedy="Make room there, and run again.")
        return None

    def _jumped(self) -> Iterator[Fault]:
        """Whether it happened before ``since`` makes no difference."""
        by_s = _wall_ahead_s() - self._wall_ahead_s
        if abs(by_s) > _JUMP_S:
            yield Fault("machine", f"its clock jumped by {by_s:+.0f} s", remedy=_JUMPED)

    @contextmanager
    def held(self) -> Iterator[None]:
        """No check during the block."""
        with self._turn:
            yield

    def stop(self) -> bool:
        """No further check. False if one is still under way: the lab has stopped answering."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        return not self._thread.is_alive()


def _wall_ahead_s() -> float:
    """Of the monotonic clock: always the same, but for a clock that is being set."""
    return time.time() - time.monotonic()
