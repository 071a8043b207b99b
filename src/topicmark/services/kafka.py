"""The lab's Kafka cluster: real Apache Kafka, all nodes in one JVM, on a loopback subnet of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from topicmark.model import LabFault
from topicmark.observe.membership import KafkaError, Membership, shared_view
from topicmark.provision import toolchain
from topicmark.provision.training import LAUNCHER
from topicmark.services.auto_created import Creations, creations, settled
from topicmark.services.kafka_spec import CLIENT_PORT, KafkaSpec, NodeSpec
from topicmark.services.log4j import rolled
from topicmark.services.nodes import COMMAND_S, NodesService
from topicmark.services.program_log import size_bytes
from topicmark.waiting import Deadline

__all__ = ["KafkaCluster", "KafkaSpec", "Membership", "NodeSpec"]

_CREATED_LOG = "auto-created.log"
_LOG4J = """\
log4j.appender.created=org.apache.log4j.FileAppender
log4j.appender.created.File=FOLDER/auto-created.log
log4j.appender.created.layout=org.apache.log4j.PatternLayout
log4j.appender.created.layout.ConversionPattern=%d{HH:mm:ss.SSS} node=%X{node} %m%n
log4j.logger.kafka.server.DefaultAutoTopicCreationManager=INFO, created
log4j.additivity.kafka.server.DefaultAutoTopicCreationManager=false
log4j.logger.org.apache.kafka.controller.ReplicationControlManager=INFO, created
log4j.additivity.org.apache.kafka.controller.ReplicationControlManager=false
log4j.logger.topicmark.lab=INFO
# noise of nodes that start and stop together
log4j.logger.org.apache.kafka.clients.NetworkClient=ERROR
log4j.logger.org.apache.kafka.controller.ClusterControlManager=ERROR
log4j.logger.org.apache.kafka.raft.KafkaRaftClientDriver=FATAL
log4j.logger.org.apache.kafka.raft.KafkaRaftClient=ERROR
log4j.logger.kafka.raft.KafkaRaftManager=ERROR
log4j.logger.kafka.server.BrokerServer=FATAL
log4j.logger.com.yammer.metrics.reporting.JmxReporter=ERROR
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """On all nodes together: bytes of records, and replicas of partitions."""

    records_bytes: int
    replicas: int


