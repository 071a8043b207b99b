"""Objects and namespaces that commands name: does anything in the course make them?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from topicmark.course.findings import Finding, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.cluster import Cluster, cluster_of, kind_of
from topicmark.course.reading.shell import PLACEHOLDER, Word

_OF_PLATFORM = re.compile(r"(?:kube|openshift)-")


def check(course: Course) -> Iterator[Finding]:
    """Names in commands that nothing stands behind."""
    cluster = cluster_of(course)
    for step in course.steps:
        yield from _objects(course, cluster, step)
        yield from _namespace(course, cluster, step)


def _objects(course: Course, cluster: Cluster, step: Step) -> Iterator[Finding]:
    """``exec``, ``logs``, ``delete``, … of something that nothing makes."""
    usage = step.usage
    if (
        usage is None
        or not cluster.is_known
        or not step.is_a("kubectl", "exec", "logs", "attach", "delete", "describe", "scale", "get", "edit", "cp")
    ):
        return
    if (
        usage.has("-f", "--filename", "-l", "--selector", "-n", "--namespace", "--all", "-A", "-k", "--field-selector")
        or not usage.arguments
    ):
        return
    for kind, word in _targets(step):
        name = word.text
        if (
            PLACEHOLDER.search(name)
            or re.search(r"[$*{}]|x{3}|\.\.\.|^[A-Z]", name)
            or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name)
        ):
            continue
        if kind not in (
            "pod",
            "deployment",
            "statefulset",
            "service",
            "configmap",
            "secret",
            "persistentvolumeclaim",
            "job",
        ):
            continue
        if name in cluster.objects(kind) or cluster.may_be_made_by_chart(name) or name in ("kubernetes", "default"):
            continue
        if kind == "pod" and any(
            name.startswith(f"{each.name}-")
            for each in course.resources
            if each.pod() is not None and each.kind != "StatefulSet"
        ):
            continue
        of_chart = any(each.known is not None and each.full_name in name for each in cluster.releases)
        if kind in ("persistentvolumeclaim", "secret") and of_chart:
            continue
        near = [each for each in sorted(cluster.objects(kind)) if each in name or name in each]
        what = f"no manifest, chart or command of the course makes a {kind} {name}"
        yield found(
            "object-unknown",
            step.document.path,
            word.line,
            what,
            f"Is {near[0]} meant?" if near else "Name one that is there.",
        )


def _targets(step: Step) -> Iterator[tuple[str, Word]]:
    assert step.usage is not None
    words = step.usage.arguments
    first = words[0]
    if step.usage.subcommand == "cp":
        for word in words:
            name, colon, _ = word.text.partition(":")
            if colon and "/" not in name:
                yield "pod", Word(name, word.line)
        return
    if "/" in first.text:
        for word in words[: None if step.usage.subcommand in ("delete", "get", "describe") else 1]:
            kind, _, name = word.text.partition("/")
            if name and "/" not in name:
                yield kind_of(kind), Word(name, word.line)
    elif step.usage.subcommand in ("exec", "logs", "attach"):
        yield "pod", first
    else:
        for word in words[1:]:
            yield kind_of(first.text), word


def _namespace(course: Course, cluster: Cluster, step: Step) -> Iterator[Finding]:
    usage = step.usage
    if usage is None or usage.tool not in ("kubectl", "helm") or course.repository.is_excerpt or not step.shown:
        return
    for given in usage.values("-n", "--namespace"):
        name = given.value or ""
        if PLACEHOLDER.search(name) or "$" in name or name in cluster.namespaces or _OF_PLATFORM.match(name):
            continue
        uses = sum(1 for each in course.steps if each.usage and each.usage.value("-n", "--namespace") == name)
        if uses > 2:
            continue  # the whole course lives in it: somebody made it before
        what = f"nothing in the course makes the namespace {name}"
        yield found(
            "namespace-unknown",
            step.document.path,
            given.line,
            what,
            f"Leave -n {name} out, or create the namespace first.",
        )
