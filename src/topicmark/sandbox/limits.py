"""One thread that ends programs which use too much: memory, processes, files, time."""

from __future__ import annotations

import threading
import time

from topicmark.sandbox.pump import pump
from topicmark.sandbox.running import Program
from topicmark.sandbox.spec import Limits

EVERY_S = 0.2

_MIB = 2**20


def overrun(limits: Limits, *, processes: int, memory_bytes: int, files: int, wall_s: float) -> str:
    """Why a program must be ended, in words for a student; empty if it may go on."""
    if wall_s > limits.wall_s:
        return f"killed: wall time, it ran longer than {limits.wall_s:.0f} s"
    if processes > limits.processes:
        return f"killed: process limit, it had more than {limits.processes} processes at once"
    if memory_bytes > limits.memory_bytes:
        used, allowed = memory_bytes // _MIB, limits.memory_bytes // _MIB
        return f"killed: memory limit, it used {used} MiB and may use {allowed} MiB"
    if files > limits.files:
        return f"killed: file limit, it made more than {limits.files} files"
    return ""


class Watcher:
    """Looks at every running program each 0.2 s."""

    def __init__(self) -> None:
        self._pause = threading.Event()
        threading.Thread(target=self._run, name="topicmark-limits", daemon=True).start()

    def _run(self) -> None:
        while not self._pause.wait(EVERY_S):
            for program in pump().programs:
                try:
                    self._look_at(program)
                except Exception as error:  # noqa: BLE001 (without this thread no limit would hold any more)
                    program.kill_because(f"lost: its limits cannot be watched: {error!r}", wait=False)

    def _look_at(self, program: Program) -> None:
        wall_s = time.monotonic() - program.started_at
        usage = program.usage()
        reason = overrun(
            program.limits,
            processes=usage.processes if usage else 0,
            memory_bytes=usage.memory_bytes if usage else 0,
            files=usage.files if usage else 0,
            wall_s=wall_s,
        )
        if reason:
            program.kill_because(reason, wait=False)


_lock = threading.Lock()
_watcher: Watcher | None = None


def watch() -> None:
    """Make sure that running programs are watched."""
    global _watcher
    with _lock:
        if _watcher is None:
            _watcher = Watcher()
