"""What the services have in common that are one process of ours: how it is started, found again, watched and ended."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from topicmark.model import LabFault
from topicmark.provision.part import Part
from topicmark.services.jvm import Jvm
from topicmark.services.program_log import ProgramLog
from topicmark.waiting import Deadline, WaitExpired, eventually

T = TypeVar("T")


class ProcessService(ABC):
    """A ``Service`` but for ``probe``. ``folder`` is its own: settings, logs, data. Not safe for use by several
    threads.

    ``marker`` is put into the process's environment (``TOPICMARK_LAB``) and names the lab that it belongs to. Unless
    ``detached`` the process ends with this one, however that ends, or with ``leash``, a descriptor whose other end
    somebody else holds. One that goes on after us is found again by its record, the file ``<name>.json`` in the folder.
    """

    name: ClassVar[str]
    output: ClassVar[str] = "jvm.log"
    """The file in the folder that the process's own output goes to; its log is ``<name>.log``."""
    called: ClassVar[str] = "the JVM"
    """The process, in messages."""

    def __init__(self, folder: Path, *, marker: str, detached: bool, leash: int | None = None) -> None:
        self.folder = folder.absolute()
        self.marker = marker
        self._detached = detached
        self._leash = leash
        self._process: Jvm | None = None
        self._log = ProgramLog(self.folder / f"{self.name}.log", self.folder / self.output)

    @classmethod
    def reattach(cls, folder: Path) -> Self:
        """The service whose files are in ``folder``, which somebody else started. Raises ``LabFault`` if it no longer
        runs."""
        try:
            record = json.loads((folder / f"{cls.name}.json").read_text(encoding="utf-8"))
            process = Jvm.attach(record["pid"], record["started_at"])
            service = cls._recorded(record, folder)
            service._log.from_bytes = record["log_from_bytes"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabFault(f"no record of {cls.name} in {folder}: {error}", service=cls.name) from error
        if process is None:
            raise LabFault(f"the {cls.name} of {folder} no longer runs", service=cls.name, log=service.logs())
        service._process = process
        return service

    @property
    def pid(self) -> int | None:
        """The process id, None if it was not started."""
        return self._process.process.pid if self._process else None

    def start(self) -> None:
        """Start the process; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._process is not None and self._process.exit_reason() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self._command()
        self._log.begin()
        self._process = Jvm.spawn(
            command,
            folder=self.folder,
            output=self._log.output,
            marker=self.marker,
            detached=self._detached,
            leash=self._leash,
            extra=self._environment(),
        )
        self._write_record()

    def died(self) -> str | None:
        """Why it can no longer become or stay ready; None while it can."""
        process = self._process
        if process is None:
            return "was not started"
        reason = process.exit_reason()
        return f"{self.called} {reason}" if reason else None

    def halted(self) -> str | None:
        """Why it does not serve now, though it could go on: somebody stopped it by a signal. None otherwise."""
        return f"{self.called} was stopped by a signal" if self._process and self._process.is_halted() else None

    def stop(self) -> None:
        """End the process now. There is nothing to shut down cleanly for: what counts is in Kafka, or is not used
        again."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process that this object started or attached to; returns when it is gone. ``start`` goes on
        with what it left."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def clean(self) -> None:
        """Remove the folder. Raises ``LabFault`` before ``stop``."""
        if self._process is not None:
            raise LabFault("clean before stop", service=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tails of its log and of the process's own output."""
        return self._log.tail()

    def rss_bytes(self) -> int:
        """Resident memory of the process."""
        return self._process.rss_bytes() if self._process else 0

    @abstractmethod
    def _command(self) -> list[str]:
        """What to run, its settings written. The folder is there."""

    def _environment(self) -> Mapping[str, str]:
        """What the process's environment holds beside the marker."""
        return {}

    @abstractmethod
    def _record(self) -> dict[str, Any]:
        """What it takes to make this object again, as JSON; the process, its marker and its log not counted."""

    @classmethod
    @abstractmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> Self:
        """The detached service that was recorded so. Raises ``KeyError``, ``TypeError`` or ``ValueError``."""

    def _java(self, part: Part, *options: str) -> list[str]:
        """A JVM of ``part`` that ends with its standard input unless it is detached, up to its main class."""
        return [*part.command(), f"-Dtopicmark.detached={str(self._detached).lower()}", *options]

    def _write(self, name: str, text: str) -> Path:
        """A file in the folder that only its owner can read: settings hold passwords. There at once, or not at all."""
        file, fresh = self.folder / name, self.folder / f"{name}.new"
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        return fresh.replace(file)

    def _write_record(self) -> None:
        assert self._process is not None
        record = {
            "pid": self._process.process.pid,
            "started_at": self._process.started_at,
            "marker": self.marker,
            "log_from_bytes": self._log.from_bytes,
            **self._record(),
        }
        self._write(f"{self.name}.json", json.dumps(record))

    def _await(
        self,
        observe: Callable[[], T],
        until: Callable[[T], bool],
        *,
        within: float | Deadline,
        describe: str,
        retry_on: tuple[type[BaseException], ...] = (),
    ) -> T:
        """``eventually`` with an eye on the process. Raises ``LabFault`` with the log when it dies or time is up."""
        try:
            return eventually(
                observe, until, within=within, describe=describe, retry_on=retry_on, watch=self._check_alive
            )
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def _check_alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")
