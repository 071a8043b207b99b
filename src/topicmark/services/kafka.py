"""The lab's Kafka cluster: real Apache Kafka, all nodes in one JVM, on a loopback subnet of its own."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from topicmark.model import LabFault
from topicmark.provision import toolchain
from topicmark.provision.control import ask
from topicmark.provision.training import LAUNCHER
from topicmark.services.jvm import Jvm
from topicmark.services.kafka_client import KafkaError, Membership, shared_view
from topicmark.services.kafka_spec import CLIENT_PORT, KafkaSpec, NodeSpec
from topicmark.waiting import Deadline, WaitExpired, eventually

__all__ = ["KafkaCluster", "KafkaSpec", "Membership", "NodeSpec"]

_SOCKET = "control"
_RECORD = "kafka.json"
_LOG = "kafka.log"
_CREATED_LOG = "auto-created.log"
_TAIL_BYTES = 8192
_COMMAND_S = 60.0
_SENT = re.compile(rb"Sent auto-creation request for \w*Set\(([^)]*)\)")
_LOG4J = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.RollingFileAppender
log4j.appender.out.File={folder}/kafka.log
log4j.appender.out.MaxFileSize=8MB
log4j.appender.out.MaxBackupIndex=1
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} %p node=%X{{node}} %c{{1}}: %m%n
log4j.appender.created=org.apache.log4j.FileAppender
log4j.appender.created.File={folder}/auto-created.log
log4j.appender.created.layout=org.apache.log4j.PatternLayout
log4j.appender.created.layout.ConversionPattern=%d{{HH:mm:ss.SSS}} node=%X{{node}} %m%n
log4j.logger.kafka.server.DefaultAutoTopicCreationManager=INFO, created
log4j.additivity.kafka.server.DefaultAutoTopicCreationManager=false
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


class KafkaCluster:
    """A ``Service``. ``folder`` is its own: settings, logs and ``data/<node>``. Not safe for use by several threads.

    ``marker`` is put into the JVM's environment (``TOPICMARK_LAB``) and names the lab that it belongs to. Unless
    ``detached`` the JVM ends with this process, however that ends.
    """

    name = "kafka"

    def __init__(self, spec: KafkaSpec, folder: Path, *, marker: str, detached: bool = False) -> None:
        self.spec = spec
        self.folder = folder.absolute()
        self.marker = marker
        self._detached = detached
        self._jvm: Jvm | None = None
        self._created_from_bytes = 0

    @classmethod
    def reattach(cls, folder: Path) -> KafkaCluster:
        """The detached cluster whose files are in ``folder``. Raises ``LabFault`` if it no longer runs."""
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            jvm = Jvm.attach(record["pid"], record["started_at"])
        except (OSError, ValueError, KeyError) as error:
            raise LabFault(f"no record of a cluster in {folder}: {error}", service=cls.name) from error
        if jvm is None:
            raise LabFault(f"the cluster of {folder} no longer runs", service=cls.name, log=_tail(folder / _LOG))
        described = record["spec"]
        nodes = tuple(NodeSpec(node["node_id"], tuple(node["roles"])) for node in described.pop("nodes"))
        cluster = cls(KafkaSpec(nodes=nodes, **described), folder, marker=record["marker"], detached=True)
        cluster._jvm = jvm
        cluster._created_from_bytes = record["created_from_bytes"]
        return cluster

    @property
    def bootstrap(self) -> str:
        """The grader's listeners: ``a:19092,b:19092,…``."""
        return self.spec.bootstrap

    @property
    def pid(self) -> int | None:
        """The JVM's process id, None if it was not started."""
        return self._jvm.process.pid if self._jvm else None

    def client_targets(self, node_id: int) -> tuple[str, str, int]:
        """Advertised host name, real address and port of a node's client listener."""
        return self.spec.host_name(node_id), self.spec.address(node_id), CLIENT_PORT

    def start(self) -> None:
        """Start the JVM; returns at once. Raises ``LabFault`` if it cannot be started."""
        if self._jvm is not None and self.died() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        log4j = self.folder / "log4j.properties"
        log4j.write_text(_LOG4J.format(folder=self.folder), encoding="utf-8")
        command = [
            *toolchain.KAFKA.command(),
            f"-Dtopicmark.detached={str(self._detached).lower()}",
            f"-Dlog4j.configuration=file:{log4j}",
            LAUNCHER,
            _SOCKET,
            *self._write_properties(),
        ]
        self._created_from_bytes = _size(self.folder / _CREATED_LOG)
        (self.folder / _SOCKET).unlink(missing_ok=True)
        self._jvm = Jvm.spawn(
            command, folder=self.folder, output=self.folder / "jvm.log", marker=self.marker, detached=self._detached
        )
        self._write_record()

    def probe(self) -> bool:
        """Whether every node runs and every broker sees all brokers, all voters and a leader."""
        try:
            if set(self.statuses().values()) != {"running"}:
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
        try:
            eventually(
                self.statuses, lambda nodes: set(nodes.values()) == {"running"}, within=deadline,
                describe="all nodes running", retry_on=(OSError,), watch=self._alive,
            )  # fmt: skip
            return eventually(
                self._membership, lambda _: True, within=deadline,
                describe="all brokers, all voters and a leader", retry_on=(KafkaError,), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def statuses(self) -> dict[int, str]:
        """By node: ``starting``, ``running``, ``stopping``, ``stopped`` or ``failed: <why>``. Raises ``OSError``."""
        answer = ask(self.folder, _SOCKET, "status", within_s=5)
        return {int(node): state for node, state in (part.split("=", 1) for part in answer.split("\t"))}

    def stop_node(self, node_id: int, *, within_s: float = _COMMAND_S) -> None:
        """Shut one node down cleanly; returns when the other brokers no longer count it among them."""
        self._command(f"stop {node_id}", within_s)
        self._await_membership(within_s)

    def start_node(self, node_id: int, *, within_s: float = _COMMAND_S) -> None:
        """Start a stopped node on its old data; returns when every running broker counts it among them."""
        self._command(f"start {node_id}", within_s)
        self._await_membership(within_s)

    def recycle(self, properties: Mapping[str, str] | None = None, *, within_s: float = _COMMAND_S) -> Membership:
        """Replace the cluster by a new and empty one in the same JVM: other cluster id, no topics, no groups.

        ``properties`` take the place of the spec's; None keeps them. Raises ``LabFault``.
        """
        deadline = Deadline.after(within_s)
        if properties is not None:
            self.spec = replace(self.spec, properties=dict(properties))
            self._write_properties()
        self._command("recycle", within_s)
        self._created_from_bytes = _size(self.folder / _CREATED_LOG)
        self._write_record()
        return self.await_ready(deadline)

    def auto_created(self) -> set[str]:
        """Topics that a client's mere use created (since start or ``recycle``), Kafka's internal ones left out.

        From the brokers' log: Kafka keeps no trace of how a topic came to be. A topic that was auto-created, deleted
        and then made on purpose is still in here.
        """
        try:
            with (self.folder / _CREATED_LOG).open("rb") as log:
                log.seek(self._created_from_bytes)
                found = _SENT.findall(log.read())
        except FileNotFoundError:
            return set()
        names = {name.strip() for group in found for name in group.decode(errors="replace").split(",")}
        return {name for name in names if name and not name.startswith("__")}

    def died(self) -> str | None:
        """Why the cluster can no longer become or stay ready; None while it can (a node stopped on purpose is fine)."""
        if self._jvm is None:
            return "was not started"
        if reason := self._jvm.exit_reason():
            return f"the JVM {reason}"
        try:
            failed = {node: state for node, state in self.statuses().items() if state.startswith("failed")}
        except OSError:
            return None
        return "; ".join(f"node {node} {state}" for node, state in failed.items()) or None

    def stop(self) -> None:
        """End the JVM now. There is nothing to shut down cleanly for: a lab's data is not used again."""
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the JVM that this object started or attached to; returns when it is gone."""
        if self._jvm is not None:
            self._jvm.kill()
            self._jvm = None

    def clean(self) -> None:
        """Remove the folder with all data and logs."""
        if self._jvm is not None:
            raise LabFault("clean before stop", service=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The tails of the nodes' log and of the JVM's own output."""
        return "\n".join(text for name in (_LOG, "jvm.log") if (text := _tail(self.folder / name)))

    def data_bytes(self) -> int:
        """What the nodes' data takes on disk."""
        total = 0
        for path in (self.folder / "data").rglob("*"):
            with contextlib.suppress(OSError):
                total += path.lstat().st_blocks * 512
        return total

    def rss_bytes(self) -> int:
        """Resident memory of the JVM."""
        return self._jvm.rss_bytes() if self._jvm else 0

    def _membership(self) -> Membership:
        """The one view that all running brokers share. Raises ``KafkaError`` while their views differ."""
        states = self.statuses()
        running = [broker for broker in self.spec.brokers if states.get(broker) == "running"]
        return shared_view(self.spec.grader_listeners(running), self.spec.voters)

    def _await_membership(self, within_s: float) -> None:
        try:
            eventually(
                self._membership, lambda _: True, within=within_s, describe="the brokers to agree",
                retry_on=(KafkaError, OSError), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def _alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _command(self, line: str, within_s: float) -> None:
        try:
            answer = ask(self.folder, _SOCKET, line, within_s=within_s)
        except OSError as error:
            raise self._fault(f"{line}: {self.died() or error}") from error
        if answer != "ok":
            raise self._fault(f"{line}: {answer.removeprefix('error: ')}")

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")

    def _write_properties(self) -> list[str]:
        files = []
        for node in self.spec.nodes:
            file = self.folder / f"node-{node.node_id}.properties"
            file.write_text(self.spec.render(node, self.folder / "data" / str(node.node_id)), encoding="utf-8")
            file.chmod(0o600)
            files.append(str(file))
        return files

    def _write_record(self) -> None:
        assert self._jvm is not None
        record = {
            "pid": self._jvm.process.pid,
            "started_at": self._jvm.started_at,
            "marker": self.marker,
            "spec": asdict(self.spec),
            "created_from_bytes": self._created_from_bytes,
        }
        fresh = self.folder / f"{_RECORD}.new"
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.replace(self.folder / _RECORD)


def _tail(file: Path) -> str:
    try:
        with file.open("rb") as source:
            source.seek(max(0, file.stat().st_size - _TAIL_BYTES))
            return source.read().decode(errors="replace")
    except OSError:
        return ""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
