"""The lab's Kafka cluster as containers of ``apache/kafka``: one KRaft node each, broker and controller."""

from __future__ import annotations

import base64
import tempfile
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from testcontainers.core.network import Network

from topicmark.containers import engine
from topicmark.model import LabFault
from topicmark.observe import segments
from topicmark.observe.membership import KafkaError, Membership, shared_view
from topicmark.observe.segments import Written
from topicmark.services.auto_created import LOGGERS, creations, settled
from topicmark.services.docker.container import ContainerPlan, ServiceContainer
from topicmark.services.kafka_spec import CLIENT_PORT, GRADER_PORT, KafkaSpec, NodeSpec
from topicmark.waiting import Deadline, WaitExpired, eventually

IMAGE = "apache/kafka:3.8.0"
_DATA = "/tmp/kraft-combined-logs"  # noqa: S108  in the container
CONTROLLER_PORT, INTERNAL_PORT, GRADERS_PORT = 47193, 47194, 47192
"""Inside the containers, for the listeners that are not the course's. Not Kafka's usual ports: behind the course's host
names a wrong port must lead nowhere, as it does behind the course's Services."""
_STOP_S = 40
_MOST_LINES = 20_000
_CHANGE_S = 90.0
_QUIET = {
    "KAFKA_HEAP_OPTS": "-Xms64m -Xmx320m",
    "KAFKA_LOG4J_ROOT_LOGLEVEL": "WARN",
    "KAFKA_LOG4J_LOGGERS": ",".join(f"{logger}=INFO" for logger in LOGGERS),
}


