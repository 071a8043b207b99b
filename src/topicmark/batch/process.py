"""One grading run as a process: in a session of its own, its output in a file, and never longer than we are there."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from topicmark.backends.held import Held
from topicmark.services import leash
from topicmark.waiting import WaitExpired, eventually

GRACE_S = 45.0
"""In which a run that is told to end takes its lab down."""


@dataclass(frozen=True, slots=True)
class Process:
    """``pidfd`` can be read from once it has ended. Whoever starts one calls ``forget`` at last."""

    popen: subprocess.Popen[bytes]
    pidfd: int

    @classmethod
    def start(
        cls, command: Sequence[str], output: Path, pass_fds: Sequence[int] = (), held: Held | None = None
    ) -> Self:
        """``command`` with ``pass_fds`` open for as long as it runs; what it prints replaces ``output``. It leaves its
        lab to the next one if labs are ``held``."""
        with output.open("wb") as file:
            popen = subprocess.Popen(
                # its input is never written to: when we are gone, however that came, it closes and the run ends
                [sys.executable, "-I", str(leash.__file__), *command],
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**_environment(os.environ), **(held.environment if held is not None else {})},
                start_new_session=True,
                pass_fds=[*pass_fds, *([held.leash] if held is not None else [])],
            )
        return cls(popen, os.pidfd_open(popen.pid))

    def forget(self) -> int:
        """Its exit code. What is left of it is ended by force, most often nothing: until it is waited for, its number
        is nobody else's."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        code = self.popen.wait()
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        os.close(self.pidfd)
        return code


def ended(processes: Sequence[Process], within_s: float) -> list[Process]:
    """Those that have ended; waits for the first."""
    poll = select.poll()
    for one in processes:
        poll.register(one.pidfd, select.POLLIN)
    ready = {number for number, _ in poll.poll(within_s * 1000)}
    return [one for one in processes if one.pidfd in ready]


def end(processes: Sequence[Process], grace_s: float = GRACE_S) -> None:
    """First as Ctrl+C does, so that labs are taken down in order; ``forget`` does it by force after ``grace_s``."""
    for one in processes:
        one.popen.terminate()
    with contextlib.suppress(WaitExpired):
        eventually(
            lambda: ended(processes, 0),
            lambda found: len(found) == len(processes),
            within=grace_s,
            describe="the end of all runs",
        )


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Without what tells a run that it is the only one of a GitHub job, which would get a summary of each."""
    return {name: value for name, value in outer.items() if not name.startswith("GITHUB_")}
