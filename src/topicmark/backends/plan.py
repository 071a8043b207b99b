"""Where in a lab everything is: addresses, and the course's host names that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from topicmark.backends.names import SERVICES, in_namespaces
from topicmark.backends.needs import Needs
from topicmark.services.hdfs import HdfsSpec
from topicmark.services.kafka_spec import KafkaSpec

HOSTS = {"connect": 30, "registry": 31, "ksqldb": 32}


class Plan(Protocol):
    """What components are booted by."""

    @property
    def needs(self) -> Needs: ...

    @property
    def subnet(self) -> str: ...

    @property
    def bootstrap(self) -> str:
        """Brokers as a process of ours reaches them."""
        ...

    def address_of(self, component: str) -> str: ...

    def host_names(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class LabPlan:
    """One lab, as data. ``hdfs`` is None in a lab without it."""

    kafka: KafkaSpec
    hdfs: HdfsSpec | None
    needs: Needs

    @property
    def subnet(self) -> str:
        return self.kafka.subnet

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap

    def address_of(self, component: str) -> str:
        """A component's own loopback address."""
        return f"{self.subnet}.{HOSTS[component]}"

    def brokers(self) -> dict[int, tuple[str, int]]:
        """By node: address and port of the listener for the student's programs."""
        return {node.node_id: self.kafka.program_listener(node.node_id) for node in self.kafka.nodes}

    def host_names(self) -> dict[str, str]:
        """Every name of the course, with each of the namespaces that are spoken of, and the addresses it leads to."""
        brokers = {node.node_id: self.kafka.address(node.node_id) for node in self.kafka.nodes}
        names = dict.fromkeys(("kafka", "kafka-controller-headless"), " ".join(brokers.values()))
        names |= {f"kafka-controller-{node}.kafka-controller-headless": at for node, at in brokers.items()}
        names |= {service: self.address_of(name) for name, service in SERVICES.items()}
        names |= self.hdfs.host_names() if self.hdfs is not None else {}
        return in_namespaces(names, self.needs.spaces)
