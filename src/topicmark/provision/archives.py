"""Archives of jars that come by coordinate, unpacked once into the cache."""

from __future__ import annotations

import contextlib
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from topicmark.model import LabFault
from topicmark.provision.cache import cache_dir
from topicmark.provision.jarset import Jar

ARCHIVE = "tar.gz"
_MOST_BYTES = 1 << 30


def unpack(jars: Iterable[Jar]) -> None:
    """Unpack those that are archives and were not yet. A folder is there whole or not at all.

    Only jars are taken, as plain files under their own names: links, devices and names that lead out of the folder
    are refused. Raises ``LabFault``. Callers hold a lock.
    """
    cache = cache_dir()
    for jar in jars:
        if jar.main and not jar.on_classpath(cache).exists():
            _unpack(jar.place(cache), jar.unpacked(cache))


def main_jar(archive: Path) -> str:
    """The one jar that is not in a folder of the archive. Raises ``ValueError`` if there is not exactly one."""
    with tarfile.open(archive) as packed:
        found = [name for name in packed.getnames() if name.endswith(".jar") and "/" not in name]
    if len(found) != 1:
        raise ValueError(f"{archive.name}: which of {found} is its main jar?")
    return found[0]


def _unpack(archive: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as name:
        fresh = Path(name) / folder.name
        try:
            with tarfile.open(archive) as packed:
                _take(packed, fresh)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise _fault(archive, str(error)) from error
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(FileExistsError):
            fresh.replace(folder)


def _take(packed: tarfile.TarFile, folder: Path) -> None:
    total = 0
    for member in packed:
        if member.isdir():
            continue
        place = PurePosixPath(member.name)
        if not member.isfile() or place.is_absolute() or ".." in place.parts:
            raise tarfile.TarError(f"{member.name!r} is not a plain file below the archive's folder")
        total += member.size
        if total > _MOST_BYTES:
            raise tarfile.TarError(f"more than {_MOST_BYTES:,} bytes")
        content = packed.extractfile(member)
        if place.suffix != ".jar" or content is None:
            continue
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            shutil.copyfileobj(content, out)


def _fault(archive: Path, reason: str) -> LabFault:
    return LabFault(
        f"cannot unpack {archive.name}: {reason}", service="provision", remedy="See the reason; is the disk full?"
    )