class KafkaCluster(NodesService[int]):
    """A ``Service``. ``folder`` is its own: settings, logs and ``data/<node>``."""

    name = "kafka"

    def __init__(
        self, spec: KafkaSpec, folder: Path, *, marker: str, detached: bool = False, leash: int | None = None
    ) -> None:
        super().__init__(folder, marker=marker, detached=detached, leash=leash)
        self.spec = spec
        self._created_from_bytes = 0

    @property
    def bootstrap(self) -> str:
        """The grader's listeners: ``a:19092,b:19092,…``."""
        return self.spec.bootstrap

    def client_targets(self, node_id: int) -> tuple[str, str, int]:
        """Advertised host name, real address and port of a node's client listener."""
        return self.spec.host_name(node_id), self.spec.address(node_id), CLIENT_PORT

    def probe(self) -> bool:
        """Whether every node runs and every broker sees all brokers, all voters and a leader."""
        try:
            if not self._all_run():
                return False
            self._membership()
        except (OSError, KafkaError, LabFault):
            return False
        return True

    def await_ready(self, within: float | Deadline) -> Membership:
        """Block until the whole cluster can be used; what it then looks like.

        Raises ``LabFault`` with the log's tail if a node fails, the JVM dies or ``within`` (seconds) passes.
        """
        deadline = within if isinstance(within, Deadline) else Deadline.after(within)
        self._await_nodes(deadline)
        return self._await(
            self._membership, lambda _: True, within=deadline,
            describe="all brokers, all voters and a leader", retry_on=(KafkaError,),
        )  # fmt: skip

    def stop_node(self, node_id: int, *, within_s: float = COMMAND_S) -> None:
        """Shut one node down cleanly; returns when the other brokers no longer count it among them."""
        self._tell(f"stop {node_id}", within_s)
        self._await_membership(within_s)

    def start_node(self, node_id: int, *, within_s: float = COMMAND_S) -> None:
        """Start a stopped node on its old data; returns when every running broker counts it among them."""
        self._tell(f"start {node_id}", within_s)
        self._await_membership(within_s)

    def recycle(self, properties: Mapping[str, str] | None = None, *, within_s: float = COMMAND_S) -> Membership:
        """Replace the cluster by a new and empty one in the same JVM: other cluster id, no topics, no groups.

        ``properties`` take the place of the spec's; None keeps them. Raises ``LabFault``.
        """
        deadline = Deadline.after(within_s)
        if properties is not None:
            self.spec = replace(self.spec, properties=dict(properties))
            self._write_properties()
        self._tell("recycle", within_s)
        self._created_from_bytes = size_bytes(self.folder / _CREATED_LOG)
        self._write_record()
        return self.await_ready(deadline)

    def auto_created(self) -> set[str]:
        """Topics that a client's mere use created (since start or ``recycle``), Kafka's internal ones left out.

        From the log of brokers and controllers: see ``creations``.
        """
        return settled(self._creations)

    def data_folders(self) -> list[Path]:
        """Where the nodes keep their logs."""
        return [self.folder / "data" / str(node.node_id) for node in self.spec.nodes]

    def usage(self) -> Usage:
        """What topics take, those of the cluster's own included."""
        records_bytes = replicas = 0
        for folder in self.data_folders():
            for inner, _, files in os.walk(folder):  # passes over what goes meanwhile
                logs = [file for file in files if file.endswith(".log")]
                replicas += bool(logs)
                for file in logs:
                    with contextlib.suppress(OSError):
                        records_bytes += Path(inner, file).lstat().st_blocks * 512
        return Usage(records_bytes, replicas)

    def _creations(self) -> Creations:
        try:
            with (self.folder / _CREATED_LOG).open("rb") as log:
                log.seek(self._created_from_bytes)
                return creations(log.read().decode(errors="replace").splitlines())
        except FileNotFoundError:
            return creations(())

    def _membership(self) -> Membership:
        """The one view that all running brokers share. Raises ``KafkaError`` while their views differ."""
        states = self.statuses()
        running = [broker for broker in self.spec.brokers if states.get(broker) == "running"]
        return shared_view(self.spec.grader_listeners(running), self.spec.voters)

    def _await_membership(self, within_s: float) -> None:
        self._await(
            self._membership, lambda _: True, within=within_s,
            describe="the brokers to agree", retry_on=(KafkaError, OSError),
        )  # fmt: skip

    def _node(self, name: str) -> int:
        return int(name)

    def _command(self) -> list[str]:
        settings = rolled(self._log.main, _LOG4J.replace("FOLDER", str(self.folder)), who="node=%X{node} ")
        log4j = self._write("log4j.properties", settings)
        self._created_from_bytes = size_bytes(self.folder / _CREATED_LOG)
        return [
            *self._java(toolchain.KAFKA, f"-Dlog4j.configuration=file:{log4j}"),
            *self._launched(LAUNCHER),
            *self._write_properties(),
        ]

    def _write_properties(self) -> list[str]:
        return [
            str(self._write(f"node-{node.node_id}.properties", self.spec.render(node, folder)))
            for node, folder in zip(self.spec.nodes, self.data_folders(), strict=True)
        ]

    def _record(self) -> dict[str, Any]:
        return {"spec": asdict(self.spec), "created_from_bytes": self._created_from_bytes}

    @classmethod
    def _recorded(cls, record: Mapping[str, Any], folder: Path) -> KafkaCluster:
        nodes = tuple(NodeSpec(node["node_id"], tuple(node["roles"])) for node in record["spec"]["nodes"])
        spec = KafkaSpec(**{**record["spec"], "nodes": nodes, "guarded": tuple(record["spec"]["guarded"])})
        cluster = cls(spec, folder, marker=record["marker"], detached=True)
        cluster._created_from_bytes = record["created_from_bytes"]
        return cluster
