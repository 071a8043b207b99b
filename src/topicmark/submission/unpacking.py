"""A submission that was handed in as an archive, unpacked. The archive may be hostile: nothing leaves the folder.

Taken are plain files, under names that stay inside. Links, devices and names that lead elsewhere are left out and told;
what would fill the disk, or can be read by nobody, is refused as a whole.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from topicmark.model import SubmissionError
from topicmark.submission.words import listed, shown

MAX_ARCHIVE_BYTES = 128 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_ENTRIES = 50_000
MAX_DIRECTORY_BYTES = 16 * 2**20
"""Of a zip's own list of its entries."""
_CHUNK_BYTES = 2**18
_END_SEARCH_BYTES = 2**16 + 22
"""A zip ends with a record that points to its list of entries; only a comment comes after it."""
_SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip")
_BESIDE = ("__MACOSX", ".DS_Store")
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_ENCRYPTED = 0x1
_PACKED: Mapping[bytes, type[gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
_BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    NotImplementedError, RecursionError, MemoryError,
)  # fmt: skip
_PACK_AGAIN = "Pack the folder again as .zip or .tar.gz, and look whether it can be unpacked."
_KINDS = "Hand in a folder, a .zip or a .tar.gz."


@dataclass
class _Unpacking:
    """One archive in progress: where it goes, what was left out and why."""

    where: str
    folder: Path
    total_bytes: int = 0
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, why: str, name: str) -> None:
        self.left_out.setdefault(why, []).append(name)

    def refuse(self, problem: str, remedy: str = _PACK_AGAIN) -> SubmissionError:
        return SubmissionError(self.where, problem, remedy)

    def too_large(self) -> SubmissionError:
        return self.refuse(f"unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB.", "Hand in only what was asked for.")

    def too_many(self) -> SubmissionError:
        return self.refuse(f"has more than {MAX_ENTRIES} entries.", "Leave out environments and build folders.")

    def take(self, name: str, data: IO[bytes], *, executable: bool) -> None:
        """One file, as far as the bound on all of them allows."""
        target = self._place(name)
        if target is None:
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            mode = 0o755 if executable else 0o644
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        except OSError as error:
            self.skip(f"cannot be made ({error.strerror})", name)
            return
        with os.fdopen(handle, "wb") as file:
            while chunk := data.read(_CHUNK_BYTES):
                self.total_bytes += len(chunk)
                if self.total_bytes > MAX_UNPACKED_BYTES:
                    raise self.too_large()
                file.write(chunk)

    def _place(self, name: str) -> Path | None:
        """Where a name leads; None, and told, if that is not in the folder."""
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        absolute = name.startswith(("/", "\\")) or name[1:2] == ":"
        if absolute or ".." in parts or not parts or "\0" in name:
            self.skip("a name that leads out of the folder", name)
            return None
        return self.folder.joinpath(*parts)


