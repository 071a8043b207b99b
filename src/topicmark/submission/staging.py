"""Copies a submission to a folder of ours. The tree may be hostile: nothing is followed, everything is bounded."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from topicmark.model import SubmissionError
from topicmark.submission.artefacts import Staged
from topicmark.submission.words import decode, listed, read_bytes, shown

MAX_FILE_BYTES = 16 * 2**20
MAX_TREE_BYTES = 64 * 2**20
MAX_FILES = 5000
MAX_ENTRIES = 50_000
MAX_DEPTH = 24
_MAX_PATH_CHARS = 1000

_PICKED_UP = frozenset({"conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py"})
_SILENT = frozenset({".git", ".hg", ".svn", "__pycache__", "__macosx", ".ds_store", ".mypy_cache", ".pytest_cache"})
_VENVS = frozenset({".venv", "venv", ".virtualenv"})
_LAST = frozenset({"node_modules", "target", "build", "dist"})
_CRLF = re.compile(rb"\r\n")


@dataclass
class _Copy:
    """One copy in progress: what was taken, what was left out and why."""

    root: Path
    staging: Path
    owner: int
    files: list[str] = field(default_factory=list)
    total_bytes: int = 0
    entries: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, why: str, name: str) -> None:
        self.left_out.setdefault(why, []).append(name)

    def remarks(self) -> tuple[str, ...]:
        return tuple(f"left out, {why}: {listed(names)}" for why, names in self.left_out.items())


def stage(root: Path, staging: Path) -> Staged:
    """Copy the regular files of ``root`` to ``staging`` (made if missing, otherwise empty).

    Shallow files come first, so what a huge tree loses is what lies deep. Raises ``SubmissionError`` if the folder is
    missing, unreadable or holds no file, ``FileExistsError`` if ``staging`` is not empty.
    """
    where = shown(str(root))
    try:
        status = root.stat()
        if not stat.S_ISDIR(status.st_mode):
            raise SubmissionError(where, "is not a folder.", "Give the folder that holds the submission.")
        with os.scandir(root):
            pass
    except OSError as error:
        raise SubmissionError(
            where, f"cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from None
    staging.mkdir(parents=True, exist_ok=True)
    if any(staging.iterdir()):
        raise FileExistsError(f"staging folder {staging} is not empty")
    copy = _Copy(root, staging, status.st_uid)
    for relative in _walk(copy):
        _take(copy, relative)
    if not copy.files:
        raise SubmissionError(where, "holds no file that can be read.", "Put your files into this folder.")
    return Staged(staging, tuple(sorted(copy.files)), copy.remarks())


def _walk(copy: _Copy) -> Iterator[str]:
    """Relative paths of regular files, breadth first; folders of other people's code last."""
    ours = copy.staging.stat()
    queue: deque[str] = deque([""])
    last: deque[str] = deque()
    while queue or last:
        folder = queue.popleft() if queue else last.popleft()
        try:
            entries = _entries(copy, folder)
        except OSError as error:
            copy.skip(f"cannot be read ({error.strerror})", folder)
            continue
        if folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            copy.skip("a virtual environment", folder)
            continue
        for entry in entries:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            kind = _kind(copy, entry, relative, (ours.st_dev, ours.st_ino))
            if kind == "file":
                yield relative
            elif kind == "folder":
                (last if entry.name.lower() in _LAST else queue).append(relative)


def _entries(copy: _Copy, folder: str) -> list[os.DirEntry[str]]:
    found: list[os.DirEntry[str]] = []
    if copy.entries >= MAX_ENTRIES:
        copy.skip(f"beyond the first {MAX_ENTRIES} names", folder)
        return found
    with os.scandir(copy.root / folder) as scan:
        for entry in scan:
            copy.entries += 1
            if copy.entries > MAX_ENTRIES:
                copy.skip(f"beyond the first {MAX_ENTRIES} names", f"{folder or '.'}/…")
                break
            found.append(entry)
    return sorted(found, key=lambda entry: entry.name)


def _kind(copy: _Copy, entry: os.DirEntry[str], relative: str, ours: tuple[int, int]) -> str:
    """``file``, ``folder`` or, if it is left out, an empty string."""
    name = entry.name.lower()
    if name in _SILENT or entry.name.startswith("._"):
        return ""
    if not all(char.isprintable() for char in entry.name) or len(relative) > _MAX_PATH_CHARS:
        copy.skip("a name that no shell shows as it is", relative)
    elif entry.is_symlink():
        copy.skip("a symbolic link", relative)
    elif entry.is_dir(follow_symlinks=False):
        status = entry.stat(follow_symlinks=False)
        if name in _VENVS:
            copy.skip("a virtual environment", relative)
        elif relative.count("/") >= MAX_DEPTH:
            copy.skip(f"more than {MAX_DEPTH} folders deep", relative)
        elif (status.st_dev, status.st_ino) != ours:
            return "folder"
    elif not entry.is_file(follow_symlinks=False):
        copy.skip("a device, pipe or socket", relative)
    elif name in _PICKED_UP or name.endswith(".pth"):
        copy.skip("pytest or Python would run it by itself", relative)
    else:
        return "file"
    return ""


def _take(copy: _Copy, relative: str) -> None:
    source, target = copy.root / relative, copy.staging / relative
    try:
        status = source.lstat()
        if status.st_nlink > 1 and status.st_uid != copy.owner:
            copy.skip("a hard link to somebody else's file", relative)
            return
        if status.st_size > MAX_FILE_BYTES:
            copy.skip(f"over {MAX_FILE_BYTES >> 20} MiB", relative)
            return
        if len(copy.files) >= MAX_FILES:
            copy.skip(f"beyond the first {MAX_FILES} files", relative)
            return
        if copy.total_bytes + status.st_size > MAX_TREE_BYTES:
            copy.skip(f"beyond {MAX_TREE_BYTES >> 20} MiB in all", relative)
            return
        data = read_bytes(source, MAX_FILE_BYTES)
    except OSError as error:
        copy.skip(f"cannot be read ({error.strerror})", relative)
        return
    if data is None:
        copy.skip("changed while it was read", relative)
        return
    if relative.lower().endswith(".sh") or data.startswith((b"#!", b"\xef\xbb\xbf#!")):
        data = _unix_text(data)
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o755 if status.st_mode & 0o111 else 0o644
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    copy.files.append(relative)
    copy.total_bytes += len(data)


def _unix_text(data: bytes) -> bytes:
    """A script as a Unix shell wants it: no mark in front of ``#!``, no carriage returns, no UTF-16."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = decode(data).encode()
    return _CRLF.sub(b"\n", data.removeprefix(b"\xef\xbb\xbf"))
