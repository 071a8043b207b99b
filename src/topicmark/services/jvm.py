"""A process of a lab: started so that it dies with us, or detached and found again by pid and start time.

They are JVMs, but for the embedded ksqlDB.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from topicmark.model import LabFault

MARKER = "TOPICMARK_LAB"
_GONE_S = 10


def after_boot_s(process: psutil.Process) -> float:
    """When a process began, in seconds since the machine did: what the wall clock does then has no say. The object
    must be a fresh one, for psutil remembers what the wall clock said. Raises ``psutil.Error``."""
    return float(process.create_time() - psutil.boot_time())


@dataclass(slots=True)
class Jvm:
    """One process that this object started (or that a record left by it names), and nothing else."""

    process: psutil.Process
    _child: subprocess.Popen[bytes] | None = None

    @classmethod
    def spawn(
        cls,
        command: Sequence[str],
        *,
        folder: Path,
        output: Path,
        marker: str,
        detached: bool,
        leash: int | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Jvm:
        """Start ``command`` in ``folder`` as a session of its own, its output appended to ``output``.

        Its environment holds the marker, what is in ``extra`` and little else: ``JAVA_TOOL_OPTIONS`` of the user has
        no say. Unless ``detached`` its standard input is a pipe that we hold: it ends when we do, however we end;
        or ``leash``, a descriptor that ends when somebody else does. Raises ``LabFault``.
        """
        environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        try:
            with output.open("ab") as sink:
                child = subprocess.Popen(
                    command,
                    cwd=folder,
                    env={**environment, "LC_ALL": "C.UTF-8", MARKER: marker, **(extra or {})},
                    stdin=leash if leash is not None else subprocess.DEVNULL if detached else subprocess.PIPE,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            return cls(psutil.Process(child.pid), child)
        except (OSError, psutil.Error) as error:
            raise LabFault(f"cannot start {Path(command[0]).name}: {error}", service="java") from error

    @classmethod
    def attach(cls, pid: int, started_at: float) -> Jvm | None:
        """The process with this pid if it is still the one with that ``started_at``."""
        try:
            process = psutil.Process(pid)
            return cls(process) if abs(after_boot_s(process) - started_at) < 0.05 else None
        except psutil.Error:
            return None

    @property
    def started_at(self) -> float:
        """As ``after_boot_s``."""
        return after_boot_s(psutil.Process(self.process.pid))

    def exit_reason(self) -> str | None:
        """How it ended, or None while it runs."""
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return None
            return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        alive = self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        return None if alive else "is gone"

    def is_halted(self) -> bool:
        """Whether somebody stopped it by a signal, to go on later."""
        try:
            return bool(self.process.status() == psutil.STATUS_STOPPED)
        except psutil.Error:
            return False

    def rss_bytes(self) -> int:
        """Resident memory; 0 if it is gone."""
        try:
            return int(self.process.memory_info().rss)
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End it now; returns when it is gone. Raises ``LabFault`` if it will not go."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()
        try:
            if self._child is not None:
                self._child.wait(_GONE_S)
                if self._child.stdin is not None:
                    self._child.stdin.close()
            else:
                self.process.wait(_GONE_S)
        except (subprocess.TimeoutExpired, psutil.TimeoutExpired) as error:
            raise LabFault(f"process {self.process.pid} does not end", service="java") from error
