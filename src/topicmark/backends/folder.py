"""A lab's folder: its lease (a lock held by whoever uses the lab) and what it says of itself."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.services.subnet import state_dir

_ABOUT = "lab.json"
_LEASE = "lease"
_VISITORS = "visitors"
_LEFT = "left.json"
_GOING = ".gone-"


def labs_folder() -> Path:
    """Where labs keep their data and logs: ``<state>/labs/<marker>/``."""
    return state_dir() / "labs"


@dataclass(slots=True)
class LabFolder:
    """One lab's files. ``marker`` names the lab; its processes carry it in their environment."""

    path: Path
    _lease: int = field(default=-1, repr=False)

    @classmethod
    def new(cls, place: Path | None = None) -> LabFolder:
        """A new folder, leased before anybody can see it: a sweep would take one without a lease for a leftover.
        ``place`` is for labs that are not for everybody."""
        place = place or labs_folder()
        name = f"lab-{uuid.uuid4().hex[:12]}"
        hidden = cls(place / f".{name}")
        hidden.path.mkdir(parents=True)
        if not hidden.lease():
            raise LabFault(f"{hidden.path} is in use though it is new", service="lab")
        hidden.path = hidden.path.rename(place / name)
        return hidden

    @classmethod
    def all(cls, place: Path | None = None) -> Iterator[LabFolder]:
        """All labs of this cache, or of ``place``, whatever state they are in."""
        place = place or labs_folder()
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if path.is_dir() and not path.name.startswith("."):
                    yield cls(path)

    @staticmethod
    def clear() -> None:
        """Remove what is left of folders whose removal was cut short."""
        for path in labs_folder().glob(f"{_GOING}*"):
            shutil.rmtree(path, ignore_errors=True)

    @property
    def marker(self) -> str:
        return self.path.name

    @property
    def kafka(self) -> Path:
        return self.path / "kafka"

    @property
    def hdfs(self) -> Path:
        return self.path / "hdfs"

    @property
    def components(self) -> Path:
        return self.path / "components"

    @property
    def programs(self) -> Path:
        return self.path / "programs"

    @property
    def recorder(self) -> Path:
        return self.path / "recorder"

    def visit(self) -> int:
        """Somebody works in the lab by hand until the descriptor that this returns is closed. Raises ``OSError``."""
        guest = os.open(self.path / _VISITORS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(guest, fcntl.LOCK_SH)
        return guest

    def visited(self) -> bool:
        """Whether somebody works in the lab by hand right now."""
        try:
            door = os.open(self.path / _VISITORS, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(door)
        return False

    def leave(self, fingerprint: Mapping[str, Any], *, for_people: bool) -> None:
        """Remember what there is in the lab as it is left: whole and clean ``for_people``, else as a run ended."""
        self._write(_LEFT, {"fingerprint": fingerprint, "for_people": for_people})

    def left(self) -> dict[str, Any] | None:
        """What ``leave`` remembered; None if a run that used the lab has not left it in order."""
        return self._read(_LEFT)

    def take_over(self) -> None:
        """From now on nothing in the lab is anybody's: what a run leaves that is killed may be reset."""
        (self.path / _LEFT).unlink(missing_ok=True)

    def lease(self) -> bool:
        """Take the lab for this process; False if another one has it."""
        try:
            lease = os.open(self.path / _LEASE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            return False  # removed this instant
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lease)
            return False
        self._lease = lease
        return True

    def release(self) -> None:
        if self._lease >= 0:
            os.close(self._lease)
            self._lease = -1

    def keep(self, **about: Any) -> None:
        """From now on the lab stays up between runs."""
        self._write(_ABOUT, {"since": time.time(), **about})

    def about(self) -> dict[str, Any] | None:
        """What ``keep`` wrote; None for a lab that ends with its run."""
        return self._read(_ABOUT)

    def _write(self, name: str, content: Mapping[str, Any]) -> None:
        fresh = self.path / f"{name}.new"
        fresh.write_text(json.dumps(content))
        fresh.replace(self.path / name)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / name).read_text())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def remove(self) -> None:
        """Take the folder away. Only for whoever holds the lease.

        It is hidden before: half removed, without its lease, it would be taken for one that nobody uses.
        """
        hidden = self.path.with_name(f"{_GOING}{self.path.name}")
        with contextlib.suppress(OSError):
            self.path.rename(hidden)
        for path in (hidden, self.path):
            shutil.rmtree(path, ignore_errors=True)
        self.release()
