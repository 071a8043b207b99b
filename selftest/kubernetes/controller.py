"""What a cluster's controllers would do: pods for what was created in a namespace, which lead to an embedded lab."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from selftest.kubernetes import kubectl
from selftest.kubernetes.api import NAMESPACES, FakeApi
from selftest.kubernetes.cluster import NAMES
from selftest.kubernetes.tender import LOOKS_EVERY_S, Tender
from selftest.running_lab import RunningLab, running_lab
from topicmark.services.kafka_spec import CLIENT_PORT

_READY = [{"type": "Ready", "status": "True"}]
_BROKER = "kafka-controller"


class Controller:
    """Looks after the first namespace that a run makes. Use as a context; what went wrong is raised at its end."""

    def __init__(self, api: FakeApi) -> None:
        self._api = api
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="controller", daemon=True)
        self._error: BaseException | None = None
        self.restarted: list[str] = []
        """Brokers' pods that were deleted, and came back."""
        self.seen: dict[str, list[str]] = {}
        """What there was in the namespace once it was complete: names by resource."""
        self.namespace = ""

    def __enter__(self) -> Controller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            self._look_after()
        except Exception as error:  # noqa: BLE001 — for whoever waits
            self._error = error

    def _look_after(self) -> None:
        while not self._stop.wait(LOOKS_EVERY_S):
            made = [name for name in self._api.names(NAMESPACES, None) if name.startswith("topicmark-")]
            if made and self._api.names("apps/v1/statefulsets", made[0]):
                self.namespace = made[0]
                break
        else:
            return
        self._stop.wait(1.0)  # whoever creates it has not done yet
        deployments = self._api.names("apps/v1/deployments", self.namespace)
        components = [name for name, service in NAMES.items() if service in deployments]
        with ExitStack() as stack:
            running = stack.enter_context(running_lab(*components, namespace=self.namespace))
            pods = {name: self._ready(name, item) for name, item in self._pods(running)}
            for item in pods.values():
                self._api.put("v1/pods", self.namespace, item)
            tender = Tender(self._api, self.namespace, running, pods)
            self.restarted = tender.restarted
            self.seen = {kind: self._api.names(kind, self.namespace) for kind in _KEPT}
            while not self._stop.wait(LOOKS_EVERY_S) and self._api.get(NAMESPACES, None, self.namespace):
                tender.tend()

    def _pods(self, running: RunningLab) -> Iterator[tuple[str, dict[str, Any]]]:
        """By name, from the templates of what was created."""
        brokers = self._api.get("apps/v1/statefulsets", self.namespace, _BROKER)
        assert brokers is not None
        for node in running.lab.kafka.spec.nodes:
            address = f"{running.lab.kafka.spec.address(node.node_id)}:{CLIENT_PORT}"
            name = f"{_BROKER}-{node.node_id}"
            item = self._pod(brokers, {CLIENT_PORT: address})
            item["spec"] |= {"hostname": name, "subdomain": brokers["spec"]["serviceName"]}
            yield name, item
        for component, service in NAMES.items():
            deployment = self._api.get("apps/v1/deployments", self.namespace, service)
            if deployment is not None:
                place = urlsplit(running.address(component))
                yield f"{service}-1", self._pod(deployment, {int(place.port or 0): str(place.netloc)})

    def _pod(self, owner: Mapping[str, Any], leads_to: Mapping[int, str]) -> dict[str, Any]:
        template = owner["spec"]["template"]
        meta = {
            "labels": dict(template["metadata"]["labels"]),
            "annotations": {f"{kubectl.LEADS_TO}{port}": target for port, target in leads_to.items()},
            "ownerReferences": [{"kind": owner["kind"], "name": owner["metadata"]["name"]}],
        }
        return {"metadata": meta, "spec": dict(template["spec"])}

    def _ready(self, name: str, item: Mapping[str, Any]) -> dict[str, Any]:
        meta = {**item["metadata"], "name": name}
        address = next(iter(meta["annotations"].values())).partition(":")[0]
        return {**item, "metadata": meta, "status": {"phase": "Running", "podIP": address, "conditions": _READY}}


_KEPT = (
    "v1/services",
    "v1/resourcequotas",
    "v1/limitranges",
    "apps/v1/statefulsets",
    "apps/v1/deployments",
    "networking.k8s.io/v1/networkpolicies",
)
