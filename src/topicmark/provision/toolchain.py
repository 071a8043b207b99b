"""Everything that a lab is started with: the Java runtime, class paths, our compiled launcher, its archive."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from topicmark.provision import jarset, java, maven
from topicmark.provision.cache import locked

SETS = ("kafka", "compiler", "client")
KAFKA_OPTIONS = (
    "-Xms48m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xss512k",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Paths and options; class paths are joined by colons. ``kafka_archive`` is None where dumping was left out."""

    java: Path
    kafka_classpath: str
    client_classpath: str
    compiler: Path
    kafka_archive: Path | None
    kafka_options: tuple[str, ...] = KAFKA_OPTIONS

    def kafka_command(self) -> list[str]:
        """``java`` with options and class path, up to where the main class goes."""
        shared = [f"-XX:SharedArchiveFile={self.kafka_archive}", "-Xshare:auto"] if self.kafka_archive else []
        quiet = ["-Xlog:disable", "-Xlog:all=error:stderr"]
        return [str(self.java), *self.kafka_options, *shared, *quiet, "-cp", self.kafka_classpath]


def ensure(progress: bool = False, *, rehash: bool = False) -> Toolchain:
    """Download, compile and dump what is missing, and say where it all is. Idempotent; safe to call at once.

    With nothing missing it needs no network and some milliseconds. ``rehash`` checks every jar's content again.
    Raises ``LabFault`` with a remedy.
    """
    if not rehash and (known := complete()):
        return known
    with locked("toolchain"):
        maven.fetch(SETS, progress, rehash=rehash)
        command = java.java()
        compiler = maven.jars("compiler")[0]
        libraries = maven.jars("kafka")
        launcher = java.compile_sources("topicmark/lab", libraries, compiler)
        bare = Toolchain(command, _joined([launcher, *libraries]), _joined(maven.jars("client")), compiler, None)
        archive = java.class_data_archive("kafka", bare.kafka_classpath, lambda extra: _train(bare, extra))
    return Toolchain(bare.java, bare.kafka_classpath, bare.client_classpath, compiler, archive)


def complete() -> Toolchain | None:
    """The tool chain if all of it is there and verified, else None. Takes no lock, fetches nothing."""
    if maven.unverified(jar for name in SETS for jar in jarset.sets()[name].jars):
        return None
    compiler = maven.jars("compiler")[0]
    libraries = maven.jars("kafka")
    launcher = java.compiled_path("topicmark/lab", libraries, compiler)
    classpath = _joined([launcher, *libraries])
    archive = java.archive_path("kafka", classpath)
    if not (launcher.exists() and archive.exists()):
        return None
    return Toolchain(java.java(), classpath, _joined(maven.jars("client")), compiler, archive)


def _train(bare: Toolchain, extra: Sequence[str]) -> None:
    from topicmark.provision.training import train  # kafka-python takes a while to import, and a warm call needs none

    command = bare.kafka_command()
    train([command[0], *extra, *command[1:]])


def _joined(jars: Sequence[Path]) -> str:
    return os.pathsep.join(map(str, jars))
