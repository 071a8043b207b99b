"""Names that must fit: hosts, ports, namespaces, services, across texts, manifests, programs and JSON."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.cluster import Cluster, cluster_of, kind_of
from topicmark.course.plan.references import LOCAL, Reference, references
from topicmark.course.reading.markdown import Document
from topicmark.course.reading.shell import PLACEHOLDER

_SURE = frozenset({"command", "manifest", "program", "json"})
_DOMAINS = "com org net io dev edu gov info app cloud dk de uk us eu se no nl fr ai co me tech"
_NO_NAMESPACE = frozenset(f"svc local internal example test html {_DOMAINS}".split())
_SERVERS = re.compile(r"BOOTSTRAP|BROKERS?|_URLS?$|_HOST$|url$|servers?$|host$|endpoint|uri|address", re.IGNORECASE)
_UNREAD = re.compile(r"(?:key|value)\.converter\.schema\.registry\.url")


def check(course: Course) -> Iterator[Finding]:
    """Names that do not fit."""
    cluster = cluster_of(course)
    named = references(course)
    seen: set[tuple[str, int, str]] = set()
    for reference in named:
        for finding in _reference(cluster, reference, named):
            key = (finding.path, finding.line, finding.rule.id)
            if key not in seen:
                seen.add(key)
                yield finding
    yield from _disagreeing(cluster, named)
    for step in course.steps:
        yield from _forwarded(cluster, step)
    yield from _local_ports(course, named)


def _reference(cluster: Cluster, reference: Reference, named: list[Reference]) -> Iterator[Finding]:
    if reference.is_local or reference.path.endswith(("package.json",)):
        return
    labels = reference.host.split(".")
    if len(labels) > 1 and labels[1] in cluster.ports and re.search(r"-\d+$", labels[0]):
        labels = labels[1:]  # a pod of a headless service
    namespace = labels[1] if len(labels) > 1 and (len(labels) == 2 or labels[2:3] == ["svc"]) else ""
    if len(labels) > 3 and labels[2] in cluster.ports and labels[3:4] == ["svc"]:
        namespace = labels[2]
    if len(labels) >= 4 and labels[3] == "svc":
        namespace = labels[2]
    service = labels[1] if len(labels) >= 4 and labels[3] == "svc" else labels[0]
    in_cluster = len(labels) == 1 or "svc" in labels or (service in cluster.ports and namespace not in _NO_NAMESPACE)
    if not in_cluster and namespace and namespace not in _NO_NAMESPACE and len(labels) == 2:
        in_cluster = any(each.host == service for each in named) or service in cluster.addressed
    if not in_cluster:
        return
    if namespace and namespace not in cluster.namespaces:
        yield _foreign(reference, service, namespace)
        return
    yield from _host(cluster, reference, service)


def _foreign(reference: Reference, service: str, namespace: str) -> Finding:
    host = reference.written or reference.host
    what = f"{host} is looked up in the namespace {namespace}, which nothing in the course makes"
    name = reference.host[: reference.host.index(f".{namespace}")]
    short = f"{name}:{reference.port}" if reference.port else name
    remedy = f"Write {short}: a name without a namespace is looked up in the reader's own."
    unread = _UNREAD.search(reference.key)
    why = (
        "The converters named here never ask the registry, so nothing fails; whoever takes Avro later finds no host."
        if unread
        else ""
    )
    edits = []
    if reference.host.count(".") == 1:
        edits = [Edit(reference.line, f"{service}.{namespace}", service)]
    return found(
        "namespace-unknown",
        reference.path,
        reference.line,
        what,
        remedy,
        *edits,
        why=why,
        severity=Severity.MISLEADS if unread else None,
    )


def _host(cluster: Cluster, reference: Reference, service: str) -> Iterator[Finding]:
    if service in cluster.ports:
        ports = cluster.ports[service]
        if (
            ports is not None
            and reference.port is not None
            and reference.port not in ports
            and reference.scheme not in ("https",)
        ):
            listed = ", ".join(map(str, sorted(ports)))
            said = (
                f"{reference.host}:{reference.port}"
                if f":{reference.port}" in reference.written
                else f"{reference.written} (port {reference.port} by default)"
            )
            what = f"{said}: the service {service} has no port {reference.port}, only {listed}"
            severity = Severity.MISLEADS if reference.where in ("link", "text") else None
            yield found(
                "port-unexposed",
                reference.path,
                reference.line,
                what,
                f"Write one of {listed}, or expose the port.",
                severity=severity,
            )
        return
    if not cluster.is_known or reference.where not in _SURE or cluster.has_host(service):
        return
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,}", service) or re.match(r"(?:your|my|some|the)-", service):
        return
    if not reference.scheme and not (
        _SERVERS.search(reference.key) or reference.where == "command" or "bootstrap" in reference.written
    ):
        return
    if reference.path.endswith((".conf", ".properties")) and not reference.scheme:
        return
    what = f"{reference.written}: no manifest, chart or command of the course makes a host {service}"
    near = [
        name
        for name in cluster.ports
        if name.replace("-", "") in service.replace("-", "") or service.replace("-", "") in name.replace("-", "")
    ]
    remedy = f"Is {near[0]} meant?" if near else "Name a service that is there, or add it."
    yield found("host-unknown", reference.path, reference.line, what, remedy)


def _disagreeing(cluster: Cluster, named: list[Reference]) -> Iterator[Finding]:
    """Two places that give one NameNode two ports, where no Service says which is right."""
    by_host: dict[str, list[Reference]] = defaultdict(list)
    for each in named:
        if (
            each.scheme == "hdfs"
            and each.port is not None
            and not each.is_local
            and cluster.ports.get(each.host) is None
        ):
            by_host[each.host].append(each)
    for host, uses in by_host.items():
        decided = [each.port for each in uses if re.search(r"defaultFS", each.key)]
        counted = Counter(each.port for each in uses)
        if len(counted) < 2:
            continue
        right = decided[0] if decided else None if len(uses) == 2 else counted.most_common(1)[0][0]
        if right is None:
            right = uses[0].port
        other = next(each for each in uses if each.port == right)
        for each in uses:
            if each.port != right:
                what = f"{each.written}: elsewhere {host} listens on {right} ({other.path}:{other.line})"
                edits = [Edit(each.line, f"{host}:{each.port}", f"{host}:{right}")]
                yield found("ports-disagree", each.path, each.line, what, f"Write {host}:{right}.", *edits)


def _forwarded(cluster: Cluster, step: Step) -> Iterator[Finding]:
    usage = step.usage
    if usage is None or not step.is_a("kubectl", "port-forward") or not usage.arguments:
        return
    target = usage.arguments[0]
    kind, _, name = target.text.rpartition("/")
    if kind_of(kind) != "service" or PLACEHOLDER.search(target.text) or "$" in target.text:
        return
    path = step.document.path
    if usage.value("-n", "--namespace") or not cluster.is_known:
        return
    if name not in cluster.ports:
        if not cluster.may_be_made_by_chart(name):
            near = [each for each in cluster.ports if name in each or each in name]
            what = f"no manifest or chart of the course makes a service {name}"
            yield found(
                "object-unknown",
                path,
                target.line,
                what,
                f"Is {near[0]} meant?" if near else "Name a service that is there.",
            )
        return
    ports = cluster.ports[name]
    for pair in usage.arguments[1:]:
        remote = pair.text.rpartition(":")[2]
        if ports is not None and remote.isdigit() and int(remote) not in ports:
            listed = ", ".join(map(str, sorted(ports)))
            what = f"the service {name} has no port {remote}, only {listed}"
            yield found("port-unexposed", path, pair.line, what, f"Forward to one of {listed}.")


def _local_ports(course: Course, named: list[Reference]) -> Iterator[Finding]:
    """``localhost:PORT`` that nothing forwards to, in texts that forward other ports."""
    forwarded = [step for step in course.steps if step.is_a("kubectl", "port-forward") and step.usage]
    everywhere = {word.text.partition(":")[0] for step in forwarded if step.usage for word in step.usage.arguments[1:]}
    for document in course.documents:
        forwards = [step for step in course.steps_of(document) if step.is_a("kubectl", "port-forward")]
        pairs = [word.text for step in forwards if step.usage for word in step.usage.arguments[1:]]
        if not pairs:
            continue
        opened = everywhere | _mentioned(document)
        said: set[int] = set()
        for each in named:
            if (
                each.path != document.path
                or not LOCAL.fullmatch(each.host)
                or each.port is None
                or each.where not in ("link", "command")
            ):
                continue
            if (
                str(each.port) in opened
                or each.port in said
                or each.host == "0.0.0.0"  # noqa: S104 - named in a text, not bound to
                or ":" not in each.written.partition("//")[2]
            ):
                continue
            said.add(each.port)
            remotes = [pair for pair in pairs if pair.endswith(f":{each.port}")]
            hint = f" ({remotes[0]} opens {remotes[0].partition(':')[0]} here)" if remotes else ""
            what = f"{each.written}: nothing in the course forwards the reader's port {each.port} to the cluster{hint}"
            yield found(
                "port-not-forwarded",
                document.path,
                each.line,
                what,
                "Forward that port, or name one that is forwarded.",
            )


def _mentioned(document: Document) -> set[str]:
    """Ports that the prose itself says are opened, published or forwarded."""
    found_ports: set[str] = set()
    for line in document.lines:
        if re.search(r"forward|publish|expose|NodePort|-p \d|listen|docker|jupyter|notebook", line, re.IGNORECASE):
            bare = re.sub(r"https?://\S+", "", line)
            found_ports |= set(re.findall(r"\b\d{4,5}\b", bare))
    return found_ports
