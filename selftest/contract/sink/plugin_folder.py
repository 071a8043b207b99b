"""The plugins of a lab's Connect worker that the project has to bring: the HDFS 2 sink and stand-in converters.

Confluent's cannot be had from the registries of packages; ``java/src/hdfs-sink`` and ``java/src/converters`` go by
the same class names. The folder is laid out as ``plugin.path`` wants it: one folder a plugin, its jars inside.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from topicmark.provision import java, maven
from topicmark.provision.cache import cache_dir
from topicmark.provision.part import COMPILER

CONNECT = "connect"
HADOOP_CLIENT = "hadoop-client"
SETS = (CONNECT, HADOOP_CLIENT, COMPILER)
"""The sets of jars that it takes to build the folder."""
REFUSED = "not supported by Topicmark's"
"""Part of every refusal of what only Confluent's plugins can do: in a 400 of Connect, or in a failed task's trace."""


def folder() -> Path:
    """Where the plugin folder lies, or will lie: a path for ``plugin.path``. Its name changes with its content."""
    names = "\n".join(str(jar) for jars in _plugins().values() for jar in jars)
    return cache_dir() / "plugins" / sha256(names.encode()).hexdigest()[:16]


def build() -> Path:
    """Compile and lay out what is missing; the jars of ``SETS`` must be there. Returns ``folder()``.

    Two runs at once are safe. Raises ``LabFault`` with the compiler's words.
    """
    for source, libraries in _sources().items():
        java.compile_sources(source, libraries, maven.jars(COMPILER)[0])
    place = folder()
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / place.name
        for name, jars in _plugins().items():
            (fresh / name).mkdir(parents=True)
            for jar in jars:
                (fresh / name / jar.name).symlink_to(os.path.relpath(jar, place / name))
        try:
            fresh.rename(place)
        except OSError:
            if not place.is_dir():  # another run was first
                raise
    return place


def _plugins() -> dict[str, list[Path]]:
    compiled = {
        source: java.compiled_path(source, libraries, maven.jars(COMPILER)[0])
        for source, libraries in _sources().items()
    }
    return {
        "hdfs-sink": [compiled["hdfs-sink"], *maven.jars(HADOOP_CLIENT)],
        "converters": [compiled["converters"]],
    }


def _sources() -> dict[str, Sequence[Path]]:
    """Folders of ``java/src`` and what they are compiled against."""
    connect = maven.jars(CONNECT)
    return {"hdfs-sink": [*connect, *maven.jars(HADOOP_CLIENT)], "converters": connect}
