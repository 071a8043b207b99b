"""What is deleted although nothing in the course made it: releases, manifests, pods."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from topicmark.course.findings import Finding, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.cluster import cluster_of, kind_of
from topicmark.course.reading.shell import PLACEHOLDER


def check(course: Course) -> Iterator[Finding]:
    """Steps that delete what is not there."""
    if course.repository.is_excerpt:
        return
    for step in course.steps:
        yield from _releases(course, step)
        yield from _manifests(course, step)
        yield from _pods(course, step)


def _releases(course: Course, step: Step) -> Iterator[Finding]:
    """A release that is deleted and installed nowhere."""
    names = {each.name for each in cluster_of(course).releases}
    if not names or step.usage is None or not step.is_a("helm", "uninstall", "status"):
        return
    for word in step.usage.arguments:
        if word.text in names or PLACEHOLDER.search(word.text) or not re.fullmatch(r"[a-z0-9-]+", word.text):
            continue
        what = f"nothing in the course installs a release {word.text}"
        yield found("object-unknown", step.document.path, word.line, what, "Name a release that is installed.")


def _manifests(course: Course, step: Step) -> Iterator[Finding]:
    """A manifest of the repository that only steps on deleting speak of."""
    if step.usage is None or not step.is_a("kubectl", "delete"):
        return
    files = course.manifest_files(step)
    given = step.usage.values("-f", "--filename")
    if len(files) != 1 or len(given) != 1 or posixpath.basename(given[0].value or "") != posixpath.basename(files[0]):
        return
    name = posixpath.basename(files[0])
    if any(files[0] in course.manifest_files(each) for each in course.steps if each.is_a("kubectl", *_MAKING)):
        return
    deleting = {(each.document.path, each.line) for each in course.steps if each.is_a("kubectl", "delete")}
    texts = ((each.path, each.lines) for each in course.documents)
    scripts = ((path, course.repository.text(path).split("\n")) for path in course.repository.by_suffix(*_SCRIPTS))
    for path, lines in (*texts, *scripts):
        for number, line in enumerate(lines, 1):
            named = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line)
            if named and (path, number) not in deleting and not _DELETES.search(line):
                return
    what = f"nothing in the course applies {name}: there is nothing to delete, and what it holds was never there"
    yield found(
        "object-unknown", step.document.path, given[0].line, what, f"Have the reader apply {name} where it is needed."
    )


_DELETES = re.compile(r"\b(?:delete|clean|remove)", re.IGNORECASE)
_MAKING = ("apply", "create", "replace")
_SCRIPTS = (".sh", ".py", ".ps1", ".cmd", ".yaml", ".yml", "makefile", ".txt")


def _pods(course: Course, step: Step) -> Iterator[Finding]:
    """A pod in a namespace of the course whose name is another's, cut short: elsewhere ``checks.objects`` looks."""
    usage = step.usage
    cluster = cluster_of(course)
    if usage is None or not step.is_a("kubectl", "delete", "logs", "exec", "attach") or not usage.arguments:
        return
    if usage.value("-n", "--namespace") not in cluster.namespaces or usage.has("-l", "--selector", "--all", "-f"):
        return
    run = {
        each.usage.arguments[0].text
        for each in course.steps
        if each.is_a("kubectl", "run") and each.usage and each.usage.arguments
    }
    for word in usage.arguments[: None if usage.subcommand == "delete" else 1]:
        kind, _, name = word.text.partition("/")
        if not name or kind_of(kind) != "pod" or name in cluster.objects("pod") or PLACEHOLDER.search(name):
            continue
        near = [each for each in sorted(run) if re.fullmatch(rf"{re.escape(name)}-\w+", each)]
        if near and not cluster.may_be_made_by_chart(name):
            what = f"no manifest, chart or command of the course makes a pod {name}"
            yield found("object-unknown", step.document.path, word.line, what, f"Is {near[0]} meant?")
