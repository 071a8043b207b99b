"""The resources of a Kubernetes manifest, each with its kind, name and line. ``kind: List`` is unpacked."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache

from topicmark.submission import yamltree
from topicmark.submission.words import listed
from topicmark.submission.yamltree import Items, Table, YamlProblem

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod")
_VERSIONS = {
    **dict.fromkeys(WORKLOADS, "apps/v1"),
    **dict.fromkeys(("Pod", "Service", "ConfigMap", "Secret", "List"), "v1"),
}
_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_SERVICE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_MAX_LISTS = 5


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: ``table`` is all of it, ``line`` that of its first key in ``file``."""

    file: str
    kind: str
    name: str
    namespace: str
    table: Table
    line: int


def read(text: str, file: str) -> list[Resource]:
    """The resources of a file, in order. Raises ``YamlProblem`` for what is no manifest, or no YAML."""
    found = _once(text, file)
    if isinstance(found, YamlProblem):
        raise YamlProblem(found.line, found.what, found.remedy)
    return list(found)


@lru_cache(maxsize=48)
def _once(text: str, file: str) -> tuple[Resource, ...] | YamlProblem:
    """Each file is asked for by every component; reading YAML is slow, failing at it too."""
    try:
        return tuple(_read(text, file))
    except YamlProblem as wrong:
        return wrong


def _read(text: str, file: str) -> list[Resource]:
    found: list[Resource] = []
    waiting = [(node, 0) for node in yamltree.documents(text)]
    while waiting:
        node, depth = waiting.pop(0)
        if not isinstance(node, Table):
            raise YamlProblem(node.line, "is no Kubernetes manifest: there are no `key: value` pairs at its top level.")
        kind = yamltree.text(node, "kind", "kind")
        version = yamltree.text(node, "apiVersion", "apiVersion")
        _check_kind(node, kind, version)
        items = node.pairs.get("items")
        if kind.endswith("List") and isinstance(items, Items) and depth < _MAX_LISTS:
            waiting = [(each, depth + 1) for each in items.values] + waiting
            continue
        found.append(_resource(node, kind, file))
    return found


def looks_like_manifest(text: str) -> bool:
    """Whether a text has a manifest's ``apiVersion`` and ``kind`` at the beginning of lines; the rest may be broken."""
    return all(re.search(rf"(?m)^[ \t\ufeff-]{{0,8}}\"?{key}\"?\s*:", text) for key in ("apiVersion", "kind"))


def _check_kind(node: Table, kind: str, version: str) -> None:
    for key, value in (("apiVersion", version), ("kind", kind)):
        if not value:
            near = [other for other in node.pairs if other.lower() == key.lower()]
            remedy = f"Write {key}, not {listed(near)}." if near else f"Add it at the top of this document: {key}: …"
            raise YamlProblem(node.line, f"{key} is not there, and every Kubernetes resource needs it.", remedy)
    wanted = _VERSIONS.get(kind)
    if wanted is None:
        near = difflib.get_close_matches(kind.capitalize(), [*_VERSIONS], 1, 0.85)
        near = [known for known in _VERSIONS if known.lower() == kind.lower()] or near
        if near:
            raise YamlProblem(node.line_of("kind"), f"there is no kind {listed([kind])}.", f"Write {near[0]}.")
        return
    if version != wanted:
        what = f"there is no kind {kind} in apiVersion {listed([version])}."
        raise YamlProblem(node.line_of("apiVersion"), what, f"Write apiVersion: {wanted}.")


def _resource(node: Table, kind: str, file: str) -> Resource:
    metadata = yamltree.child(node, "metadata", "metadata")
    name = yamltree.text(metadata, "name", "metadata.name") if metadata is not None else ""
    if metadata is None or not name:
        line = metadata.line if metadata is not None else node.line
        raise YamlProblem(line, f"metadata.name of the {kind} is not there.", "Every resource needs a name.")
    pattern = _SERVICE_NAME if kind == "Service" else _SUBDOMAIN
    if kind in _VERSIONS and not pattern.fullmatch(name):
        what = f"metadata.name is {listed([name])!r}, which Kubernetes does not take as the name of a {kind}."
        raise YamlProblem(metadata.line_of("name"), what, "Lower-case letters, digits and dashes.")
    namespace = yamltree.text(metadata, "namespace", "metadata.namespace")
    return Resource(file, kind, name, namespace, node, node.line)
