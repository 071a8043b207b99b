"""What programs find in their pods besides the image: packed once, carried into each pod that wants it."""

from __future__ import annotations

import gzip
import re
import tarfile
import threading
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from topicmark.model import LabFault
from topicmark.sandbox.pod_spec import CARRIED_TO
from topicmark.sandbox.spec import Command, Mount

_STARTS_OTHERS = re.compile(
    rb"subprocess|\bsystem\b|popen|\bexec[lv]?p?e?\b|spawn|\bpty\b|ctypes|importlib|__import__", re.IGNORECASE
)
"""What a Python program names somewhere if it starts another program."""
_MOST_BYTES = 2**20


class Baggage:
    """A tar file (gzip) of some mounts, made when it is first asked for. Safe for use by several threads."""

    def __init__(self, mounts: Sequence[Mount], file: Path) -> None:
        """Raises ``LabFault`` if something is to be shown at a place to which nothing can be carried."""
        for mount in mounts:
            if not mount.target.is_relative_to(CARRIED_TO):
                raise LabFault(f"{mount.target} cannot be shown in a pod", service="sandbox")
        self._mounts = mounts
        self._file = file
        self._lock = threading.Lock()

    def packed(self) -> Path:
        """Raises ``LabFault`` if it cannot be packed."""
        with self._lock:
            try:
                if not self._file.exists():
                    self._pack()
            except OSError as error:
                raise LabFault(f"what a pod needs cannot be packed: {error}", service="sandbox") from error
            return self._file

    def _pack(self) -> None:
        fresh = self._file.with_suffix(".new")
        with gzip.open(fresh, "wb", compresslevel=1) as sink, tarfile.open(fileobj=sink, mode="w|") as archive:
            for mount in self._mounts:
                name = str(PurePosixPath(mount.target).relative_to("/"))
                archive.add(mount.source.resolve(), name, filter=_anybodys)
        fresh.rename(self._file)


def _anybodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Readable for whatever user id the program gets."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode |= 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def starts_others(command: Command, tree: Path) -> bool:
    """Whether the command may start other programs than Python: it is not Python itself, or some file that it came with
    may do so. In doubt it may."""
    if not PurePosixPath(command.argv[0]).name.startswith("python"):
        return True
    texts = [text.encode() for text in (*command.argv, *command.files.values())]
    files = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    programs = [path for path in files if path.suffix in (".py", ".pyc", ".so", ".sh", ".bash", "")]
    return any(path.suffix in (".pyc", ".so") for path in programs) or any(
        map(_STARTS_OTHERS.search, [*texts, *map(_beginning, programs)])
    )


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)
