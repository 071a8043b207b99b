"""A Service of a manifest: which container port it forwards to, and why it forwards to none.

What is refused here is what the API server of Kubernetes refuses (kubernetes/kubernetes, pkg/apis/core/validation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from topicmark.submission import yamltree
from topicmark.submission.resources import Resource
from topicmark.submission.words import did_you_mean, listed
from topicmark.submission.yamltree import Scalar, Table, YamlProblem

_PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")
_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Where a connection to a port of a Service ends: a port of the pod, or the reason why nowhere."""

    container_port: int | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ServicePort:
    """``port`` of a Service; ``target`` is the container port behind it, ``None`` if no container names it so."""

    port: int
    target: int | None
    target_text: str
    line: int


@dataclass(frozen=True, slots=True)
class ServiceWiring:
    """A Service as wired to the pods of one workload. ``reason`` says why it does not reach them."""

    name: str
    file: str
    line: int
    type: str
    ports: tuple[ServicePort, ...]
    selector: Mapping[str, str] = field(default_factory=dict)
    headless: bool = False
    reaches: bool = True
    reason: str = ""

    def forwards(self, port: int) -> Forwarding:
        """The container port to which ``port`` of this Service leads.

        A headless Service has no ports of its own: its name is the pod's address, so every port leads to itself.
        """
        if not self.reaches:
            return Forwarding(None, self.reason)
        if self.headless:
            return Forwarding(port)
        for each in self.ports:
            if each.port == port:
                if each.target is None:
                    why = f"its targetPort {each.target_text} is the name of no port of the container"
                    return Forwarding(None, why)
                return Forwarding(each.target)
        given = listed([str(each.port) for each in self.ports])
        return Forwarding(None, f"it has no port {port}" + (f", only {given}" if given else ""))


@dataclass(frozen=True, slots=True)
class Pods:
    """What a Service needs to know of the pods of a workload."""

    labels: Mapping[str, str]
    ports: Mapping[str, int]
    """Container ports by name."""
    namespace: str = ""
    replicas: int = 1


def wire(service: Resource, pods: Pods, remarks: list[str]) -> ServiceWiring:
    """The Service as it stands, wired to ``pods``. Raises ``YamlProblem`` for what the API server refuses."""
    spec = yamltree.child(service.table, "spec", "spec") or Table({}, service.line, {})
    for key in spec.pairs:
        if key in ("targetPort", "port", "labels", "matchLabels", "type:"):
            hint = did_you_mean(key, ("ports", "selector"))
            remarks.append(f"line {spec.line_of(key)}: spec.{key} of the Service is not read. {hint}".rstrip())
    kind = yamltree.text(spec, "type", "spec.type") or "ClusterIP"
    if kind not in _TYPES:
        raise YamlProblem(spec.line_of("type"), f"spec.type is {listed([kind])}.", f"Write one of {listed(_TYPES)}.")
    if isinstance(match := yamltree.child(spec, "selector", "spec.selector"), Table) and "matchLabels" in match.pairs:
        remedy = "The selector of a Service holds the labels themselves, without matchLabels."
        raise YamlProblem(match.line_of("matchLabels"), "spec.selector.matchLabels must be a text.", remedy)
    selector = yamltree.pairs(spec, "selector", "spec.selector")
    cluster_ip = spec.pairs.get("clusterIP")
    headless = isinstance(cluster_ip, Scalar) and cluster_ip.text == "None"
    ports = _ports(spec, pods)
    if not spec.pairs.get("ports") and not headless and kind != "ExternalName":
        raise YamlProblem(spec.line, "spec.ports of the Service is required and is not there.", "List its port.")
    reason = _why_not(service, kind, selector, pods)
    return ServiceWiring(
        service.name, service.file, service.line, kind, ports, selector, headless, reaches=not reason, reason=reason
    )


def _why_not(service: Resource, kind: str, selector: Mapping[str, str], pods: Pods) -> str:
    """Why the Service has no pod behind it, in words that follow its name; empty if it has one."""
    if kind == "ExternalName":
        return "it is of type ExternalName, which leads out of the cluster and to no pod"
    if service.namespace and pods.namespace and service.namespace != pods.namespace:
        return f"it is in namespace {listed([service.namespace])} and the pods are in {listed([pods.namespace])}"
    if not selector:
        return "it has no selector, so it has no pod behind it"
    if any(pods.labels.get(name) != value for name, value in selector.items()):
        wanted = ",".join(f"{name}={value}" for name, value in selector.items())
        has = ",".join(f"{name}={value}" for name, value in pods.labels.items()) or "none"
        return f"its selector {listed([wanted])} matches no pod of this manifest (their labels: {listed([has])})"
    if pods.replicas == 0:
        return "replicas is 0, so it has no pod behind it"
    return ""


def _ports(spec: Table, pods: Pods) -> tuple[ServicePort, ...]:
    found: list[ServicePort] = []
    entries = yamltree.children(spec, "ports", "spec.ports")
    for entry, where in entries:
        port = checked_port(entry, "port", f"{where}.port")
        if port is None:
            raise YamlProblem(entry.line, f"{where}.port is required and is not there.", "")
        name = yamltree.text(entry, "name", f"{where}.name")
        if len(entries) > 1 and not name:
            raise YamlProblem(entry.line, f"{where}.name is required where a Service has several ports.", "")
        protocol = yamltree.text(entry, "protocol", f"{where}.protocol") or "TCP"
        if protocol not in ("TCP", "UDP", "SCTP"):
            remedy = "Write TCP." if protocol.upper() == "TCP" else ""
            raise YamlProblem(entry.line_of("protocol"), f"{where}.protocol is {listed([protocol])}.", remedy)
        node_port = yamltree.whole(entry, "nodePort", f"{where}.nodePort")
        if node_port and not 30000 <= node_port <= 32767:
            what = f"{where}.nodePort must be between 30000 and 32767, not {node_port}."
            raise YamlProblem(entry.line_of("nodePort"), what)
        target, shown = _target(entry, where, port, pods)
        if protocol != "TCP":
            continue
        if any(port == each.port for each in found):
            raise YamlProblem(entry.line, f"{where}.port {port} is given twice.", "Keep one of them.")
        found.append(ServicePort(port, target, shown, entry.line))
    return tuple(found)


def _target(entry: Table, where: str, port: int, pods: Pods) -> tuple[int | None, str]:
    node = entry.pairs.get("targetPort")
    if not isinstance(node, Scalar) or node.kind != "text":
        target = checked_port(entry, "targetPort", f"{where}.targetPort") or port
        return target, str(target)
    check_port_name(node.text, f"{where}.targetPort", node.line)
    return pods.ports.get(node.text), listed([node.text])


def checked_port(table: Table, key: str, where: str) -> int | None:
    """A port number of a mapping; ``None`` if it is not there. Raises ``YamlProblem`` unless 1 to 65535."""
    port = yamltree.whole(table, key, where)
    if port is not None and not 1 <= port <= 65535:
        raise YamlProblem(table.line_of(key), f"{where} must be between 1 and 65535, not {port}.")
    return port


def check_port_name(name: str, where: str, line: int) -> None:
    """Raises ``YamlProblem`` unless the text can be the name of a port."""
    if _PORT_NAME.fullmatch(name):
        return
    if name.isdigit():
        raise YamlProblem(line, f"{where} is the text {listed([name])!r}, no number.", f"Take the quotes away: {name}.")
    remedy = "At most 15 lower-case letters, digits and single dashes, with at least one letter."
    raise YamlProblem(line, f"{where} is {listed([name])!r}, which is no name of a port.", remedy)
