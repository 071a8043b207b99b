"""The project's own Kubernetes manifests as data: rendered from their kustomizations, and looked into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1] / "manifests"
KUSTOMIZATION = "kustomization.yaml"
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_ADDRESS = re.compile(r"(?<![\w.$()-])([A-Za-z$][\w.$()-]*):(\d{2,5})(?![\w.])")
_DEVICE = re.compile(r"/dev/tcp/([\w.-]+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource and the file it stands in."""

    file: Path
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    @property
    def name(self) -> str:
        return str(self.data["metadata"]["name"])

    @property
    def pod(self) -> dict[str, Any]:
        """The pod's spec; empty for what has no pods."""
        return dict(self.data.get("spec", {}).get("template", {}).get("spec", {}))

    @property
    def pod_labels(self) -> dict[str, str]:
        return dict(self.data.get("spec", {}).get("template", {}).get("metadata", {}).get("labels", {}))

    @property
    def replicas(self) -> int:
        return int(self.data["spec"].get("replicas", 1))

    @property
    def containers(self) -> list[dict[str, Any]]:
        return list(self.pod.get("containers", []))

    @property
    def init_containers(self) -> list[dict[str, Any]]:
        return list(self.pod.get("initContainers", []))

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


def render(folder: Path) -> list[Resource]:
    """What ``kubectl apply -k FOLDER`` would apply, of kustomizations that have nothing but ``resources``."""
    kustomization = yaml.safe_load((folder / KUSTOMIZATION).read_text())
    assert set(kustomization) == {"apiVersion", "kind", "resources"}, f"{folder}: more than the render here understands"
    found: list[Resource] = []
    for entry in kustomization["resources"]:
        path = (folder / entry).resolve()
        if path.is_dir():
            found += render(path)
        else:
            # kustomize refuses files from outside; only folders with a kustomization of their own may be there
            assert path.parent == folder.resolve(), f"{folder}: {entry} lies outside"
            found += [Resource(path, data) for data in yaml.safe_load_all(path.read_text())]
    return found


def folders() -> list[Path]:
    """Every folder with a kustomization."""
    return sorted(path.parent for path in ROOT.rglob(KUSTOMIZATION))


def files() -> list[Path]:
    """Every manifest."""
    return sorted(path for path in ROOT.rglob("*.yaml") if path.name != KUSTOMIZATION)


def texts(resource: Resource) -> Iterator[str]:
    """Every text of commands, arguments, environments and ConfigMaps."""
    if resource.kind == "ConfigMap":
        yield from resource.data["data"].values()
    for container in (*resource.containers, *resource.init_containers):
        yield from (*container.get("command", ()), *container.get("args", ()))
        yield from (entry["value"] for entry in container.get("env", ()) if "value" in entry)


def addresses(resource: Resource) -> set[tuple[str, int]]:
    """Each ``host:port`` that a resource names, but not itself. Of a pod's own name it is the Service that is named."""
    found: set[tuple[str, int]] = set()
    for text in texts(resource):
        found |= {(host, int(port)) for host, port in (*_ADDRESS.findall(text), *_DEVICE.findall(text))}
    return {(host, port) for host, port in found if host != "localhost"}


def service_of(host: str) -> str:
    """The Service that a host's name leads to: ``pod.service.namespace…``, ``service``."""
    parts = host.split(".")
    is_pod = "$" in parts[0] or re.fullmatch(r"[a-z-]+-\d+", parts[0])
    return parts[1] if is_pod and len(parts) > 1 else parts[0]


def memory_bytes(resource: Resource, which: str) -> int:
    """What all pods of a workload ask for (``requests``) or may use (``limits``): init containers run before."""
    together = sum(_bytes(each["resources"][which]["memory"]) for each in resource.containers)
    before = [_bytes(each["resources"][which]["memory"]) for each in resource.init_containers]
    return resource.replicas * max([together, *before])


def cpu_millis(resource: Resource) -> int:
    """What all pods of a workload ask for, in thousandths of a core."""
    asked = [str(each["resources"]["requests"]["cpu"]) for each in resource.containers]
    return resource.replicas * sum(int(one[:-1]) if one.endswith("m") else int(one) * 1000 for one in asked)


def _bytes(quantity: str) -> int:
    return int(quantity[:-2]) * _UNITS[quantity[-2:]]
