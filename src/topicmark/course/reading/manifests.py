"""The YAML of a course: Kubernetes objects with their lines, compose files, and plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from topicmark.submission import yamltree
from topicmark.submission.yamltree import Items, Node, Scalar, Table, YamlProblem

_TEMPLATE = re.compile(r"\{\{.*?\}\}")
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A Kubernetes object; ``line`` is that of its document's first key."""

    kind: str
    api_version: str
    name: str
    namespace: str
    path: str
    line: int
    node: Table

    def pod(self) -> Table | None:
        """The spec of the pods that it makes, if any."""
        if self.kind == "Pod":
            return at(self.node, "spec")
        if self.kind == "CronJob":
            return at(self.node, "spec", "jobTemplate", "spec", "template", "spec")
        return at(self.node, "spec", "template", "spec") if self.kind in WORKLOADS else None

    def pod_labels(self) -> dict[str, str]:
        """The labels of those pods."""
        where = ("metadata", "labels") if self.kind == "Pod" else ("spec", "template", "metadata", "labels")
        return {key: text for key, text, _ in scalars(at(self.node, *where))}


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file: what kind it is, or why it cannot be read."""

    path: str
    documents: tuple[Node, ...]
    resources: tuple[Resource, ...]
    problem: YamlProblem | None = None
    compose: Table | None = None


def read(path: str, text: str) -> YamlFile | None:
    """The file; ``None`` for a template (Helm, Jinja), which is no YAML before it is filled in."""
    if _TEMPLATE.search(text) and not re.search(r"[\"'][^\"'\n]*\{\{", text):
        return None
    try:
        documents = yamltree.documents(text)
    except YamlProblem as problem:
        return YamlFile(path, (), (), problem)
    resources = tuple(_resources(path, documents))
    compose = None
    if (
        not resources
        and documents
        and isinstance(documents[0], Table)
        and isinstance(documents[0].pairs.get("services"), Table)
    ):
        compose = documents[0]
    return YamlFile(path, tuple(documents), resources, None, compose)


def _resources(path: str, documents: list[Node]) -> Iterator[Resource]:
    for node in documents:
        if not isinstance(node, Table):
            continue
        kind, version = word(node, "kind"), word(node, "apiVersion")
        items = node.pairs.get("items")
        if kind == "List" and isinstance(items, Items):
            yield from _resources(path, list(items.values))
        elif kind and version:
            meta = at(node, "metadata")
            first = min(node.lines.values(), default=node.line)
            yield Resource(kind, version, word(meta, "name"), word(meta, "namespace"), path, first, node)


def at(node: Node | None, *keys: str) -> Table | None:
    """The mapping below these keys, one below the other."""
    for key in keys:
        node = node.pairs.get(key) if isinstance(node, Table) else None
    return node if isinstance(node, Table) else None


def word(node: Node | None, key: str) -> str:
    """The text of the scalar below a key; empty if there is none."""
    value = node.pairs.get(key) if isinstance(node, Table) else None
    return value.text if isinstance(value, Scalar) and value.kind != "null" else ""


def tables(node: Node | None, key: str) -> list[Table]:
    """The mappings of the list below a key."""
    value = node.pairs.get(key) if isinstance(node, Table) else None
    return [each for each in value.values if isinstance(each, Table)] if isinstance(value, Items) else []


def scalars(node: Node | None) -> list[tuple[str, str, int]]:
    """Key, text and line of the scalars directly below a mapping."""
    if not isinstance(node, Table):
        return []
    return [(key, value.text, value.line) for key, value in node.pairs.items() if isinstance(value, Scalar)]


def leaves(node: Node | None, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every scalar below a node with the keys that lead to it (places in lists as numbers)."""
    if isinstance(node, Scalar):
        yield above, node
    elif isinstance(node, Table):
        for key, value in node.pairs.items():
            yield from leaves(value, (*above, key))
    elif isinstance(node, Items):
        for place, value in enumerate(node.values):
            yield from leaves(value, (*above, str(place)))


def plain(node: Node) -> object:
    """A node as Kubernetes' JSON: what a schema is held against."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.pairs.items()}
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    if node.kind in ("number", "boolean", "null"):
        try:
            return yaml.safe_load(node.text)
        except yaml.YAMLError:
            return node.text
    return node.text


def containers(pod: Table | None) -> list[Table]:
    """The containers of a pod, init containers first."""
    return [*tables(pod, "initContainers"), *tables(pod, "containers")]
