"""What a lab's Kafka cluster is, as data, and the properties files that make it so.

Where a student can notice a setting it is as Bitnami's chart 30.0.4 leaves it: Kafka's own defaults (topics are
created automatically with one partition and one replica, min ISR 1, ``__consumer_offsets`` with three replicas).
The rest is chosen for a small machine and a quick start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CLIENT_PORT = 9092
CONTROLLER_PORT = 9093
INTERNAL_PORT = 9094
PROGRAM_PORT = 9095
GRADER_PORT = 19092
SASL_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_FIRST_HOST = 10
_FIRST_INNER_HOST = 40
_ROLES = {"broker", "controller"}

_NOTICED = {
    "auto.create.topics.enable": "true",
    "delete.topic.enable": "true",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "3",
    "group.initial.rebalance.delay.ms": "0",
}
_QUICK = {
    # start and failover
    "controller.quorum.election.backoff.max.ms": "100",
    "controller.quorum.append.linger.ms": "2",
    "controller.quorum.request.timeout.ms": "1000",
    # nodes of one machine are only ever slow together: one that hears nothing for the default of two seconds would
    # depose a leader that is well. A node that is stopped hands over, whatever this is
    "controller.quorum.fetch.timeout.ms": "20000",
    "broker.heartbeat.interval.ms": "100",
    # a broker that does not lead the quorum learns what was committed with the record after it, so it hears of a new
    # topic only when there is one; at the default of 500 ms programs met brokers that did not know it yet
    "metadata.max.idle.interval.ms": "50",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "3",
    # memory and threads
    "num.network.threads": "1",
    "num.io.threads": "2",
    "num.replica.fetchers": "1",
    "num.recovery.threads.per.data.dir": "1",
    "background.threads": "2",
    "log.cleaner.threads": "1",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.cleaner.io.buffer.size": "65536",
    # nobody reads a lab's MBeans, and there are thousands
    "auto.include.jmx.reporter": "false",
    "metrics.jmx.exclude": ".*",
}
_GUARD = {
    # who comes through the listener for programs is somebody else than the rest: java/src/topicmark/lab/Guard.java
    "principal.builder.class": "topicmark.lab.ListenerPrincipal",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:lab",
    "allow.everyone.if.no.acl.found": "true",
    "topicmark.guard.producer.byte.rate": str(2**20),
    "create.topic.policy.class.name": "topicmark.lab.TopicBound",
    # a request gets its memory as soon as its length is read, whatever comes of it
    "socket.request.max.bytes": str(2 * 2**20),
    "listener.name.programs.max.connections": "64",
}
OURS = frozenset({
    "process.roles", "node.id", "broker.id", "listeners", "advertised.listeners", "log.dirs", "log.dir",
    "metadata.log.dir", "controller.quorum.voters", "controller.listener.names", "inter.broker.listener.name",
    "listener.security.protocol.map", "security.inter.broker.protocol", "zookeeper.connect",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node. ``roles`` of ``broker`` and ``controller``, at least one. Raises ``ValueError``."""

    node_id: int
    roles: tuple[str, ...] = ("broker", "controller")

    def __post_init__(self) -> None:
        if not 0 <= self.node_id < 200:
            raise ValueError(f"node id {self.node_id}: only 0 to 199 have an address")
        if not self.roles or not set(self.roles) <= _ROLES:
            raise ValueError(f"node {self.node_id}: roles {self.roles!r}; known are broker and controller")