@contextlib.contextmanager
def unpacked(handed_in: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The folder with the submission, and remarks on what was left out. A folder is its own; an archive is unpacked for
    the length of the block, and the only folder at its top is the submission.

    Raises ``SubmissionError`` if it is neither, or cannot be unpacked: broken, encrypted, far too large.
    """
    if not handed_in.is_file():
        yield handed_in, ()
        return
    with tempfile.TemporaryDirectory(prefix="topicmark-archive-") as name:
        unpacking = _Unpacking(shown(str(handed_in)), Path(name) / "content")
        unpacking.folder.mkdir()
        _unpack(handed_in, unpacking, Path(name) / "plain.tar")
        remarks = tuple(f"left out of the archive, {why}: {listed(names)}" for why, names in unpacking.left_out.items())
        yield _root(unpacking), remarks


def name_of(handed_in: Path) -> str:
    """What a submission is called: its folder's name, or the archive's without its ending."""
    name = handed_in.resolve().name
    ending = next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), "")
    return shown(name[: len(name) - len(ending)] if handed_in.is_file() else name)


def _unpack(archive: Path, unpacking: _Unpacking, scratch: Path) -> None:
    try:
        if archive.stat().st_size > MAX_ARCHIVE_BYTES:
            raise unpacking.refuse(f"is larger than {MAX_ARCHIVE_BYTES >> 20} MiB.", "Hand in only what was asked for.")
        with archive.open("rb") as file:
            head = file.read(6)
    except OSError as error:
        raise unpacking.refuse(f"cannot be read: {error.strerror}.", "Check the path and its permissions.") from None
    opener = next((one for magic, one in _PACKED.items() if head.startswith(magic)), None)
    try:
        if opener is not None:
            _from_tar(_plain(cast("IO[bytes]", opener(archive)), scratch, unpacking), unpacking)
        elif zipfile.is_zipfile(archive):
            _from_zip(archive, unpacking)
        elif tarfile.is_tarfile(archive):
            _from_tar(archive, unpacking)
        else:
            raise unpacking.refuse("is no archive that can be read here.", _KINDS)
    except _BROKEN as error:
        raise unpacking.refuse(f"is broken or cut off ({shown(str(error) or type(error).__name__)}).") from None


def _plain(packed: IO[bytes], scratch: Path, unpacking: _Unpacking) -> Path:
    """The tar inside a compressed one. Written out first, so that no header of it can cost more than the bound."""
    written = 0
    with packed, scratch.open("wb") as file:
        while chunk := packed.read(_CHUNK_BYTES):
            written += len(chunk)
            if written > MAX_UNPACKED_BYTES:
                raise unpacking.too_large()
            file.write(chunk)
    return scratch


def _from_tar(archive: Path, unpacking: _Unpacking) -> None:
    with tarfile.open(archive, "r:") as packed:
        for number, member in enumerate(packed):
            if number >= MAX_ENTRIES:
                raise unpacking.too_many()
            if member.isfile():
                data = packed.extractfile(member)
                if data is not None:
                    unpacking.take(member.name, data, executable=bool(member.mode & 0o111))
            elif not member.isdir():
                unpacking.skip("a link" if member.issym() or member.islnk() else "a device or pipe", member.name)


def _from_zip(archive: Path, unpacking: _Unpacking) -> None:
    if _directory_bytes(archive) > MAX_DIRECTORY_BYTES:
        raise unpacking.too_many()
    with zipfile.ZipFile(archive) as packed:
        members = [member for member in packed.infolist() if not member.is_dir()]
        if len(members) > MAX_ENTRIES:
            raise unpacking.too_many()
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise unpacking.refuse("is protected by a password.", "Pack it again without one.")
        for member in members:
            mode = member.external_attr >> 16
            kind = stat.S_IFMT(mode)
            if kind not in (0, stat.S_IFREG):
                unpacking.skip("a link" if kind == stat.S_IFLNK else "a device or pipe", member.filename)
            elif member.compress_type not in _ZIP_METHODS:
                unpacking.skip("packed in a way that is not read here", member.filename)
            else:
                with packed.open(member) as data:
                    unpacking.take(member.filename, data, executable=bool(mode & 0o111))


def _directory_bytes(archive: Path) -> int:
    """How long a zip says its list of entries is, before anybody reads it. Zip64's marker counts as endless."""
    with archive.open("rb") as file:
        file.seek(max(0, archive.stat().st_size - _END_SEARCH_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    size: int = struct.unpack_from("<I", tail, at + 12)[0] if at >= 0 else 0
    return size


def _root(unpacking: _Unpacking) -> Path:
    """The folder that was packed: the archive's only one, if nothing lies beside it."""
    entries = [entry for entry in unpacking.folder.iterdir() if entry.name not in _BESIDE]
    if len(entries) == 1 and entries[0].is_dir():
        return entries[0]
    if len(entries) == 1 and entries[0].name.lower().endswith(_SUFFIXES):
        raise unpacking.refuse(f"holds only another archive, {shown(entries[0].name)}.", "Hand in the inner one.")
    return unpacking.folder
