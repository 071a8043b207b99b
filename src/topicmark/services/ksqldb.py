"""The lab's ksqlDB: the embedded one, a Python process, or a real one from an unpacked distribution."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests

from topicmark.model import LabFault
from topicmark.provision.cache import cache_dir
from topicmark.provision.java import java
from topicmark.services.process import ProcessService
from topicmark.waiting import Deadline

KSQLDB_PORT = 8088
KSQLDB_HOST = 32
SERVICE_ID = "kafka-ksqldb-group-id-01"
_PROBE_S = 3.0


class KsqlDb(ProcessService):
    """A ``Service`` at ``address:port``. ``folder`` is its own: its log, and what a real one keeps on disk.

    ``bootstrap`` are the brokers' addresses, ``marker`` and ``detached`` as for ``KafkaCluster``. With ``home`` (a
    distribution whose jars are under ``share/java``) the real server runs instead. What it knows it keeps in Kafka:
    it may be killed and started again on the same cluster, and goes on where it was.
    """

    name = "ksqldb"
    output = "ksqldb.log"
    called = "ksqlDB"

    def __init__(
        self,
        bootstrap: str,
        address: str,
        folder: Path,
        *,
        marker: str,
        detached: bool = False,
        service_id: str = SERVICE_ID,
        port: int = KSQLDB_PORT,
        home: Path | None = None,
    ) -> None:
        super().__init__(folder, marker=marker, detached=detached)
        self.bootstrap, self.address, self.port = bootstrap, address, port
        self.service_id, self.home = service_id, home

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    def probe(self) -> bool:
        """Whether it answers, RUNNING, for this cluster."""
        return is_running(self.url)

    def await_ready(
        self,
        within: float | Deadline,
        *,
        kafka_ready: Callable[[], bool] = lambda: True,  # noqa: ARG002
    ) -> None:
        """Block until it can be used. Raises ``LabFault`` with the log if it dies or ``within`` (seconds) passes.

        ``kafka_ready`` has no say: what brokers its settings name is known before it is started.
        """
        self._await(self.probe, bool, within=within, describe="ksqlDB to answer")

    def _command(self) -> list[str]:
        return self._real() if self.home else self._embedded()

    def _environment(self) -> Mapping[str, str]:
        return {
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            "MALLOC_ARENA_MAX": "2",  # many small threads: one heap each would cost more than all they hold
        }

    def _record(self) -> dict[str, Any]:
        return {
            "bootstrap": self.bootstrap,
            "address": self.address,
            "service_id": self.service_id,
            "port": self.port,
            "home": str(self.home) if self.home else None,
        }

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> KsqlDb:
        return cls(
            record["bootstrap"],
            record["address"],
            folder,
            marker=record["marker"],
            detached=True,
            service_id=record["service_id"],
            port=record["port"],
            home=Path(record["home"]) if record["home"] else None,
        )

    def _embedded(self) -> list[str]:
        return [
            sys.executable, "-m", "topicmark.ksqldb", "--bootstrap", self.bootstrap,
            "--listen", f"{self.address}:{self.port}", "--service-id", self.service_id,
            "--cache", str(cache_dir() / "ksqldb"), *(["--detached"] if self._detached else []),
        ]  # fmt: skip

    def _real(self) -> list[str]:
        assert self.home is not None
        jars = self.home / "share" / "java"
        folders = sorted({str(jar.parent) for jar in jars.rglob("*.jar")})
        if not folders:
            raise LabFault(f"no jars under {jars}", service=self.name, remedy="Give the folder of an unpacked ksqlDB.")
        properties = self._write(
            "ksql-server.properties",
            f"bootstrap.servers={self.bootstrap}\nlisteners={self.url}\nksql.service.id={self.service_id}\n"
            f"ksql.streams.state.dir={self.folder / 'state'}\nksql.logging.processing.stream.auto.create=true\n"
            "ksql.logging.processing.topic.auto.create=true\n",
        )
        classes = os.pathsep.join(f"{folder}/*" for folder in folders)
        return [
            str(java()),
            "-Xmx512m",
            "-cp",
            classes,
            "io.confluent.ksql.rest.server.KsqlServerMain",
            str(properties),
        ]


def is_running(url: str) -> bool:
    """Whether a server says that it is RUNNING."""
    try:
        answer = requests.get(f"{url}/info", timeout=_PROBE_S)
        return bool(answer.json()["KsqlServerInfo"]["serverStatus"] == "RUNNING")
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return False
