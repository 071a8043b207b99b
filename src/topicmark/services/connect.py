"""The lab's Kafka Connect: Kafka's own distributed worker, one of them, with the student's settings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path

from topicmark.model import LabFault
from topicmark.observe.connect import ConnectorInfo, ConnectView, Refused, WorkerInfo
from topicmark.provision import toolchain
from topicmark.provision.training_connect import LAUNCHER
from topicmark.services.connect_spec import ConnectSpec
from topicmark.services.jvm import Jvm
from topicmark.services.names import write_hosts
from topicmark.services.program_log import ProgramLog
from topicmark.services.refusal import Refusal, SettingsJudge
from topicmark.waiting import Deadline, WaitExpired, eventually

__all__ = ["ConnectSpec", "ConnectWorker", "Refusal", "WorkerInfo"]

_RECORD = "connect.json"
_PROBE_S = 5.0
_NO_CONNECTOR = "topicmark-probe"
_LOG4J = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.RollingFileAppender
log4j.appender.out.File={folder}/connect.log
log4j.appender.out.MaxFileSize=8MB
log4j.appender.out.MaxBackupIndex=1
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} %p %c{{1}}: %m%n
# one line for each setting that some client of the worker does not know
log4j.logger.org.apache.kafka.connect.runtime.WorkerConfig=ERROR
log4j.logger.org.apache.kafka.common.config.AbstractConfig=ERROR
log4j.logger.org.apache.kafka.clients.admin.AdminClientConfig=ERROR
log4j.logger.org.apache.kafka.clients.producer.ProducerConfig=ERROR
log4j.logger.org.apache.kafka.clients.consumer.ConsumerConfig=ERROR
log4j.logger.org.glassfish.jersey=ERROR
# what is said of a topic that another broker has just made
log4j.logger.org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy=FATAL
log4j.logger.org.apache.kafka.connect.util.RetryUtil=ERROR
"""


