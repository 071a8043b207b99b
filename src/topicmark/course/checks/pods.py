"""Kubernetes manifests: what they name is there, labels and ports fit, resources make sense."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course
from topicmark.course.plan.cluster import Cluster, cluster_of
from topicmark.course.reading.manifests import Resource, at, containers, leaves, scalars, tables, word
from topicmark.submission.yamltree import Scalar, Table

_LAPTOP_BYTES = 12 * 2**30
_UNITS = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "m": 1e-3,
}


def check(course: Course) -> Iterator[Finding]:
    """Faults of every manifest."""
    cluster = cluster_of(course)
    for file in course.judged_yaml:
        for resource in file.resources:
            yield from _selector(resource)
            yield from _pod(course, cluster, resource)
            if resource.kind == "Service":
                yield from _service(course, resource)
    yield from _sums(course)


def _selector(resource: Resource) -> Iterator[Finding]:
    if resource.kind not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        return
    wanted = scalars(at(resource.node, "spec", "selector", "matchLabels"))
    labels = resource.pod_labels()
    for key, text, line in wanted:
        if labels.get(key) != text:
            made = labels.get(key, "nothing")
            what = f"{resource.kind} {resource.name} selects pods with {key}: {text}, and makes pods with {key}: {made}"
            yield found("selector-mismatch", resource.path, line, what, f"Give the pods the label {key}: {text}.")


def _service(course: Course, service: Resource) -> Iterator[Finding]:
    spec = at(service.node, "spec")
    selector = scalars(at(spec, "selector"))
    if not selector:
        return
    wanted = {key: text for key, text, _ in selector}
    workloads = [each for each in course.resources if each.pod() is not None]
    chosen = [each for each in workloads if wanted.items() <= each.pod_labels().items()]
    local = [each for each in workloads if each.path == service.path]
    if not chosen:
        if local:
            labels = ", ".join(f"{key}: {text}" for key, text in wanted.items())
            what = f"Service {service.name} selects pods with {labels}, and no workload of the course makes any"
            yield found(
                "selector-mismatch", service.path, selector[0][2], what, "Write the labels of the pods that it is for."
            )
        return
    for port in tables(spec, "ports"):
        target = port.pairs.get("targetPort") or port.pairs.get("port")
        if not isinstance(target, Scalar):
            continue
        declared = [
            (word(each, "name"), word(each, "containerPort"))
            for workload in chosen
            for box in containers(workload.pod())
            for each in tables(box, "ports")
        ]
        if not target.text.isdigit():
            if declared and target.text not in {name for name, _ in declared}:
                what = f"Service {service.name} leads to the port “{target.text}”, which no container names"
                yield found(
                    "target-port",
                    service.path,
                    target.line,
                    what,
                    "Name the port in the container, or write its number.",
                )
        elif declared and target.text not in {number for _, number in declared}:
            listed = ", ".join(sorted({number for _, number in declared if number}))
            what = f"Service {service.name} leads to port {target.text}, and its containers listen on {listed}"
            yield found(
                "target-port", service.path, target.line, what, f"Write {listed}, or add the port to the container."
            )


def _pod(course: Course, cluster: Cluster, resource: Resource) -> Iterator[Finding]:
    pod = resource.pod()
    if pod is None:
        return
    volumes = {word(each, "name") for each in tables(pod, "volumes")}
    volumes |= {
        word(at(each, "metadata"), "name") for each in tables(at(resource.node, "spec"), "volumeClaimTemplates")
    }
    for box in containers(pod):
        for mount in tables(box, "volumeMounts"):
            name = word(mount, "name")
            if name and name not in volumes:
                what = f"the container {word(box, 'name')} mounts the volume {name}, which its pod does not have"
                yield found(
                    "volume-unknown",
                    resource.path,
                    mount.line_of("name"),
                    what,
                    "Add it to volumes, or correct the name.",
                )
        yield from _probes(resource, box)
        yield from _resources(resource, box)
    yield from _named(course, cluster, resource, pod)


def _named(course: Course, cluster: Cluster, resource: Resource, pod: Table) -> Iterator[Finding]:
    """ConfigMaps, Secrets, claims and service accounts that a pod needs."""
    for keys, scalar in leaves(pod):
        kind = ""
        if keys[-1] == "name" and len(keys) > 1 and keys[-2] in ("configMapRef", "configMapKeyRef", "configMap"):
            kind = "configmap"
        elif (keys[-1] == "name" and len(keys) > 1 and keys[-2] in ("secretRef", "secretKeyRef")) or keys[
            -1
        ] == "secretName":
            kind = "secret"
        elif keys[-1] == "claimName":
            kind = "persistentvolumeclaim"
        elif keys[-1] == "serviceAccountName" and scalar.text != "default":
            kind = "serviceaccount"
        if (
            not kind
            or not scalar.text
            or scalar.text in cluster.objects(kind)
            or cluster.may_be_made_by_chart(scalar.text)
        ):
            continue
        above = pod
        for key in keys[:-1]:
            inner = above.pairs.get(key) if isinstance(above, Table) else None
            above = inner if isinstance(inner, Table) else above
        if word(above, "optional") == "true" or any(
            each.known and each.full_name in scalar.text for each in cluster.releases
        ):
            continue
        if any(file.path.rpartition("/")[2].startswith("kustomization") for file in course.yaml_files) and kind in (
            "configmap",
            "secret",
        ):
            continue
        what = f"{resource.kind} {resource.name} needs the {kind} {scalar.text}, which nothing in the course makes"
        near = [each for each in sorted(cluster.objects(kind)) if each in scalar.text or scalar.text in each]
        yield found(
            "reference-unknown",
            resource.path,
            scalar.line,
            what,
            f"Is {near[0]} meant?" if near else "Add it, or a step that makes it.",
        )


def _probes(resource: Resource, box: Table) -> Iterator[Finding]:
    ports = tables(box, "ports")
    names = {word(each, "name") for each in ports}
    numbers = {word(each, "containerPort") for each in ports}
    for key in ("livenessProbe", "readinessProbe", "startupProbe"):
        for how in ("httpGet", "tcpSocket", "grpc"):
            probe = at(box, key, how)
            port = word(probe, "port")
            if probe is not None and port and ports and port not in names | numbers:
                listens = ", ".join(sorted(numbers))
                what = f"the {key} of {word(box, 'name')} asks at port {port}, and the container listens on {listens}"
                yield found(
                    "probe-port",
                    resource.path,
                    probe.line_of("port"),
                    what,
                    "Ask at a port that is there: the pod is never ready otherwise.",
                )


def _resources(resource: Resource, box: Table) -> Iterator[Finding]:
    asked, allowed = at(box, "resources", "requests"), at(box, "resources", "limits")
    for side in (asked, allowed):
        for key, text, line in scalars(side):
            if key == "memory" and text.endswith("m"):
                what = f"memory: {text} is {text[:-1]} thousandths of a byte: the pod never starts"
                yield found(
                    "quantity-wrong",
                    resource.path,
                    line,
                    what,
                    f"Write {text[:-1]}Mi.",
                    Edit(line, text, f"{text[:-1]}Mi"),
                )
    for key, text, line in scalars(asked):
        limit = word(allowed, key)
        low, high = _amount(text), _amount(limit)
        if low is not None and high is not None and low > high:
            what = f"{word(box, 'name')} requests {text} of {key} and is limited to {limit}"
            yield found("quantity-wrong", resource.path, line, what, "Raise the limit, or lower the request.")


def _amount(text: str) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kMGTm]|[KMGT]i)?", text)
    return float(match[1]) * _UNITS[match[2] or ""] if match else None


def _sums(course: Course) -> Iterator[Finding]:
    """What the manifests of one folder ask for together, against a laptop."""
    folders: dict[str, list[tuple[Resource, float]]] = defaultdict(list)
    for file in course.judged_yaml:
        for resource in file.resources:
            times = word(at(resource.node, "spec"), "replicas")
            for box in containers(resource.pod()):
                amount = _amount(word(at(box, "resources", "requests"), "memory"))
                if amount:
                    folders[file.path.rpartition("/")[0]].append(
                        (resource, amount * (int(times) if times.isdigit() else 1))
                    )
    for folder, parts in folders.items():
        total = sum(amount for _, amount in parts)
        if total > _LAPTOP_BYTES:
            greatest, amount = max(parts, key=lambda each: each[1])
            where, share = folder or "the top folder", f"{amount / 2**30:.0f} of it here"
            what = f"the manifests of {where} request {total / 2**30:.0f} GiB of memory, {share}; a laptop has 16"
            yield found(
                "resources-sum",
                greatest.path,
                greatest.line,
                what,
                "Lower the requests, or say what machine is needed.",
                severity=Severity.MISLEADS,
            )
