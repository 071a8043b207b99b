"""The project's own manifests, made ready for a namespace that lives no longer than a run."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from topicmark.backends.names import SERVICES
from topicmark.model import LabFault

MANIFESTS = Path(__file__).resolve().parents[3] / "manifests"
"""In the repository, not in the package."""
FOLDERS: Mapping[str, str] = {
    "kafka": "kafka",
    "registry": "schema-registry",
    "connect": "connect",
    "ksqldb": "ksqldb",
    "hdfs": "hdfs",
}
"""Where the manifests of each part of a lab are."""
MANAGED_BY = "app.kubernetes.io/managed-by"
RUN = "topicmark.run"
"""The label that says which run made a namespace: only that one is ever deleted."""
_KINDS = frozenset({"Service", "ConfigMap", "StatefulSet", "Deployment", "PersistentVolumeClaim"})
_OF_THE_LAB = ("_HEAP_OPTS", "CONNECT_PLUGIN_PATH")
Document = dict[str, Any]


def manifest_of(part: str, folder: Path = MANIFESTS) -> list[Document]:
    """The objects of a part of the lab. Raises ``LabFault`` if they are not there, or not what is expected."""
    place = folder / FOLDERS[part]
    try:
        listed = yaml.safe_load((place / "kustomization.yaml").read_text())["resources"]
        found = [one for name in listed for one in yaml.safe_load_all((place / name).read_text()) if one]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise LabFault(f"the manifests in {place} cannot be read: {error}", service="kubernetes") from error
    if strange := sorted({str(one.get("kind")) for one in found} - _KINDS):
        raise LabFault(f"{place} has objects that a run must not make: {', '.join(strange)}", service="kubernetes")
    return found


def with_environment(documents: Sequence[Document], component: str, env: Mapping[str, str]) -> list[Document]:
    """The documents, the component's container with this environment; heap and plugins stay those of the manifest."""
    changed = copy.deepcopy(list(documents))
    for container in _containers(changed, component):
        kept = {one["name"]: one for one in container.get("env", []) if str(one["name"]).endswith(_OF_THE_LAB)}
        theirs = {name: {"name": name, "value": value} for name, value in env.items() if name not in kept}
        container["env"] = [*theirs.values(), *kept.values()]
    return changed


def environment_of(documents: Sequence[Document], component: str) -> dict[str, str]:
    """What the component's container is told."""
    return {
        str(one["name"]): str(one.get("value", ""))
        for container in _containers(documents, component)
        for one in container.get("env", [])
    }


def _containers(documents: Sequence[Document], component: str) -> list[Document]:
    """The component's own: the first of the Deployment that is called as its Service is."""
    return [
        one["spec"]["template"]["spec"]["containers"][0]
        for one in documents
        if one["kind"] in ("Deployment", "StatefulSet") and one["metadata"]["name"] == SERVICES[component]
    ]


def frame(name: str, run: str) -> tuple[Document, list[Document]]:
    """A namespace, and what holds those in it: a quota, limits, and a network that ends at the namespace.

    The exception is Connect's pod, which fetches its sink from the web at its first start.
    """
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {MANAGED_BY: "topicmark", RUN: run}},
    }
    # the lab's own pods, and a program's for each producer and each member of a group
    quota = {"pods": "60", "requests.cpu": "6", "requests.memory": "12Gi", "limits.memory": "80Gi"}
    quota |= {"persistentvolumeclaims": "12", "requests.storage": "40Gi", "services.nodeports": "0"}
    quota |= {"services.loadbalancers": "0"}
    usual = {
        "type": "Container",
        "default": {"cpu": "1", "memory": "512Mi"},
        "defaultRequest": {"cpu": "50m", "memory": "64Mi"},
    }
    names = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    to_names = {"to": [{"namespaceSelector": names}], "ports": [{"protocol": p, "port": 53} for p in ("UDP", "TCP")]}
    here: Document = {"podSelector": {}}
    inside = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [here]}],
        "egress": [{"to": [here]}, to_names],
    }
    fetching = {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": SERVICES["connect"]}},
        "policyTypes": ["Egress"],
        "egress": [{"ports": [{"protocol": "TCP", "port": 443}]}],
    }
    held = [
        _held("v1", "ResourceQuota", "lab", {"hard": quota}),
        _held("v1", "LimitRange", "lab", {"limits": [usual]}),
        _held("networking.k8s.io/v1", "NetworkPolicy", "inside", inside),
        _held("networking.k8s.io/v1", "NetworkPolicy", "connect-fetches-its-sink", fetching),
    ]
    return space, held


def _held(version: str, kind: str, name: str, spec: Document) -> Document:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def told(documents: Sequence[Document]) -> str:
    """What would be made, in words: ``3 Service, 1 StatefulSet``."""
    kinds = [str(one["kind"]) for one in documents]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
