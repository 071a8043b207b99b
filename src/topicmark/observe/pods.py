"""What runs in a namespace of Kubernetes: pods and Services, from the API server's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CLUSTERS_DOING = frozenset(
    {"Evicted", "NodeLost", "NodeShutdown", "Shutdown", "NodeAffinity", "Preempting", "UnexpectedAdmissionError"}
    | {"Terminated", "OutOfcpu", "OutOfmemory", "OutOfpods"}
)
"""``status.reason`` of a pod that the cluster, not its owner, brought down or never let start."""
_UNPULLED = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_STARTING = frozenset({"ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, slots=True)
class PodFacts:
    """A pod. ``trouble`` says why it does not serve, empty if nothing is wrong; ``clusters_doing`` that this is no
    fault of whoever wrote the manifest."""

    name: str
    uid: str
    """Another one once it was made anew under its name."""
    phase: str
    ready: bool
    restarts: int
    images: tuple[str, ...]
    labels: Mapping[str, str]
    address: str
    hostname: str
    subdomain: str
    ports: Mapping[str, int]
    """Container ports that have a name."""
    bare: bool
    """Made by hand: no Deployment, StatefulSet or other owner makes it anew."""
    ending: bool
    trouble: str
    clusters_doing: bool

    def told(self) -> str:
        restarts = f", restarted {self.restarts} times" if self.restarts else ""
        state = "being deleted" if self.ending else "ready" if self.ready else self.phase
        return f"{self.name}: {self.trouble or state}{restarts}"

    def as_evidence(self) -> dict[str, Any]:
        return {
            "phase": self.phase,
            "ready": self.ready,
            "restarts": self.restarts,
            "images": list(self.images),
            **({"trouble": self.trouble} if self.trouble else {}),
        }


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A Service. ``ports`` are its ports with the container ports they lead to, by number or name."""

    name: str
    ports: Mapping[int, int | str]
    selector: Mapping[str, str]
    address: str

    def selects(self, pod: PodFacts) -> bool:
        return bool(self.selector) and all(pod.labels.get(key) == value for key, value in self.selector.items())

    def target_port(self, port: int, pod: PodFacts) -> int | None:
        """The port of the pod behind a port of the Service; None if there is none."""
        target = self.ports.get(port)
        return pod.ports.get(target) if isinstance(target, str) else target


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """Pods and Services, as they were at one moment."""

    name: str
    pods: Sequence[PodFacts]
    services: Sequence[ServiceFacts]

    def pod(self, name: str) -> PodFacts | None:
        return next((pod for pod in self.pods if pod.name == name), None)

    def service(self, name: str) -> ServiceFacts | None:
        return next((service for service in self.services if service.name == name), None)

    def behind(self, service: str) -> list[PodFacts]:
        """The pods that a Service selects, those that have ended left out unless there are no others."""
        found = self.service(service)
        pods = [pod for pod in self.pods if found is not None and found.selects(pod)]
        return [pod for pod in pods if pod.phase not in ("Failed", "Succeeded")] or pods

    def ready_behind(self, service: str) -> list[PodFacts]:
        return [pod for pod in self.behind(service) if pod.ready and not pod.ending]

    def why_not(self, service: str, port: int) -> str:
        """Why a client of the Service gets to nobody there; empty if it does."""
        found = self.service(service)
        if found is None:
            others = ", ".join(one.name for one in self.services) or "none"
            return f"there is no Service {service} in namespace {self.name} (Services: {others})"
        if port not in found.ports:
            return f"the Service {service} has no port {port} (ports: {', '.join(map(str, found.ports)) or 'none'})"
        if not self.behind(service):
            return f"the Service {service} selects no pod"
        if not self.ready_behind(service):
            return "; ".join(pod.told() for pod in self.behind(service))
        return ""

    def spoilt(self, service: str) -> PodFacts | None:
        """A pod behind the Service that the cluster brought down, if none is ready."""
        if self.ready_behind(service):
            return None
        return next((pod for pod in self.behind(service) if pod.clusters_doing), None)

    def as_evidence(self) -> dict[str, Any]:
        return {
            "namespace": self.name,
            "pods": {pod.name: pod.as_evidence() for pod in self.pods},
            "services": {one.name: {str(port): target for port, target in one.ports.items()} for one in self.services},
        }


