"""``jars.lock.toml`` as data: which jars each set holds, each pinned by version, SHA-256 and size."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("jars.lock.toml")


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    """One pinned file. ``sha256`` in lower-case hex, ``size`` in bytes. ``main`` of an archive (``type`` is
    ``tar.gz``): the jar in it that goes on the class path; that jar's manifest names the others."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int
    classifier: str = ""
    type: str = "jar"
    main: str = ""

    @property
    def coordinate(self) -> str:
        """``group:artifact:version[:classifier]``."""
        return ":".join(part for part in (self.group, self.artifact, self.version, self.classifier) if part)

    @property
    def filename(self) -> str:
        """``artifact-version[-classifier].type``."""
        stem = "-".join(part for part in (self.artifact, self.version, self.classifier) if part)
        return f"{stem}.{self.type}"

    def place(self, cache: Path) -> Path:
        """Where the cache keeps it; the content's hash is part of the path."""
        return cache / "jars" / self.sha256[:16] / self.filename

    def unpacked(self, cache: Path) -> Path:
        """The folder that holds the jars of an archive."""
        return cache / "unpacked" / self.sha256[:16]

    def on_classpath(self, cache: Path) -> Path:
        """What goes on a class path: the file itself, or the main jar of an archive."""
        return self.unpacked(cache) / self.main if self.main else self.place(cache)


@dataclass(frozen=True, slots=True)
class JarSet:
    """What was asked for (``roots``, without the ``group:artifact`` named in ``without``) and what that came to."""

    name: str
    roots: tuple[str, ...]
    without: tuple[str, ...]
    jars: tuple[Jar, ...]


def read(file: Path = LOCK_FILE) -> dict[str, JarSet]:
    """The sets by name, in the file's order. The order of ``jars`` is the order on the class path."""
    with file.open("rb") as source:
        table = tomllib.load(source)
    return {
        name: JarSet(
            name,
            tuple(entry["roots"]),
            tuple(entry.get("without", ())),
            tuple(Jar(**jar) for jar in entry.get("jars", ())),
        )
        for name, entry in table.items()
    }


def version(set_name: str, artifact: str) -> str:
    """The pinned version of an artifact. Raises ``KeyError`` if the set has none."""
    for jar in sets()[set_name].jars:
        if jar.artifact == artifact:
            return jar.version
    raise KeyError(f"{set_name} has no {artifact}")


@cache
def sets() -> dict[str, JarSet]:
    """The sets of the package's own lock file, read once."""
    return read()
