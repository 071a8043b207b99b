"""What a course's manifests, charts and commands bring into the cluster: names, ports, and who makes them."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from topicmark.course import tables
from topicmark.course.plan.course import Course, Step
from topicmark.course.plan.operators import Operators
from topicmark.course.reading import manifests
from topicmark.course.reading.manifests import Resource, at, word
from topicmark.course.reading.shell import PLACEHOLDER
from topicmark.submission.yamltree import Items, Scalar

_INTRODUCED = re.compile(
    r"\b(?:service|config ?map|secret)s?\b(?: \w+){0,3} (?:called|named)\s+"
    r"[\"\u201c`'*]{1,2}([a-z][a-z0-9-]+)[\"\u201d`'*]",
    re.IGNORECASE,
)
_SIMILAR = 0.8
"""How alike a name is to one that is there, to be a slip of the pen for it."""
_BUILT_IN = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})


@dataclass(frozen=True, slots=True)
class Release:
    """A chart being installed. ``chart`` is its bare name, ``known`` its row in ``tables/charts.toml``, if any."""

    name: str
    chart: str
    source: str
    version: str
    step: Step
    known: Mapping[str, Any] | None

    @property
    def full_name(self) -> str:
        """What the chart calls its objects, by Helm's usual rule."""
        return self.name if self.chart in self.name else f"{self.name}-{self.chart}"

    def names(self, key: str) -> list[str]:
        """The names of a list in the chart's row."""
        listed: list[str] = self.known.get(key, []) if self.known else []
        return [each.replace("{f}", self.full_name).replace("{r}", self.name) for each in listed]


def kind_of(text: str) -> str:
    """A kind as kubectl's short and plural names mean it."""
    kinds: dict[str, str] = tables.load("kubernetes")["kinds"]
    return kinds.get(text.lower(), text.lower())


class Cluster:
    """The names that exist once everything in a course was done."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._resources = (*course.resources, *course.typed_resources)
        self.operators = Operators(self._resources)

    @functools.cached_property
    def releases(self) -> list[Release]:
        """The charts that are installed, in reading order."""
        return [release for step in self._course.steps if (release := release_of(step)) is not None]

    @functools.cached_property
    def ports(self) -> Mapping[str, frozenset[int] | None]:
        """Service names and the ports they expose; ``None`` for any port."""
        found: dict[str, frozenset[int] | None] = {}
        for resource in self._resources:
            if resource.kind == "Service":
                _add(found, resource.name, _service_ports(resource))
            elif resource.kind == "StatefulSet":
                _add(found, f"{resource.name}-0", None)
        for file in self._course.yaml_files:
            for name, node in (at(file.compose, "services").pairs if at(file.compose, "services") else {}).items():  # type: ignore[union-attr]
                _add(found, name, None)
                for key in ("container_name", "hostname"):
                    if word(node, key):
                        _add(found, word(node, key), None)
        for name, ports in self.operators.services():
            _add(found, name, ports)
        for name in self._introduced:
            if not difflib.get_close_matches(name, found, 1, _SIMILAR):
                _add(found, name, None)
        for release in self.releases:
            for entry in release.names("services"):
                name, _, listed = entry.partition(" ")
                _add(found, name, frozenset(map(int, listed.split(","))) if listed else None)
            for pod in release.names("pods"):
                _add(found, pod, None)
        for step in self._course.steps:
            usage = step.usage
            if usage is not None and step.is_a("kubectl", "expose") and len(usage.arguments) > 1:
                _add(found, usage.value("--name") or usage.arguments[1].text, None)
            elif (
                step.is_a("kubectl", "create")
                and usage is not None
                and len(usage.arguments) > 2
                and kind_of(usage.arguments[0].text) == "service"
            ):
                _add(found, usage.arguments[2].text, None)
            elif step.call.name == "docker" and "--name" in step.call.argv[:-1]:
                _add(found, step.call.argv[step.call.argv.index("--name") + 1], None)
        return found

    @functools.cached_property
    def _introduced(self) -> frozenset[str]:
        """Objects that a text says are there (“a service called x”): something outside of the course made them."""
        texts = (document.text for document in self._course.documents)
        return frozenset(match[1] for text in texts for match in _INTRODUCED.finditer(text))

    @functools.cached_property
    def addressed(self) -> frozenset[str]:
        """Services that commands name as ``svc/NAME``, whether or not they are in the repository."""
        words = (word.text for step in self._course.steps for word in step.call.words)
        return frozenset(
            match[1] for word in words if (match := re.fullmatch(r"(?:svc|services?)/([a-z][a-z0-9-]*)", word))
        )

    @functools.cached_property
    def is_known(self) -> bool:
        """Whether enough is known of the cluster to say that a name is not in it."""
        return (
            any(resource.kind == "Service" for resource in self._course.resources)
            and not self._course.repository.is_excerpt
        )

    def has_host(self, name: str) -> bool:
        """Whether a name resolves in the course's namespace."""
        if name in self.ports or name in _WELL_KNOWN:
            return True
        if self.operators.may_make(name):
            return True
        return any(release.known is None and name.startswith(release.name) for release in self.releases)

    @functools.cached_property
    def namespaces(self) -> frozenset[str]:
        """Namespaces that somebody makes."""
        found = set(_BUILT_IN) | {each.name for each in self._resources if each.kind == "Namespace"}
        for step in self._course.steps:
            usage = step.usage
            if step.call.name == "oc" and step.call.argv[1:2] == ("new-project",):
                found |= set(step.call.argv[2:3])
            if usage is None or usage.tool not in ("kubectl", "helm"):
                continue
            if (
                usage.subcommand == "create"
                and len(usage.arguments) > 1
                and kind_of(usage.arguments[0].text) == "namespace"
            ):
                found.add(usage.arguments[1].text)
            if usage.has("--create-namespace") or (usage.subcommand == "config" and usage.value("--namespace")):
                found.add(usage.value("-n", "--namespace"))
        return frozenset(found)

    @functools.cache  # noqa: B019 - a cluster lives as long as the command
    def objects(self, kind: str) -> set[str]:
        """The names of a kind (``pod``, ``deployment``, …), as far as they can be foretold."""
        found = {each.name for each in self._resources if each.kind.lower() == kind}
        for step in self._course.steps:
            usage = step.usage
            if usage is None or usage.tool != "kubectl" or not usage.arguments:
                continue
            if usage.subcommand == "run" and kind == "pod":
                found.add(usage.arguments[0].text)
            elif usage.subcommand == "create" and len(usage.arguments) > 1 and kind_of(usage.arguments[0].text) == kind:
                found.add(usage.arguments[2 if kind == "secret" and len(usage.arguments) > 2 else 1].text)
        found |= self._introduced
        if kind in ("pod", "secret"):
            found |= set(self.operators.names(f"{kind}s"))
        if kind == "pod":
            for resource in self._resources:
                if resource.kind == "StatefulSet":
                    found |= {f"{resource.name}-{number}" for number in range(10)}
            found |= {pod for release in self.releases for pod in release.names("pods")}
        elif kind == "persistentvolumeclaim":
            found |= {claim for release in self.releases for claim in release.names("claims")}
            for resource in self._resources:
                if resource.kind == "StatefulSet":
                    for claim in manifests.tables(at(resource.node, "spec"), "volumeClaimTemplates"):
                        name = word(at(claim, "metadata"), "name")
                        found |= {f"{name}-{resource.name}-{number}" for number in range(10)}
        elif kind == "service":
            found |= set(self.ports)
        elif kind in ("deployment", "statefulset"):
            found |= {each for release in self.releases for each in release.names("workloads")}
        return found

    def may_be_made_by_chart(self, name: str) -> bool:
        """Whether a chart or an operator that nothing is known of may make an object of this name."""
        if self.operators.may_make(name):
            return True
        return any(release.known is None and name.startswith(release.name[:5]) for release in self.releases)


