"""What a sandbox is given at its start: one anonymous file with the order and the bytes of all files.

The files go in by value, so that no folder of the host is shared and no permission of the host matters inside.
"""

from __future__ import annotations

import json
import os
import posixpath
import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from topicmark.model import LabFault, SubmissionError
from topicmark.sandbox.spec import Command

_PAGE_BYTES = 4096


def pack(order: Mapping[str, Any], tree: Path, command: Command, *, max_bytes: int) -> int:
    """The descriptor of a new anonymous file as ``inside.py`` reads it; the caller closes it.

    Raises ``SubmissionError`` if a path leaves the submission or all of it is larger than ``max_bytes``, ``LabFault``
    if the tree cannot be read.
    """
    workdir = _inside(command.workdir)
    extra = {_inside(posixpath.join(workdir, name)): text.encode() for name, text in command.files.items()}
    try:
        folders, files, links = _survey(tree)
        files = [entry for entry in files if entry[0] not in extra]
        links = [link for link in links if link[0] not in extra]
        sizes = [size for _, _, size in files] + [len(data) for data in extra.values()]
        total = sum(-(-size // _PAGE_BYTES) * _PAGE_BYTES for size in sizes)
        if total > max_bytes:
            raise SubmissionError(
                tree.name, f"it has {total} bytes; a program gets {max_bytes} bytes of disk.", "Remove large files."
            )
        table = files + [(name, 0o644, len(data)) for name, data in extra.items()]
        header = json.dumps({**order, "workdir": workdir, "folders": folders, "files": table, "links": links}).encode()
        cargo = os.memfd_create("topicmark-cargo", os.MFD_CLOEXEC)
        try:
            _write(cargo, struct.pack(">Q", len(header)) + header)
            for name, _, size in files:
                _append(cargo, tree / name, size)
            for data in extra.values():
                _write(cargo, data)
        except BaseException:
            os.close(cargo)
            raise
    except OSError as error:
        raise LabFault(f"the staged submission cannot be read: {error}", service="sandbox") from error
    return cargo


def _inside(path: str) -> str:
    """The path relative to the submission, normalised."""
    clean = posixpath.normpath(path)
    if clean.startswith(("/", "../")) or clean == ".." or "\0" in clean:
        raise SubmissionError(
            "submission.toml", f"the path {path!r} leads out of the submission.", "Use a relative path."
        )
    return clean


def _survey(tree: Path) -> tuple[list[str], list[tuple[str, int, int]], list[tuple[str, str]]]:
    """Folders, files (path, mode, bytes) and symbolic links (path, target) below ``tree``; nothing else is taken."""
    folders: list[str] = []
    files: list[tuple[str, int, int]] = []
    links: list[tuple[str, str]] = []
    for entry in _walk(tree):
        name = os.path.relpath(entry.path, tree)
        if entry.is_symlink():
            links.append((name, str(Path(entry.path).readlink())))
        elif entry.is_dir(follow_symlinks=False):
            folders.append(name)
        elif entry.is_file(follow_symlinks=False):
            found = entry.stat(follow_symlinks=False)
            files.append((name, stat.S_IMODE(found.st_mode) & 0o755 | 0o600, found.st_size))
    return folders, files, links


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path))


def _append(cargo: int, path: Path, size: int) -> None:
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        left = size
        while left:
            copied = os.sendfile(cargo, source, None, left)
            if not copied:
                raise OSError(f"{path} became shorter while it was read")
            left -= copied
    finally:
        os.close(source)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
