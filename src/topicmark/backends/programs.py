"""Where on a cluster the submission's programs run: as pods of their own beside the services."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topicmark.backends.deployment import MANAGED_BY, RUN
from topicmark.backends.names import PORTS, SERVICES, in_namespaces
from topicmark.model import LabFault
from topicmark.observe.pods import NamespaceFacts, pod_facts
from topicmark.provision import versions
from topicmark.sandbox.pod import PodState
from topicmark.sandbox.pod_spec import CONTAINER
from topicmark.services.hdfs import NAMENODE
from topicmark.services.kafka_spec import CLIENT_PORT
from topicmark.services.kubectl import Cluster, environment

BROKERS, HEADLESS = "kafka", "kafka-controller-headless"
TO_RUN_PROGRAMS = (
    ("create", "pods"),
    ("delete", "pods"),
    ("get", "pods/attach"),
    ("create", "pods/attach"),
)
"""What one must be allowed to do besides looking. kubectl attaches with a GET from 1.31 on, with a POST before."""
COMPONENT = "app.kubernetes.io/component"
_PROGRAM = "program"
_IMAGES = "programs-"
"""In the table of versions: ``programs-3-12`` and the like."""
Forward = tuple[int, str, int]
"""A port on the loopback of a program, with the host and port that it leads to."""
IN_A_BROKERS_POD: Sequence[Forward] = (
    (CLIENT_PORT, BROKERS, CLIENT_PORT),
    *((PORTS[name], service, PORTS[name]) for name, service in SERVICES.items()),
)
"""There, beside port-forwards of every component."""
_BROKER_POD = re.compile(r"kafka-controller-\d+")
_OVER = ("Succeeded", "Failed")


def is_program(labels: Mapping[str, str]) -> bool:
    """Whether a pod with these labels is a program's, of this run or another."""
    return labels.get(MANAGED_BY) == "topicmark" and labels.get(COMPONENT) == _PROGRAM


def clear_ended(cluster: Cluster, facts: NamespaceFacts) -> None:
    """Delete programs' pods that have ended: runs that were killed left them. Others may be those of a run that goes
    on."""
    for one in facts.pods:
        if is_program(one.labels) and one.phase in _OVER:
            cluster.delete_now("pod", one.name)


def image() -> str:
    """The official image of the Python that the grader runs on: packages are made for that. Raises ``LabFault``."""
    name = f"{_IMAGES}{sys.version_info.major}-{sys.version_info.minor}"
    try:
        return versions.image(name)
    except versions.VersionsError as error:
        raise LabFault(
            f"there is no image for programs of Python {sys.version_info.major}.{sys.version_info.minor}: {error}",
            service="pods",
            remedy=f"Run the grader with Python {', '.join(_known())}.",
        ) from error


def _known() -> list[str]:
    found = [name.removeprefix(_IMAGES) for name in versions.pins() if name.startswith(_IMAGES)]
    return [version.replace("-", ".") for version in found]


@dataclass
class ProgramPods:
    """Pods in the namespace of a lab. ``spaces`` are namespaces in which programs look for the course's services,
    ``aliases`` further names of the brokers, ``localhost`` what programs find on their loopback."""

    cluster: Cluster
    marker: str
    spaces: Sequence[str]
    aliases: Sequence[str]
    localhost: Sequence[Forward] = ()
    image: str = field(default_factory=image)

    def __post_init__(self) -> None:
        self.labels: Mapping[str, str] = {MANAGED_BY: "topicmark", COMPONENT: _PROGRAM, RUN: self.marker}
        self.environment: Mapping[str, str] = environment()

    def hosts(self) -> Mapping[str, Sequence[str]]:
        """Aliases, and the course's names as in other namespaces, with where they lead in this one."""
        own = self.cluster.place.namespace
        spaces = [space for space in self.spaces if space != own]
        if not spaces and not self.aliases:
            return {}
        items = self.cluster.items("pods")
        pods = {str(one["metadata"]["name"]): str((one.get("status") or {}).get("podIP") or "") for one in items}
        services = {str(one["metadata"]["name"]): _cluster_ip(one) for one in self.cluster.items("services")}
        brokers = {name: address for name, address in pods.items() if _BROKER_POD.fullmatch(name)}
        known = {name: services.get(name, "") for name in (BROKERS, NAMENODE, *SERVICES.values())}
        known |= {f"{name}.{HEADLESS}": address for name, address in brokers.items()}
        known[HEADLESS] = next(filter(None, brokers.values()), "")
        found: dict[str, list[str]] = defaultdict(list)
        for name, address in in_namespaces(known, spaces).items():
            if address and name not in known:  # those the cluster's DNS has
                found[address].append(name)
        if known[BROKERS]:
            found[known[BROKERS]] += [name for name in self.aliases if name != "localhost"]
        return {address: names for address, names in found.items() if names}

    def create(self, document: Mapping[str, Any]) -> None:
        self.cluster.create([document])

    def state(self, name: str) -> PodState:
        item = self.cluster.item("pod", name)
        if item is None:
            return PodState(running=False, trouble="it was deleted", lost=True)
        facts = pod_facts(item)
        lost = facts.phase in _OVER or (facts.clusters_doing and "no node takes it" not in facts.trouble)
        trouble = facts.trouble or (f"it {facts.phase.lower()} at once" if lost else "")
        return PodState(running=facts.phase == "Running" and not trouble, trouble=trouble, lost=lost)

    def attach(self, name: str) -> list[str]:
        return self.cluster.command("attach", name, f"--container={CONTAINER}", "--stdin", "--quiet")

    def ask(self, name: str) -> list[str]:
        return self.cluster.command("get", "pod", name, "-o", "json", "--request-timeout=15s")

    def delete(self, name: str) -> None:
        self.cluster.delete_now("pod", name)


def _cluster_ip(item: Mapping[str, Any]) -> str:
    address = str((item.get("spec") or {}).get("clusterIP") or "")
    return "" if address == "None" else address