_WELL_KNOWN = frozenset(
    {"kubernetes", "kube-dns", "metadata", "registry", "proxy", "example", "hostname", "host", "server", "broker"}
)


def _add(found: dict[str, frozenset[int] | None], name: str, ports: frozenset[int] | None) -> None:
    before = found.get(name, frozenset())
    found[name] = None if ports is None or before is None else before | ports


def _service_ports(resource: Resource) -> frozenset[int] | None:
    spec = at(resource.node, "spec")
    if word(spec, "clusterIP") == "None" or word(spec, "type") == "ExternalName" or spec is None:
        return None
    numbers = [word(port, "port") for port in manifests.tables(spec, "ports")]
    return frozenset(int(each) for each in numbers if each.isdigit()) if numbers else None


@functools.cache
def cluster_of(course: Course) -> Cluster:
    """The cluster of a course."""
    return Cluster(course)


def release_of(step: Step) -> Release | None:
    """The release that a ``helm install`` or ``helm upgrade --install`` makes."""
    usage = step.usage
    if usage is None or not step.is_a("helm", "install", "upgrade"):
        return None
    if usage.subcommand == "upgrade" and not usage.has("-i", "--install"):
        return None
    words = [each.text for each in usage.arguments]
    if usage.has("--generate-name", "-g") and len(words) == 1:
        words = [words[0].rpartition("/")[2], words[0]]
    if len(words) < 2 or PLACEHOLDER.search(words[0]):
        return None
    name, source = words[:2]
    chart = source.rstrip("/").rpartition("/")[2].removesuffix(".tgz")
    chart = re.sub(r"-\d+\.\d+\.\d+$", "", chart)
    repo = usage.value("--repo")
    whole = f"{repo.rstrip('/')}/{chart}" if repo else source
    row = tables.load("charts").get(chart)
    known = row if row is not None and re.search(row.get("from", "bitnami"), whole) else None
    return Release(name, chart, whole, usage.value("--version"), step, known)


def value_at(node: object, *keys: str) -> Scalar | None:
    """The scalar below these keys of a values file."""
    table = at(node, *keys[:-1]) if len(keys) > 1 else node  # type: ignore[arg-type]
    value = getattr(table, "pairs", {}).get(keys[-1])
    return value if isinstance(value, Scalar) else None


def listed(node: object) -> tuple[object, ...]:
    """The values of a sequence; empty for anything else."""
    return node.values if isinstance(node, Items) else ()