def namespace_facts(
    name: str, pods: Iterable[Mapping[str, Any]], services: Iterable[Mapping[str, Any]]
) -> NamespaceFacts:
    """From the ``items`` of the API server's lists."""
    return NamespaceFacts(name, [pod_facts(pod) for pod in pods], [service_facts(service) for service in services])


def service_facts(item: Mapping[str, Any]) -> ServiceFacts:
    """From a Service of API version v1."""
    spec = item.get("spec") or {}
    ports = {int(port["port"]): port.get("targetPort", port["port"]) for port in spec.get("ports") or ()}
    return ServiceFacts(
        str(item["metadata"]["name"]), ports, dict(spec.get("selector") or {}), str(spec.get("clusterIP") or "")
    )


def pod_facts(item: Mapping[str, Any]) -> PodFacts:
    """From a Pod of API version v1."""
    meta, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    containers = spec.get("containers") or ()
    states = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    conditions = {one["type"]: one for one in status.get("conditions") or ()}
    trouble, clusters_doing = _trouble(status, states, conditions)
    return PodFacts(
        name=str(meta["name"]),
        uid=str(meta.get("uid", "")),
        phase=str(status.get("phase") or "Unknown"),
        ready=(conditions.get("Ready") or {}).get("status") == "True",
        restarts=sum(int(one.get("restartCount") or 0) for one in states),
        images=tuple(str(one.get("image") or "") for one in containers),
        labels=dict(meta.get("labels") or {}),
        address=str(status.get("podIP") or ""),
        hostname=str(spec.get("hostname") or meta["name"]),
        subdomain=str(spec.get("subdomain") or ""),
        ports={
            str(port["name"]): int(port["containerPort"])
            for one in containers
            for port in one.get("ports") or ()
            if port.get("name")
        },
        bare=not meta.get("ownerReferences"),
        ending="deletionTimestamp" in meta,
        trouble=trouble,
        clusters_doing=clusters_doing,
    )


def _trouble(
    status: Mapping[str, Any], states: Sequence[Mapping[str, Any]], conditions: Mapping[str, Mapping[str, Any]]
) -> tuple[str, bool]:
    """What keeps the pod from serving, and whether that is the cluster's doing."""
    reason = str(status.get("reason") or "")
    if reason in _CLUSTERS_DOING:
        return f"{reason}: {status.get('message') or 'the cluster took it down'}", True
    disrupted = conditions.get("DisruptionTarget") or {}
    if disrupted.get("status") == "True":
        return f"{disrupted.get('reason')}: {disrupted.get('message') or 'the cluster takes it down'}", True
    scheduled = conditions.get("PodScheduled") or {}
    if scheduled.get("status") == "False":
        return f"no node takes it: {scheduled.get('message') or scheduled.get('reason')}", True
    for one in states:
        waiting = (one.get("state") or {}).get("waiting") or {}
        why = str(waiting.get("reason") or "")
        if why in _UNPULLED:
            return f"its image {one.get('image')} cannot be pulled ({why}: {waiting.get('message') or ''})", False
        if why and why not in _STARTING:
            ended = (one.get("lastState") or {}).get("terminated") or {}
            last = f", last ended with code {ended['exitCode']} ({ended.get('reason')})" if "exitCode" in ended else ""
            return f"{why}: {waiting.get('message') or one.get('name')}{last}", False
        ended = (one.get("state") or {}).get("terminated") or {}
        if ended.get("exitCode"):
            return f"{one.get('name')} ended with code {ended['exitCode']} ({ended.get('reason')})", False
    return "", False
