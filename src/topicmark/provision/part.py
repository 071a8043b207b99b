"""A part of the lab that runs on Java: which jars, which sources of ours, which options, and its archive.

One ``Part`` a service. What it takes to add one: a set in ``jars.lock.toml``, sources in ``java/src`` if it needs any,
a training run, and a line in ``toolchain.PARTS``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from topicmark.provision import jarset, java, maven
from topicmark.provision.archives import unpack
from topicmark.provision.cache import locked

COMPILER = "compiler"
# Short-lived, small, quick to start: what every JVM of a lab has in common.
LEAN_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xss512k",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
_QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")


@dataclass(frozen=True, slots=True)
class Part:
    """``jars``: sets of the lock file, in class-path order. ``sources``: folders of ``java/src``, each compiled to a
    jar that stands before them. ``options``: of the JVM. ``train``: see ``java.class_data_archive``; None for no
    archive. ``beside``: the parts that its training run starts too."""

    name: str
    jars: tuple[str, ...]
    sources: tuple[str, ...] = ()
    options: tuple[str, ...] = LEAN_OPTIONS
    train: Callable[[Sequence[str]], None] | None = None
    beside: tuple[Part, ...] = ()

    def command(self) -> list[str]:
        """``java`` with options, archive and class path, up to where the main class goes. Only once it is ``ready``."""
        archive = java.archive_path(self.name, self.classpath) if self.train else None
        shared = [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"] if archive else []
        return [str(java.java()), *self.options, *shared, *_QUIET, "-cp", self.classpath]

    @property
    def classpath(self) -> str:
        """Joined by colons; it need not be there yet."""
        return os.pathsep.join(map(str, [*self.compiled, *self._libraries]))

    @property
    def compiled(self) -> list[Path]:
        """The jars of its sources, in their order; they need not be there yet."""
        return [java.compiled_path(folder, self._libraries, _compiler()) for folder in self.sources]

    @property
    def _libraries(self) -> list[Path]:
        return [jar for name in self.jars for jar in maven.jars(name)]

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets of jars it takes to build and run it."""
        own = (*self.jars, *((COMPILER,) if self.sources else ()))
        return tuple(dict.fromkeys([*own, *(name for part in self.beside for name in part.sets)]))

    def ready(self) -> bool:
        """Whether all of it is there and verified. Takes no lock, fetches nothing."""
        if maven.unverified(jar for name in self.sets for jar in jarset.sets()[name].jars):
            return False
        archived = self.train is None or java.archive_path(self.name, self.classpath).exists()
        libraries = all(path.exists() for path in self._libraries)
        return libraries and archived and all(jar.exists() for jar in self.compiled)

    def build(self) -> None:
        """Compile and dump what is missing; the jars must be there. Safe to call at once. Raises ``LabFault``."""
        for part in self.beside:
            part.build()
        with locked(f"part-{self.name}"):
            for name in self.jars:
                unpack(jarset.sets()[name].jars)
            for folder in self.sources:
                java.compile_sources(folder, self._libraries, _compiler())
            if self.train is not None:
                train = self.train
                java.class_data_archive(self.name, self.classpath, lambda extra: train(self._bare(extra)))

    def _bare(self, extra: Sequence[str]) -> list[str]:
        return [str(java.java()), *extra, *self.options, *_QUIET, "-cp", self.classpath]


def _compiler() -> Path:
    return maven.jars(COMPILER)[0]