def environment(spec: KafkaSpec, node: NodeSpec, cluster_id: str) -> dict[str, str]:
    """What the image makes a node's properties of: ``KAFKA_`` and the name in capitals, ``_`` for a dot, ``__`` for
    ``_``, ``___`` for a dash (from the image's public documentation). One variable replaces all of its defaults."""
    host = inner_name(node.node_id)
    made = {
        "process.roles": ",".join(node.roles),
        "node.id": str(node.node_id),
        "controller.quorum.voters": ",".join(f"{i}@{inner_name(i)}:{CONTROLLER_PORT}" for i in spec.voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "INTERNAL",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,GRADER:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"CLIENT://:{CLIENT_PORT},GRADER://:{GRADERS_PORT},INTERNAL://:{INTERNAL_PORT},"
        f"CONTROLLER://:{CONTROLLER_PORT}",
        "advertised.listeners": f"CLIENT://{spec.host_name(node.node_id)}:{CLIENT_PORT},"
        f"GRADER://{spec.inner_address(node.node_id)}:{GRADER_PORT},INTERNAL://{host}:{INTERNAL_PORT}",
        "log.dirs": _DATA,
    }
    properties = {**spec.settings, **made}
    return {**_QUIET, "CLUSTER_ID": cluster_id, **{variable(name): value for name, value in properties.items()}}


def variable(name: str) -> str:
    """The image's variable for a broker property."""
    return "KAFKA_" + name.replace("-", "\0").replace("_", "__").replace("\0", "___").replace(".", "_").upper()


def inner_name(node_id: int) -> str:
    """A node's name on the lab's network, the course's own."""
    return f"kafka-controller-{node_id}.kafka-controller-headless"


class KafkaContainers:
    """A ``Service``. ``names``: every name of the course and the addresses it leads to; a node has its own of them."""

    name = "kafka"

    def __init__(self, spec: KafkaSpec, marker: str, network: Network, names: Mapping[str, str]) -> None:
        self.spec = spec
        self.marker = marker
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        self._nodes = {
            node.node_id: ServiceContainer(
                ContainerPlan(
                    role=f"kafka-controller-{node.node_id}",
                    image=IMAGE,
                    env=environment(spec, node, cluster_id),
                    aliases=[name for name, at in names.items() if spec.address(node.node_id) in at.split()],
                    published={
                        CLIENT_PORT: (spec.address(node.node_id), CLIENT_PORT),
                        GRADERS_PORT: (spec.inner_address(node.node_id), GRADER_PORT),
                    },
                ),
                marker,
                network,
            )
            for node in spec.nodes
        }
        self._stopped: set[int] = set()

    @property
    def bootstrap(self) -> str:
        """The grader's listeners."""
        return self.spec.bootstrap

    def start(self) -> None:
        """Start every node at once; returns when their containers run. Raises ``LabFault``."""
        with ThreadPoolExecutor(len(self._nodes)) as pool:
            list(pool.map(ServiceContainer.start, self._nodes.values()))

    def probe(self) -> bool:
        """Whether every running broker sees all of them, all voters and a leader."""
        try:
            self._membership()
        except (KafkaError, OSError):
            return False
        return True

    def await_ready(self, within: float | Deadline) -> Membership:
        """Block until all running brokers share one view of the cluster. Raises ``LabFault`` with the nodes' logs."""
        try:
            return eventually(
                self._membership, lambda _: True, within=within, describe="all brokers, all voters and a leader",
                retry_on=(KafkaError, OSError), watch=self._alive,
            )  # fmt: skip
        except WaitExpired as error:
            raise self._fault(str(error)) from error

    def stop_node(self, node_id: int) -> None:
        """Shut a node down cleanly; returns when the other brokers no longer count it among them."""
        self._stopped.add(node_id)
        self._nodes[node_id].stop(_STOP_S)
        self.await_ready(_CHANGE_S)

    def start_node(self, node_id: int) -> None:
        """Start a stopped node on its old data; returns when every broker counts it among them."""
        self._nodes[node_id].start()
        self._stopped.discard(node_id)
        self.await_ready(_CHANGE_S)

    def auto_created(self) -> set[str]:
        """As ``KafkaCluster.auto_created``. A line begins with its time."""
        return settled(
            lambda: creations(sorted(line for node in self._nodes.values() for line in node.all_logs().splitlines()))
        )

    @staticmethod
    def auto_created_in(marker: str) -> set[str]:
        """As ``auto_created``, of the lab with this marker. Raises ``LabFault``."""

        def logged() -> list[str]:
            nodes = [one.identity for one in engine.states(marker) if one.role.startswith("kafka-controller-")]
            with engine.told("the brokers' logs cannot be read"):
                said = [bytes(engine.client().api.logs(node, tail=_MOST_LINES)) for node in nodes]
            return sorted(line for text in said for line in text.decode(errors="replace").splitlines())

        return settled(lambda: creations(logged()))

    def written(self, topic: str) -> Written:
        """As ``segments.written``, from copies of the running nodes' segments. Raises ``LabFault``."""
        with tempfile.TemporaryDirectory(prefix="topicmark-segments-") as copies:
            for number, node in self._nodes.items():
                if number not in self._stopped:
                    node.copy_out(_DATA, f"./{topic}-*/*.log*", Path(copies) / str(number))
            return segments.written(Path(copies).iterdir(), topic)

    def died(self) -> str | None:
        """Which nodes have ended that were not stopped on purpose, and how."""
        running = {state.role for state in engine.states(self.marker) if state.running}
        ended = [
            f"broker {number} {node.exit_reason()}"
            for number, node in self._nodes.items()
            if number not in self._stopped and node.plan.role not in running and node.exit_reason() is not None
        ]
        return "; ".join(ended) or None

    def stop(self) -> None:
        """Kill and remove all nodes."""
        with ThreadPoolExecutor(len(self._nodes)) as pool:
            list(pool.map(ServiceContainer.remove, self._nodes.values()))

    def clean(self) -> None:
        """Nothing is left after ``stop``."""

    def logs(self) -> str:
        """The last lines of every node."""
        return "\n".join(f"--- {node.plan.role}\n{node.logs(lines=40)}" for node in self._nodes.values())

    def _membership(self) -> Membership:
        running = [broker for broker in self.spec.brokers if broker not in self._stopped]
        return shared_view(self.spec.grader_listeners(running), self.spec.voters)

    def _alive(self) -> None:
        if reason := self.died():
            raise self._fault(reason)

    def _fault(self, reason: str) -> LabFault:
        return LabFault(reason, service=self.name, log=self.logs(), remedy="topicmark doctor tells what is missing.")
