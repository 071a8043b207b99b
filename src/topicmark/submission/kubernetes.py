"""The manifests of exercises 2 and 3: workload and Service of the console, the registry, Connect and ksqlDB, as data.

Nothing is applied. What the API server would refuse is a ``Problem`` with its line; what it would take and never look
at is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from topicmark.submission import images, resources, workloads
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import named, one_of
from topicmark.submission.manifest import FileEntry, Manifest
from topicmark.submission.resources import WORKLOADS, Resource
from topicmark.submission.sources import Sources, by_pattern
from topicmark.submission.wiring import Forwarding, ServiceWiring, wire
from topicmark.submission.words import listed
from topicmark.submission.yamltree import YamlProblem

__all__ = ["Component", "Forwarding", "ROLES", "Role", "ServiceWiring", "find", "parse"]

_MAX_YAML_FILES = 400
_MAX_MANIFEST_CHARS = 512 * 1024


@dataclass(frozen=True, slots=True)
class Role:
    """One component: how its Service is called, on which port, and which names mean it."""

    name: str
    service: str
    port: int
    exact: str
    files: str
    words: str
    looked_for: str


ROLES: Mapping[str, Role] = {
    "registry": Role(
        "registry",
        "kafka-schema-registry",
        8081,
        r"kafka-schema-registry\.ya?ml",
        r".*registry.*\.ya?ml",
        r"registry|karapace|apicurio",
        "kafka-schema-registry.yaml, or the only *registry*.yaml",
    ),
    "connect": Role(
        "connect",
        "kafka-connect",
        8083,
        r"kafka-connect\.ya?ml",
        r".*connect.*\.ya?ml",
        r"connect",
        "kafka-connect.yaml, or the only *connect*.yaml",
    ),
    "ksqldb": Role(
        "ksqldb",
        "kafka-ksqldb-server",
        8088,
        r"kafka-ksqldb\.ya?ml",
        r".*ksql.*\.ya?ml",
        r"ksql",
        "kafka-ksqldb.yaml, or the only *ksql*.yaml",
    ),
    "redpanda": Role(
        "redpanda",
        "redpanda",
        8080,
        r"redpanda\.ya?ml",
        r".*(?:redpanda|console|kowl).*\.ya?ml",
        r"console|kowl",
        "redpanda.yaml, or the only *redpanda*.yaml or *console*.yaml",
    ),
}


@dataclass(frozen=True, slots=True)
class Component:
    """A component as its manifest describes it. ``file`` and ``line`` are those of the container.

    ``listens`` are the container ports that are declared (a program may listen on others). ``setup`` are the texts of
    all commands and arguments of the pod; ``files`` those of ConfigMaps and Secrets, by path in the container.
    ``service_links`` is true if Kubernetes adds ``<SERVICE>_PORT`` variables.
    ``other_services`` are Services of the files that select these pods and bear another name than expected.
    """

    role: str
    name: str
    file: str
    line: int
    kind: str
    image: str
    env: Mapping[str, str]
    listens: tuple[int, ...] = ()
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    service: ServiceWiring | None = None
    replicas: int = 1
    setup: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    service_links: bool = True
    other_services: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    def forwards(self, port: int | None = None) -> Forwarding:
        """Where a connection to the course's Service of this component ends; ``port`` is the course's by default.

        The reason, if it ends nowhere, is a clause: "the Service kafka-connect has no port 8083, only 8084".
        """
        role = ROLES[self.role]
        if self.service is None:
            other = f"; {listed(self.other_services)} would select its pods" if self.other_services else ""
            return Forwarding(None, f"there is no Service called {role.service}{other}")
        found = self.service.forwards(role.port if port is None else port)
        if found.container_port is None:
            why = re.sub(r"^it ", "", found.why_not)
            joint = "the Service {}: {}" if why == found.why_not else "the Service {} {}"
            return Forwarding(None, joint.format(self.service.name, why))
        return found

    def doubt(self) -> str:
        """Why the container is surely not this component, by its image or its command; empty if it may be."""
        other = images.why_not_this(self.role, self.image, (*self.command, *self.args))
        return other or images.why_not_started(self.role, self.command, self.args)

    def sink_doubt(self) -> str:
        """Why the image of Connect has no HDFS 2 sink connector; empty if it may have it."""
        return images.why_no_sink(self.image, self.setup)


def find(
    sources: Sources, manifest: Manifest | None, role_name: str, remarks: list[str]
) -> Component | Problem | Missing:
    """The component ``role_name`` (a key of ``ROLES``) of a submission."""
    role = ROLES[role_name]
    entry: FileEntry | None = getattr(manifest, role_name, None)
    if manifest is not None and entry is not None:
        chosen = named(sources, manifest, entry)
    else:
        candidates = _candidates(sources, role)
        if not candidates:
            return Missing(role.looked_for)
        chosen = one_of(sources, candidates, f"the manifest of {role.service}", remarks, table=role_name)
    if isinstance(chosen, Problem):
        return chosen
    text = sources.text(chosen)
    if text is None:
        return Problem(chosen, "cannot be read, or is far too long.")
    found = parse(text, chosen, role_name, _elsewhere(sources, chosen))
    if isinstance(found, Component):
        remarks += [f"{found.file}: {remark}" for remark in found.remarks]
    return found


def parse(text: str, file: str, role_name: str, elsewhere: Sequence[Resource] = ()) -> Component | Problem:
    """The component of a manifest. ``elsewhere``: resources of other files, for Services and ConfigMaps not in it."""
    role = ROLES[role_name]
    line_of = file
    try:
        own = resources.read(text, file)
        near = [*(each for each in elsewhere if each.file != file), *own]
        workload, place, remarks = _workload(own, role, file)
        address = role.service
        container = workloads.read(workload, place, near, address)
        services = [each for each in near if each.kind == "Service"]
        service = next((each for each in reversed(services) if each.name == role.service), None)
        remarks += container.remarks
        wiring = None
        if service is not None:
            line_of = service.file
            wiring = wire(service, container.pods, remarks)
            line_of = file
    except YamlProblem as wrong:
        return Problem(f"{line_of}:{wrong.line}", wrong.what, wrong.remedy)
    return Component(
        role=role_name,
        name=workload.name,
        file=workload.file,
        line=container.line,
        kind=workload.kind,
        image=container.image,
        env=container.env,
        listens=container.listens,
        command=container.command,
        args=container.args,
        service=wiring,
        replicas=container.pods.replicas,
        setup=container.setup,
        files=container.files,
        service_links=container.service_links,
        other_services=() if wiring else tuple(_selecting(services, container)),
        remarks=tuple(remarks),
    )


def _candidates(sources: Sources, role: Role) -> list[str]:
    """Files that may hold the manifest: by its name, by part of it, or by what the file holds."""
    exact = by_pattern(sources.visible, role.exact)
    if exact:
        return exact
    similar = [path for path in by_pattern(sources.visible, role.files) if "values" not in PurePosixPath(path).name]
    holding = [path for path in similar if _holds(sources, path, role)]
    if holding or similar:
        return holding or similar
    return [path for path in _manifests(sources) if _holds(sources, path, role)]


def _manifests(sources: Sources) -> list[str]:
    found: list[str] = []
    left = _MAX_MANIFEST_CHARS
    for path in by_pattern(sources.visible, r".*\.ya?ml")[:_MAX_YAML_FILES]:
        text = sources.text(path) or ""
        if resources.looks_like_manifest(text) and len(text) <= left:
            left -= len(text)
            found.append(path)
    return found


def _holds(sources: Sources, path: str, role: Role) -> bool:
    """Whether a file can be read and has a workload that means the component."""
    try:
        own = resources.read(sources.text(path) or "", path)
    except YamlProblem:
        return False
    return any(_meaning(each, role)[0] > 0 for each in own if each.kind in WORKLOADS)


def _elsewhere(sources: Sources, chosen: str) -> list[Resource]:
    """Services, ConfigMaps and Secrets of the submission's other manifests; broken files are passed over."""
    found: list[Resource] = []
    for path in _manifests(sources):
        if path == chosen:
            continue
        try:
            found += resources.read(sources.text(path) or "", path)
        except YamlProblem:
            continue
    return [each for each in found if each.kind in ("Service", "ConfigMap", "Secret")]


