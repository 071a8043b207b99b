"""What operators make of their custom resources: a Kafka resource of Strimzi is a service, secrets and pods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from topicmark.course import tables
from topicmark.course.reading.manifests import Resource, at, word
from topicmark.course.reading.manifests import tables as mappings

_BUILT_IN = re.compile(
    r"(?:apps|batch|policy|autoscaling|extensions|[\w.-]+\.k8s\.io|kustomize\.config\.k8s\.io)/|v\d\w*$"
)
_OLD_LISTENERS = frozenset({9091, 9092, 9093, 9094})
_REPLICATION = 9091
"""The port that Strimzi's brokers keep for themselves; it is in the bootstrap service as well."""


class Operators:
    """The custom resources of a course, and the objects that stand for them in the cluster."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = [each for each in resources if not _BUILT_IN.match(each.api_version)]

    def services(self) -> Iterator[tuple[str, frozenset[int] | None]]:
        """Names and ports; ``None`` for any port."""
        for resource, row in self._known():
            for entry in row.get("services", []):
                name, _, ports = _filled(entry, resource).partition(" ")
                if ports == "listeners":
                    yield name, _listeners(resource)
                else:
                    yield name, frozenset(map(int, ports.split(","))) if ports else None

    def names(self, key: str) -> Iterator[str]:
        """The names of a list: ``secrets`` or ``pods``."""
        for resource, row in self._known():
            for entry in row.get(key, []):
                yield _filled(entry, resource)

    def may_make(self, name: str) -> bool:
        """Whether a resource that nothing is known of may have this name's object made."""
        return any(
            name == each.name or name.startswith(f"{each.name}-")
            for each in self._resources
            if each.name and _row(each) is None
        )

    def _known(self) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
        for resource in self._resources:
            row = _row(resource)
            if row is not None:
                yield resource, row


def _row(resource: Resource) -> Mapping[str, Any] | None:
    group = resource.api_version.partition("/")[0]
    row: Mapping[str, Any] | None = tables.load("operators").get(f"{group} {resource.kind}")
    return row


def _filled(entry: str, resource: Resource) -> str:
    labels = at(resource.node, "metadata", "labels")
    return entry.replace("{n}", resource.name).replace("{c}", word(labels, "strimzi.io/cluster"))


def _listeners(resource: Resource) -> frozenset[int]:
    """The ports of the listeners of a Kafka resource; those of before 0.22 were named and not numbered."""
    listed = [word(each, "port") for each in mappings(at(resource.node, "spec", "kafka"), "listeners")]
    return frozenset({_REPLICATION, *(int(each) for each in listed if each.isdigit())}) if listed else _OLD_LISTENERS