@dataclass(frozen=True, slots=True)
class KafkaSpec:
    """A cluster on a subnet. Node ``i`` has the address ``<subnet>.<10 + i>``.

    ``client_protocol`` holds on the course's listener only: ``PLAINTEXT`` or ``SASL_PLAINTEXT`` (enforced, with
    ``users``: name to password). ``properties`` are broker properties that go before ours, except those that
    make up the cluster (listeners, ids, folders). ``namespace`` is part of the advertised names.
    Raises ``ValueError`` for what cannot be run.
    """

    subnet: str = "127.77.1"
    nodes: tuple[NodeSpec, ...] = (NodeSpec(0), NodeSpec(1), NodeSpec(2))
    client_protocol: str = "PLAINTEXT"
    properties: Mapping[str, str] = field(default_factory=dict)
    namespace: str = "default"
    users: Mapping[str, str] = field(default_factory=lambda: {"user1": "topicmark"})
    guarded: tuple[str, ...] = ()
    """Topics that programs may only read, by name or by beginning and ``*``. If there are any, the programs have a
    listener of their own, through which nobody changes the cluster itself, or fills its disks."""

    def __post_init__(self) -> None:
        if self.client_protocol not in ("PLAINTEXT", "SASL_PLAINTEXT"):
            raise ValueError(
                f"client protocol {self.client_protocol!r} cannot be run here; PLAINTEXT and SASL_PLAINTEXT can"
            )
        if len({node.node_id for node in self.nodes}) != len(self.nodes):
            raise ValueError("two nodes have the same id")
        if not self.brokers or not self.voters:
            raise ValueError("a cluster needs a broker and a controller")
        if taken := OURS & set(self.properties):
            raise ValueError(f"the lab sets {', '.join(sorted(taken))} itself")
        for name, password in self.users.items():
            if any(char in name + password for char in '"\\;,[]=\n\r'):
                raise ValueError(f'user {name!r}: a name and a password may not hold any of "\\;,[]= or line ends')

    @property
    def brokers(self) -> tuple[int, ...]:
        """Ids of the nodes that are brokers, ascending."""
        return tuple(sorted(node.node_id for node in self.nodes if "broker" in node.roles))

    @property
    def voters(self) -> tuple[int, ...]:
        """Ids of the nodes that are controllers, ascending."""
        return tuple(sorted(node.node_id for node in self.nodes if "controller" in node.roles))

    def address(self, node_id: int) -> str:
        """The loopback address of the node's listener for the course's clients."""
        return f"{self.subnet}.{_FIRST_HOST + node_id}"

    def inner_address(self, node_id: int) -> str:
        """The loopback address of all its other listeners: behind the course's host names there is one port only."""
        return f"{self.subnet}.{_FIRST_INNER_HOST + node_id}"

    def program_listener(self, node_id: int) -> tuple[str, int]:
        """Where programs reach the node: it advertises itself there as to the course's clients."""
        if self.guarded:
            return self.inner_address(node_id), PROGRAM_PORT
        return self.address(node_id), CLIENT_PORT

    def host_name(self, node_id: int) -> str:
        """The name that the node advertises to the course's clients."""
        return f"kafka-controller-{node_id}.kafka-controller-headless.{self.namespace}.svc.cluster.local"

    @property
    def bootstrap(self) -> str:
        """The grader's listeners, ``host:port`` joined by commas."""
        return ",".join(self.grader_listeners(self.brokers).values())

    def grader_listeners(self, brokers: Sequence[int]) -> dict[int, str]:
        """``host:port`` of the listeners for the grader, by broker."""
        return {broker: f"{self.inner_address(broker)}:{GRADER_PORT}" for broker in brokers}

    @property
    def settings(self) -> dict[str, str]:
        """The broker properties that are the same wherever the cluster runs."""
        return {**_NOTICED, **_QUICK, **self.properties}

    def render(self, node: NodeSpec, data: Path) -> str:
        """The node's properties file, with its data in the folder ``data``."""
        return "".join(f"{key}={_escaped(value)}\n" for key, value in self._properties(node, data).items())

    def _properties(self, node: NodeSpec, data: Path) -> dict[str, str]:
        address, inner = self.address(node.node_id), self.inner_address(node.node_id)
        listeners: dict[str, str] = {}
        advertised: dict[str, str] = {}
        if "broker" in node.roles:
            listeners = {
                "CLIENT": f"{address}:{CLIENT_PORT}",
                "GRADER": f"{inner}:{GRADER_PORT}",
                "INTERNAL": f"{inner}:{INTERNAL_PORT}",
            }
            known = f"{self.host_name(node.node_id)}:{CLIENT_PORT}"
            advertised = {**listeners, "CLIENT": known}
            if self.guarded:
                listeners["PROGRAMS"] = f"{inner}:{PROGRAM_PORT}"
                advertised["PROGRAMS"] = known
        if "controller" in node.roles:
            listeners = {**listeners, "CONTROLLER": f"{inner}:{CONTROLLER_PORT}"}
        made = {
            "process.roles": ",".join(node.roles),
            "node.id": str(node.node_id),
            "log.dirs": str(data),
            # one voter stands for election much earlier than the others, so that votes are never split at the start
            "controller.quorum.election.timeout.ms": "50" if node.node_id == self.voters[0] else "500",
            "controller.quorum.voters": ",".join(f"{i}@{self.inner_address(i)}:{CONTROLLER_PORT}" for i in self.voters),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INTERNAL",
            "listener.security.protocol.map": f"CLIENT:{self.client_protocol},GRADER:PLAINTEXT,"
            "INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,PROGRAMS:PLAINTEXT",
            "listeners": _joined(listeners),
        }
        if advertised:
            made["advertised.listeners"] = _joined(advertised)
        if self.client_protocol == "SASL_PLAINTEXT":
            made |= self._sasl()
        if self.guarded:
            made |= {**_GUARD, "topicmark.guard.topics": ",".join(self.guarded)}
        return {**self.settings, **made}

    def _sasl(self) -> dict[str, str]:
        prefix = "listener.name.client"
        plain = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return {
            f"{prefix}.sasl.enabled.mechanisms": ",".join(SASL_MECHANISMS),
            f"{prefix}.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required "
            f"{plain};",
            f"{prefix}.scram-sha-256.sasl.jaas.config": scram,
            f"{prefix}.scram-sha-512.sasl.jaas.config": scram,
            # read by our launcher when it formats the data, not by Kafka
            "topicmark.scram": ";".join(
                f"{mechanism}=[name={name},password={password}]"
                for name, password in self.users.items()
                for mechanism in SASL_MECHANISMS[1:]
            ),
        }


def _joined(listeners: Mapping[str, str]) -> str:
    return ",".join(f"{name}://{where}" for name, where in listeners.items())


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return text if text.isascii() else "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text)
