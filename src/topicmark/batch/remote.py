"""What a worker on another machine does: take a hand-in as bytes, grade it in a process of its own, give files back.

Imported by the process of a Dask worker, which has this very package installed. Labs of workers on one machine are kept
apart by leases in the user's state folder, as those of any runs are: nothing of a worker's own may hide them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import topicmark
from topicmark import syllabus
from topicmark.batch import process
from topicmark.batch.process import Process
from topicmark.batch.store import OUTPUT
from topicmark.waiting import Deadline, WaitExpired, eventually

if TYPE_CHECKING:
    from distributed import Worker

ROOT = Path(topicmark.__file__).resolve().parents[2]
"""The repository: its tests, with the package."""
_RULES = ("tests", "fixtures")
_LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a verdict besides the hand-in, in one installation: the version, and a digest of the tests,
    fixtures and points. The same on all machines that grade one class."""

    version: str
    digest: str

    @classmethod
    def of(cls, root: Path) -> Rules:
        """Those of the repository ``root``."""
        paths = [root / syllabus.FILE_NAME]
        paths += [path for part in _RULES for path in sorted((root / part).rglob("*.py"))]
        told = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()]
        return cls(topicmark.__version__, hashlib.sha256(repr(told).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Parcel:
    """A hand-in on its way to the process ``addressee``. ``files`` by path, with whether it can be executed, of a
    folder ``name``; of an archive, only its own file ``name``. ``command`` is for the worker's Python; path and folder
    come last."""

    addressee: str
    name: str
    is_folder: bool
    files: Mapping[str, tuple[bytes, bool]]
    command: Sequence[str]
    longest_s: float


@dataclass(frozen=True, slots=True)
class Returned:
    """``code`` is None if the run was ended, ``why`` says so. ``files`` is all that it wrote, by relative path."""

    code: int | None
    files: Mapping[str, bytes]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Introduction:
    """``addressee`` is this process and no other, also if a later one has its address. ``missing`` of ``needed``."""

    addressee: str
    rules: Rules
    missing: Sequence[str]


def introduce(needed: Sequence[str], dask_worker: Worker) -> Introduction:
    """Who works here. ``needed`` are absolute paths that runs will be given."""
    return Introduction(dask_worker.id, Rules.of(ROOT), [path for path in needed if not Path(path).exists()])


def grade(parcel: Parcel) -> Returned:
    """A task of Dask: one run, ended if nobody wants its results any more, or the worker is to close."""
    from distributed import get_worker  # only workers need it

    worker = get_worker()
    if worker.id != parcel.addressee:
        return Returned(None, {}, "its worker was lost and began anew")
    with tempfile.TemporaryDirectory(prefix="hand-in-", dir=worker.local_directory) as scratch:
        return graded(parcel, Path(scratch), _wanted_by(worker))


def _wanted_by(worker: Worker) -> Callable[[], bool]:
    """Whether the task of this thread is still to be done: a thread cannot be told otherwise."""
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return worker.status.name in ("running", "paused") and task is not None and task.state == "executing"

    return wanted


def graded(parcel: Parcel, scratch: Path, wanted: Callable[[], bool]) -> Returned:
    """What comes of a run in the empty folder ``scratch``."""
    path, out = scratch / "handed-in" / parcel.name, scratch / "out"
    out.mkdir()
    _unpack(parcel, path)
    deadline = Deadline.after(parcel.longest_s)
    run = Process.start([sys.executable, *parcel.command, str(path), f"--out={out}"], out / OUTPUT)
    why = ""
    try:
        eventually(
            lambda: bool(process.ended([run], _LOOK_S)) or not wanted(),
            bool, within=deadline, describe="the end of the run", pause_s=0.0,
        )  # fmt: skip
        why = "" if process.ended([run], 0) else "nobody wanted it any more"
    except WaitExpired:
        why = f"took more than {parcel.longest_s:.0f} s"
    finally:
        if not process.ended([run], 0):
            process.end([run])
        code = run.forget()
    files = {str(one.relative_to(out)): one.read_bytes() for one in out.rglob("*") if one.is_file()}
    return Returned(None if why else code, files, why)


def _unpack(parcel: Parcel, path: Path) -> None:
    for name, (data, is_executable) in parcel.files.items():
        target = path / name if parcel.is_folder else path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if is_executable else 0o644)
    if parcel.is_folder:
        path.mkdir(parents=True, exist_ok=True)


def contents(tree: Path) -> Mapping[str, tuple[bytes, bool]]:
    """The files of a staged tree, for a parcel."""
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    return {str(path.relative_to(tree)): (path.read_bytes(), os.access(path, os.X_OK)) for path in files}
