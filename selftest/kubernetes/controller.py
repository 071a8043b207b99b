"""What a cluster's controllers would do: pods for what was created in a namespace, which lead to an embedded lab."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from selftest.kubernetes import kubectl
from selftest.kubernetes.api import NAMESPACES, FakeApi
from selftest.kubernetes.cluster import NAMES
from selftest.kubernetes.tender import LOOKS_EVERY_S, Tender
from selftest.running_lab import RunningLab, running_lab
from topicmark.backends.deployment import environment_of, manifest_of
from topicmark.backends.names import PORTS
from topicmark.backends.needs import Wanted
from topicmark.services.kafka_spec import CLIENT_PORT

_READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
_STUCK = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
_BROKER = "kafka-controller"
_HDFS_PORTS = (9000, 9864, 9866, 9870)
_NOT_THE_STUDENTS = ("_HEAP_OPTS", "CONNECT_PLUGIN_PATH")


class Controller:
    """Looks after every namespace that a run makes. Use as a context; what went wrong is raised at its end."""

    def __init__(self, api: FakeApi) -> None:
        self._api = api
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="controller", daemon=True)
        self.deployed: list[Deployed] = []
        """One for each namespace, in the order in which they came."""

    def __enter__(self) -> Controller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        for one in self.deployed:
            one.thread.join(30)
            if one.error is not None:
                raise one.error

    def _work(self) -> None:
        while not self._stop.wait(LOOKS_EVERY_S):
            known = {one.namespace for one in self.deployed}
            for name in self._api.names(NAMESPACES, None):
                if name.startswith("topicmark-") and name not in known:
                    self.deployed.append(Deployed(self._api, name, self._stop))


class Deployed:
    """A namespace from when it is made until it is deleted, or ``stop`` is set."""

    def __init__(self, api: FakeApi, namespace: str, stop: threading.Event) -> None:
        self._api = api
        self._stop = stop
        self.namespace = namespace
        self.restarted: list[str] = []
        """Pods that were deleted, and came back."""
        self.seen: dict[str, list[str]] = {}
        """What there was in the namespace once it was complete: names by resource."""
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._work, name=f"deployed-{namespace}", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            self._look_after()
        except Exception as error:  # noqa: BLE001 — for whoever waits
            if self._api.get(NAMESPACES, None, self.namespace) is not None:  # else it went while its pods came
                self.error = error

    def _there(self) -> bool:
        return not self._stop.wait(LOOKS_EVERY_S) and self._api.get(NAMESPACES, None, self.namespace) is not None

    def _look_after(self) -> None:
        while not self._api.names("apps/v1/statefulsets", self.namespace):
            if not self._there():
                return
        made: list[list[str]] = []
        while made != (now := [self._api.names(kind, self.namespace) for kind in _KEPT]) and self._there():
            made = now  # whoever creates it has not done yet
            self._stop.wait(1.5)
        wanted = [Wanted(name, self._environment(name), PORTS[name]) for name in NAMES if self._deployment(name)]
        hdfs = self._api.get("apps/v1/statefulsets", self.namespace, "namenode") is not None
        with running_lab(*wanted, hdfs=hdfs, namespace=self.namespace) as running:
            pods = {name: self._ready(name, item) for name, item in self._pods(running)}
            for item in pods.values():
                self._api.put("v1/pods", self.namespace, item)
            tender = Tender(self._api, self.namespace, running, pods)
            self.restarted = tender.restarted
            self.seen = {kind: self._api.names(kind, self.namespace) for kind in _KEPT}
            while self._there():
                self._replace(running, {one.name: one for one in wanted}, pods)
                tender.tend()

    # Components

    def _deployment(self, component: str) -> dict[str, Any] | None:
        return self._api.get("apps/v1/deployments", self.namespace, NAMES[component])

    def _environment(self, component: str) -> Mapping[str, str]:
        """As it was deployed; the course's, if nothing in it was chosen by the student."""
        deployed, ours = self._told(self._deployment(component), component), manifest_of(component)
        if deployed == environment_of(ours, component):
            return Wanted.of_the_course(component).env
        return {name: value for name, value in deployed.items() if not name.endswith(_NOT_THE_STUDENTS)}

    def _told(self, deployment: Mapping[str, Any] | None, component: str) -> dict[str, str]:
        return environment_of([dict(deployment)] if deployment is not None else [], component)

    def _replace(self, running: RunningLab, wanted: Mapping[str, Wanted], pods: dict[str, dict[str, Any]]) -> None:
        """A component that did not run, and was deployed anew with other settings."""
        for component, one in wanted.items():
            name = _pod_name(component)
            if "containerStatuses" not in pods[name]["status"] or self._environment(component) == one.env:
                continue
            place = urlsplit(running.lab.component(component, working=True).url)
            pods[name] = self._with_status(name, self._component_pod(component, place.netloc), _READY)
            self._api.put("v1/pods", self.namespace, pods[name])

    # Pods

    def _pods(self, running: RunningLab) -> Iterator[tuple[str, dict[str, Any]]]:
        """By name, from the templates of what was created."""
        for node in running.lab.kafka.spec.nodes:
            address = f"{running.lab.kafka.spec.address(node.node_id)}:{CLIENT_PORT}"
            yield (
                f"{_BROKER}-{node.node_id}",
                self._member(_BROKER, f"{_BROKER}-{node.node_id}", {CLIENT_PORT: address}),
            )
        for component in running.components:
            booted = running.lab.component(component)
            item = self._component_pod(component, urlsplit(booted.url).netloc)
            yield _pod_name(component), item if not booted.refusal else self._stuck(item)
        if running.lab.hdfs is not None:
            for node_name, host in running.lab.hdfs.spec.nodes.items():
                owner = node_name.partition("-")[0]
                pod = f"{owner}-0" if owner == node_name else node_name
                yield pod, self._member(owner, pod, {port: f"{host}:{port}" for port in _HDFS_PORTS})

    def _member(self, owner: str, name: str, leads_to: Mapping[int, str]) -> dict[str, Any]:
        """Of a StatefulSet."""
        found = self._api.get("apps/v1/statefulsets", self.namespace, owner)
        assert found is not None
        item = self._pod(found, leads_to)
        item["spec"] |= {"hostname": name, "subdomain": found["spec"]["serviceName"]}
        return item

    def _component_pod(self, component: str, address: str) -> dict[str, Any]:
        deployment = self._deployment(component)
        assert deployment is not None
        return self._pod(deployment, {PORTS[component]: address})

    def _stuck(self, item: dict[str, Any]) -> dict[str, Any]:
        name = item["spec"]["containers"][0]["name"]
        status = {"name": name, "image": "", "restartCount": 5, "state": _STUCK}
        return {**item, "status": {"phase": "Running", "containerStatuses": [status]}}

    def _pod(self, owner: Mapping[str, Any], leads_to: Mapping[int, str]) -> dict[str, Any]:
        template = owner["spec"]["template"]
        meta = {
            "labels": dict(template["metadata"]["labels"]),
            "annotations": {f"{kubectl.LEADS_TO}{port}": target for port, target in leads_to.items()},
            "ownerReferences": [{"kind": owner["kind"], "name": owner["metadata"]["name"]}],
        }
        return {"metadata": meta, "spec": dict(template["spec"])}

    def _ready(self, name: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return self._with_status(name, item, item.get("status", _READY))

    def _with_status(self, name: str, item: Mapping[str, Any], status: Mapping[str, Any]) -> dict[str, Any]:
        meta = {**item["metadata"], "name": name}
        address = next(iter(meta["annotations"].values())).partition(":")[0]
        return {**item, "metadata": meta, "status": {**status, "podIP": address}}


def _pod_name(component: str) -> str:
    return f"{NAMES[component]}-1"


_KEPT = (
    "v1/services",
    "v1/resourcequotas",
    "v1/limitranges",
    "apps/v1/statefulsets",
    "apps/v1/deployments",
    "networking.k8s.io/v1/networkpolicies",
)
