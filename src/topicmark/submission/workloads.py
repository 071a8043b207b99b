"""A Deployment, StatefulSet or Pod of a manifest, read and checked as the API server of Kubernetes would check it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from topicmark.submission import yamltree
from topicmark.submission.mounts import mounted
from topicmark.submission.podenv import environment, expand
from topicmark.submission.resources import Resource
from topicmark.submission.wiring import Pods, check_port_name, checked_port
from topicmark.submission.words import did_you_mean, listed
from topicmark.submission.yamltree import Items, Scalar, Table, YamlProblem

_LABEL_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LABEL_VALUE = re.compile(r"(?=.{0,63}$)([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?")


def _keys(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CONTAINER_KEYS = _keys(
    "args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy "
    "resources restartPolicy securityContext startupProbe stdin stdinOnce terminationMessagePath "
    "terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
)
_POD_KEYS = _keys(
    "activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks "
    "ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname imagePullSecrets initContainers "
    "nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates restartPolicy "
    "runtimeClassName schedulerName securityContext serviceAccount serviceAccountName setHostnameAsFQDN "
    "shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints "
    "volumes"
)


@dataclass(frozen=True, slots=True)
class Container:
    """The container of a workload that is the component, with what its pod adds.

    ``setup`` are the texts of command and arguments of all containers of the pod, init containers first. ``files`` are
    texts of ConfigMaps and Secrets by the path at which the container sees them.
    """

    name: str
    line: int
    image: str
    env: Mapping[str, str]
    listens: tuple[int, ...]
    command: tuple[str, ...]
    args: tuple[str, ...]
    pods: Pods
    setup: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    service_links: bool = True
    remarks: tuple[str, ...] = field(default=())


def images(workload: Resource) -> list[tuple[str, str]]:
    """(name, image) of each container, as far as that can be read; nothing is checked."""
    spec = _loose(_loose(workload.table, "spec"), "template", "spec") or _loose(workload.table, "spec")
    node = spec.pairs.get("containers") if spec is not None else None
    if not isinstance(node, Items):
        return []
    return [(_word(each, "name"), _word(each, "image")) for each in node.values if isinstance(each, Table)]


def read(workload: Resource, place: int, near: Sequence[Resource], address: str) -> Container:
    """The container at ``place`` of a workload. ``near`` hold its ConfigMaps and Secrets.

    ``address`` stands for the pod's and the node's address, which only a cluster knows. Raises ``YamlProblem`` for what
    the API server refuses.
    """
    remarks: list[str] = []
    spec = _required(workload.table, "spec", "spec", workload.kind)
    if workload.kind == "Pod":
        pod, at, metadata, replicas = spec, "spec", yamltree.child(workload.table, "metadata", "metadata"), 1
    else:
        template = _required(spec, "template", "spec.template", workload.kind)
        pod, at = _required(template, "spec", "spec.template.spec", workload.kind), "spec.template.spec"
        metadata = yamltree.child(template, "metadata", "spec.template.metadata")
        given = yamltree.whole(spec, "replicas", "spec.replicas")
        replicas = 1 if given is None else given
        if replicas < 0:
            raise YamlProblem(spec.line_of("replicas"), "spec.replicas must be 0 or more.")
    labels = _labels(metadata, at.removesuffix("spec") + "metadata.labels")
    if workload.kind != "Pod":
        _check_selector(workload, spec, labels)
        restart = yamltree.text(pod, "restartPolicy", f"{at}.restartPolicy")
        if restart not in ("", "Always"):
            what = f"{at}.restartPolicy is {listed([restart])}; the pods of a {workload.kind} take only Always."
            raise YamlProblem(pod.line_of("restartPolicy"), what, "Delete the line.")
    _foreign(pod, _POD_KEYS, at, remarks)
    containers = yamltree.children(pod, "containers", f"{at}.containers")
    if not containers:
        raise YamlProblem(pod.line, f"{at}.containers is not there or empty.", "A pod needs at least one container.")
    setup: list[str] = []
    for each, where in yamltree.children(pod, "initContainers", f"{at}.initContainers"):
        setup += _check(each, where)
    for each, where in containers:
        setup += _check(each, where)
    names = [yamltree.text(each, "name", where) for each, where in containers]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise YamlProblem(containers[index][0].line, f"two containers are called {listed([name])}.")
    chosen, where = containers[place]
    _foreign(chosen, _CONTAINER_KEYS, where, remarks)
    facts = {
        "metadata.name": workload.name,
        "metadata.namespace": workload.namespace or "default",
        "metadata.uid": "00000000-0000-4000-8000-000000000000",
        "spec.nodeName": "node-1",
        "spec.serviceAccountName": "default",
        **dict.fromkeys(("status.podIP", "status.hostIP", "status.podIPs", "status.hostIPs"), address),
        **{f"metadata.labels.{name}": value for name, value in labels.items()},
    }
    env = environment(chosen, where, near, facts, remarks)
    numbers, named = _ports(chosen, where)
    for other, its_place in containers:
        named = _ports(other, its_place)[1] | named
    links = pod.pairs.get("enableServiceLinks")
    return Container(
        name=names[place],
        line=chosen.line,
        image=yamltree.text(chosen, "image", f"{where}.image"),
        env=env,
        listens=numbers,
        command=tuple(expand(each, env) for each in yamltree.texts(chosen, "command", f"{where}.command")),
        args=tuple(expand(each, env) for each in yamltree.texts(chosen, "args", f"{where}.args")),
        pods=Pods(labels, named, workload.namespace, replicas),
        setup=tuple(setup),
        files=mounted(pod, chosen, where, near, _claims(workload), remarks),
        service_links=not (isinstance(links, Scalar) and links.text.lower() == "false"),
        remarks=tuple(remarks),
    )


def _claims(workload: Resource) -> list[str]:
    """The volumes that a StatefulSet makes for each pod."""
    node = _loose(workload.table, "spec")
    claims = node.pairs.get("volumeClaimTemplates") if node is not None else None
    entries = claims.values if isinstance(claims, Items) else ()
    tables = [_loose(each, "metadata") for each in entries if isinstance(each, Table)]
    return [_word(table, "name") for table in tables if table is not None]


def _required(table: Table, key: str, where: str, kind: str) -> Table:
    inner = yamltree.child(table, key, where)
    if inner is None:
        raise YamlProblem(table.line_of(key), f"{where} of the {kind} is not there.", "")
    return inner


def _labels(metadata: Table | None, where: str) -> dict[str, str]:
    labels = yamltree.pairs(metadata, "labels", where) if metadata is not None else {}
    for name, value in labels.items():
        if metadata is not None and not _LABEL_VALUE.fullmatch(value):
            what = f"{where}.{listed([name])} is {listed([value])!r}, which no label can be."
            raise YamlProblem(
                metadata.line_of("labels"), what, "At most 63 letters, digits, dashes, dots, underscores."
            )
    return labels


def _check_selector(workload: Resource, spec: Table, labels: Mapping[str, str]) -> None:
    """A workload without a selector, or with one that its own pods do not match, is refused."""
    kind = workload.kind
    selector = yamltree.child(spec, "selector", "spec.selector")
    if selector is None or not ({"matchLabels", "matchExpressions"} & set(selector.pairs)):
        line = selector.line if selector is not None else spec.line
        remedy = "Write below spec: selector: matchLabels: and the labels of the template."
        raise YamlProblem(line, f"spec.selector.matchLabels of the {kind} is not there.", remedy)
    wanted = yamltree.pairs(selector, "matchLabels", "spec.selector.matchLabels")
    for name, value in wanted.items():
        if labels.get(name) != value:
            has = f"{name}={labels[name]}" if name in labels else "no such label"
            wants = listed([f"{name}={value}"])
            what = f"spec.selector.matchLabels wants {wants}, and the template has {listed([has])}."
            raise YamlProblem(selector.line_of("matchLabels"), what, "Both must say the same.")


def _check(container: Table, where: str) -> Iterator[str]:
    """The texts of a container's command and arguments. Raises ``YamlProblem`` for what every container must have."""
    name = yamltree.text(container, "name", f"{where}.name")
    if not name:
        raise YamlProblem(container.line, f"{where}.name is not there.", "Every container needs a name.")
    if not _LABEL_NAME.fullmatch(name):
        what = f"{where}.name is {listed([name])!r}, which is no name of a container."
        raise YamlProblem(container.line_of("name"), what, "Lower-case letters, digits and dashes.")
    image = yamltree.text(container, "image", f"{where}.image")
    if not image:
        raise YamlProblem(container.line_of("image"), f"{where}.image is not there.", "Name the image to run.")
    if image != image.strip() or re.search(r"\s", image):
        raise YamlProblem(container.line_of("image"), f"{where}.image has blanks in it: {listed([image])!r}.")
    _ports(container, where)
    yield from yamltree.texts(container, "command", f"{where}.command")
    yield from yamltree.texts(container, "args", f"{where}.args")


