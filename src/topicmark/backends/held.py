"""Labs that one run leaves to the next, for as long as whoever grades a class holds them: no person works in them.

The holder is a process with a folder in the user's state folder and a pipe. The labs' processes have the pipe as their
standard input, so they end when the holder does, however that ends; its runs are told of both by their environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from topicmark.backends.embedded import EmbeddedLab
from topicmark.backends.folder import LabFolder
from topicmark.backends.needs import Needs
from topicmark.model import LabFault
from topicmark.sandbox import Level
from topicmark.services.hdfs import HdfsCluster
from topicmark.services.kafka import KafkaCluster
from topicmark.services.subnet import state_dir

_VARIABLE = "TOPICMARK_HELD"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Held:
    """Where the labs are, and the end of the pipe that their processes read from."""

    folder: Path
    leash: int

    @property
    def environment(self) -> Mapping[str, str]:
        """For a run; ``leash`` must be open in it under the same number."""
        return {_VARIABLE: f"{self.leash}:{self.folder}"}

    @classmethod
    def of_environment(cls) -> Held | None:
        """What this run was told; None if nobody holds labs for it."""
        leash, _, folder = os.environ.get(_VARIABLE, "").partition(":")
        return cls(Path(folder), int(leash)) if folder else None


@contextlib.contextmanager
def holding() -> Iterator[Held]:
    """Hold labs for the length of the block; then they are taken down. Runs must have ended by then. Raises
    ``LabFault`` if there can be no folder for them."""
    name = f"held-{uuid.uuid4().hex[:12]}"
    hidden, folder = _place() / f".{name}", _place() / name
    with contextlib.ExitStack() as last:
        try:
            hidden.mkdir(parents=True)
            lock = os.open(hidden / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            last.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            hidden.rename(folder)
        except OSError as error:
            raise LabFault(f"labs cannot be held in {folder}: {error}", service="lab") from error
        last.callback(_end_all, folder)
        leash, ours = os.pipe2(os.O_CLOEXEC)
        last.callback(os.close, leash)
        last.callback(os.close, ours)
        yield Held(folder, leash)


def new(held: Held, *, level: Level, needs: Needs, properties: Mapping[str, str]) -> EmbeddedLab:
    """A lab that is yet to be started, and stays for the next run."""
    return EmbeddedLab.new(level=level, needs=needs, properties=properties, held=(held.folder, held.leash))


def take(held: Held, *, level: Level, needs: Needs, properties: Mapping[str, str]) -> EmbeddedLab | None:
    """A lab that another run has left, as new; None if there is none with these needs. One that cannot be reset is
    taken down."""
    for folder in LabFolder.all(held.folder):
        if not folder.lease():
            continue
        if needs.hdfs and not folder.hdfs.exists():
            folder.release()
            continue
        lab = None
        try:
            lab = EmbeddedLab.attach(folder, level=level, needs=needs, held=True)
            lab.reset(properties)
            lab.pulse.start()
        except LabFault:
            if lab is not None:
                lab.take_down()
            else:
                _end(folder)
            continue
        return lab
    return None


def sweep() -> None:
    """Remove what is left of holders that were killed."""
    for folder in sorted(_place().glob("held-*")):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue  # removed this instant
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _end_all(folder)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _place() -> Path:
    return state_dir() / "held"


def _end_all(folder: Path) -> None:
    """Take all labs down, and the folder away unless a run still has one."""
    busy = False
    for lab in LabFolder.all(folder):
        if lab.lease():
            _end(lab)
        else:
            busy = True
    if not busy:
        shutil.rmtree(folder, ignore_errors=True)


def _end(folder: LabFolder) -> None:
    for service in (KafkaCluster, HdfsCluster):
        with contextlib.suppress(LabFault):
            service.reattach(folder.path / service.name).kill()
    folder.remove()
