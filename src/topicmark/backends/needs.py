"""What a lab is asked for besides Kafka, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from topicmark.backends.course import ENVIRONMENT
from topicmark.backends.names import PORTS
from topicmark.services.employees import Employee


@dataclass(frozen=True, slots=True)
class Wanted:
    """A component (``registry``, ``connect``, ``ksqldb``) to be booted from a container's environment. ``port`` is the
    container port to which its Service leads."""

    name: str
    env: Mapping[str, str]
    port: int

    @classmethod
    def of_the_course(cls, name: str) -> Wanted:
        """As the course's own manifest has it."""
        return cls(name, ENVIRONMENT[name], PORTS[name])


@dataclass(frozen=True, slots=True)
class Needs:
    """``spaces`` are the namespaces behind which hosts are named."""

    hdfs: bool = False
    table: Sequence[Employee] = ()
    """The rows of the table that Sqoop imports; without any there is no database."""
    components: Sequence[Wanted] = ()
    spaces: Sequence[str] = ("default",)
    connect_plugins: Path | None = None
    """A folder of Connect plugins that take the place of the lab's own HDFS sink."""
    ksqldb_home: Path | None = None
    """An unpacked ksqlDB that takes the place of the lab's own."""

    @property
    def parts(self) -> list[str]:
        """Which parts of the tool chain it takes."""
        components = [wanted.name for wanted in self.components if wanted.name != "ksqldb"]
        bare = ["connect-bare"] if "connect" in components else []
        imports = ["postgresql", "sqoop"] if self.table else []
        return ["kafka", *(["hdfs"] if self.hdfs else []), *components, *bare, *imports]
