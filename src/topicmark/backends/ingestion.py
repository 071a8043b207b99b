"""Flume and Sqoop as programs find them in the sandbox: the jars, their settings, the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from topicmark.backends import flume_events
from topicmark.backends.tools import jar_folder
from topicmark.provision import toolchain
from topicmark.sandbox import Mount

_HERE = Path(__file__).parent
_OPT = Path("/opt")
_BIN = _OPT / "topicmark" / "bin"
_EVENTS = _OPT / "flume" / "events.py"
_AGENT = ("/opt/java/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx192m")
_FLUME_CLASSES = "/opt/flume/lib/*:/opt/hadoop/lib/*"
HADOOP: Mapping[str, str] = {"HADOOP_USER_NAME": "root", "HADOOP_CONF_DIR": "/opt/hadoop/conf"}
"""In whose name files are written: as in the course's pods."""


def flume() -> list[Mount]:
    """Flume's jars, and what feeds an agent. Fetches what is missing; raises ``LabFault``."""
    toolchain.ensure([toolchain.FLUME.name])
    return [
        Mount(jar_folder("flume"), _OPT / "flume" / "lib"),
        Mount(jar_folder("hadoop-client"), _OPT / "hadoop" / "lib"),
        Mount(Path(flume_events.__file__), _EVENTS),
    ]


def agent(name: str, file: str, feeds: str) -> list[str]:
    """What runs the agent ``name`` of a properties file and feeds it; ``feeds`` as ``flume_events`` reads them."""
    java = [*_AGENT, "-cp", _FLUME_CLASSES, "org.apache.flume.node.Application"]
    return ["python", str(_EVENTS), feeds, *java, "--name", name, "--conf-file", file, "--no-reload-conf"]


def sqoop() -> list[Mount]:
    """Sqoop's jars, its command and those that come with it; a lab with a table has fetched them."""
    ours, compiler = toolchain.SQOOP.compiled
    return [
        Mount(jar_folder("sqoop"), _OPT / "sqoop" / "lib"),
        Mount(ours, _OPT / "sqoop" / "sqoop.jar"),
        Mount(compiler, _OPT / "sqoop" / "java.compiler.jar"),
        Mount(_HERE / "hadoop", _OPT / "hadoop" / "conf"),
        *_commands({"sqoop": "sqoop", "hdfs": "hdfs", "hadoop": "hdfs", "psql": "psql", "flume-ng": "flume-ng"}),
    ]


def _commands(files: Mapping[str, str]) -> Sequence[Mount]:
    return [Mount(_HERE / "bin" / file, _BIN / name) for name, file in files.items()]