def _workload(own: Sequence[Resource], role: Role, file: str) -> tuple[Resource, int, list[str]]:
    """The workload that is the component, the place of its container, and remarks."""
    every = [each for each in own if each.kind in WORKLOADS]
    if not every:
        kinds = listed(dict.fromkeys(each.kind for each in own)) or "nothing"
        remedy = f"Put the Deployment of {role.service} into {PurePosixPath(file).name}."
        raise YamlProblem(1, f"has no Deployment, StatefulSet or Pod in it, only {kinds}.", remedy)
    ranked = sorted(every, key=lambda each: -_meaning(each, role)[0])
    best = [each for each in ranked if _meaning(each, role)[0] == _meaning(ranked[0], role)[0]]
    if len(best) > 1 and _meaning(best[0], role)[0] <= 0:
        names = listed(each.name for each in best)
        what = f"has several workloads, and none is called {role.service} ({names})."
        raise YamlProblem(best[0].line, what, f"Call that of the component {role.service}.")
    remarks: list[str] = []
    if len(best) > 1:
        remarks.append(
            f"several workloads may be {role.service}: {listed(each.name for each in best)}; the last is taken."
        )
    workload = best[-1]
    return workload, _meaning(workload, role)[1], remarks


def _meaning(workload: Resource, role: Role) -> tuple[int, int]:
    """How surely a workload is the component (0: nothing says so), and the place of the container that is."""
    best, place = 0, 0
    for index, (name, image) in enumerate(workloads.images(workload)):
        base = images.parts(image)[0].rpartition("/")[2].lower()
        points = 4 * bool(re.search(role.words, base)) + bool(re.search(role.words, name))
        if re.search(r"\bcli\b", base):
            points = -20
        if index == 0 or points > best:
            best, place = points, index
    best += 6 * (workload.name == role.service) + 2 * bool(re.search(role.words, workload.name))
    if re.search(r"\bcli\b", workload.name):
        best -= 10
    return best, place


def _selecting(services: Iterable[Resource], container: workloads.Container) -> Iterable[str]:
    for service in services:
        try:
            if wire(service, container.pods, []).reaches:
                yield service.name
        except YamlProblem:
            continue