def _ports(container: Table, where: str) -> tuple[tuple[int, ...], dict[str, int]]:
    """The ports that a container declares, and those of them that have a name."""
    numbers: list[int] = []
    named: dict[str, int] = {}
    for entry, place in yamltree.children(container, "ports", f"{where}.ports"):
        port = checked_port(entry, "containerPort", f"{place}.containerPort")
        if port is None:
            near = [key for key in entry.pairs if "port" in key.lower()]
            remedy = f"Write containerPort, not {listed(near)}." if near else ""
            raise YamlProblem(entry.line, f"{place}.containerPort is not there.", remedy)
        name = yamltree.text(entry, "name", f"{place}.name")
        if name:
            check_port_name(name, f"{place}.name", entry.line_of("name"))
            if name in named:
                raise YamlProblem(entry.line_of("name"), f"{place}.name {listed([name])} is given twice.")
            named[name] = port
        numbers.append(port)
    return tuple(numbers), named


def _foreign(table: Table, known: frozenset[str], where: str, remarks: list[str]) -> None:
    for key in table.pairs:
        if key not in known:
            hint = did_you_mean(key, known)
            remarks.append(
                f"line {table.line_of(key)}: {where}.{listed([key])} is nothing that Kubernetes reads. {hint}"
            )


def _loose(table: Table | None, *keys: str) -> Table | None:
    for key in keys:
        node = table.pairs.get(key) if table is not None else None
        table = node if isinstance(node, Table) else None
    return table


def _word(table: Table, key: str) -> str:
    node = table.pairs.get(key)
    return node.text if isinstance(node, Scalar) else ""