class ConnectWorker:
    """A ``Service``. ``folder`` is its own: settings and logs. Not safe for use by several threads.

    ``marker`` is put into the JVM's environment (``TOPICMARK_LAB``) and names the lab that it belongs to. Unless
    ``detached`` the JVM ends with this process, however that ends.
    """

    name = "connect"

    def __init__(self, spec: ConnectSpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        self.spec = spec
        self.folder = folder.absolute()
        self.marker = marker
        self._detached = detached
        self._jvm: Jvm | None = None
        self._log = ProgramLog(self.folder / "connect.log", self.folder / "jvm.log")

    @classmethod
    def reattach(cls, folder: Path) -> ConnectWorker:
        """The detached worker whose files are in ``folder``. Raises ``LabFault`` if it no longer runs."""
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            jvm = Jvm.attach(record["pid"], record["started_at"])
            described = {**record["spec"], "plugin_path": tuple(record["spec"]["plugin_path"])}
            worker = cls(ConnectSpec(**described), folder, marker=record["marker"], detached=True)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LabFault(f"no record of a worker in {folder}: {error}", service=cls.name) from error
        if jvm is None:
            raise LabFault(f"the worker of {folder} no longer runs", service=cls.name, log=worker.logs())
        worker._jvm = jvm
        worker._log.from_bytes = record["log_from_bytes"]
        return worker

    @property
    def url(self) -> str:
        """``http://127.x.y.30:8083``."""
        return self.spec.url

    @property
    def pid(self) -> int | None:
        """The JVM's process id, None if it was not started."""
        return self._jvm.process.pid if self._jvm else None

    def start(self) -> None:
        """Start the JVM; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._jvm is not None and self.died() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "worker.properties"
        settings.write_text(self.spec.render(), encoding="utf-8")
        settings.chmod(0o600)
        log4j = self.folder / "log4j.properties"
        log4j.write_text(_LOG4J.format(folder=self.folder), encoding="utf-8")
        user = [f"-DHADOOP_USER_NAME={self.spec.hadoop_user}"] if self.spec.hadoop_user else []
        command = [
            *(toolchain.CONNECT if self.spec.has_own_plugins else toolchain.CONNECT_BARE).command(),
            f"-Dtopicmark.detached={str(self._detached).lower()}",
            f"-Dlog4j.configuration=file:{log4j}",
            write_hosts(self.folder / "hosts", self.spec.host_names, self.spec.address),
            *user,
            LAUNCHER,
            str(settings),
        ]
        self._log.begin()
        self._jvm = Jvm.spawn(
            command, folder=self.folder, output=self.folder / "jvm.log", marker=self.marker, detached=self._detached
        )
        self._write_record()

    def probe(self) -> bool:
        """Whether it answers for itself, its plugins and its connectors, where its users look for it."""
        return self.died() is None and self._ready(self.spec.rest_port) is not None

    def await_ready(
        self, within: float | Deadline, *, kafka_ready: Callable[[], bool] = lambda: True
    ) -> WorkerInfo | Refusal:
        """Block until it can be used, or until it is plain that it never will be with these settings.

        ``kafka_ready`` tells whether the brokers that it should use serve; what happens before they do is not held
        against the settings. Raises ``LabFault`` for what is no fault of the settings: the JVM was killed or could not
        start, or ``within`` (seconds) passes and the worker has nothing to say for itself.
        """
        judge = SettingsJudge(self.name, self._log, kafka_ready)

        def seen() -> WorkerInfo | Refusal | None:
            if self._jvm is None:
                raise LabFault("was not started", service=self.name)
            if code := self._jvm.exit_reason():
                return judge.ended(code)
            return self._ready(self.spec.listen_port) or judge.running()

        try:
            answer = eventually(
                seen, lambda answer: answer is not None, within=within, describe="the Connect worker", pause_s=0.05
            )
        except WaitExpired as error:
            answer = judge.expired(str(error))
        assert answer is not None
        if isinstance(answer, WorkerInfo) and self.spec.listen_port != self.spec.rest_port:
            return Refusal(
                self.name,
                f"the worker listens on port {self.spec.listen_port}; nothing answers on port {self.spec.rest_port}",
                self.logs(),
            )
        return answer

    def died(self) -> str | None:
        """Why the worker no longer runs; None while it does."""
        if self._jvm is None:
            return "was not started"
        reason = self._jvm.exit_reason()
        return f"the JVM {reason}" if reason else None

    def stop(self) -> None:
        """End the JVM now. What a lab's worker keeps is in Kafka."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the JVM that this object started or attached to; returns when it is gone."""
        if self._jvm is not None:
            self._jvm.kill()
            self._jvm = None

    def clean(self) -> None:
        """Remove the folder with settings and logs."""
        if self._jvm is not None:
            raise LabFault("clean before stop", service=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tails of the worker's log and of the JVM's own output."""
        return self._log.tail()

    def rss_bytes(self) -> int:
        """Resident memory of the JVM."""
        return self._jvm.rss_bytes() if self._jvm else 0

    def _ready(self, port: int) -> WorkerInfo | None:
        return worker_info(f"http://{self.spec.address}:{port}")

    def _write_record(self) -> None:
        assert self._jvm is not None
        record = {
            "pid": self._jvm.process.pid,
            "started_at": self._jvm.started_at,
            "marker": self.marker,
            "spec": asdict(self.spec),
            "log_from_bytes": self._log.from_bytes,
        }
        fresh = self.folder / f"{_RECORD}.new"
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self.folder / _RECORD)


def worker_info(url: str) -> WorkerInfo | None:
    """What a worker says of itself once it can be used; None before."""
    view = ConnectView(url, request_s=_PROBE_S, patience_s=0)
    try:
        info, plugins = view.info(), view.plugins()
        # Lists are answered from memory, before the worker has read its topics. A question after one connector is
        # answered by the herder, once it has joined its group, knows the leader and is in step with the topics.
        unknown = view.connector(_NO_CONNECTOR)
        if isinstance(info, Refused) or isinstance(plugins, Refused) or not _not_found(unknown):
            return None
        if plugins:
            view.validate(plugins[0].name, {"connector.class": plugins[0].name})
    except LabFault:
        return None
    finally:
        view.close()
    return info


def _not_found(answer: ConnectorInfo | Refused) -> bool:
    return not isinstance(answer, Refused) or answer.status == HTTPStatus.NOT_FOUND
