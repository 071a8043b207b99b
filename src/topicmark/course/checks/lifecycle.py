"""When things are made and deleted: used before they are there, or left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from topicmark.course.findings import Finding, found
from topicmark.course.plan import Course, Step
from topicmark.course.plan.cluster import Cluster, Release, cluster_of, kind_of
from topicmark.course.reading.markdown import Document, Link, Span
from topicmark.course.reading.shell import PLACEHOLDER

_CLEANUP = re.compile(
    r"\bclean(?:ing)?[ -]?up\b|\btear[ -]?down\b|\bcleanup\b|\bremov(?:e|ing) everything\b", re.IGNORECASE
)
_GOES_AWAY = re.compile(
    r"\b(?:ctrl|exit\w*|leav\w+|quit\w*|clos\w+)\b[^.]*\b(?:delete|remove|stop)s? the pod\b", re.IGNORECASE
)
_CREATES_TOPIC = re.compile(
    r"\bcreat\w*\b[^.`]{0,40}(?:`([\w.-]+)`\s+topic|topic[^.`]{0,30}`([\w.-]+)`)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Made:
    """Something that a step of a text makes, by the words that would delete it."""

    kind: str
    name: str
    step: Step


def check(course: Course) -> Iterator[Finding]:
    """Faults of order and of what is left behind."""
    cluster = cluster_of(course)
    for document in course.documents:
        steps = course.steps_of(document)
        made = _made(course, steps)
        yield from _used_before(course, document, steps)
        yield from _tabs(document, steps)
        yield from _outliving(document, steps)
        yield from _topics(document, steps)
        cleanup = next((each for each in document.headings if _CLEANUP.search(each.text)), None)
        if cleanup is not None:
            yield from _left(course, document, made, cleanup.line)
            yield from _claims(course, cluster, document, cleanup.line)


def _made(course: Course, steps: list[Step]) -> list[Made]:
    found_all: list[Made] = []
    for step in steps:
        usage = step.usage
        if usage is None:
            continue
        if step.is_a("kubectl", "apply", "create"):
            absent = not course.repository.is_excerpt and not course.manifest_files(step)
            files = [
                part
                for each in usage.values("-f", "--filename", "-k", "--kustomize")
                for part in (each.value or "").split(",")
            ]
            found_all += [Made("file", each.rpartition("/")[2] or each, step) for each in files if not absent]
            if not files and len(usage.arguments) > 1:
                place = 2 if usage.arguments[0].text == "secret" and len(usage.arguments) > 2 else 1
                found_all.append(Made(kind_of(usage.arguments[0].text), usage.arguments[place].text, step))
        elif step.is_a("kubectl", "run") and usage.arguments and not usage.has("--rm") and not usage.has("--dry-run"):
            found_all.append(Made("pod", usage.arguments[0].text, step))
        elif step.is_a("helm", "install", "upgrade") and len(usage.arguments) > 1:
            found_all.append(Made("release", usage.arguments[0].text, step))
    return [each for each in found_all if not PLACEHOLDER.search(each.name)]


def _deleted(course: Course, document: Document) -> set[tuple[str, str]]:
    gone: set[tuple[str, str]] = set()
    for step in course.steps_of(document):
        usage = step.usage
        if usage is None:
            continue
        if step.is_a("helm", "uninstall"):
            gone |= {("release", word.text) for word in usage.arguments}
        elif step.is_a("kubectl", "delete"):
            for each in usage.values("-f", "--filename", "-k", "--kustomize"):
                for part in (each.value or "").split(","):
                    gone.add(("file", part.rstrip("/").rpartition("/")[2] or part))
                    gone |= {("file", path.rpartition("/")[2]) for path in course.manifest_files(step)}
            words = [word.text for word in usage.arguments]
            if words and "/" in words[0]:
                gone |= {(kind_of(word.partition("/")[0]), word.partition("/")[2]) for word in words}
            elif words:
                everything = usage.has("--all") or words[0] == "all"
                gone |= {
                    (kind_of(kind), "*" if everything or len(words) == 1 or PLACEHOLDER.search(word) else word)
                    for kind in words[0].split(",")
                    for word in words[1:] or ["*"]
                }
                if everything:
                    gone.add(("all", "*"))
                if kind_of(words[0]) == "namespace":
                    gone.add(("all", "*"))
        elif step.call.name in ("minikube", "kind", "k3d") and "delete" in step.call.argv:
            gone.add(("all", "*"))
    return gone


def _left(course: Course, document: Document, made: list[Made], cleanup: int) -> Iterator[Finding]:
    """What a text with a part on cleaning up never deletes."""
    gone = _deleted(course, document)
    script = any(
        isinstance(part, Link | Span) and re.search(r"clean[\w-]*\.(?:sh|py)", getattr(part, "target", "") or part.text)
        for part in document.parts
    )
    seen: set[tuple[str, str]] = set()
    for each in made:
        key = (each.kind, each.name)
        if key in seen or key in gone or (each.kind, "*") in gone or ("all", "*") in gone or each.step.line > cleanup:
            continue
        seen.add(key)
        text = "\n".join(document.lines[cleanup:])
        if script or re.search(rf"(?<![\w-]){re.escape(each.name)}(?![\w-])", text):
            continue
        how = {"file": f"kubectl delete -f {each.name}", "release": f"helm uninstall {each.name}"}.get(
            each.kind, f"kubectl delete {each.kind} {each.name}"
        )
        what = f"{_named(each)} is made here and not deleted in the part on cleaning up (line {cleanup})"
        yield found(
            "left-behind",
            document.path,
            each.step.line,
            what,
            f"Add {how} there{', or --rm here' if each.kind == 'pod' else ''}.",
        )


def _named(made: Made) -> str:
    return {"file": f"what {made.name} holds", "release": f"the release {made.name}"}.get(
        made.kind, f"the {made.kind} {made.name}"
    )


def _claims(course: Course, cluster: Cluster, document: Document, cleanup: int) -> Iterator[Finding]:
    """Volumes of a StatefulSet outlive ``helm uninstall``."""
    releases: dict[str, Release] = {each.name: each for each in cluster.releases}
    gone = _deleted(course, document)
    for step in course.steps_of(document):
        if not step.is_a("helm", "uninstall") or step.line < cleanup or step.usage is None:
            continue
        for word in step.usage.arguments:
            release = releases.get(word.text)
            claims = release.names("claims") if release else []
            if (
                not claims
                or ("persistentvolumeclaim", "*") in gone
                or any(("persistentvolumeclaim", each) in gone for each in claims)
                or ("all", "*") in gone
            ):
                continue
            if any(claims[0] in line for line in document.lines):
                continue
            listed = ", ".join(claims)
            what = f"helm uninstall {word.text} leaves the volumes {listed} behind: the next install finds old data"
            yield found("volumes-left", document.path, step.line, what, f"Add kubectl delete pvc {' '.join(claims)}.")


def _used_before(course: Course, document: Document, steps: list[Step]) -> Iterator[Finding]:
    """A pod, service or release that a text uses before the step that makes it, and that no other text makes."""
    makers: dict[tuple[str, str], Step] = {}
    for step in course.steps:
        for key in _brings(course, step):
            makers.setdefault(key, step)
            if step.document is not document and makers[key].document is document:
                makers[key] = step
    reported: set[tuple[str, str]] = set()
    for step in steps:
        for key in _uses(step):
            maker = makers.get(key)
            if maker is None or maker.document is not document or maker.line <= step.line or key in reported:
                continue
            if any(
                other.document is not document
                for other in course.steps
                for made in _brings(course, other)
                if made == key
            ):
                continue
            reported.add(key)
            what = f"the {key[0]} {key[1]} is used here and made on line {maker.line}"
            yield found(
                "used-before-made",
                document.path,
                step.line,
                what,
                f"Put the step of line {maker.line} before this one.",
            )


def _brings(course: Course, step: Step) -> list[tuple[str, str]]:
    usage = step.usage
    if usage is None:
        return []
    if step.is_a("kubectl", "apply", "create") and (files := course.manifest_files(step)):
        return [
            ("topic" if each.kind == "KafkaTopic" else each.kind.lower(), each.name)
            for each in course.resources
            if each.path in files
        ]
    if step.is_a("kubectl", "run") and usage.arguments and len(step.call.words) > 3:
        return [("pod", usage.arguments[0].text)]
    if step.is_a("kubectl", "create") and len(usage.arguments) > 1:
        place = 2 if usage.arguments[0].text == "secret" and len(usage.arguments) > 2 else 1
        return [(kind_of(usage.arguments[0].text), usage.arguments[place].text)]
    if step.is_a("helm", "install") and len(usage.arguments) > 1:
        return [("release", usage.arguments[0].text)]
    if step.is_a("kafka-topics") and usage.has("--create") and usage.value("--topic"):
        return [("topic", usage.value("--topic"))]
    return []


def _uses(step: Step) -> list[tuple[str, str]]:
    usage = step.usage
    if usage is None:
        return []
    if (
        step.is_a("kubectl", "port-forward", "exec", "logs", "attach", "scale", "expose")
        and usage.arguments
        and step.shown | (len(usage.arguments) > 1)
    ):
        first = usage.arguments[0].text
        kind, _, name = first.rpartition("/")
        if kind:
            return [(kind_of(kind), name)]
        return [("pod", first)] if usage.subcommand in ("exec", "logs", "attach") else []
    if step.is_a("helm", "upgrade") and not usage.has("-i", "--install") and usage.arguments:
        return [("release", usage.arguments[0].text)]
    if step.is_a("kafka-console-producer") and usage.value("--topic"):
        return [("topic", usage.value("--topic"))]
    if step.is_a("kafka-topics") and usage.has("--describe", "--alter", "--delete") and usage.value("--topic"):
        return [("topic", usage.value("--topic"))]
    return []


def _topics(document: Document, steps: list[Step]) -> Iterator[Finding]:
    """A topic that a producer makes by writing to it, before the text has it created with chosen properties."""
    created: dict[str, int] = {}
    for number, line in enumerate(document.lines, 1):
        for match in _CREATES_TOPIC.finditer(line):
            created.setdefault(match[1] or match[2], number)
    for step in steps:
        if step.is_a("kafka-console-producer") and step.usage is not None and step.shown:
            topic = step.usage.value("--topic")
            if created.get(topic, 0) > step.line:
                what = f"writing makes the topic {topic} with the broker's defaults; line {created[topic]} creates it"
                yield found(
                    "topic-auto-created",
                    document.path,
                    step.line,
                    what,
                    f"Create the topic first: move line {created[topic]} up.",
                )


def _outliving(document: Document, steps: list[Step]) -> Iterator[Finding]:
    """A text that promises that a pod goes away when its shell is left, although it was run without ``--rm``."""
    for number, line in enumerate(document.lines, 1):
        if not _GOES_AWAY.search(line):
            continue
        before = [
            step
            for step in steps
            if step.is_a("kubectl", "run") and step.usage and step.usage.arguments and step.line < number
        ]
        if before and before[-1].usage is not None and not before[-1].usage.has("--rm"):
            name = before[-1].usage.arguments[0].text
            what = f"leaving the shell does not delete the pod {name}: it was run without --rm (line {before[-1].line})"
            yield found("pod-outlives", document.path, number, what, f"Take the promise out, or run {name} with --rm.")


def _tabs(document: Document, steps: list[Step]) -> Iterator[Finding]:
    """Pages of Redpanda Console that show a service which is deployed only later."""
    for pattern, name in ((r":8080/schema-registry", "schema-registry"), (r":8080/connect-clusters", "connect")):
        link = next(
            (part for part in document.parts if isinstance(part, Link) and re.search(pattern, part.target)), None
        )
        maker = next(
            (
                step
                for step in steps
                if step.is_a("kubectl", "apply") and any(name in word.text for word in step.call.words)
            ),
            None,
        )
        if link is not None and maker is not None and maker.line > link.line:
            what = f"“{link.text}” shows a service that is deployed only on line {maker.line}"
            yield found(
                "used-before-made", document.path, link.line, what, "Deploy it first, or look at this page later."
            )
