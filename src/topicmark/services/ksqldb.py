"""The lab's ksqlDB: the embedded one, a Python process, or a real one from an unpacked distribution."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import requests

from topicmark.model import LabFault
from topicmark.provision.cache import cache_dir
from topicmark.provision.java import java
from topicmark.services.jvm import Jvm
from topicmark.waiting import Deadline, WaitExpired, eventually

KSQLDB_PORT = 8088
KSQLDB_HOST = 32
SERVICE_ID = "kafka-ksqldb-group-id-01"
_RECORD = "ksqldb.json"
_LOG = "ksqldb.log"
_TAIL_BYTES = 8192
_PROBE_S = 3.0


class KsqlDb:
    """A ``Service`` at ``address:port``. ``folder`` is its own: its log, and what a real one keeps on disk.

    ``bootstrap`` are the brokers' addresses, ``marker`` and ``detached`` as for ``KafkaCluster``. With ``home`` (a
    distribution whose jars are under ``share/java``) the real server runs instead. What it knows it keeps in Kafka:
    it may be killed and started again on the same cluster, and goes on where it was.
    """

    name = "ksqldb"

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
        self.port = port
        self.bootstrap, self.address, self.service_id = bootstrap, address, service_id
        self.folder, self.marker, self.home = folder.absolute(), marker, home
        self._detached = detached
        self._process: Jvm | None = None

    @classmethod
    def reattach(cls, folder: Path) -> KsqlDb:
        """The detached server whose files are in ``folder``. Raises ``LabFault`` if it no longer runs."""
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            process = Jvm.attach(record["pid"], record["started_at"])
        except (OSError, ValueError, KeyError) as error:
            raise LabFault(f"no record of a ksqlDB in {folder}: {error}", service=cls.name) from error
        if process is None:
            raise LabFault(f"the ksqlDB of {folder} no longer runs", service=cls.name, log=_tail(folder / _LOG))
        found = cls(
            record["bootstrap"],
            record["address"],
            folder,
            marker=record["marker"],
            detached=True,
            service_id=record["service_id"],
            port=record["port"],
            home=Path(record["home"]) if record["home"] else None,
        )
        found._process = process
        return found

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id, None if it was not started."""
        return self._process.process.pid if self._process else None

    def start(self) -> None:
        """Start the server; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._process is not None and self.died() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        command = self._real() if self.home else self._embedded()
        self._process = Jvm.spawn(
            command,
            folder=self.folder,
            output=self.folder / _LOG,
            marker=self.marker,
            detached=self._detached,
            extra={
                "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
                "MALLOC_ARENA_MAX": "2",  # many small threads: one heap each would cost more than all they hold
            },
        )
        self._write_record()

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
        try:
            eventually(self.probe, bool, within=within, describe="ksqlDB to answer", watch=self._alive)
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def died(self) -> str | None:
        """Why it can no longer become or stay ready, or None."""
        if self._process is None:
            return "was not started"
        reason = self._process.exit_reason()
        return f"ksqlDB {reason}" if reason else None

    def stop(self) -> None:
        """End it now. There is nothing to shut down cleanly for: what counts is in Kafka."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process that this object started or attached to; returns when it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def clean(self) -> None:
        """Remove the folder."""
        if self._process is not None:
            raise LabFault("clean before stop", service=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tail of its output."""
        return _tail(self.folder / _LOG)

    def rss_bytes(self) -> int:
        """Resident memory of the process."""
        return self._process.rss_bytes() if self._process else 0

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
        properties = self.folder / "ksql-server.properties"
        properties.write_text(
            f"bootstrap.servers={self.bootstrap}\nlisteners={self.url}\nksql.service.id={self.service_id}\n"
            f"ksql.streams.state.dir={self.folder / 'state'}\nksql.logging.processing.stream.auto.create=true\n"
            "ksql.logging.processing.topic.auto.create=true\n",
            encoding="utf-8",
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

    def _alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")

    def _write_record(self) -> None:
        assert self._process is not None
        record = {
            "pid": self._process.process.pid,
            "started_at": self._process.started_at,
            "marker": self.marker,
            "bootstrap": self.bootstrap,
            "address": self.address,
            "service_id": self.service_id,
            "port": self.port,
            "home": str(self.home) if self.home else None,
        }
        fresh = self.folder / f"{_RECORD}.new"
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.replace(self.folder / _RECORD)


def is_running(url: str) -> bool:
    """Whether a server says that it is RUNNING."""
    try:
        answer = requests.get(f"{url}/info", timeout=_PROBE_S)
        return bool(answer.json()["KsqlServerInfo"]["serverStatus"] == "RUNNING")
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return False


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as source:
            source.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            return source.read().decode(errors="replace")
    except OSError:
        return ""
