"""Images and charts: retired, moved, floating, for one kind of machine only (``tables/images.toml``, dated)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from topicmark.course import tables
from topicmark.course.findings import Edit, Finding, Severity, found
from topicmark.course.plan import Course
from topicmark.course.plan.cluster import Release, cluster_of, value_at
from topicmark.course.plan.folders import meant
from topicmark.course.reading.manifests import Resource, containers, word
from topicmark.course.reading.shell import PLACEHOLDER
from topicmark.submission.yamltree import Scalar, Table

_REFERENCE = re.compile(
    r"(?P<repository>[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*?)(?::(?P<tag>[\w][\w.-]*))?(?:@sha256:[0-9a-f]{64})?"
)
_GRAVE = {"gone": Severity.BLOCKS}
_RULES = {
    "gone": "image-retired",
    "moved": "image-moved",
    "unkept": "image-unkept",
    "old": "image-old",
    "amd64": "image-amd64",
}


@dataclass(frozen=True, slots=True)
class Image:
    """An image that something uses. ``pinned`` says that a digest fixes it."""

    repository: str
    tag: str
    text: str
    path: str
    line: int
    pinned: bool = False


def check(course: Course) -> Iterator[Finding]:
    """Faults of every image, chart and project."""
    seen: set[tuple[str, int]] = set()
    for image in _images(course):
        if (image.path, image.line) not in seen:
            seen.add((image.path, image.line))
            yield from _judge(image)
    cluster = cluster_of(course)
    for release in cluster.releases:
        yield from _chart(course, release)
    for document in course.documents:
        for project in tables.load("images")["project"]:
            heading = next(
                (each for each in document.headings if re.search(rf"\b{project['name']}\b", each.text)), None
            )
            if heading is not None:
                what = f"{project['name']} is {project['state']}"
                remedy = "Say so in the text, and pin what is used."
                yield found(
                    "project-ended",
                    document.path,
                    heading.line,
                    what,
                    remedy,
                    proof=f"As its makers say: {project['source']}",
                )


def _images(course: Course) -> Iterator[Image]:
    for step in course.steps:
        usage, words = step.usage, step.call.words
        if usage is not None and step.is_a("kubectl", "run", "create", "debug", "set"):
            for given in usage.values("--image"):
                yield from _parsed(given.value or "", step.document.path, given.line)
        elif step.call.name == "docker" and len(words) > 1 and words[1].text in ("run", "pull", "create"):
            named = _docker_image([word.text for word in words[2:]])
            if named:
                line = next(word.line for word in words if word.text == named)
                yield from _parsed(named, step.document.path, line)
    for file in course.judged_yaml:
        for resource in file.resources:
            yield from _of_resource(resource)
        services = file.compose.pairs.get("services") if file.compose else None
        for node in services.pairs.values() if isinstance(services, Table) else ():
            value = value_at(node, "image")
            if value is not None:
                yield from _parsed(value.text, file.path, value.line)
    for path in course.repository.files:
        if path.rpartition("/")[2].startswith("Dockerfile") and course.repository.is_judged(path):
            stages: set[str] = set()
            for number, instruction in enumerate(course.repository.text(path).split("\n"), 1):
                match = re.match(r"FROM\s+(?:--\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?", instruction, re.IGNORECASE)
                if match and match[1] not in stages and match[1] != "scratch":
                    yield from _parsed(match[1], path, number)
                if match and match[2]:
                    stages.add(match[2])


def _of_resource(resource: Resource) -> Iterator[Image]:
    for container in containers(resource.pod()):
        value = container.pairs.get("image")
        if isinstance(value, Scalar):
            yield from _parsed(value.text, resource.path, value.line)
    if not resource.pod() and word(resource.node.pairs.get("spec"), "image"):
        value = value_at(resource.node, "spec", "image")
        if value is not None:
            yield from _parsed(value.text, resource.path, value.line)


_DOCKER_VALUES = re.compile(
    r"-(?:e|p|v|w|u|h|l|m)|--(?:name|network|net|env|env-file|publish|volume|workdir|user|hostname|mount|restart|platform|entrypoint|label|memory|cpus|add-host|ip|link|gpus|shm-size|pull|dns|device|cap-add|ulimit|expose)"
)


def _docker_image(words: list[str]) -> str:
    at = 0
    while at < len(words):
        if _DOCKER_VALUES.fullmatch(words[at]):
            at += 2
        elif words[at].startswith("-"):
            at += 1
        else:
            return words[at]
    return ""


def _parsed(text: str, path: str, line: int) -> Iterator[Image]:
    if PLACEHOLDER.search(text) or re.search(r"[$<>{}]", text):
        return
    match = _REFERENCE.fullmatch(text.strip())
    if match:
        yield Image(match["repository"], match["tag"] or "", text.strip(), path, line, "@sha256" in text)


def _row(repository: str, tag: str) -> dict[str, Any] | None:
    bare = re.sub(r"^(?:(?:docker\.io|index\.docker\.io|registry-1\.docker\.io)/)?(?:library/)?", "", repository)
    for row in tables.load("images")["image"]:
        if re.fullmatch(row["match"], bare) and ("tags" not in row or re.fullmatch(row["tags"], tag)):
            return dict(row)
    return None


def _judge(image: Image) -> Iterator[Finding]:
    row = _row(image.repository, image.tag)
    if row is not None and not row.get("quiet"):
        yield _of_row(row, image)
        return
    known = "/" in image.repository or image.repository in tables.load("images")["official"]
    if known and not image.pinned and image.tag in ("", "latest", "master", "main", "stable", "edge"):
        how = f"the tag {image.tag}" if image.tag else "no tag"
        what = f"the image {image.text} has {how}: it is another one every few weeks"
        yield found("image-floating", image.path, image.line, what, "Name the version that the course was tried with.")


def _of_row(row: dict[str, Any], image: Image) -> Finding:
    instead = row["instead"].format(name=image.repository.rpartition("/")[2], tag=image.tag or "TAG")
    what = f"the image {image.text}: {row['why']}"
    proof = f"Table of images, since {row['since']}: {row['source']}"
    edits: tuple[Edit, ...] = ()
    return found(_RULES[row["state"]], image.path, image.line, what, f"Use {instead}.", *edits, proof=proof)


@functools.cache
def _chart_row(source: str) -> dict[str, Any] | None:
    return next((dict(row) for row in tables.load("images")["chart"] if re.search(row["match"], source)), None)


def _chart(course: Course, release: Release) -> Iterator[Finding]:
    """A chart whose images are gone; where its values file names the image, that file's line says so."""
    row = _chart_row(release.source)
    if row is None or release.step.usage is None:
        return
    usage = release.step.usage
    sets = " ".join(each.value or "" for each in usage.values("--set", "--set-string"))
    repository = re.search(r"\bimage\.repository=([\w./-]+)", sets)
    if (repository and _row(repository[1], "1") is None) or (repository and "legacy" in repository[1]):
        return
    for given in usage.values("-f", "--values"):
        for path in meant(course.repository, release.step.folders, given.value or ""):
            file = next((each for each in course.yaml_files if each.path == path), None)
            for node in file.documents if file else ():
                named, tag = value_at(node, "image", "repository"), value_at(node, "image", "tag")
                registry = value_at(node, "image", "registry")
                if named is None:
                    continue
                whole = f"{registry.text}/{named.text}" if registry else named.text
                inner = _row(whole, tag.text if tag else "")
                if inner is not None and not inner.get("quiet") and course.repository.is_judged(path):
                    text = f"{whole}:{tag.text}" if tag else whole
                    yield _of_row(inner, Image(whole, tag.text if tag else "", text, path, named.line))
                return
    what = f"the chart {release.source}: {row['why']}"
    proof = f"Table of charts, since {row['since']}: {row['source']}"
    instead = row["instead"].format(name=release.chart)
    yield found("image-retired", release.step.document.path, release.step.line, what, f"Use {instead}.", proof=proof)
