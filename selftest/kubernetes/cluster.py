"""A namespace in which the course's lab seems to have been deployed; behind it is an embedded one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from selftest.kubernetes import kubectl
from selftest.kubernetes.api import FakeApi
from selftest.kubernetes.kubelet import Kubelet
from selftest.running_lab import RunningLab
from topicmark.services.kafka_spec import CLIENT_PORT

NAMES = {"registry": "kafka-schema-registry", "connect": "kafka-connect", "ksqldb": "kafka-ksqldb-server"}
IMAGES = {
    "kafka": "docker.io/bitnamilegacy/kafka:3.8.0-debian-12-r3",
    "registry": "confluentinc/cp-schema-registry:7.3.1",
    "connect": "confluentinc/cp-server-connect-base:7.3.1",
    "ksqldb": "confluentinc/cp-ksqldb-server:7.3.1",
    "hdfs": "apache/hadoop:3.3.6",
}


@dataclass
class FakeCluster:
    """``bin`` goes in front of the PATH; ``kubeconfig`` leads to the API server."""

    api: FakeApi
    folder: Path
    kubelet: Kubelet
    namespace: str = "default"

    @property
    def forbidden(self) -> list[str]:
        """What the user may not, as ``create pods/portforward``."""
        return self.api.forbidden

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "bin" / "config.json"

    def options(self, *more: str) -> list[str]:
        return ["--backend", "kubernetes", f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", *more]

    def install(self) -> None:
        """Put kubectl in ``bin``, and its configuration beside it."""
        self.bin.mkdir(parents=True, exist_ok=True)
        script = self.bin / "kubectl"
        script.write_text(f"#!{sys.executable} -IS\n" + Path(kubectl.__file__).read_text())
        script.chmod(0o755)
        self.lead_to(self.api.url)

    def lead_to(self, server: str) -> None:
        """The kubeconfig is of the cluster whose API server is there."""
        one = {"name": "lab"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "clusters": [{**one, "cluster": {"server": server}}],
            "contexts": [{**one, "context": {"cluster": "lab", "user": "student"}}],
            "users": [{"name": "student", "user": {}}],
        }
        self.kubeconfig.write_text(json.dumps(config))

    def service(self, name: str, app: str, ports: Mapping[int, int | str], *, headless: bool = False) -> None:
        spec: dict[str, Any] = {
            "selector": {"app": app},
            "ports": [{"port": port, "targetPort": target} for port, target in ports.items()],
            "clusterIP": "None" if headless else f"10.96.0.{len(self.api.names('v1/services', self.namespace)) + 1}",
        }
        self.api.put("v1/services", self.namespace, {"metadata": {"name": name}, "spec": spec})

    def pod(
        self,
        name: str,
        app: str,
        leads_to: Mapping[int, str],
        *,
        image: str,
        address: str = "",
        subdomain: str = "",
        status: Mapping[str, Any] | None = None,
        bare: bool = False,
    ) -> None:
        """A pod that is ready unless ``status`` says otherwise; ``leads_to`` says where its ports really are."""
        address = address or next((target.partition(":")[0] for target in leads_to.values()), "10.244.0.9")
        ready = {"phase": "Running", "podIP": address, "conditions": [{"type": "Ready", "status": "True"}]}
        meta: dict[str, Any] = {
            "name": name,
            "labels": {"app": app},
            "annotations": {f"{kubectl.LEADS_TO}{port}": target for port, target in leads_to.items()},
        }
        if not bare:
            meta["ownerReferences"] = [{"kind": "StatefulSet", "name": app}]
        spec: dict[str, Any] = {"containers": [{"name": app, "image": image}]}
        if subdomain:
            spec |= {"hostname": name, "subdomain": subdomain}
        item = {"metadata": meta, "spec": spec, "status": dict(status or ready)}
        self.api.put("v1/pods", self.namespace, item)

    def spoil(self, pod: str, status: Mapping[str, Any]) -> None:
        """Give a pod another status."""
        item = self.api.get("v1/pods", self.namespace, pod)
        assert item is not None
        self.api.put("v1/pods", self.namespace, {**item, "status": dict(status)})

    def deploy(self, running: RunningLab, *components: str, hdfs: bool = False) -> None:
        """Pods and Services of the course, which lead to the embedded lab."""
        for node in running.lab.kafka.spec.nodes:
            target = f"{running.lab.kafka.spec.address(node.node_id)}:{CLIENT_PORT}"
            self.pod(
                f"kafka-controller-{node.node_id}",
                "kafka",
                {CLIENT_PORT: target},
                image=IMAGES["kafka"],
                subdomain="kafka-controller-headless",
            )
        self.service("kafka", "kafka", {CLIENT_PORT: CLIENT_PORT})
        self.service("kafka-controller-headless", "kafka", {CLIENT_PORT: CLIENT_PORT}, headless=True)
        for component in components:
            place = urlsplit(running.address(component))
            name, port = NAMES[component], int(place.port or 0)
            self.pod(f"{name}-7d4b9-x2x7q", name, {port: f"{place.hostname}:{port}"}, image=IMAGES[component])
            self.service(name, name, {port: port})
        if hdfs:
            self._deploy_hdfs(running)

    def _deploy_hdfs(self, running: RunningLab) -> None:
        assert running.lab.hdfs is not None
        for name, address in running.lab.hdfs.spec.nodes.items():
            ports = {port: f"{address}:{port}" for port in (9000, 9864, 9866, 9870)}
            app = name if name == "namenode" else "datanode"
            self.pod(f"{name}-0" if app == name else name, app, ports, image=IMAGES["hdfs"], address=address)
        self.service("namenode", "namenode", {9870: 9870, 9000: 9000})


@contextmanager
def fake_cluster(folder: Path) -> Iterator[FakeCluster]:
    """An empty one; meanwhile a kubectl that knows it is the first on the PATH."""
    with (
        FakeApi() as api,
        Kubelet(api, folder / "kubelet") as kubelet,
        pytest.MonkeyPatch.context() as patch,
    ):
        cluster = FakeCluster(api, folder, kubelet)
        cluster.install()
        patch.setenv("PATH", f"{cluster.bin}{os.pathsep}{os.environ['PATH']}")
        yield cluster
