"""Kubernetes manifests: readable, valid in several versions, without placeholders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import kubernetes_validate

from topicmark.course import tables as known
from topicmark.course.findings import Edit, Finding, found
from topicmark.course.plan import Course
from topicmark.course.reading.manifests import Resource, YamlFile, leaves, plain
from topicmark.submission.yamltree import Items, Node, Table

VERSIONS = ("1.29", "1.33", "1.37")


def check(course: Course) -> Iterator[Finding]:
    """Faults of every YAML file by itself."""
    for file in course.judged_yaml:
        if file.problem is not None and _is_manifest(course, file):
            remedy = file.problem.remedy or "Correct it."
            yield found("yaml-syntax", file.path, file.problem.line, f"the file {file.problem.what}", remedy)
        for resource in file.resources:
            yield from _schema(resource)
            yield from _placeholders(resource)


def _is_manifest(course: Course, file: YamlFile) -> bool:
    """Whether the file is one that the course uses, or looks like it: not a template of something else."""
    text = course.repository.text(file.path)
    name = file.path.rpartition("/")[2]
    used = re.search(r"^(?:apiVersion|services):", text, re.MULTILINE) or any(
        name in document.text for document in course.documents
    )
    return "{{" not in text and bool(used)


def _schema(resource: Resource) -> Iterator[Finding]:
    removed = known.load("kubernetes")["removed"].get(f"{resource.api_version} {resource.kind}")
    if removed is not None:
        right, since = removed
        what = f"{resource.kind} of {resource.api_version} was removed from Kubernetes in {since}"
        line = resource.node.line_of("apiVersion")
        edits = (
            [Edit(line, resource.api_version, right)] if right.startswith("apps") or right.startswith("rbac") else []
        )
        yield found(
            "kubernetes-removed", resource.path, line, what, f"Write {right}." if right else "Take it out.", *edits
        )
        return
    if "/" in resource.api_version and not re.match(
        r"(?:apps|batch|autoscaling|policy)/|[\w.-]+\.k8s\.io/", resource.api_version
    ):
        return
    said: dict[tuple[int, str], list[str]] = defaultdict(list)
    data = plain(resource.node)
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(data, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            line, words = _explained(resource.node, error)
            said[line, words].append(version)
        except kubernetes_validate.SchemaNotFoundError:
            return
    for (line, words), versions in said.items():
        what = f"{resource.kind} {resource.name}: {words}"
        yield found(
            "kubernetes-schema",
            resource.path,
            line,
            what,
            "Correct it.",
            proof=f"Held against the schemas of Kubernetes {', '.join(versions)}",
        )


def _explained(node: Node, error: Any) -> tuple[int, str]:
    path = [str(each) for each in error.path]
    line = node.line
    for key in path:
        if isinstance(node, Table) and key in node.pairs:
            line, node = node.line_of(key), node.pairs[key]
        elif isinstance(node, Items) and key.isdigit() and int(key) < len(node.values):
            node = node.values[int(key)]
            line = node.line
    message = str(getattr(error, "message", error)).split("\n")[0]
    where = ".".join(path) or "the object"
    extra = re.search(r"\('?([\w.-]+)'?(?:, '?[\w.-]+'?)* (?:was|were) unexpected\)", message)
    if extra:
        if isinstance(node, Table):
            line = node.line_of(extra[1])
        return line, f"{where} knows no key {extra[1]}"
    return line, f"{where}: {message[:160]}"


def _placeholders(resource: Resource) -> Iterator[Finding]:
    for _, scalar in leaves(resource.node):
        if (
            re.fullmatch(
                r"<[A-Za-z][\w .-]*>|\S*<(?:your|my|the|insert|todo|namespace|password|username)[\w .-]*>\S*|"
                r"(?:CHANGE|REPLACE|FILL)[-_]?(?:ME|THIS)\w*|TODO",
                scalar.text,
                re.IGNORECASE,
            )
            and "\n" not in scalar.text
        ):
            what = f"“{scalar.text}” is a placeholder: the manifest is applied as it stands"
            yield found(
                "placeholder-left",
                resource.path,
                scalar.line,
                what,
                "Write a value that works, or tell the reader to edit the file.",
            )
